/** Prefill and completion of a completion that the page shows. */
import { joinForReading, type TwoTexts } from '../../src/audit/seam.js';
import type { CompletionSummary } from '../../src/messages/page.js';

export function twoTextsOf({ framing, prefillText, text, hasTokens }: CompletionSummary): TwoTexts {
  return { framing, prefill: prefillText, text, imported: hasTokens === false };
}

/** Both as one text: for reading alone, see {@link joinForReading}. */
export function readableText(completion: CompletionSummary): string {
  return joinForReading(twoTextsOf(completion));
}
