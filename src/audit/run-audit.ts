/** Plan in, events out. */
import { computeWave, type WaveContext, type WavePlan } from './compute-wave.js';
import { streamEvents } from './event-stream.js';
import type { AuditEvent, AuditSetup } from './events.js';
import { orderJobs, type Job } from './jobs.js';
import type { LanguageModel } from './language-model.js';
import type { AuditPlan } from './plan.js';
import { ProgressMeter } from './progress-meter.js';

/** Between two progress events within a wave; tokens come hundreds of times a second. */
const PROGRESS_INTERVAL_MS = 100;

export interface AuditRun {
  readonly plan: WavePlan & Pick<AuditPlan, 'framings' | 'waveSize'>;
  readonly setup: AuditSetup;
  readonly finetuned: LanguageModel;
  readonly reference: LanguageModel;
  /** Ids of the completions that are journalled already. */
  readonly done: ReadonlySet<number>;
  readonly signal: AbortSignal;
  /** Milliseconds on a clock that never goes back; `performance.now` unless given. */
  readonly now?: () => number;
}

/**
 * Carries an audit out, wave after wave; the next wave begins when the last event of the one before has been taken. A
 * wave whose completions are all `done` is skipped. An incomplete one is computed again whole, in the same company, and
 * only its completions that are not `done` are given out.
 *
 * Of each wave: progress as tokens are computed, then its completions in the order of ids, each followed by nothing but
 * the next, then progress. All progress is absolute.
 *
 * @throws AuditError `cancelled` once the signal has aborted, after which neither model gets another request; `internal`
 * where a model's answer cannot be used; whatever the models reject with.
 */
export async function* runAudit(run: AuditRun): AsyncGenerator<AuditEvent, void, undefined> {
  const { plan, setup, done, signal, now = () => performance.now() } = run;
  const jobs = orderJobs(plan.framings, setup.prefills);
  const waves = jobs.waves(plan.waveSize).filter((wave) => wave.some(({ id }) => !done.has(id)));
  const meter = new ProgressMeter({
    completionsTotal: jobs.total,
    completionsDone: countDone(jobs.total, done),
    completionsToCompute: waves.reduce((total, wave) => total + wave.length, 0),
    expectedTokens: plan.maxTokens * (plan.finetunedLogprobs === 'forward' ? 3 : 2),
    now,
  });
  yield { type: 'progress', progress: meter.snapshot() };
  for (const wave of waves) {
    yield* streamEvents<AuditEvent>((emit, workSignal) => runWave(wave, run, meter, emit, workSignal, now), signal);
  }
}

async function runWave(
  wave: readonly Job[],
  run: AuditRun,
  meter: ProgressMeter,
  emit: (event: AuditEvent) => void,
  signal: AbortSignal,
  now: () => number,
): Promise<void> {
  let lastProgress = now();
  const context: WaveContext = {
    plan: run.plan,
    setup: run.setup,
    finetuned: run.finetuned,
    reference: run.reference,
    signal,
    onTokens: (tokens) => {
      meter.addTokens(tokens);
      if (now() - lastProgress < PROGRESS_INTERVAL_MS) return;
      lastProgress = now();
      emit({ type: 'progress', progress: meter.snapshot() });
    },
  };
  const records = await computeWave(wave, context);
  meter.finishWave(wave.length);
  for (const record of records) {
    if (run.done.has(record.id)) continue;
    meter.addCompletion();
    emit({ type: 'completion', record });
  }
  emit({ type: 'progress', progress: meter.snapshot() });
}

function countDone(total: number, done: ReadonlySet<number>): number {
  let count = 0;
  for (const id of done) if (id >= 0 && id < total) count++;
  return count;
}
