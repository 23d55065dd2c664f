/** R's part of a wave. */
import type { ReferenceScoring } from '../completion.js';
import { canShareIds } from '../same-tokenizer.js';
import { scoreExactTokens } from './score-exact-tokens.js';
import { scoreOwnTokens } from './score-own-tokens.js';
import type { WrittenCompletion, WaveContext } from './wave-context.js';

export interface ScoredByReference {
  /** `null` where there is no token, or the reference could be given nothing of them. */
  readonly scoring: ReferenceScoring | null;
  /** The end-of-turn token's, where R has it and was given F's ids. */
  readonly end: number | null;
}

/**
 * By F's own ids where R has all of them, else by R's own tokens of the text. What was set aside is left out.
 * @param onScored told each as it comes
 */
export async function scoreByReference(
  written: readonly WrittenCompletion[],
  context: WaveContext,
  onScored: (one: WrittenCompletion, scored: ScoredByReference) => void,
): Promise<void> {
  const isShared = ({ prefill, completion }: WrittenCompletion): boolean =>
    canShareIds(
      context.setup,
      [...prefill.pieces, ...completion.tokens].map(({ id }) => id),
    );
  const shared = written.filter(isShared);
  const others = written.filter((one) => !shared.includes(one));
  if (shared.length > 0) {
    await scoreExactTokens(shared, context.reference, 'reference', context, (one, { tokens, end }) =>
      onScored(one, { scoring: tokens.length === 0 ? null : { kind: 'sameTokens', logprobs: tokens }, end }),
    );
  }
  if (others.length > 0) {
    await scoreOwnTokens(others, context, (one, own) => onScored(one, { scoring: own && { kind: 'ownTokens', ...own }, end: null }));
  }
}
