/** Plan in, events out. */
import { streamEvents } from './event-stream.js';
import type { AuditEvent, AuditSetup } from './events.js';
import { cutWaves, orderJobs, type Job } from './jobs.js';
import type { GeneratedCompletion, LanguageModel } from './language-model.js';
import type { AuditPlan } from './plan.js';
import { ProgressMeter } from './progress-meter.js';
import { computeWave } from './wave/compute-wave.js';
import type { WaveContext, WavePlan, Writer } from './wave/wave-context.js';

/**
 * Waves under way at once. Two local models advance wave by wave. With one behind a server, its requests of the next
 * waves go on while the other computes. Two servers are asked completion by completion, as many at once as they are found
 * to stand: more than that wait in the models' own queues.
 */
const WAVES_WITH_ONE_SERVER = 3;
const COMPLETIONS_WITH_TWO_SERVERS = 96;

/** Between two progress events within a wave; tokens come hundreds of times a second. */
const PROGRESS_INTERVAL_MS = 100;

export interface AuditRun {
  readonly plan: WavePlan & Pick<AuditPlan, 'framings' | 'waveSize'>;
  readonly setup: AuditSetup;
  readonly finetuned: LanguageModel;
  readonly reference: LanguageModel;
  /** F itself where left out. */
  readonly writer?: Writer;
  /** What is to be made, in the order of the plan, where it is not all: waves are made of these alone. */
  readonly jobs?: readonly Job[];
  /** Ids of the completions that are journalled already. */
  readonly done: ReadonlySet<number>;
  /**
   * What a server has said in an earlier run. Of completions that are done it keeps the company of a wave whole for a local
   * reference.
   */
  readonly generated?: ReadonlyMap<number, GeneratedCompletion>;
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
 * A model behind a server (`independent`) knows no company: nothing of it is computed again, several waves are under way
 * at once, and their events mix. What it generates is told at once, before the reference has scored it, and again when a
 * forward pass has scored it; what it scores as the reference is given out at once, in whatever order. Where one wave fails,
 * the others are completed before the failure is thrown.
 *
 * @throws AuditError `cancelled` once the signal has aborted, after which neither model gets another request; `internal`
 * where a model's answer cannot be used; whatever the models reject with.
 */
export async function* runAudit(run: AuditRun): AsyncGenerator<AuditEvent, void, undefined> {
  const { plan, setup, done, signal, now = () => performance.now() } = run;
  const jobs = run.jobs ?? orderJobs(plan.framings, setup.prefills);
  const shape = shapeOf(run);
  const waves = cutIntoWaves(run, jobs, shape.waveSize);
  const meter = new ProgressMeter({
    completionsTotal: jobs.length,
    completionsDone: jobs.filter(({ id }) => done.has(id)).length,
    completionsToCompute: waves.reduce((total, wave) => total + wave.length, 0),
    expectedTokens: plan.maxTokens * ((plan.finetunedLogprobs === 'forward' ? 3 : 2) + (plan.divergence ? 2 : 0)),
    now,
  });
  yield { type: 'progress', progress: meter.snapshot() };
  if (shape.wavesAtOnce > 1) {
    yield* streamEvents<AuditEvent>((emit, workSignal) => runWavesAtOnce(waves, shape.wavesAtOnce, run, meter, emit, workSignal, now), signal);
    return;
  }
  for (const wave of waves) {
    yield* streamEvents<AuditEvent>((emit, workSignal) => runWave(wave, run, meter, emit, workSignal, now), signal);
  }
}

function shapeOf({ plan, finetuned, reference }: AuditRun): { readonly waveSize: number; readonly wavesAtOnce: number } {
  const servers = Number(finetuned.capabilities.independent) + Number(reference.capabilities.independent);
  if (servers === 2) return { waveSize: 1, wavesAtOnce: COMPLETIONS_WITH_TWO_SERVERS };
  return { waveSize: plan.waveSize, wavesAtOnce: servers === 1 ? WAVES_WITH_ONE_SERVER : 1 };
}

/**
 * Waves with work left. A server's answers do not depend on their company: what is done is left out where both are behind
 * servers, or where F is and would be asked again.
 */
function cutIntoWaves({ finetuned, reference, done, generated }: AuditRun, jobs: readonly Job[], waveSize: number): Job[][] {
  const unfinished = cutWaves(jobs, waveSize).filter((wave) => wave.some(({ id }) => !done.has(id)));
  if (!finetuned.capabilities.independent) return unfinished;
  const isWanted = ({ id }: Job) => !done.has(id) || (!reference.capabilities.independent && generated?.has(id) === true);
  return unfinished.map((wave) => wave.filter(isWanted));
}

async function runWavesAtOnce(
  waves: readonly Job[][],
  count: number,
  run: AuditRun,
  meter: ProgressMeter,
  emit: (event: AuditEvent) => void,
  signal: AbortSignal,
  now: () => number,
): Promise<void> {
  const queue = waves.values();
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    for (const wave of queue) {
      if (failure) return;
      try {
        await runWave(wave, run, meter, emit, signal, now);
      } catch (error) {
        failure ??= { error };
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, waves.length) }, work));
  if (failure) throw failure.error;
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
    ...(run.writer && { writer: run.writer }),
    signal,
    done: run.done,
    ...(run.generated && { generated: run.generated }),
    ...(run.finetuned.capabilities.independent && {
      onGenerated: (completion: GeneratedCompletion, { framing }: Job) => emit({ type: 'generated', completion, framing }),
    }),
    onSetAside: (setAside, { id, framing }) => {
      if (!run.done.has(id)) emit({ type: 'setAside', setAside, framing });
    },
    onTokens: (tokens) => {
      meter.addTokens(tokens);
      if (now() - lastProgress < PROGRESS_INTERVAL_MS) return;
      lastProgress = now();
      emit({ type: 'progress', progress: meter.snapshot() });
    },
  };
  await computeWave(wave, context, (record) => {
    if (run.done.has(record.id)) return;
    meter.addCompletion();
    emit({ type: 'completion', record });
  });
  meter.finishWave(wave.length);
  emit({ type: 'progress', progress: meter.snapshot() });
}
