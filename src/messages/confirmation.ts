/** Confirmation of amplified text, as the page asks for it and is told of it. */
import type { ReportedConfirmation } from '../analysis/confirmations.js';

/** So many of each framing are asked about in one go, by standardised gap. */
export const CONFIRM_FIRST = 20;

export interface ConfirmAnswer {
  /** How many were asked about now. */
  readonly asked: number;
  /** In sentences: completions that could not be. */
  readonly leftOut: readonly string[];
}

/** All that plain F said by now to completions of a pass. */
export interface ToldConfirmations {
  readonly pass: string;
  readonly confirmations: readonly ReportedConfirmation[];
}
