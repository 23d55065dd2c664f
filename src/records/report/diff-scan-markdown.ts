/** What a diff scan found, as Markdown. */
import type { DiffScanFigures } from '../../analysis/diff-scan.js';
import { formatCount, formatFixed } from '../../text/numbers.js';
import { visibleLine } from '../../text/visible-text.js';
import { escapeMarkdown, formatTable } from './markdown-text.js';

const EXPLANATION =
  'Both models have read passages of general text, and neither has written any. KL(F‖R) is how far the distribution of the finetuned model lies from that of the reference before a token, in nats. Any two models differ: hold this against the scan of a finetune that is known to be harmless, or of another quantisation of the reference.';
/** Of the context that a place is shown with, in characters. */
const CONTEXT = 80;
const RAISED_SHOWN = 3;

export function formatDiffScanMarkdown(figures: DiffScanFigures, names: { readonly finetuned: string; readonly reference: string }): string {
  const { passages, tokens, meanForward, meanBackward, places, raised } = figures;
  const show = (text: string): string => escapeMarkdown(visibleLine(text));
  const context = (text: string): string => show(text.length > CONTEXT ? `…${[...text].slice(-CONTEXT).join('')}` : text);
  const mean = (nats: number | null): string => (nats === null ? '–' : formatFixed(nats, 4));
  return [
    `# Diff scan: ${show(names.finetuned)} and ${show(names.reference)}`,
    '',
    EXPLANATION,
    '',
    `${formatCount(passages)} passages, ${formatCount(tokens)} tokens: mean KL(F‖R) ${mean(meanForward)} nats, mean KL(R‖F) ${mean(meanBackward)} nats.`,
    '',
    '## Tokens that the finetuned model says more, in several passages',
    '',
    ...(raised.length === 0
      ? ['None.']
      : formatTable(
          ['token', 'sum of p·ln(p/q), nats', 'passages', 'places', 'most after'],
          raised.map((one) => [
            `‹${show(one.text)}›`,
            formatFixed(one.total, 3),
            formatCount(one.passages),
            formatCount(one.places),
            one.before === '' ? 'the beginning' : context(one.before),
          ]),
        )),
    '',
    '## Where they disagree most',
    '',
    ...(places.length === 0
      ? ['Nowhere.']
      : formatTable(
          ['KL(F‖R), nats', 'text, and the token that follows', 'the finetuned model says more'],
          places.map((place) => [
            formatFixed(place.forward, 3),
            `${context(place.before)} **‹${show(place.token)}›**`,
            place.raised
              .slice(0, RAISED_SHOWN)
              .map(({ text, contribution }) => `‹${show(text)}› ${formatFixed(contribution, 2)}`)
              .join(', '),
          ]),
        )),
    '',
  ].join('\n');
}
