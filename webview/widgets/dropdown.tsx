import { useLayoutEffect, useRef } from 'preact/hooks';

export interface DropdownOption {
  readonly value: string;
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
}

export function Dropdown({ id, label, title, value, options, position = 'below', onChange }: DropdownProps) {
  const element = useRef<HTMLElement & { value: string }>(null);
  // The control takes a value only once it has the option, and it meets new options a moment after they are there.
  useLayoutEffect(() => {
    const apply = () => {
      if (element.current && element.current.value !== value) element.current.value = value;
    };
    apply();
    const frame = requestAnimationFrame(apply);
    return () => cancelAnimationFrame(frame);
  }, [value, options]);
  return (
    <vscode-dropdown
      id={id}
      ref={element}
      position={position}
      aria-label={label}
      title={title}
      onChange={() => {
        const chosen = element.current?.value;
        if (chosen !== undefined && chosen !== value) onChange(chosen);
      }}
    >
      {options.map((option) => (
        <vscode-option key={option.value} value={option.value} title={option.title} selected={option.value === value}>
          {option.text}
        </vscode-option>
      ))}
    </vscode-dropdown>
  );
}
