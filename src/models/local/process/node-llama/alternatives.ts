/** The most likely tokens at one place. */
import type { Token } from 'node-llama-cpp';
import type { Alternative } from '../../../../audit/language-model.js';
import { MAX_ALTERNATIVES } from '../computing.js';
import { nothingBeforePlace } from '../wave-errors.js';
import type { Vocabulary } from '../vocabulary.js';
import type { NodeLlamaContext } from './node-llama-context.js';

/** The `count` most likely tokens after `prompt`, most likely first, with logprobs in nats. */
export async function findAlternatives(context: NodeLlamaContext, vocabulary: Vocabulary, prompt: readonly number[], count: number): Promise<Alternative[]> {
  const last = prompt.at(-1);
  if (last === undefined) throw nothingBeforePlace();
  const [sequence] = await context.begin([prompt.length]);
  const wanted = Math.min(count, MAX_ALTERNATIVES, vocabulary.size);
  const outputs = await sequence!.controlledEvaluate([
    ...(prompt.slice(0, -1) as Token[]),
    [
      last as Token,
      {
        generateNext: {
          token: true,
          totalLogitWeight: true,
          logits: { filter: { tokens: [], includeTop: wanted } },
          options: { temperature: 0 },
        },
      },
    ],
  ]);
  const { logits, totalLogitWeight } = outputs.at(-1)?.next ?? {};
  const ranked = [...(logits ?? [])].sort(([, a], [, b]) => b - a).slice(0, wanted);
  const best = ranked[0]?.[1] ?? 0;
  return ranked.map(([id, logit]) => ({ piece: vocabulary.piece(id), logprob: logit - best - Math.log(totalLogitWeight!) }));
}
