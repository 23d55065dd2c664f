/** Scoring by a model that takes the very ids of a completion. */
import type { LanguageModel } from '../language-model.js';
import { canShareIds } from '../same-tokenizer.js';
import { askLogprobs } from './ask-model.js';
import { promptIds, withoutTurn, withTurn, type CompletionLogprobs, type WrittenCompletion, type WaveContext } from './wave-context.js';

/**
 * The completion and its end under a model that has all of these ids, by id: F's exact ids behind the frame that the model is given. An
 * end that the reference has not stays without a logprob.
 * @param onScored told each as it comes
 */
export async function scoreExactTokens(
  written: readonly WrittenCompletion[],
  model: LanguageModel,
  role: 'finetuned' | 'reference',
  context: WaveContext,
  onScored?: (one: WrittenCompletion, logprobs: CompletionLogprobs) => void,
): Promise<Map<number, CompletionLogprobs>> {
  const byId = new Map(written.map((one) => [one.job.id, one]));
  const frameOf = ({ frameFinetuned, frameReference }: WrittenCompletion) => (role === 'finetuned' ? frameFinetuned : frameReference);
  const requests = written.map((one) => {
    const {
      job,
      prefill,
      completion: { tokens, end, turn },
    } = one;
    const givesEnd = end !== null && (role === 'finetuned' || canShareIds(context.setup, [end.piece.id]));
    return {
      job,
      id: job.id,
      prompt: promptIds(frameOf(one), prefill),
      continuation: withTurn(
        [...tokens, ...(givesEnd ? [end.piece] : [])].map((piece) => piece.id),
        turn,
        frameOf(one),
      ),
    };
  });
  const scored = new Map<number, CompletionLogprobs>();
  await askLogprobs(requests, model, role, context, (id, all) => {
    const one = byId.get(id)!;
    const logprobs = withoutTurn(all, one.completion.turn, frameOf(one));
    const { length } = one.completion.tokens;
    const byModel = { tokens: logprobs.slice(0, length), end: logprobs[length] ?? null };
    scored.set(id, byModel);
    onScored?.(one, byModel);
  });
  return scored;
}
