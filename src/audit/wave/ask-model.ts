/** Asking a model for a wave of answers. */
import { AuditError, throwIfCancelled } from '../errors.js';
import type { Job } from '../jobs.js';
import { isSetAside, type LanguageModel, type GivenTokens, type SetAside, type WaveOptions } from '../language-model.js';
import { roundLogprob } from '../logprob.js';
import type { WaveContext } from './wave-context.js';

/** Answers by id. A model that does not report its tokens as it goes has them counted by its answers. */
export async function collectAnswers<T extends { readonly id: number }>(
  jobs: readonly Job[],
  { signal, onTokens, onSetAside }: WaveContext,
  ask: (options: WaveOptions) => AsyncIterable<T | SetAside>,
  tokensOf: (answer: T) => number,
  onAnswer?: (answer: T, job: Job) => void,
): Promise<Map<number, T | SetAside>> {
  const answers = new Map<number, T | SetAside>();
  if (jobs.length === 0) return answers;
  const jobOf = new Map(jobs.map((job) => [job.id, job]));
  let reported = false;
  const options: WaveOptions = {
    signal,
    onTokens: (tokens) => {
      reported = true;
      onTokens(tokens);
    },
  };
  for await (const answer of ask(options)) {
    const job = jobOf.get(answer.id);
    if (!job) continue;
    answers.set(answer.id, answer);
    if (isSetAside(answer)) onSetAside?.(answer, job);
    else {
      if (!reported) onTokens(tokensOf(answer));
      onAnswer?.(answer, job);
    }
  }
  throwIfCancelled(signal);
  return answers;
}

/** Tells rounded logprobs as they come, none of what was set aside. Texts without a token to score are not asked for. */
export async function askLogprobs(
  requests: readonly (GivenTokens & { readonly job: Job })[],
  model: LanguageModel,
  role: string,
  context: WaveContext,
  onScored: (id: number, logprobs: readonly number[]) => void,
): Promise<void> {
  throwIfCancelled(context.signal);
  const asked = requests.filter(({ continuation }) => continuation.length > 0);
  for (const { id, continuation } of requests) if (continuation.length === 0) onScored(id, []);
  if (asked.length === 0) return;
  const wave = asked.map(({ job: _job, ...request }) => request);
  const lengths = new Map(asked.map(({ id, continuation }) => [id, continuation.length]));
  const answers = await collectAnswers(
    asked.map(({ job }) => job),
    context,
    (options) => model.logprobsOf(wave, options),
    ({ logprobs }) => logprobs.length,
    ({ id, logprobs }) => {
      if (logprobs.length !== lengths.get(id)) throw missingAnswer(model, id);
      onScored(
        id,
        logprobs.map((logprob) => roundLogprob(logprob, `completion ${id} under the ${role} model`)),
      );
    },
  );
  for (const { id } of asked) if (!answers.has(id)) throw missingAnswer(model, id);
}

export function missingAnswer(model: LanguageModel, id: number): AuditError {
  return new AuditError('internal', `${model.identity.name} gave no complete answer for completion ${id}. Resume the audit to compute its wave again.`);
}
