/** The few lines of a completion that a row of the list shows. */
import type { TextRange } from '../text/marks.js';

/** More characters than fit into a row of any usual width; the rest is cut by the row. */
export const SNIPPET_LENGTH = 420;
/** As many characters as even a narrow row shows. */
const IN_SIGHT = { comfortable: 80, compact: 30 } as const;
/** What comes before the place that a snippet is about, so that it stands in the middle of what a narrow row shows. */
const LEAD = { comfortable: 30, compact: 6 } as const;

/** Rows of several lines, or of one. */
export type RowShape = keyof typeof IN_SIGHT;

/**
 * Where a snippet begins in a text of `length` (UTF-16 units): at the start, or shortly before the place of interest
 * (a match, a peak) where that would be out of sight.
 * @param before length of what the row shows before the text
 */
export function snippetStart(text: string, interest: TextRange | null, before: number, shape: RowShape): number {
  const lead = LEAD[shape];
  const inSight = IN_SIGHT[shape];
  if (interest === null || interest[0] <= lead || before + interest[1] <= inSight) return 0;
  const wanted = Math.max(0, Math.min(interest[0] - lead, text.length - inSight));
  const space = text.indexOf(' ', wanted);
  const start = space >= 0 && space < interest[0] ? space + 1 : wanted;
  return isLowSurrogate(text.charCodeAt(start)) ? start - 1 : start;
}

/** The stretches of a row: text with one shade each; neighbours without a shade are one stretch. */
export interface ShadedPart {
  readonly text: string;
  /** UTF-16 units within the completion's text. */
  readonly start: number;
  readonly level: number;
  /** Of a dialogue: the answer begins with it. */
  readonly opensAnswer?: true;
}

/**
 * Tokens from `start` on, as far as a row can show them, as stretches. `levels` has one shade per token.
 * @param answerAt of a dialogue: the token with which its answer begins
 */
export function stretchesOf(tokens: readonly { readonly text: string }[], levels: readonly number[], start: number, answerAt?: number): ShadedPart[] {
  const stretches: ShadedPart[] = [];
  let offset = 0;
  for (const [index, { text }] of tokens.entries()) {
    const tokenStart = offset;
    offset += text.length;
    if (offset <= start || text === '') continue;
    if (tokenStart - start >= SNIPPET_LENGTH) break;
    const shown = tokenStart < start ? text.slice(start - tokenStart) : text;
    const level = levels[index]!;
    const last = stretches.at(-1);
    const opensAnswer = index === answerAt;
    if (last && level === 0 && last.level === 0 && !opensAnswer) stretches[stretches.length - 1] = { ...last, text: last.text + shown };
    else stretches.push({ text: shown, start: Math.max(start, tokenStart), level, ...(opensAnswer && { opensAnswer }) });
  }
  return stretches;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
