/** Amplified text that was put to the finetuned model, as a table of a report. */
import type { ReportedConfirmation, ReportedSaying } from '../../analysis/confirmations.js';
import { visibleLine } from '../../text/visible-text.js';
import { formatFigure } from './numbers.js';

export const CONFIRMATION_TITLE = 'Amplified text put to the finetuned model';
export const CONFIRMATION_COLUMNS = ['Completion', 'Given to it, amplified text and all', 'It goes on', 'Confirmed', 'Asked', 'It answers'] as const;
export const CONFIRMATION_NOTE =
  'The finetuned model itself, not amplified, goes on from within the peak. It confirms where it says a word that carries gap in the amplified text, too; its answer confirms nothing, since the question says the words.';

const GIVEN_SHOWN = 80;

/** A row of {@link CONFIRMATION_COLUMNS}, in one line a cell; nothing is escaped. */
export function confirmationCells({ id, framing, given, continuation, confirmed, words, question, answer }: ReportedConfirmation): string[] {
  const tail = given.length > GIVEN_SHOWN ? `…${given.slice(-GIVEN_SHOWN)}` : given;
  return [
    `${framing} #${id}, amplified`,
    tail,
    describeSaying(continuation),
    confirmed ? `yes: ${words.join(', ')}` : 'no',
    question,
    describeSaying(answer),
  ].map(visibleLine);
}

function describeSaying({ text, standardizedGap, perplexityReference, perplexityFinetuned }: ReportedSaying): string {
  return `${text} (standardised gap ${formatFigure(standardizedGap)}, perplexity ${formatFigure(perplexityReference)} under R, ${formatFigure(perplexityFinetuned)} under F)`;
}
