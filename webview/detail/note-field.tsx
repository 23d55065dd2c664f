import { LONGEST_NOTE } from '../../src/messages/limits.js';
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../widgets/context.js';
import { withKey } from '../page-keys.js';

/** A note, saved when the field is left or on Ctrl+Enter, also when the page goes on to another completion. */
export function NoteField({ id }: { id: number }) {
  const { state, commands } = usePage();
  const judgement = state.judgements.judgementOf(id);
  const [text, setText] = useState(judgement.note);
  const typed = useRef(judgement.note);
  const editing = useRef(false);

  // A snapshot of the host (an undo, another window) replaces what is shown, not what is being typed.
  useEffect(() => {
    if (editing.current) return;
    typed.current = judgement.note;
    setText(judgement.note);
  }, [judgement.note]);

  const save = () => {
    editing.current = false;
    const current = state.judgements.judgementOf(id);
    if (typed.current !== current.note) void state.judgements.set(id, { ...current, note: typed.current });
  };
  useEffect(() => save, []);

  const isDraft = judgement.label === null && text !== '';
  return (
    <div class="note">
      <vscode-text-area
        id="note"
        rows={1}
        resize="vertical"
        maxlength={LONGEST_NOTE}
        placeholder={withKey('Note', 'note')}
        aria-label="Note"
        value={text}
        onInput={(event) => {
          editing.current = true;
          typed.current = (event.currentTarget as unknown as HTMLTextAreaElement).value;
          setText(typed.current);
          state.judgements.keepDraft(id, typed.current);
        }}
        onBlur={save}
        onKeyDown={(event) => {
          const done = event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey));
          if (!done) return;
          event.preventDefault();
          event.stopPropagation();
          save();
          if (state.judgements.judgementOf(id).label === null && typed.current !== '') commands.tell('Kept as a draft: labelling with 1, 2 or 3 saves it.');
          commands.list?.focus();
        }}
      />
      {isDraft && <span class="draft">Draft: saved once you label it (1, 2, 3)</span>}
    </div>
  );
}
