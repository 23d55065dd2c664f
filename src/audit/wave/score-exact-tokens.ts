/** Scoring by a model that takes the very ids of a completion. */
import type { LanguageModel } from '../language-model.js';
import { canShareIds } from '../same-tokenizer.js';
import { scoreWave } from './ask-model.js';
import { promptIds, withoutTurn, withTurn, type CompletionLogprobs, type Draft, type WaveContext } from './wave-context.js';

/**
 * The completion and its end under a model that has all of these ids, by id: F's exact ids behind the frame that the model is given. An
 * end that the reference has not stays without a logprob.
 * @param onScored told each as it comes
 */
export async function scoreExactTokens(
  drafts: readonly Draft[],
  model: LanguageModel,
  role: 'finetuned' | 'reference',
  context: WaveContext,
  onScored?: (draft: Draft, logprobs: CompletionLogprobs) => void,
): Promise<Map<number, CompletionLogprobs>> {
  const byId = new Map(drafts.map((draft) => [draft.job.id, draft]));
  const frameOf = ({ frameFinetuned, frameReference }: Draft) => (role === 'finetuned' ? frameFinetuned : frameReference);
  const requests = drafts.map((draft) => {
    const { job, prefill, completion: { tokens, end, turn } } = draft;
    const givesEnd = end !== null && (role === 'finetuned' || canShareIds(context.setup, [end.piece.id]));
    return {
      job,
      id: job.id,
      prompt: promptIds(frameOf(draft), prefill),
      continuation: withTurn([...tokens, ...(givesEnd ? [end.piece] : [])].map((piece) => piece.id), turn, frameOf(draft)),
    };
  });
  const scored = new Map<number, CompletionLogprobs>();
  await scoreWave(requests, model, role, context, (id, all) => {
    const draft = byId.get(id)!;
    const logprobs = withoutTurn(all, draft.completion.turn, frameOf(draft));
    const { length } = draft.completion.tokens;
    const byModel = { tokens: logprobs.slice(0, length), end: logprobs[length] ?? null };
    scored.set(id, byModel);
    onScored?.(draft, byModel);
  });
  return scored;
}
