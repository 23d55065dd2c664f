import { useLayoutEffect, useRef } from 'preact/hooks';
import { visibleLine } from '../../src/text/visible-text.js';

export interface DropdownOption {
  readonly value: string;
  /** Shown with nothing invisible in it, whoever wrote it. */
  readonly text: string;
  readonly title?: string;
}

interface DropdownProps {
  readonly id?: string;
  readonly label: string;
  readonly title?: string;
  readonly value: string;
  readonly options: readonly DropdownOption[];
  readonly position?: 'above' | 'below';
  readonly onChange: (value: string) => void;
  /** Its list has been closed by a choice or by Escape, with nothing left to do here. */
  readonly onDone?: () => void;
}

export function Dropdown({ id, label, title, value, options, position = 'below', onChange, onDone }: DropdownProps) {
  const element = useRef<HTMLElement & { value: string; open: boolean }>(null);
  // The control takes a value only once it has the option, and it meets new options a moment after they are there.
  useLayoutEffect(() => {
    const apply = () => {
      if (element.current && element.current.value !== value) element.current.value = value;
    };
    apply();
    const frame = requestAnimationFrame(apply);
    return () => cancelAnimationFrame(frame);
  }, [value, options]);
  // As a property, before the control is in the document, it would be taken for a wish to be put where there is room, which is nowhere yet.
  useLayoutEffect(() => element.current?.setAttribute('position', position), [position]);
  /** The control handles the event after this; only then is its list closed and the choice known. */
  const leaveOnceClosed = () => {
    if (onDone && element.current?.open) setTimeout(() => !element.current?.open && onDone());
  };
  return (
    <vscode-dropdown
      id={id}
      ref={element}
      aria-label={label}
      title={title}
      onClickCapture={leaveOnceClosed}
      onKeyDownCapture={(event) => {
        // Escape chooses nothing, where the control would keep what the arrow keys had come to.
        if (event.key === 'Escape' && element.current?.open) element.current.value = value;
        if (event.key === 'Enter' || event.key === 'Escape') leaveOnceClosed();
      }}
      onChange={() => {
        const chosen = element.current?.value;
        if (chosen !== undefined && chosen !== value) onChange(chosen);
      }}
    >
      {options.map((option) => (
        <vscode-option key={option.value} value={option.value} title={option.title} selected={option.value === value}>
          {visibleLine(option.text)}
        </vscode-option>
      ))}
    </vscode-dropdown>
  );
}
