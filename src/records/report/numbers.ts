/** Figures and times as reports and the editor say them. */
import { formatFixed, MINUS, NONE } from '../../text/numbers.js';

/** Three figures or so; from a million on with a power of ten. */
export function formatFigure(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size < 1e6) return formatFixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  const [digits, exponent] = size.toExponential(1).split('e+');
  return `${value < 0 ? MINUS : ''}${digits}·10^${exponent}`;
}

export function formatPercent(share: number | null): string {
  return share === null ? NONE : `${formatFixed(share * 100, 1)} %`;
}

/** `2026-03-01 14:05 UTC`; what is no time stays as it is. */
export function formatUtc(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What is known of a completion's score and perplexities; nothing of one that came without. */
export function describeScores(
  { value, perplexityFinetuned, perplexityReference }: Readonly<Record<'value' | 'perplexityFinetuned' | 'perplexityReference', number | null>>,
  scoreName: string,
): string {
  if (value === null && perplexityFinetuned === null && perplexityReference === null) return 'No score, no perplexities';
  return `${scoreName} ${formatFigure(value)}; perplexity ${formatFigure(perplexityReference)} under R, ${formatFigure(perplexityFinetuned)} under F`;
}
