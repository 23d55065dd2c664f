import { markParts, type MarkedPart, type TextMark } from './marks.js';
import { chipText, visibleLine, visibleParts } from '../../src/text/visible-text.js';

interface VisibleTextProps {
  readonly text: string;
  /** What to mark, within a text in which this one begins at `offset`. */
  readonly marks?: readonly TextMark[];
  readonly offset?: number;
  /** `false` shows a newline by its sign alone. */
  readonly breaks?: boolean;
  /** Shows spaces by a sign, where the text is short enough for them to matter. */
  readonly spaces?: boolean;
}

const NO_MARKS: readonly TextMark[] = [];

/**
 * Model output as text: nothing in it is markup, and nothing in it is invisible. What is shown in another form than it has
 * says in `data-units` for how many UTF-16 units of the text it stands (`source-offset.ts`).
 */
export function VisibleText({ text, marks = NO_MARKS, offset = 0, breaks = true, spaces = false }: VisibleTextProps) {
  const parts = markParts(visibleParts(text), marks, offset);
  return (
    <>
      {parts.map((part) => {
        const shown = showPart(part, breaks, spaces);
        if (part.marks.length === 0) return shown;
        return (
          <mark key={part.start} class={classesOf(part.marks)} {...titleOf(part.marks)}>
            {shown}
            {part.ending.map(({ number, resolved }) => (
              <span key={number} class={`finding-number ${resolved ? 'resolved' : ''}`} data-number={number} data-units={0} aria-hidden="true" />
            ))}
          </mark>
        );
      })}
    </>
  );
}

function titleOf(marks: readonly TextMark[]): { title?: string } {
  const title = marks.find((mark) => mark.title !== undefined)?.title;
  return title === undefined ? {} : { title: visibleLine(title) };
}

function classesOf(marks: readonly TextMark[]): string {
  const findings = marks.filter(({ kind }) => kind === 'finding');
  const classes = new Set<string>(marks.map(({ kind }) => kind));
  if (findings.length > 1) classes.add('overlap');
  if (findings.length > 0 && findings.every(({ resolved }) => resolved)) classes.add('resolved');
  return [...classes].join(' ');
}

function showPart(part: MarkedPart, breaks: boolean, spaces: boolean) {
  const units = part.end - part.start;
  switch (part.kind) {
    case 'text':
      return spaces ? part.text.replaceAll(' ', '␣') : part.text;
    case 'newline':
      return (
        <>
          <span class="sign" data-units={breaks ? units - 1 : units}>
            ⏎
          </span>
          {breaks && '\n'}
        </>
      );
    case 'tab':
      return (
        <span class="sign" data-units={units}>
          ⇥{breaks && '\t'}
        </span>
      );
    case 'blank':
      return (
        <span class="sign" data-units={units} title={part.name}>
          ⍽
        </span>
      );
    case 'chip':
      return (
        <span class="chip" data-units={units} title={part.name}>
          {chipText(part)}
        </span>
      );
  }
}
