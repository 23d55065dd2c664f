import type { TextMark } from '../text/marks.js';
import { VisibleText } from '../text/visible-text-view.js';

/** A thin mark in the text: above it where a token of F begins, below it where one of R does. It takes no room. */
export function Boundary({ side }: { side: 'f' | 'r' }) {
  return <span class={`boundary ${side}`} aria-hidden="true" />;
}

interface CutTextProps {
  readonly text: string;
  readonly marks: readonly TextMark[];
  /** Where the text begins in what `marks` and `cuts` count in, in UTF-16 units. */
  readonly offset: number;
  /** Where tokens of R begin. */
  readonly cuts: readonly number[];
}

/** Model output with R's boundaries in it. */
export function CutText({ text, marks, offset, cuts }: CutTextProps) {
  const inside = cuts.filter((cut) => cut >= offset && cut < offset + text.length);
  if (inside.length === 0) return <VisibleText text={text} marks={marks} offset={offset} />;
  const starts = inside[0] === offset ? inside : [offset, ...inside];
  return (
    <>
      {starts.map((start, i) => (
        <span key={start}>
          {inside.includes(start) && <Boundary side="r" />}
          <VisibleText text={text.slice(start - offset, (starts[i + 1] ?? offset + text.length) - offset)} marks={marks} offset={start} />
        </span>
      ))}
    </>
  );
}
