/** Carries out one audit: models, prefills, journal, completions, noise floor. */
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import type { CompletionRecord } from '../../audit/completion.js';
import type { AuditProgress, AuditSetup } from '../../audit/events.js';
import type { Framing } from '../../audit/framing.js';
import type { GeneratedCompletion, ModelIdentity, SetAside } from '../../audit/language-model.js';
import { checkNoiseModel, openingsOfReference, planNoiseFloor } from '../../audit/noise-floor-plan.js';
import { formatEndpoint, isEndpoint, type AuditPlan } from '../../audit/plan.js';
import { prepareAudit } from '../../audit/prepare-audit.js';
import { runAudit } from '../../audit/run-audit.js';
import { mayNeedOwnTokens } from '../../audit/same-tokenizer.js';
import type { ModelProvider } from '../../models/provider.js';
import { requireRun } from '../../records/journal/audit-folder.js';
import { resolveBundledPlan } from '../../records/plan/bundled.js';
import { countCompletions, describeLeftOut, makeHeaderLine, makePrefillsLine, readSetup, type RequestAccountLine } from '../../records/journal/journal-format.js';
import { TokenBudget } from '../../models/api/transport/token-budget.js';
import { canResume, hasMeasured, LOST_PREFILLS, mayLackNoiseFloor, readJournal, type Journal } from '../../records/journal/journal-reader.js';
import { hasJournal, JournalWriter } from '../../records/journal/journal-writer.js';
import { checkPlan } from '../servers/check-endpoints.js';
import { drawPrefills } from './draw-prefills.js';
import { OpenModels, type OpenRequest } from './open-models.js';
import { checkSameModels, requireAgreedPlan } from './resume-check.js';
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

/** What a run has in its hands; filled step by step, given back whatever happens. */
interface Run {
  readonly request: RunRequest;
  readonly listener: RunListener;
  readonly signal: AbortSignal;
  readonly status: StatusReporter;
  /** What servers may still be asked for. */
  readonly budget: TokenBudget;
  /** What they were asked for by models that are released already. */
  requests: readonly RequestAccountLine[];
  /** Ids of what the audit goes on without. */
  readonly setAside: Set<number>;
  /** The same of its noise floor. */
  readonly noiseSetAside: Set<number>;
  models?: OpenModels | undefined;
  writer?: JournalWriter;
}

/** What becomes of the completions: those of the audit and those of its noise floor go different ways. */
interface Recipient {
  /** Ids of the completions that are journalled already; grows. */
  readonly done: Set<number>;
  /** Resolves when the completion is in the journal. */
  take(record: CompletionRecord): Promise<void>;
  report(progress: AuditProgress): void;
  /** What servers said before that, and is not to be asked again. */
  readonly generated?: ReadonlyMap<number, GeneratedCompletion>;
  keep?(completion: GeneratedCompletion, framing: Framing): Promise<void>;
  setAside?(setAside: SetAside, framing: Framing): Promise<void>;
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
      setAside: new Set(),
      noiseSetAside: new Set(),
    };
    const tellStopping = () => run.status.reportStopping();
    signal.addEventListener('abort', tellStopping, { once: true });
    try {
      await this.#carryOut(run);
      this.#releaseModels(run);
      await run.writer!.addRun('finished', undefined, run.requests);
      const aside = run.setAside.size > 0 ? ` ${run.setAside.size} were set aside; resuming tries them again.` : '';
      const leftOut = run.noiseSetAside.size > 0 ? ` ${describeLeftOut(run.noiseSetAside.size)} Resuming tries them again.` : '';
      return this.#end(run, 'finished', `Finished: ${run.status.completionsDone} completions.${aside}${leftOut}`);
    } catch (error) {
      this.#releaseModels(run);
      if (error instanceof AuditError && error.code === 'spendingLimit') {
        await run.writer?.addRun('stopped', error.message, run.requests).catch(() => undefined);
        return { ...this.#end(run, 'stopped', error.message), limitReached: true };
      }
      if (signal.aborted && isConsequenceOfStop(error)) {
        await run.writer?.addRun('stopped', undefined, run.requests).catch(() => undefined);
        const where = run.status.measuringNoiseFloor ? ', while measuring the noise floor' : '';
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
    const { setAside, noiseSetAside, requests } = run;
    const canResume = (state === 'stopped' || setAside.size + noiseSetAside.size > 0) && run.writer !== undefined;
    run.status.reportEnd(state, `${message}${describeRequests(requests)}`, canResume);
    return { state, completions: run.status.completionsDone, message, setAside: setAside.size, noiseSetAside: noiseSetAside.size, requests };
  }

  #releaseModels(run: Run): void {
    const { models } = run;
    if (!models) return;
    run.models = undefined;
    this.#release(run, models, run.status.measuringNoiseFloor ? NOISE_FLOOR_ROLES : AUDIT_ROLES);
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
    const plan = kept ? relocateModels(kept.header.plan, request.plan) : request.plan;
    const resolved = await resolveBundledPlan(plan, this.#options.mediaFolder);
    const noisePlan = kept && !mayLackNoiseFloor(journal!) ? null : planNoiseFloor(resolved);
    const noise = noisePlan && (await this.#tryNoiseModel(run, noisePlan));
    run.models = await this.#open(run, resolved);
    let setup: AuditSetup;
    if (kept) {
      setup = readSetup(kept.header, kept.prefills);
      await this.#resume(run, setup, journal!, noise?.identity ?? null);
    } else {
      setup = await this.#prepare(run, resolved);
      if (noise) setup = { ...setup, noiseModel: noise.identity, remarks: [...setup.remarks, ...noise.remarks] };
      await this.#begin(run, plan, setup);
    }
    await run.models.fit(setup, signal);
    await this.#completeAudit(run, plan, setup, journal);
    if (noisePlan) await this.#measureNoiseFloor(run, noisePlan, setup, journal);
  }

  #open(run: Run, plan: AuditPlan, unloadReference = false): Promise<OpenModels> {
    const { request, status, signal } = run;
    const onProgress: OpenRequest['onProgress'] = (name, progress) => status.reportLoading(name, progress);
    return OpenModels.open(this.#options.models, { plan, allowDownload: request.allowDownload, budget: run.budget, unloadReference, onProgress }, signal);
  }

  /** Opens the reference and its other quantisation together: what is wrong with them must not show hours later. */
  async #tryNoiseModel(run: Run, noisePlan: AuditPlan): Promise<{ identity: ModelIdentity; remarks: string[] }> {
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
    run.status.setTotals(journal.completions.size, countCompletions(setup));
    run.listener.onSetup?.(setup);
    for (const record of journal.completions.values()) run.listener.onCompletion?.(record);
    for (const record of journal.noiseFloor.values()) run.listener.onNoiseFloor?.(record);
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
    await run.writer.begin(makeHeaderLine(plan, setup, this.#options.toolVersion, new Date()), makePrefillsLine(setup));
    await run.writer.addRun('started');
    run.status.setTotals(0, countCompletions(setup));
    run.listener.onSetup?.(setup);
  }

  async #completeAudit(run: Run, plan: AuditPlan, setup: AuditSetup, journal: Journal | null): Promise<void> {
    const done = new Set(journal?.completions.keys());
    await this.#complete(run, plan, setup, {
      done,
      ...(journal && { generated: listGenerated(journal.completions, journal.generated, run.models!) }),
      keep: (completion, framing) => run.writer!.addGenerated(completion, framing),
      setAside: async (setAside, framing) => {
        await run.writer!.addSetAside(setAside, framing);
        run.setAside.add(setAside.id);
        run.status.setSetAside(run.setAside.size);
        run.listener.onSetAside?.(setAside, framing);
      },
      take: async (record) => {
        await run.writer!.addCompletion(record);
        run.status.setTotals(done.size + 1, countCompletions(setup));
        run.listener.onCompletion?.(record);
      },
      report: (progress) => run.status.reportProgress(progress),
    });
  }

  async #measureNoiseFloor(run: Run, noisePlan: AuditPlan, setup: AuditSetup, journal: Journal | null): Promise<void> {
    const { signal } = run;
    const done = new Set(journal?.noiseFloor.keys());
    const openings = await openingsOfReference(setup, noisePlan.prefills, run.models!, signal);
    if (done.size >= countCompletions(openings)) return;
    // What both pairs share stays loaded; the finetuned model goes where its room is needed.
    this.#releaseModels(run);
    run.status.beginNoiseFloor();
    run.models = await this.#open(run, noisePlan, true);
    const noiseSetup = await prepareAudit({ plan: noisePlan, ...openings, finetuned: run.models.finetuned, reference: run.models.reference, signal });
    await run.models.fit(noiseSetup, signal);
    await this.#complete(run, noisePlan, noiseSetup, {
      done,
      ...(journal && { generated: listGenerated(journal.noiseFloor, journal.noiseGenerated, run.models) }),
      keep: (completion, framing) => run.writer!.addNoiseGenerated(completion, framing),
      take: async (record) => {
        await run.writer!.addNoiseFloor(record);
        run.listener.onNoiseFloor?.(record);
      },
      setAside: async (setAside, framing) => {
        await run.writer!.addNoiseSetAside(setAside, framing);
        run.noiseSetAside.add(setAside.id);
      },
      report: (progress) => run.status.reportNoiseFloor(progress),
    });
  }

  async #complete(run: Run, plan: AuditPlan, setup: AuditSetup, recipient: Recipient): Promise<void> {
    const models = run.models!;
    const watch = setInterval(() => {
      if (!run.signal.aborted) run.status.reportStandstill(models.standstills.join('; '));
    }, WATCH_MS);
    try {
      await this.#completeWith(models, run, plan, setup, recipient);
    } finally {
      clearInterval(watch);
    }
  }

  async #completeWith(models: OpenModels, run: Run, plan: AuditPlan, setup: AuditSetup, { done, take, report, generated, keep, setAside }: Recipient): Promise<void> {
    // Grows, so that beginning again with more room asks a server nothing twice.
    const said = new Map(generated);
    for (;;) {
      try {
        const { finetuned, reference } = models;
        for await (const event of runAudit({ plan, setup, finetuned, reference, done, generated: said, signal: run.signal })) {
          switch (event.type) {
            case 'progress':
              report(event.progress);
              break;
            case 'generated':
              said.set(event.completion.id, event.completion);
              await keep?.(event.completion, event.framing);
              break;
            case 'setAside':
              await setAside?.(event.setAside, event.framing);
              break;
            case 'completion':
              await take(event.record);
              done.add(event.record.id);
          }
        }
        return;
      } catch (error) {
        const tooShort = error instanceof AuditError && error.code === 'contextTooShort' && mayNeedOwnTokens(setup);
        if (!tooShort || !(await models.growReference(run.signal))) throw error;
      }
    }
  }
}

/** How often it is looked whether servers answer. */
const WATCH_MS = 1000;

const AUDIT_ROLES = { finetuned: 'finetuned', reference: 'reference' } as const;
/** The reference stands in F's place, its other quantisation in the reference's. */
const NOISE_FLOOR_ROLES = { finetuned: 'reference', reference: 'noise floor' } as const;

function describeRequests(requests: readonly RequestAccountLine[]): string {
  return requests.map((account) => ` ${formatRequests(account)}`).join('');
}

/** What F's server said: of completions without a score, and of those that keep a local reference's waves whole. */
function listGenerated(
  completions: ReadonlyMap<number, CompletionRecord>,
  generated: ReadonlyMap<number, GeneratedCompletion>,
  { finetuned, reference }: OpenModels,
): ReadonlyMap<number, GeneratedCompletion> {
  if (!finetuned.capabilities.independent || reference.capabilities.independent) return generated;
  const done = [...completions.values()].map(({ id, tokens, logprobsFinetuned, end }): [number, GeneratedCompletion] => [
    id,
    { id, tokens, logprobs: logprobsFinetuned, end: end && { piece: end.piece, logprob: end.logprobFinetuned } },
  ]);
  return new Map([...done, ...generated]);
}

/** Where the models lie may have changed since the audit began; that they are the same is checked by their hashes. */
function relocateModels(kept: AuditPlan, { finetuned, reference, noiseFloor }: AuditPlan): AuditPlan {
  const moved = kept.noiseFloor && noiseFloor && { ...kept.noiseFloor, model: noiseFloor.model };
  return { ...kept, finetuned, reference, ...(moved && { noiseFloor: moved }) };
}
