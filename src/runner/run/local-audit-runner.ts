/** Carries out one audit: models, prefills, journal, then one pass after the other. */
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import type { ModelIdentity } from '../../audit/language-model.js';
import { checkNoiseModel, openingsOfReference } from '../../audit/noise-floor-plan.js';
import { describePass, findPass, NOISE, PLAIN, planOfPass, REFERENCE } from '../../audit/passes.js';
import { planAmplified } from '../../audit/amplify-plan.js';
import { formatEndpoint, isEndpoint, type AuditPlan, type ModelSource } from '../../audit/plan.js';
import { prepareAudit } from '../../audit/prepare-audit.js';
import type { ModelProvider } from '../../models/provider.js';
import { requireRun } from '../../records/journal/audit-folder.js';
import { resolveBundledPlan } from '../../records/plan/bundled.js';
import {
  countCompletions,
  describeLeftOut,
  makeHeaderLine,
  makePrefillsLine,
  readSetup,
  type RequestAccountLine,
} from '../../records/journal/journal-format.js';
import { TokenBudget } from '../../models/api/transport/token-budget.js';
import { canResume, hasMeasured, LOST_PREFILLS, mayLackNoiseFloor, passOf, readJournal, type Journal } from '../../records/journal/journal-reader.js';
import { hasJournal, JournalWriter } from '../../records/journal/journal-writer.js';
import { checkPlan } from '../servers/check-endpoints.js';
import { drawPrefills } from './draw-prefills.js';
import { describeMachine } from './describe-machine.js';
import { OpenModels, type OpenRequest } from './open-models.js';
import { describeFitting, openFitting } from './fit-sequences.js';
import { checkSameModels, requireAgreedPlan } from './resume-check.js';
import { writeAmplified } from './amplified-run.js';
import { settleForm } from './amplified-writer.js';
import { completePass, type Run } from './pass-run.js';
import { letReferenceWrite, requireOneTokenizer } from './reference-pass.js';
import { isConsequenceOfStop, toAuditError } from './run-failures.js';
import { realPaths } from '../sent-files.js';
import { formatRequests, sumRequests } from '../servers/server-requests.js';
import { StatusReporter } from './status-reporter.js';
import type { AuditRunner, RunListener, RunOutcome, RunRequest } from './types.js';

export interface LocalAuditRunnerOptions {
  readonly models: ModelProvider;
  /** Where `bundled:` addresses lead. */
  readonly mediaFolder: string;
  readonly toolVersion: string;
}

export class LocalAuditRunner implements AuditRunner {
  readonly #options: LocalAuditRunnerOptions;

  constructor(options: LocalAuditRunnerOptions) {
    this.#options = options;
  }

  async run(request: RunRequest, listener: RunListener, signal: AbortSignal): Promise<RunOutcome> {
    const { plan } = request;
    const run: Run = {
      request,
      listener,
      signal,
      status: new StatusReporter(listener, plan.prefills * plan.framings.length),
      budget: new TokenBudget(request.tokenLimit ?? Infinity),
      requests: [],
      setAside: new Map(),
    };
    const tellStopping = () => run.status.reportStopping();
    signal.addEventListener('abort', tellStopping, { once: true });
    try {
      await this.#carryOut(run);
      this.#releaseModels(run);
      await run.writer!.addRun('finished', undefined, run.requests);
      const { setAside, passesSetAside } = countSetAside(run);
      const aside = setAside > 0 ? ` ${setAside} were set aside; resuming tries them again.` : '';
      const leftOut = describeLeftOut(passesSetAside);
      return this.#end(
        run,
        'finished',
        `Finished: ${run.status.completionsDone} completions.${aside}${leftOut === '' ? '' : ` ${leftOut} Resuming tries them again.`}`,
      );
    } catch (error) {
      this.#releaseModels(run);
      if (error instanceof AuditError && error.code === 'spendingLimit') {
        await run.writer?.addRun('stopped', error.message, run.requests).catch(() => undefined);
        return { ...this.#end(run, 'stopped', error.message), limitReached: true };
      }
      if (signal.aborted && isConsequenceOfStop(error)) {
        await run.writer?.addRun('stopped', undefined, run.requests).catch(() => undefined);
        const { pass } = run.status;
        const where = pass === PLAIN ? '' : `, while ${lowerFirst(describePass(pass))}`;
        return this.#end(run, 'stopped', `Stopped after ${run.status.completionsDone} completions${where}.`);
      }
      const failure = toAuditError(error);
      await run.writer?.addRun('failed', failure.message, run.requests).catch(() => undefined);
      run.status.reportEnd('failed', failure.message, run.writer !== undefined);
      throw failure;
    } finally {
      signal.removeEventListener('abort', tellStopping);
      this.#releaseModels(run);
      await run.writer?.close();
    }
  }

  #end(run: Run, state: 'finished' | 'stopped', message: string): RunOutcome {
    const { requests } = run;
    const counts = countSetAside(run);
    const canResume = (state === 'stopped' || run.setAside.size > 0) && run.writer !== undefined;
    run.status.reportEnd(state, `${message}${describeRequests(requests)}`, canResume);
    return { state, completions: run.status.completionsDone, message, ...counts, requests };
  }

  #releaseModels(run: Run): void {
    const { models } = run;
    if (!models) return;
    run.models = undefined;
    this.#release(run, models, run.status.pass === NOISE ? NOISE_FLOOR_ROLES : AUDIT_ROLES);
  }

  /** Lets models go, with what they were asked for. */
  #release(run: Run, models: OpenModels, roles: typeof AUDIT_ROLES | typeof NOISE_FLOOR_ROLES): void {
    for (const { role, source, account } of models.accounts) {
      if (isEndpoint(source)) run.requests = sumRequests([...run.requests, { role: roles[role], source: formatEndpoint(source), ...account }]);
    }
    models.release();
  }

  async #carryOut(run: Run): Promise<void> {
    const { request, signal } = run;
    throwIfCancelled(signal);
    checkPlan(request.plan);
    const journal = request.resume ? await this.#reopenJournal(run) : null;
    if (!journal && !request.resume && (await hasJournal(request.folder))) {
      throw new AuditError('badJournal', `${request.folder} holds an audit already. Resume it, or choose another folder.`);
    }
    const kept = journal?.header && journal.prefills ? { header: journal.header, prefills: journal.prefills } : null;
    if (kept) requireAgreedPlan(kept.header.plan, request);
    const asked = kept ? relocateModels(kept.header.plan, request.plan) : request.plan;
    // What cannot be written amplified is refused before anything is loaded or asked.
    let amplified = planAmplified(await resolveBundledPlan(asked, this.#options.mediaFolder), kept?.header.amplificationForm);
    const needsNoise = !kept || mayLackNoiseFloor(journal!);
    const { plan, resolved, noisePlan, noise, models } = kept
      ? await this.#openAll(run, asked, needsNoise)
      : await openFitting(asked, (plan) => this.#openAll(run, plan, needsNoise));
    let setup: AuditSetup;
    if (kept) {
      setup = readSetup(kept.header, kept.prefills);
      await this.#resume(run, setup, journal!, noise?.identity ?? null);
    } else {
      setup = await this.#prepare(run, resolved);
      requireOneTokenizer(resolved, setup);
      if (amplified) {
        const settled = await settleForm(
          amplified,
          { finetuned: resolved.finetuned, reference: resolved.reference, models, provider: this.#options.models },
          signal,
        );
        amplified = settled.plan;
        setup = { ...setup, amplificationForm: amplified.form, remarks: [...setup.remarks, settled.remark] };
      }
      if (plan.waveSize < asked.waveSize) setup = { ...setup, remarks: [...setup.remarks, describeFitting(plan, asked)] };
      if (noise) setup = { ...setup, noiseModel: noise.identity, remarks: [...setup.remarks, ...noise.remarks] };
      await this.#begin(run, plan, setup);
    }
    await models.fit(setup, signal);
    await completePass(run, { name: PLAIN, plan, setup, journal });
    const referencePass = findPass(resolved, REFERENCE);
    if (referencePass) await letReferenceWrite(run, planOfPass(resolved, referencePass), setup, journal);
    if (amplified) {
      const open = (finetuned: ModelSource) => this.#open(run, { ...resolved, finetuned });
      await writeAmplified(run, { plan: resolved, amplified, setup, journal, provider: this.#options.models, open });
    }
    if (noisePlan) await this.#measureNoiseFloor(run, noisePlan, setup, journal);
  }

  /** The models of all passes: what is wrong with one of them must not show hours later. Those of the main pass stay open. */
  async #openAll(run: Run, plan: AuditPlan, needsNoise: boolean): Promise<Opened> {
    const resolved = await resolveBundledPlan(plan, this.#options.mediaFolder);
    const noisePass = needsNoise ? findPass(resolved, NOISE) : null;
    const noisePlan = noisePass && planOfPass(resolved, noisePass);
    const noise = noisePlan && (await this.#tryNoiseModel(run, noisePlan));
    run.models = await this.#open(run, resolved);
    return { plan, resolved, noisePlan, noise, models: run.models };
  }

  #open(run: Run, plan: AuditPlan, unloadReference = false): Promise<OpenModels> {
    const { request, status, signal } = run;
    const onProgress: OpenRequest['onProgress'] = (name, progress) => status.reportLoading(name, progress);
    return OpenModels.open(this.#options.models, { plan, allowDownload: request.allowDownload, budget: run.budget, unloadReference, onProgress }, signal);
  }

  /** Opens the reference and its other quantisation together: what is wrong with them must not show hours later. */
  async #tryNoiseModel(run: Run, noisePlan: AuditPlan): Promise<NoiseModel> {
    // The other quantisation stands in the reference's place. It is needed again when all of the audit is there.
    const models = await this.#open(run, noisePlan, true);
    try {
      const identity = models.reference.identity;
      const remark = checkNoiseModel(models.finetuned.identity, identity);
      // Openings do not matter here: whether the pair can do what it will be asked for does.
      const prefills = Object.fromEntries(noisePlan.framings.map((framing) => [framing, [[0]]]));
      await prepareAudit({ plan: noisePlan, finetuned: models.finetuned, reference: models.reference, prefills, signal: run.signal });
      return { identity, remarks: remark === null ? [] : [remark] };
    } finally {
      this.#release(run, models, NOISE_FLOOR_ROLES);
    }
  }

  async #reopenJournal(run: Run): Promise<Journal> {
    run.status.reportStage('Reading the journal…');
    const { folder } = run.request;
    if (!(await hasJournal(folder))) throw new AuditError('fileNotFound', `There is no audit in ${folder} to resume. Check the path.`);
    await requireRun(folder);
    const { writer, cutBytes } = await JournalWriter.open(folder);
    run.writer = writer;
    const journal = await readJournal(folder, run.signal);
    if (!journal.prefills && !hasMeasured(journal) && journal.problems.length === 0) {
      // A first write that was cut short: nothing is lost by beginning anew.
      await writer.clear();
      return journal;
    }
    if (!journal.prefills || !canResume(journal)) {
      delete run.writer;
      await writer.close();
      throw new AuditError('badJournal', `The audit in ${folder} cannot be resumed: ${LOST_PREFILLS}`);
    }
    if (cutBytes > 0 && journal.header) {
      await writer.addRun('resumed', `A half-written line of ${cutBytes} bytes at the end was cut off.`);
    }
    return journal;
  }

  async #resume(run: Run, setup: AuditSetup, journal: Journal, noiseModel: ModelIdentity | null): Promise<void> {
    const difference = checkSameModels(setup, run.models!.finetuned, run.models!.reference, noiseModel);
    await run.writer!.addRun('resumed', difference ?? undefined);
    run.status.setTotals(passOf(journal, PLAIN).completions.size, countCompletions(setup));
    run.listener.onSetup?.(setup);
    for (const [name, { completions }] of journal.passes) {
      for (const record of completions.values()) run.listener.onCompletion?.(record, name);
    }
  }

  async #prepare(run: Run, resolved: AuditPlan): Promise<AuditSetup> {
    const { finetuned, reference } = run.models!;
    run.status.reportStage('Drawing prefills…');
    const { readableRoots: given } = run.request;
    const roots = given && [...given, ...(await realPaths([this.#options.mediaFolder]))];
    const drawn = await drawPrefills(resolved, finetuned, { signal: run.signal, roots });
    return prepareAudit({ plan: resolved, finetuned, reference, prefills: drawn.prefills, remarks: drawn.remarks, signal: run.signal });
  }

  async #begin(run: Run, plan: AuditPlan, setup: AuditSetup): Promise<void> {
    run.writer ??= (await JournalWriter.open(run.request.folder)).writer;
    if (!run.writer.empty) {
      throw new AuditError('badJournal', `${run.request.folder} holds an audit already. Resume it, or choose another folder.`);
    }
    await run.writer.begin(makeHeaderLine(plan, setup, this.#options.toolVersion, new Date(), describeMachine()), makePrefillsLine(setup));
    await run.writer.addRun('started');
    run.status.setTotals(0, countCompletions(setup));
    run.listener.onSetup?.(setup);
  }

  async #measureNoiseFloor(run: Run, noisePlan: AuditPlan, setup: AuditSetup, journal: Journal | null): Promise<void> {
    const { signal } = run;
    const done = journal ? passOf(journal, NOISE).completions.size : 0;
    const openings = await openingsOfReference(setup, noisePlan.prefills, run.models!, signal);
    if (done >= countCompletions(openings)) return;
    // What both pairs share stays loaded; the finetuned model goes where its room is needed.
    this.#releaseModels(run);
    run.status.beginPass(NOISE);
    run.models = await this.#open(run, noisePlan, true);
    const noiseSetup = await prepareAudit({ plan: noisePlan, ...openings, finetuned: run.models.finetuned, reference: run.models.reference, signal });
    await run.models.fit(noiseSetup, signal);
    await completePass(run, { name: NOISE, plan: noisePlan, setup: noiseSetup, journal });
  }
}

interface NoiseModel {
  readonly identity: ModelIdentity;
  readonly remarks: readonly string[];
}

interface Opened {
  readonly plan: AuditPlan;
  /** The plan with paths in place of `bundled:` addresses. */
  readonly resolved: AuditPlan;
  readonly noisePlan: AuditPlan | null;
  readonly noise: NoiseModel | null;
  /** Those of the main pass. */
  readonly models: OpenModels;
}

const AUDIT_ROLES = { finetuned: 'finetuned', reference: 'reference' } as const;
/** The reference stands in F's place, its other quantisation in the reference's. */
const NOISE_FLOOR_ROLES = { finetuned: 'reference', reference: 'noise floor' } as const;

function describeRequests(requests: readonly RequestAccountLine[]): string {
  return requests.map((account) => ` ${formatRequests(account)}`).join('');
}

function countSetAside({ setAside }: Run): Pick<RunOutcome, 'setAside' | 'passesSetAside'> {
  const counts = [...setAside].map(([name, ids]): [string, number] => [name, ids.size]);
  return { setAside: setAside.get(PLAIN)?.size ?? 0, passesSetAside: new Map(counts.filter(([name]) => name !== PLAIN)) };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Where the models lie may have changed since the audit began; that they are the same is checked by their hashes. */
function relocateModels(kept: AuditPlan, { finetuned, reference, noiseFloor }: AuditPlan): AuditPlan {
  const moved = kept.noiseFloor && noiseFloor && { ...kept.noiseFloor, model: noiseFloor.model };
  return { ...kept, finetuned, reference, ...(moved && { noiseFloor: moved }) };
}
