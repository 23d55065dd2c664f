/** Logprobs of given ids by a forward pass, a wave at a time. */
import type { ControlledEvaluateIndexOutput, ControlledEvaluateInputItem, LlamaContextSequence, Token } from 'node-llama-cpp';
import type { GivenTokens, TokenLogprobs } from '../../../../audit/language-model.js';
import { boundLogprob } from '../../../../audit/logprob.js';
import type { WaveHooks } from '../computing.js';
import { noValidProbabilities, nothingBefore } from '../wave-errors.js';
import { noteSamplers } from './sampler-memory.js';
import type { Vocabulary } from '../vocabulary.js';
import type { NodeLlamaContext } from './node-llama-context.js';

interface Text {
  readonly request: GivenTokens;
  readonly sequence: LlamaContextSequence;
  /** All tokens that are computed: the last one's own successor is not asked for. */
  readonly inputs: readonly ControlledEvaluateInputItem[];
  readonly logprobs: number[];
  done: number;
}

/**
 * Hands out each request's logprobs (nats, temperature 1, untruncated) as soon as they are complete. All texts advance
 * together in steps of one batch; between steps a cancellation is heard.
 * @throws AuditError `cannotScore` for a request without a token before its continuation; `contextTooShort`; `cancelled`.
 */
export async function logprobsOfWave(
  context: NodeLlamaContext,
  vocabulary: Vocabulary,
  wave: readonly GivenTokens[],
  onResult: (result: TokenLogprobs) => void,
  { beforeStep, onTokens }: WaveHooks,
): Promise<void> {
  beforeStep();
  const sequences = await context.begin(wave.map(({ prompt, continuation }) => prompt.length + continuation.length));
  let active: Text[] = [];
  wave.forEach((request, k) => {
    if (request.continuation.length === 0) onResult({ id: request.id, logprobs: [] });
    else active.push({ request, sequence: sequences[k]!, inputs: inputsOf(request), logprobs: [], done: 0 });
  });
  while (active.length > 0) {
    beforeStep();
    const step = Math.max(1, Math.floor(context.batchTokens / active.length));
    const counts = await Promise.all(active.map((text) => advance(text, step)));
    noteSamplers(active.length, vocabulary.size);
    onTokens(counts.reduce((sum, count) => sum + count, 0));
    for (const { request, logprobs, inputs, done } of active) {
      if (done === inputs.length) onResult({ id: request.id, logprobs });
    }
    active = active.filter(({ inputs, done }) => done < inputs.length);
  }
}

async function advance(text: Text, step: number): Promise<number> {
  const { request, sequence, inputs, logprobs, done } = text;
  const chunk = inputs.slice(done, done + step);
  const outputs = await sequence.controlledEvaluate(chunk);
  for (let i = 0; i < chunk.length; i++) {
    const position = done + i - (request.prompt.length - 1);
    if (position >= 0) logprobs.push(logprobOf(request.continuation[position]!, outputs[i]));
  }
  text.done = done + chunk.length;
  return chunk.length;
}

function inputsOf({ id, prompt, continuation }: GivenTokens): ControlledEvaluateInputItem[] {
  if (prompt.length === 0) {
    throw nothingBefore(id);
  }
  const given = prompt.slice(0, -1) as Token[];
  const asking = [prompt.at(-1)!, ...continuation.slice(0, -1)].map((token, i): ControlledEvaluateInputItem => [
    token as Token,
    {
      generateNext: {
        token: true,
        totalLogitWeight: true,
        logits: { filter: { tokens: [continuation[i] as Token], includeSelected: true } },
        // The greedy choice is the maximum that the total weight is relative to.
        options: { temperature: 0 },
      },
    },
  ]);
  return [...given, ...asking];
}

/**
 * ln p(token) = logit(token) − logit(most likely token) − ln Σ exp(logit − logit(most likely token)). A token that a model rules
 * out (logit −∞) has the least logprob there is.
 * @throws AuditError `cannotScore` where there is no such number
 */
export function logprobOf(token: number, output: Pick<ControlledEvaluateIndexOutput, 'next'> | undefined): number {
  const { token: best, logits, totalLogitWeight } = output?.next ?? {};
  const logit = logits?.get(token as Token);
  const bestLogit = best === undefined || best === null ? undefined : logits?.get(best);
  const logprob = boundLogprob((logit ?? Number.NaN) - (bestLogit ?? Number.NaN) - Math.log(totalLogitWeight ?? Number.NaN));
  if (logprob === null) throw noValidProbabilities('cannotScore');
  return logprob;
}
