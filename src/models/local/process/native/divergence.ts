/** Computes the divergence of two models' distributions at every place of given texts. Distributions never leave the process. */
import { boundLogprob } from '../../../../audit/logprob.js';
import type { PositionDivergence, GivenTokens, TokenDivergences } from '../../../../audit/language-model.js';
import type { WaveHooks } from '../computing.js';
import { noValidProbabilities } from '../wave-errors.js';
import { passOver } from './forward-pass.js';
import type { NativeContext } from './native-context.js';

/** As {@link ComputingContext.divergence} says. */
export async function divergenceOfWave(
  context: NativeContext,
  other: NativeContext,
  wave: readonly GivenTokens[],
  contributions: number,
  onResult: (result: TokenDivergences) => void,
  hooks: WaveHooks,
): Promise<void> {
  const { rowMath, vocabulary } = context;
  const found = new Map<GivenTokens, PositionDivergence[]>(wave.map((request) => [request, []]));
  await passOver(
    // Models of the same files share one context, which need not compute everything twice.
    other === context ? [context] : [context, other],
    wave,
    ({ request, token, index }) => {
      const own = context.readRow(index, 0, 'cannotScore');
      const others = other.readRow(index, 1, 'cannotScore', rowMath);
      const logprob = boundLogprob(rowMath.row(0)[token]! - own.logSum);
      const otherLogprob = boundLogprob(rowMath.row(1)[token]! - others.logSum);
      if (logprob === null || otherLogprob === null) throw noValidProbabilities('cannotScore');
      const { forward, backward, entropyP, entropyQ } = rowMath.diverge(own, others);
      const top = rowMath.topContributions(contributions).filter(({ logit }) => logit > 0);
      found.get(request)!.push({
        logprob,
        otherLogprob,
        forward: withoutRounding(forward),
        backward: withoutRounding(backward),
        entropy: withoutRounding(entropyP),
        otherEntropy: withoutRounding(entropyQ),
        top: top.map(({ id, logit }) => ({ piece: vocabulary.piece(id), contribution: logit })),
      });
    },
    (request) => onResult({ id: request.id, positions: found.get(request)! }),
    hooks,
  );
}

/** Neither a divergence nor an entropy is below 0; a sum of rounded terms may be by a little. */
function withoutRounding(nats: number): number {
  return nats > 0 ? nats : 0;
}
