/** Logprobs of given ids by a forward pass, a wave at a time. */
import { boundLogprob } from '../../../../audit/logprob.js';
import type { GivenTokens, TokenLogprobs } from '../../../../audit/language-model.js';
import type { WaveHooks } from '../computing.js';
import { noValidProbabilities } from '../wave-errors.js';
import { passOver } from './forward-pass.js';
import type { NativeContext } from './native-context.js';

/** As {@link ComputingContext.logprobsOf} says. */
export async function logprobsOfWave(
  context: NativeContext,
  wave: readonly GivenTokens[],
  onResult: (result: TokenLogprobs) => void,
  hooks: WaveHooks,
): Promise<void> {
  const found = new Map<GivenTokens, number[]>(wave.map((request) => [request, []]));
  await passOver(
    [context],
    wave,
    ({ request, token, index }) => {
      const { logSum } = context.readRow(index, 0, 'cannotScore');
      const logprob = boundLogprob(context.rowMath.row(0)[token]! - logSum);
      if (logprob === null) throw noValidProbabilities('cannotScore');
      found.get(request)!.push(logprob);
    },
    (request) => onResult({ id: request.id, logprobs: found.get(request)! }),
    hooks,
  );
}
