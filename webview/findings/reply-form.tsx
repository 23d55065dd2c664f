import { LONGEST_NOTE } from '../../src/messages/limits.js';
import { useEffect, useRef } from 'preact/hooks';

interface ReplyFormProps {
  readonly label: string;
  readonly text?: string;
  /** Given what was there when writing began, too. Answers whether it was kept. */
  readonly onSave: (note: string, begun: string) => Promise<boolean>;
  readonly onClose: () => void;
}

/** Where a reply is written. Ctrl+Enter keeps it, Escape does not. */
export function ReplyForm({ label, text = '', onSave, onClose }: ReplyFormProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  // What comes from elsewhere meanwhile does not take its place.
  const { current: begun } = useRef(text);
  useEffect(() => field.current?.focus(), []);
  const save = async () => {
    const note = field.current!.value.trim();
    if (note === '' || (await onSave(note, begun))) onClose();
  };
  return (
    <div
      class="reply-form"
      onKeyDown={(event) => {
        const saves = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
        if (!saves && event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        if (saves) void save();
        else onClose();
      }}
    >
      <textarea
        ref={field}
        class="text-area"
        rows={2}
        maxlength={LONGEST_NOTE}
        aria-label={label}
        placeholder={`${label} (Ctrl+Enter saves)`}
        defaultValue={begun}
      />
      <span class="reply-actions">
        <vscode-button appearance="secondary" onClick={onClose}>
          Cancel
        </vscode-button>
        <vscode-button onClick={() => void save()}>Save</vscode-button>
      </span>
    </div>
  );
}
