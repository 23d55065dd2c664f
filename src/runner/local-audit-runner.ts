/** Carries out one audit: models, prefills, journal, completions. */
import { AuditError, isCancelled, throwIfCancelled } from '../audit/errors.js';
import type { AuditSetup } from '../audit/events.js';
import type { AuditPlan } from '../audit/plan.js';
import { prepareAudit } from '../audit/prepare-audit.js';
import { runAudit } from '../audit/run-audit.js';
import type { ModelProvider } from '../models/provider.js';
import { resolveBundledPlan } from '../records/bundled.js';
import { countCompletions, makeHeaderLine, makePrefillsLine, readSetup } from '../records/journal-format.js';
import { readJournal, type Journal } from '../records/journal-reader.js';
import { hasJournal, JournalWriter } from '../records/journal-writer.js';
import { drawPrefills } from './draw-prefills.js';
import { OpenModels } from './open-models.js';
import { checkSameModels } from './resume-check.js';
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
  models?: OpenModels;
  writer?: JournalWriter;
}

export class LocalAuditRunner implements AuditRunner {
  readonly #options: LocalAuditRunnerOptions;

  constructor(options: LocalAuditRunnerOptions) {
    this.#options = options;
  }

  async run(request: RunRequest, listener: RunListener, signal: AbortSignal): Promise<RunOutcome> {
    const { plan } = request;
    const run: Run = { request, listener, signal, status: new StatusReporter(listener, plan.prefills * plan.framings.length) };
    const tellStopping = () => run.status.reportStopping();
    signal.addEventListener('abort', tellStopping, { once: true });
    try {
      await this.#carryOut(run);
      await run.writer!.addRun('finished');
      return this.#end(run, 'finished', `Finished: ${run.status.completionsDone} completions.`);
    } catch (error) {
      if (signal.aborted && isConsequenceOfStop(error)) {
        await run.writer?.addRun('stopped').catch(() => undefined);
        return this.#end(run, 'stopped', `Stopped after ${run.status.completionsDone} completions.`);
      }
      const failure = toAuditError(error);
      await run.writer?.addRun('failed', failure.message).catch(() => undefined);
      run.status.reportEnd('failed', failure.message, run.writer !== undefined);
      throw failure;
    } finally {
      signal.removeEventListener('abort', tellStopping);
      run.models?.release();
      await run.writer?.close();
    }
  }

  #end(run: Run, state: 'finished' | 'stopped', message: string): RunOutcome {
    const canResume = state === 'stopped' && run.writer !== undefined;
    run.status.reportEnd(state, message, canResume);
    return { state, completions: run.status.completionsDone };
  }

  async #carryOut(run: Run): Promise<void> {
    const { request, signal } = run;
    throwIfCancelled(signal);
    const journal = request.resume ? await this.#reopenJournal(run) : null;
    if (!journal && !request.resume && (await hasJournal(request.folder))) {
      throw new AuditError('badJournal', `${request.folder} holds an audit already. Resume it, or choose another folder.`);
    }
    const kept = journal?.header && journal.prefills ? { header: journal.header, prefills: journal.prefills } : null;
    // Where the models lie may have changed since; that they are the same is checked by their hashes.
    const { finetuned, reference } = request.plan;
    const plan: AuditPlan = kept ? { ...kept.header.plan, finetuned, reference } : request.plan;
    const resolved = await resolveBundledPlan(plan, this.#options.mediaFolder);
    run.models = await OpenModels.open(
      this.#options.models,
      { plan: resolved, allowDownload: request.allowDownload, onProgress: (name, progress) => run.status.reportLoading(name, progress) },
      signal,
    );
    let setup: AuditSetup;
    if (kept) {
      setup = readSetup(kept.header, kept.prefills);
      await this.#resume(run, setup, journal!);
    } else {
      setup = await this.#prepare(run, resolved);
      await this.#begin(run, plan, setup);
    }
    await run.models.fit(setup, signal);
    await this.#complete(run, plan, setup, new Set(journal?.completions.keys()));
  }

  async #reopenJournal(run: Run): Promise<Journal> {
    run.status.reportStage('Reading the journal…');
    const { folder } = run.request;
    if (!(await hasJournal(folder))) throw new AuditError('fileNotFound', `There is no audit in ${folder} to resume. Check the path.`);
    const { writer, cutBytes } = await JournalWriter.open(folder);
    run.writer = writer;
    const journal = await readJournal(folder, run.signal);
    if (cutBytes > 0 && journal.header) {
      await writer.addRun('resumed', `A half-written line of ${cutBytes} bytes at the end was cut off.`);
    }
    return journal;
  }

  async #resume(run: Run, setup: AuditSetup, journal: Journal): Promise<void> {
    const difference = checkSameModels(setup, run.models!.finetuned, run.models!.reference);
    await run.writer!.addRun('resumed', difference ?? undefined);
    run.status.setTotals(journal.completions.size, countCompletions(setup));
    run.listener.onSetup?.(setup);
    for (const record of journal.completions.values()) run.listener.onCompletion?.(record);
  }

  async #prepare(run: Run, resolved: AuditPlan): Promise<AuditSetup> {
    const { finetuned, reference } = run.models!;
    run.status.reportStage('Drawing prefills…');
    const drawn = await drawPrefills(resolved, finetuned, run.signal);
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

  async #complete(run: Run, plan: AuditPlan, setup: AuditSetup, done: Set<number>): Promise<void> {
    const models = run.models!;
    for (;;) {
      try {
        const { finetuned, reference } = models;
        for await (const event of runAudit({ plan, setup, finetuned, reference, done, signal: run.signal })) {
          if (event.type === 'progress') {
            run.status.reportProgress(event.progress);
            continue;
          }
          await run.writer!.addCompletion(event.record);
          done.add(event.record.id);
          run.status.setTotals(done.size, countCompletions(setup));
          run.listener.onCompletion?.(event.record);
        }
        return;
      } catch (error) {
        const tooShort = error instanceof AuditError && error.code === 'contextTooShort' && !setup.sameTokenizer;
        if (!tooShort || !(await models.growReference(run.signal))) throw error;
      }
    }
  }
}

function toAuditError(error: unknown): AuditError {
  if (error instanceof AuditError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AuditError('internal', `Something unexpected happened: ${message}. What was journalled is safe.`, { cause: error });
}

/** Ctrl-C in a terminal reaches the model process too, which then may be gone before it can answer. */
function isConsequenceOfStop(error: unknown): boolean {
  if (error instanceof AuditError) return isCancelled(error) || error.code === 'modelProcessEnded';
  return error instanceof Error && error.name === 'AbortError';
}
