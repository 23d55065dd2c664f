/** Where a prefill and what follows it meet, for readers. */
import { completionTextOf, prefillTextOf, type CompletionRecord } from './completion.js';
import { continuesPrefill, type Framing } from './framing.js';

/** Stands where the one ends and the other begins, where that would not be seen. */
export const SEAM = '│';

export interface TwoTexts {
  readonly framing: Framing;
  readonly prefill: string;
  readonly text: string;
  /** Generated elsewhere: whether a space stood between the two is not known. */
  readonly imported: boolean;
}

/** Of an import whose prefill and completion meet without a space, as the file has them: the place is shown, and nothing put between. */
export function hasSeam({ framing, prefill, text, imported }: TwoTexts): boolean {
  return imported && continuesPrefill(framing) && /\S$/.test(prefill) && /^\S/.test(text);
}

/** Both as one text to be read; places in it are not those of the two texts. On lines of their own where the model was asked to continue. */
export function joinForReading(two: TwoTexts): string {
  const { framing, prefill, text } = two;
  return `${prefill}${continuesPrefill(framing) ? '' : '\n'}${hasSeam(two) ? SEAM : ''}${text}`;
}

export function textsOf(record: CompletionRecord): TwoTexts {
  return { framing: record.framing, prefill: prefillTextOf(record), text: completionTextOf(record), imported: record.kind === 'imported' };
}
