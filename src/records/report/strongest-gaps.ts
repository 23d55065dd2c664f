/** The gaps of a completion in words: what its colours say to those who do not see them. */
import type { ReportDetail } from './report-content.js';

export interface StrongGap {
  readonly text: string;
  /** Nats; per token of F where it is a segment's. */
  readonly gap: number;
}

const GAPS_TOLD = 4;
const CHARACTERS_TOLD = 40;
/** Smaller ones are no more than the colour of the page. Nats. */
const LEAST = 0.5;

/** The largest gaps on the finetuned model's side and the largest on the reference's, largest first. */
export function findStrongestGaps({ units }: ReportDetail): StrongGap[] {
  const gaps = units.flatMap(({ text, shade, control }) => (shade === null || control || Math.abs(shade) < LEAST ? [] : [{ text: shorten(text), gap: shade }]));
  const liked = gaps.filter(({ gap }) => gap > 0).sort((a, b) => b.gap - a.gap);
  const disliked = gaps.filter(({ gap }) => gap < 0).sort((a, b) => a.gap - b.gap);
  return [...liked.slice(0, GAPS_TOLD - 1), ...disliked.slice(0, 1)];
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length > CHARACTERS_TOLD ? `${characters.slice(0, CHARACTERS_TOLD).join('')}…` : text;
}
