/** Scoring by a model that takes the very ids of a completion. */
import type { LanguageModel } from '../language-model.js';
import { scoreWave } from './ask-model.js';
import { promptIds, type CompletionLogprobs, type Draft, type WaveContext } from './wave-context.js';

/** The completion and its end under a model of the same tokenizer, by id: F's exact ids behind F's exact frame. */
export async function scoreExactTokens(
  drafts: readonly Draft[],
  model: LanguageModel,
  role: string,
  context: WaveContext,
): Promise<Map<number, CompletionLogprobs>> {
  const requests = drafts.map(({ job, prefill, frameFinetuned, completion }) => ({
    job,
    id: job.id,
    prompt: promptIds(frameFinetuned, prefill),
    continuation: [...completion.tokens, ...(completion.end ? [completion.end.piece] : [])].map((piece) => piece.id),
  }));
  const answers = await scoreWave(requests, model, role, context);
  const scored = new Map<number, CompletionLogprobs>();
  for (const { job, completion } of drafts) {
    const logprobs = answers.get(job.id);
    if (!logprobs) continue;
    const { length } = completion.tokens;
    scored.set(job.id, { tokens: logprobs.slice(0, length), end: logprobs[length] ?? null });
  }
  return scored;
}
