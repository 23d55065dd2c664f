/** Logprobs of given ids by a forward pass, a wave at a time. */
import { boundLogprob } from '../../../../audit/logprob.js';
import type { ScoreRequest, TokenLogprobs } from '../../../../audit/language-model.js';
import type { WaveHooks } from '../computing.js';
import { noValidProbabilities, nothingBefore } from '../wave-errors.js';
import type { NativeContext } from './native-context.js';
import { computeShared } from './shared-prefix.js';

interface Text {
  readonly request: ScoreRequest;
  readonly sequence: number;
  /** All tokens that are computed: the last one's own successor is not asked for. */
  readonly inputs: readonly number[];
  readonly logprobs: number[];
  done: number;
}

/** As {@link ComputingContext.logprobsOf} says. All texts advance together, by as many tokens each. */
export async function logprobsOfWave(
  context: NativeContext,
  wave: readonly ScoreRequest[],
  onResult: (result: TokenLogprobs) => void,
  hooks: WaveHooks,
): Promise<void> {
  hooks.beforeStep();
  const asked = wave.filter(({ continuation }) => continuation.length > 0);
  for (const { id, continuation } of wave) if (continuation.length === 0) onResult({ id, logprobs: [] });
  for (const { id, prompt } of asked) if (prompt.length === 0) throw nothingBefore(id);
  context.begin(asked.map(({ prompt, continuation }) => prompt.length + continuation.length));
  const shared = await computeShared(context, asked.map(({ prompt }) => prompt), hooks);
  let active = asked.map((request, sequence): Text => ({
    request,
    sequence,
    inputs: [...request.prompt, ...request.continuation.slice(0, -1)],
    logprobs: [],
    done: shared,
  }));
  while (active.length > 0) {
    hooks.beforeStep();
    const tokens = await advance(context, active);
    hooks.onTokens(tokens);
    for (const { request, logprobs, inputs, done } of active) if (done === inputs.length) onResult({ id: request.id, logprobs });
    active = active.filter(({ inputs, done }) => done < inputs.length);
  }
}

/** One batch. Texts of unequal length would be computed apart, so that none goes further than the one that ends first. */
async function advance(context: NativeContext, active: readonly Text[]): Promise<number> {
  const { batch } = context;
  const shortest = Math.min(...active.map(({ inputs, done }) => inputs.length - done));
  const step = Math.max(1, Math.min(shortest, Math.floor(Math.min(batch.capacity, context.maxRows) / active.length)));
  batch.clear();
  const rows: { readonly text: Text; readonly token: number; readonly index: number }[] = [];
  for (const text of active) {
    const { request, inputs, sequence, done } = text;
    for (let i = done; i < done + step; i++) {
      const place = i - (request.prompt.length - 1);
      const index = batch.add(inputs[i]!, i, sequence, place >= 0);
      if (place >= 0) rows.push({ text, token: request.continuation[place]!, index });
    }
    text.done += step;
  }
  await context.decode();
  for (const { text, token, index } of rows) {
    const { logSum } = context.readRow(index, 0, 'cannotScore');
    const logprob = boundLogprob(context.rowMath.row(0)[token]! - logSum);
    if (logprob === null) throw noValidProbabilities('cannotScore');
    text.logprobs.push(logprob);
  }
  return batch.size;
}
