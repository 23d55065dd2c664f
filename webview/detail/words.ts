/** A completion without its tokens: word by word, with nothing told about any. */
import type { CompletionDetail, CompletionSummary, TokenDetail } from '../../src/messages/page.js';

const words = new Intl.Segmenter('en', { granularity: 'word' });

/** What stands in the place of the tokens where there are none, or where they are not shown. */
export function detailOfWords({ id, text }: CompletionSummary): CompletionDetail {
  const tokens = splitAtWords(text).map((word): TokenDetail => ({ text: word, control: false, logprobFinetuned: 0, logprobReference: null, gap: null }));
  return { id, prefillTokens: [], tokens, segments: null, peak: null, end: null, distinct4grams: 1, deflateRatio: 1, hasTokens: false };
}

/** Words and signs, each with the blanks before it; joined they are the text. */
export function splitAtWords(text: string): string[] {
  const parts: string[] = [];
  let blanks = '';
  for (const { segment } of words.segment(text)) {
    if (segment.trim() === '') blanks += segment;
    else {
      parts.push(blanks + segment);
      blanks = '';
    }
  }
  if (blanks !== '') parts.push(blanks);
  return parts;
}
