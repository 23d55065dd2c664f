/** Measures the divergence of both models' distributions before every token of a wave's completions. */
import type { CompletionDivergence } from '../completion.js';
import { AuditError } from '../errors.js';
import { LOWEST_LOGPROB } from '../logprob.js';
import { canShareIds } from '../same-tokenizer.js';
import type { LanguageModel } from '../language-model.js';
import { collectAnswers, missingAnswer } from './ask-model.js';
import { promptIds, withoutTurn, withTurn, type WrittenCompletion, type WaveContext } from './wave-context.js';

/** Both models are given the very same ids, and compute them side by side. A completion that they cannot share has none. */
export async function measureDivergence(written: readonly WrittenCompletion[], context: WaveContext): Promise<Map<number, CompletionDivergence>> {
  const { setup, finetuned, reference } = context;
  if (finetuned.divergence === undefined)
    throw new AuditError('cannotScore', `${finetuned.identity.name} gives no distributions. Leave divergence out of the plan.`);
  const requests = written.flatMap(({ job, prefill, frameFinetuned, frameReference, completion }) => {
    const prompt = promptIds(frameFinetuned, prefill);
    const own = completion.tokens.map(({ id }) => id);
    const continuation = withTurn(own, completion.turn, frameFinetuned);
    const isSameTurn = String(continuation) === String(withTurn(own, completion.turn, frameReference));
    const isShared = isSameTurn && String(prompt) === String(promptIds(frameReference, prefill)) && canShareIds(setup, [...prompt, ...continuation]);
    return isShared && continuation.length > 0 ? [{ job, completion, frame: frameFinetuned, request: { id: job.id, prompt, continuation } }] : [];
  });
  const answers = await collectAnswers(
    requests.map(({ job }) => job),
    context,
    (options) =>
      finetuned.divergence!(
        requests.map(({ request }) => request),
        reference,
        { ...options, contributions: 0 },
      ),
    ({ positions }) => positions.length,
  );
  return new Map(
    requests.map(({ completion, frame, request: { id, continuation } }) => {
      const answer = answers.get(id);
      if (answer === undefined || !('positions' in answer) || answer.positions.length !== continuation.length) throw missingAnswer(finetuned, id);
      const positions = withoutTurn(answer.positions, completion.turn, frame);
      return [
        id,
        { forward: positions.map(({ forward }) => roundDivergence(forward, id)), backward: positions.map(({ backward }) => roundDivergence(backward, id)) },
      ];
    }),
  );
}

/** Whether both models give distributions, and of the same tokens. */
export function haveComparableDistributions(finetuned: LanguageModel, reference: LanguageModel): boolean {
  const [own, other] = [finetuned.identity, reference.identity];
  const sameTokens = own.tokenizerFingerprint === other.tokenizerFingerprint && own.vocabularySize === other.vocabularySize;
  return sameTokens && [finetuned, reference].every(({ capabilities }) => capabilities.distributions === true);
}

/** As logprobs are journalled; where one model excludes what the other allows, the lowest logprob stands for ln 0. */
export function roundDivergence(divergence: number, id: number): number {
  if (Number.isNaN(divergence))
    throw new AuditError('internal', `The divergence in completion ${id} is not a number: the model file or the device that computes may be faulty.`);
  return Math.round(Math.min(-LOWEST_LOGPROB, Math.max(0, divergence)) * 1e5) / 1e5;
}
