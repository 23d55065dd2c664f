/** Data of the plots, and their words for those who do not see them. */
import type { CompletionSummary } from '../../src/messages/page.js';
import type { SentJudgement } from '../host.js';
import { LABEL_STATE_NAMES } from '../state/names.js';
import { LABEL_STATES, type LabelState } from '../state/view-settings.js';
import { formatPerplexity } from '../text/numbers.js';
import { countOf } from '../../src/text/numbers.js';
import { greatest, least } from './bins.js';

export interface PlotPoint {
  readonly completion: CompletionSummary;
  readonly perplexityFinetuned: number;
  readonly perplexityReference: number;
  readonly label: LabelState;
  /** Fits the filters and is not folded away. */
  readonly shown: boolean;
}

/** Completions with both perplexities. */
export function plotPoints(
  completions: readonly CompletionSummary[],
  list: readonly CompletionSummary[],
  judgements: ReadonlyMap<number, SentJudgement>,
): PlotPoint[] {
  const shown = new Set(list.map(({ id }) => id));
  return completions.flatMap((completion) => {
    const { perplexityFinetuned, perplexityReference, id } = completion;
    if (perplexityFinetuned === null || perplexityReference === null) return [];
    const label = judgements.get(id)?.label ?? 'unlabelled';
    return [{ completion, perplexityFinetuned, perplexityReference, label, shown: shown.has(id) }];
  });
}

/** The scatter plot in a sentence. */
export function describePoints(points: readonly PlotPoint[], sameTokenizer = true): string {
  if (points.length === 0) return 'No completions yet.';
  const range = (values: readonly number[]) => `${formatPerplexity(least(values))} to ${formatPerplexity(greatest(values))}`;
  const above = points.filter((point) => point.perplexityReference > point.perplexityFinetuned).length;
  const labels = LABEL_STATES.map((label) => `${points.filter((point) => point.label === label).length} ${LABEL_STATE_NAMES[label].toLowerCase()}`);
  return [
    `Perplexity of the reference against the finetuned model, ${sameTokenizer ? '' : 'each over its own tokens, '}${countOf(points.length, 'completion')}.`,
    `Finetuned ${range(points.map((point) => point.perplexityFinetuned))}, reference ${range(points.map((point) => point.perplexityReference))};`,
    `${above} surprise the reference more. ${labels.join(', ')}.`,
  ].join(' ');
}

/** A range for a logarithmic axis with some air at both ends. */
export function logRange(values: readonly number[]): [number, number] {
  if (values.length === 0) return [1, 100];
  const low = Math.max(1, least(values));
  const high = Math.max(low * 1.5, greatest(values));
  const air = (high / low) ** 0.1;
  return [low / air, high * air];
}
