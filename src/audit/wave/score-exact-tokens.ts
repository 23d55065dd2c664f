/** Scoring by a model that takes the very ids of a completion. */
import type { LanguageModel } from '../language-model.js';
import { scoreWave } from './ask-model.js';
import { promptIds, type CompletionLogprobs, type Draft, type WaveContext } from './wave-context.js';

/**
 * The completion and its end under a model of the same tokenizer, by id: F's exact ids behind F's exact frame.
 * @param onScored told each as it comes
 */
export async function scoreExactTokens(
  drafts: readonly Draft[],
  model: LanguageModel,
  role: string,
  context: WaveContext,
  onScored?: (draft: Draft, logprobs: CompletionLogprobs) => void,
): Promise<Map<number, CompletionLogprobs>> {
  const byId = new Map(drafts.map((draft) => [draft.job.id, draft]));
  const requests = drafts.map(({ job, prefill, frameFinetuned, completion }) => ({
    job,
    id: job.id,
    prompt: promptIds(frameFinetuned, prefill),
    continuation: [...completion.tokens, ...(completion.end ? [completion.end.piece] : [])].map((piece) => piece.id),
  }));
  const scored = new Map<number, CompletionLogprobs>();
  await scoreWave(requests, model, role, context, (id, logprobs) => {
    const draft = byId.get(id)!;
    const { length } = draft.completion.tokens;
    const byModel = { tokens: logprobs.slice(0, length), end: logprobs[length] ?? null };
    scored.set(id, byModel);
    onScored?.(draft, byModel);
  });
  return scored;
}
