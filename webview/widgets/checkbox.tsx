import type { ComponentChildren } from 'preact';

interface CheckboxProps {
  readonly checked: boolean;
  readonly title?: string;
  readonly autofocus?: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ComponentChildren;
}

/** The toolkit's checkbox also reports a change that the page itself made; this one does not. */
export function Checkbox({ checked, title, autofocus = false, onChange, children }: CheckboxProps) {
  return (
    <vscode-checkbox
      checked={checked}
      title={title}
      {...(autofocus ? { 'data-autofocus': true } : {})}
      onChange={(event) => {
        const now = (event.currentTarget as unknown as HTMLInputElement).checked;
        if (now !== checked) onChange(now);
      }}
    >
      {children}
    </vscode-checkbox>
  );
}
