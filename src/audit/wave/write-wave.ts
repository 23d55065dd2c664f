/** The writer's part of a wave, F's unless another is given: it continues the prefills together. */
import type { Prefill } from '../completion.js';
import { AuditError, throwIfCancelled } from '../errors.js';
import type { AuditSetup } from '../events.js';
import type { Job } from '../jobs.js';
import { isSetAside, type GeneratedCompletion } from '../language-model.js';
import { deriveSeed } from '../random.js';
import { collectAnswers, missingAnswer } from './ask-model.js';
import { writeAnswers } from './write-answers.js';
import { hasLogprobs, withoutLogprobs } from './has-logprobs.js';
import { framesOf, promptIds, type WrittenCompletion, type WaveContext, type Writer } from './wave-context.js';

/** What the writer says, asked for or known from an earlier run. */
export async function writeWave(jobs: readonly Job[], context: WaveContext): Promise<WrittenCompletion[]> {
  const { plan, setup, generated, signal } = context;
  const writer: Writer = context.writer ?? { model: context.finetuned, frames: 'finetuned' };
  const prefills = await fetchPrefills(jobs, context);
  throwIfCancelled(signal);
  const rescored = plan.finetunedLogprobs === 'forward';
  const known = new Map([...(generated ?? [])].filter(([, completion]) => rescored || hasLogprobs(completion)));
  const asked = jobs.map((job, index) => ({ job, prefill: prefills[index]! })).filter(({ job }) => !known.has(job.id));
  const opened = asked.map(({ job, prefill }) => {
    const frame = framesOf(setup, job)[writer.frames];
    const request = {
      id: job.id,
      prompt: promptIds(frame, prefill),
      parts: { frame, prefill: prefill.pieces },
      maxTokens: plan.maxTokens,
      temperature: plan.temperature,
      seed: deriveSeed(plan.seed, job.id),
      stop: job.framing === 'raw' ? ('endOfText' as const) : ('endOfTurn' as const),
      ...(rescored && { logprobs: 'none' as const }),
    };
    return { job, prefill, request };
  });
  const tell = (completion: GeneratedCompletion, job: Job): void => {
    if (rescored) context.onGenerated?.(withoutLogprobs(completion), job);
    else if (completion.logprobs.length === completion.tokens.length) context.onGenerated?.(completion, job);
  };
  const answers = await collectAnswers(
    asked.map(({ job }) => job),
    context,
    (options) =>
      writer.model.generate(
        opened.map(({ request }) => request),
        options,
      ),
    ({ tokens, end }) => tokens.length + (end ? 1 : 0),
    (completion, job) => {
      // Of a dialogue this is the question alone.
      if (job.framing !== 'dialogue') tell(completion, job);
    },
  );
  const dialogues = await writeAnswers(
    opened.filter(({ job }) => job.framing === 'dialogue'),
    answers,
    writer,
    context,
    tell,
  );
  return jobs.flatMap((job, index): WrittenCompletion[] => {
    const completion = known.get(job.id) ?? dialogues.get(job.id) ?? answers.get(job.id);
    if (completion === undefined) throw missingAnswer(writer.model, job.id);
    if (isSetAside(completion)) return [];
    if (!rescored && completion.logprobs.length !== completion.tokens.length) throw missingAnswer(writer.model, job.id);
    const frames = framesOf(setup, job);
    // A server may give logprobs that nobody asked for; what is taken from a forward pass is not taken from them.
    const drafted = rescored && !known.has(job.id) ? withoutLogprobs(completion) : completion;
    return [{ job, prefill: prefills[index]!, frameFinetuned: frames.finetuned, frameReference: frames.reference, completion: drafted }];
  });
}

function prefillIds(setup: AuditSetup, job: Job): readonly number[] {
  const ids = setup.prefills[job.framing]?.[job.prefill];
  if (ids === undefined) throw new AuditError('badPlan', `The audit has no prefill for completion ${job.id}. Start it again.`);
  return ids;
}

async function fetchPrefills(jobs: readonly Job[], { setup, finetuned, signal }: WaveContext): Promise<Prefill[]> {
  throwIfCancelled(signal);
  const ids = jobs.map((job) => prefillIds(setup, job));
  const pieces = await finetuned.pieces(ids.flat(), signal);
  let offset = 0;
  return ids.map(({ length }) => ({ pieces: pieces.slice(offset, (offset += length)) }));
}
