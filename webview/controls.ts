/**
 * The toolkit's controls that the page uses. No other file knows where they come from. Its badge and its determinate
 * progress ring are not among them: they have style attributes, which the page's content security policy refuses.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import type { HTMLAttributes } from 'preact';

export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextArea(),
    vsCodeTextField(),
  );
}

type Control<Extra = unknown> = HTMLAttributes<HTMLElement> & Extra;

declare module 'preact' {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- where preact keeps its element types
  namespace JSX {
    interface IntrinsicElements {
      'vscode-button': Control<{ appearance?: 'primary' | 'secondary' | 'icon'; disabled?: boolean; autofocus?: boolean }>;
      'vscode-checkbox': Control<{ checked?: boolean; disabled?: boolean }>;
      'vscode-dropdown': Control<{ position?: 'above' | 'below'; value?: string; disabled?: boolean }>;
      'vscode-option': Control<{ value?: string; selected?: boolean }>;
      'vscode-progress-ring': Control;
      'vscode-text-area': Control<{
        value?: string;
        rows?: number;
        placeholder?: string;
        disabled?: boolean;
        resize?: 'none' | 'vertical' | 'both';
        maxlength?: number;
      }>;
      'vscode-text-field': Control<{ value?: string; placeholder?: string; disabled?: boolean; size?: number; maxlength?: number }>;
    }
  }
}
