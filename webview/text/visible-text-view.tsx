import { markParts, type MarkedPart, type TextRange } from './marks.js';
import { chipText, visibleParts } from '../../src/audit/visible-text.js';

interface VisibleTextProps {
  readonly text: string;
  /** Ranges to mark, within a text in which this one begins at `offset`. */
  readonly ranges?: readonly TextRange[];
  readonly offset?: number;
  /** `false` shows a newline by its sign alone. */
  readonly breaks?: boolean;
  /** Shows spaces by a sign, where the text is short enough for them to matter. */
  readonly spaces?: boolean;
}

const NO_RANGES: readonly TextRange[] = [];

/** Model output as text: nothing in it is markup, and nothing in it is invisible. */
export function VisibleText({ text, ranges = NO_RANGES, offset = 0, breaks = true, spaces = false }: VisibleTextProps) {
  const parts = markParts(visibleParts(text), ranges, offset);
  return (
    <>
      {parts.map((part) => {
        const shown = showPart(part, breaks, spaces);
        return part.marked ? (
          <mark key={part.start} class="match">
            {shown}
          </mark>
        ) : (
          shown
        );
      })}
    </>
  );
}

function showPart(part: MarkedPart, breaks: boolean, spaces: boolean) {
  switch (part.kind) {
    case 'text':
      return spaces ? part.text.replaceAll(' ', '␣') : part.text;
    case 'newline':
      return (
        <>
          <span class="sign">⏎</span>
          {breaks && '\n'}
        </>
      );
    case 'tab':
      return <span class="sign">⇥{breaks && '\t'}</span>;
    case 'blank':
      return (
        <span class="sign" title={part.name}>
          ⍽
        </span>
      );
    case 'chip':
      return (
        <span class="chip" title={part.name}>
          {chipText(part)}
        </span>
      );
  }
}
