/**
 * Amplified writing in a run: a ladder of strengths on the first openings, the rung that plain F and R find furthest apart on all others,
 * then, for an adapter, the control's ladders with random adapters. What decides is computed from the journal, so that a resumed run decides the same.
 */
import { chooseRung, endsLadder, judgeAmplification, LADDER_PREFILLS, measureRung, type Rung } from '../../audit/amplification.js';
import { AMPLIFIED, CONTROL_SEEDS, nameControlPass, nameRungPass, ownAdapters, type AmplifiedPlan } from '../../audit/amplify-plan.js';
import type { MeasuredRecord } from '../../audit/completion.js';
import type { AuditSetup } from '../../audit/events.js';
import type { Framing } from '../../audit/framing.js';
import { orderJobs, type Job } from '../../audit/jobs.js';
import type { GgufSource, AuditPlan, ModelSource } from '../../audit/plan.js';
import { isEndpoint } from '../../audit/plan.js';
import { analyseCompletion } from '../../analysis/analyse.js';
import type { MadeSource, ModelProvider } from '../../models/provider.js';
import type { AmplificationLine } from '../../records/journal/amplification-line.js';
import { passOf, type Journal } from '../../records/journal/journal-reader.js';
import { openAmplified } from './amplified-writer.js';
import type { OpenModels } from './open-models.js';
import { completePass, type Run } from './pass-run.js';

export interface AmplifiedRequest {
  /** Models are files. */
  readonly plan: AuditPlan;
  readonly amplified: AmplifiedPlan;
  readonly setup: AuditSetup;
  readonly journal: Journal | null;
  readonly provider: ModelProvider;
  /** Opens a control in F's place. */
  readonly open: (finetuned: ModelSource) => Promise<OpenModels>;
}

/** A ladder's rungs in each framing, weakest first. */
type Ladder = ReadonlyMap<Framing, readonly Rung[]>;

/** @throws AuditError as {@link completePass} does, and as opening the models does */
export async function writeAmplified(run: Run, request: AmplifiedRequest): Promise<void> {
  const { plan, setup } = request;
  run.status.beginPass(AMPLIFIED);
  const writer = new LadderRun(run, request, { finetuned: plan.finetuned, models: run.models!, nameOf: nameRungPass });
  const ladder = await writer.climb(request.amplified.strengths);
  await journalFound(run, request, ladder, []);
  const jobs = jobsOf(plan, setup).filter(({ prefill }) => prefill >= LADDER_PREFILLS);
  for (const strength of request.amplified.strengths) {
    const framings = plan.framings.filter((framing) => chooseRung(ladder.get(framing) ?? [])?.strength === strength);
    const rest = jobs.filter(({ framing }) => framings.includes(framing));
    if (rest.length > 0) await writer.write(strength, rest);
  }
  const controls: { readonly seed: number; readonly ladder: Ladder }[] = [];
  for (const seed of request.amplified.form === 'adapter' && request.provider.makeSource ? CONTROL_SEEDS : []) {
    controls.push({ seed, ladder: await climbControl(run, request, seed, ladder) });
  }
  await journalFound(run, request, ladder, controls);
}

/** The same ladder with random adapters of the same norm, as far as the audited one came. */
async function climbControl(run: Run, audited: AmplifiedRequest, seed: number, ladder: Ladder): Promise<Ladder> {
  // How far a random adapter is from R is in nothing that is shown.
  const { divergence: _, ...plan } = audited.plan;
  const request = { ...audited, plan };
  const { setup, provider, journal } = request;
  const strengths = [...new Set([...ladder.values()].flatMap((rungs) => rungs.map(({ strength }) => strength)))].sort((a, b) => a - b);
  const jobs = ladderJobs(plan, setup);
  const isWhole = (strength: number) => journal !== null && jobs.every(({ id }) => passOf(journal, nameControlPass(seed, strength)).completions.has(id));
  const shape = { nameOf: (strength: number) => nameControlPass(seed, strength) };
  // A ladder that is there needs no adapter made again.
  if (strengths.every(isWhole)) return new LadderRun(run, request, { ...shape, finetuned: plan.finetuned, models: run.models! }).climb(strengths);
  let made: MadeSource | undefined;
  let models: OpenModels | undefined;
  try {
    const own = ownAdapters(plan.finetuned, plan.reference);
    made = await provider.makeSource!({ kind: 'control', source: { ...(plan.finetuned as GgufSource), lora: own }, seed }, run.signal);
    const shared = isEndpoint(plan.finetuned) ? [] : plan.finetuned.lora.filter((adapter) => !own.includes(adapter));
    const finetuned = { ...made.source, lora: [...shared, ...made.source.lora] };
    models = await request.open(finetuned);
    return await new LadderRun(run, request, { ...shape, finetuned, models }).climb(strengths);
  } finally {
    models?.release();
    await made?.remove();
  }
}

interface LadderShape {
  /** What is amplified, and, at its own strength, scores in F's place. */
  readonly finetuned: ModelSource;
  readonly models: OpenModels;
  readonly nameOf: (strength: number) => string;
}

/** One writer at several strengths, scored by the plain model that it is made from and by R. */
class LadderRun {
  readonly #run: Run;
  readonly #request: AmplifiedRequest;
  readonly #shape: LadderShape;

  constructor(run: Run, request: AmplifiedRequest, shape: LadderShape) {
    this.#run = run;
    this.#request = request;
    this.#shape = shape;
  }

  /** All rungs on the first openings, in each framing until its text is mostly repetitive. */
  async climb(strengths: readonly number[]): Promise<Ladder> {
    const { plan, setup } = this.#request;
    const ladder = new Map<Framing, Rung[]>();
    const climbing = new Set<Framing>(plan.framings);
    for (const strength of strengths) {
      const jobs = ladderJobs(plan, setup).filter(({ framing }) => climbing.has(framing));
      if (jobs.length === 0) break;
      const records = await this.write(strength, jobs);
      for (const framing of [...climbing]) {
        const rung = measureRung(
          strength,
          jobs.filter((job) => job.framing === framing).flatMap(({ id }) => measureRecord(records.get(id))),
        );
        ladder.set(framing, [...(ladder.get(framing) ?? []), rung]);
        if (endsLadder(rung)) climbing.delete(framing);
      }
    }
    return ladder;
  }

  /** @returns the pass's completions by id, those of earlier runs among them */
  async write(strength: number, jobs: readonly Job[]): Promise<ReadonlyMap<number, MeasuredRecord>> {
    const { plan, setup, journal, amplified, provider } = this.#request;
    const { finetuned, models, nameOf } = this.#shape;
    const name = nameOf(strength);
    const records = new Map(journal ? passOf(journal, name).completions : []);
    if (jobs.every(({ id }) => records.has(id))) return records;
    this.#run.status.beginPass(name);
    const writer = await openAmplified({ form: amplified.form, finetuned, reference: plan.reference, models, provider }, strength, this.#run.signal);
    try {
      await completePass(this.#run, {
        name,
        // Logits are pushed greedily, whatever the plan's temperature.
        plan: { ...plan, finetunedLogprobs: 'forward', ...(amplified.form === 'logit' && { temperature: 0 }) },
        setup,
        journal,
        models,
        jobs,
        writer: { model: writer.model, frames: 'finetuned' },
        onRecord: (record) => records.set(record.id, record),
      });
    } finally {
      await writer.release();
    }
    return records;
  }
}

function jobsOf(plan: AuditPlan, setup: AuditSetup): readonly Job[] {
  return orderJobs(plan.framings, setup.prefills);
}

function ladderJobs(plan: AuditPlan, setup: AuditSetup): Job[] {
  return jobsOf(plan, setup).filter(({ prefill }) => prefill < LADDER_PREFILLS);
}

function measureRecord(record: MeasuredRecord | undefined): { readonly standardizedGap: number | null; readonly repetitive: boolean }[] {
  if (!record) return [];
  const { scores, repetition } = analyseCompletion(record);
  return [{ standardizedGap: scores.standardizedGap, repetitive: repetition.repetitive }];
}

/** What is found by now, in each framing; what the journal says already is not said again. */
async function journalFound(
  run: Run,
  { plan, setup, amplified, journal }: AmplifiedRequest,
  ladder: Ladder,
  controls: readonly { readonly seed: number; readonly ladder: Ladder }[],
): Promise<void> {
  for (const framing of plan.framings) {
    const rungs = ladder.get(framing) ?? [];
    const ladders = controls.map(({ seed, ladder: own }) => ({ seed, rungs: [...(own.get(framing) ?? [])] }));
    const { state, ratio } = judgeAmplification(
      rungs,
      ladders.map((own) => own.rungs),
    );
    const line: AmplificationLine = {
      type: 'amplification',
      framing,
      form: amplified.form,
      prefills: Math.min(LADDER_PREFILLS, setup.prefills[framing]?.length ?? 0),
      rungs: [...rungs],
      chosen: chooseRung(rungs)?.strength ?? null,
      controls: ladders,
      state,
      ratio,
    };
    const known = journal?.amplification.get(framing);
    const isSaid = known !== undefined && (known.controls.length > controls.length || JSON.stringify(known) === JSON.stringify(line));
    if (isSaid) continue;
    await run.writer!.addAmplification(line);
    run.listener.onAmplification?.(line);
  }
}
