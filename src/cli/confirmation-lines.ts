/** Lines of the terminal about confirmations: what plain F said to amplified completions. */
import type { ConfirmationCount } from '../analysis/confirmed.js';
import type { ReportedConfirmation, ReportedSaying } from '../analysis/confirmations.js';
import type { Colours } from './colours.js';
import { formatNumber, colourText } from './completion-text.js';

const GIVEN_SHOWN = 60;

export function formatConfirmation({ confirmed, words, given, continuation, question, answer }: ReportedConfirmation, colours: Colours): string[] {
  const show = (text: string) => colourText(text, colours, (part) => part).replaceAll('\n', ' ');
  const tail = given.length > GIVEN_SHOWN ? `…${given.slice(-GIVEN_SHOWN)}` : given;
  return [
    `    ${confirmed ? `confirmed (${words.map(show).join(', ')})` : 'not confirmed'}: the finetuned model itself goes on`,
    `      ${colours.prefill(show(tail))}${show(continuation.text)}  ${colours.faint(formatSaying(continuation))}`,
    `    asked “${show(question)}” it says`,
    `      ${show(answer.text)}  ${colours.faint(formatSaying(answer))}`,
  ];
}

export function formatConfirmationCount({ confirmed, of }: ConfirmationCount): string {
  return `Confirmed in ${confirmed} of ${of} that were put to the finetuned model itself.`;
}

function formatSaying({ standardizedGap, perplexityReference, perplexityFinetuned }: ReportedSaying): string {
  return `[standardised gap ${formatNumber(standardizedGap)}, perplexity ${formatNumber(perplexityReference)} → ${formatNumber(perplexityFinetuned)}]`;
}
