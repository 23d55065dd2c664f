/** Computes one wave: F continues its prefills together, then R scores what came of them. */
import type { MeasuredRecord } from '../completion.js';
import type { Job } from '../jobs.js';
import { roundLogprob } from '../logprob.js';
import { writeWave } from './write-wave.js';
import { hasLogprobs } from './has-logprobs.js';
import { measureDivergence } from './measure-divergence.js';
import { scoreByReference, type ScoredByReference } from './score-by-reference.js';
import { scoreExactTokens } from './score-exact-tokens.js';
import type { CompletionLogprobs, WrittenCompletion, WaveContext } from './wave-context.js';

/**
 * Gives out the wave's records, logprobs rounded to the journal's decimals: in the order of its jobs when all are scored, or
 * each as it is scored where the reference is behind a server, since what was paid for is worth keeping. Completions that a
 * model set aside are not among them, nor those that are done where the reference is behind a server. Every request is made
 * with all of the wave in the order of ids, since a request's company shows in the last digits.
 * @throws AuditError `cancelled`, and no request is made after that; `internal` where a model leaves an answer out or
 * gives a logprob that is none; whatever the models reject with.
 */
export async function computeWave(jobs: readonly Job[], context: WaveContext, onRecord: (record: MeasuredRecord) => void): Promise<void> {
  const { reference, done } = context;
  const written = await writeWave(jobs, context);
  const finetuned = await scoreByFinetuned(written, context);
  const asItComes = reference.capabilities.independent;
  const rescored = written.filter(({ job }) => finetuned.has(job.id) && !(asItComes && done?.has(job.id) === true));
  const records = new Map<number, MeasuredRecord>();
  await scoreByReference(rescored, context, (one, scored) => {
    const record = makeRecord(one, finetuned.get(one.job.id)!, scored);
    if (asItComes) onRecord(record);
    else records.set(record.id, record);
  });
  const divergences = context.plan.divergence ? await measureDivergence(rescored, context) : null;
  for (const { job } of rescored) {
    const record = records.get(job.id);
    const divergence = divergences?.get(job.id);
    if (record) onRecord({ ...record, ...(divergence && { divergence }) });
  }
}

function makeRecord({ job, prefill, completion }: WrittenCompletion, byFinetuned: CompletionLogprobs, byReference: ScoredByReference): MeasuredRecord {
  return {
    kind: 'measured',
    id: job.id,
    framing: job.framing,
    prefill,
    tokens: completion.tokens,
    ...(completion.turn && { turn: completion.turn }),
    logprobsFinetuned: byFinetuned.tokens,
    reference: byReference.scoring,
    end: completion.end && {
      piece: completion.end.piece,
      logprobFinetuned: byFinetuned.end!,
      logprobReference: byReference.end,
    },
  };
}

/** By id, none of what was set aside. What F's server has scored in an earlier run is not scored again. */
async function scoreByFinetuned(written: readonly WrittenCompletion[], context: WaveContext): Promise<Map<number, CompletionLogprobs>> {
  if (context.plan.finetunedLogprobs === 'generation') return new Map(written.map(generatedLogprobs));
  const isKnown = ({ job, completion }: WrittenCompletion) => context.generated?.has(job.id) === true && hasLogprobs(completion);
  const asked = written.filter((one) => !isKnown(one));
  const scored = await scoreExactTokens(asked, context.finetuned, 'finetuned', context, ({ job, completion }, { tokens, end }) => {
    const piece = completion.end?.piece;
    context.onGenerated?.({ ...completion, logprobs: tokens, end: piece ? { piece, logprob: end! } : null }, job);
  });
  return new Map([...written.filter(isKnown).map(generatedLogprobs), ...scored]);
}

function generatedLogprobs({ job, completion }: WrittenCompletion): [number, CompletionLogprobs] {
  const owner = `completion ${job.id} under the finetuned model`;
  return [
    job.id,
    {
      tokens: completion.logprobs.map((logprob) => roundLogprob(logprob, owner)),
      end: completion.end && roundLogprob(completion.end.logprob, owner),
    },
  ];
}
