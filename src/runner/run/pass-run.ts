/** One pass of a run: what is missing of it is computed, journalled and told. */
import type { MeasuredRecord } from '../../audit/completion.js';
import { AuditError } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import type { Job } from '../../audit/jobs.js';
import type { GeneratedCompletion } from '../../audit/language-model.js';
import { PLAIN } from '../../audit/passes.js';
import { runAudit, type AuditRun } from '../../audit/run-audit.js';
import { mayNeedOwnTokens } from '../../audit/same-tokenizer.js';
import type { Writer } from '../../audit/wave/wave-context.js';
import type { TokenBudget } from '../../models/api/transport/token-budget.js';
import { countCompletions, type RequestAccountLine } from '../../records/journal/journal-format.js';
import { passOf, type Journal } from '../../records/journal/journal-reader.js';
import type { JournalWriter } from '../../records/journal/journal-writer.js';
import { LocalStandstill } from './local-standstill.js';
import type { OpenModels } from './open-models.js';
import type { StatusReporter } from './status-reporter.js';
import type { RunListener, RunRequest } from './types.js';

/** What a run has in its hands; filled step by step, given back whatever happens. */
export interface Run {
  readonly request: RunRequest;
  readonly listener: RunListener;
  readonly signal: AbortSignal;
  readonly status: StatusReporter;
  /** What servers may still be asked for. */
  readonly budget: TokenBudget;
  /** What they were asked for by models that are released already. */
  requests: readonly RequestAccountLine[];
  /** Ids of what each pass goes on without, by its name. */
  readonly setAside: Map<string, Set<number>>;
  models?: OpenModels | undefined;
  writer?: JournalWriter;
}

export interface PassWork {
  readonly name: string;
  readonly plan: AuditRun['plan'];
  readonly setup: AuditSetup;
  /** What an earlier run left. */
  readonly journal: Journal | null;
  /** F itself where left out. */
  readonly writer?: Writer;
  /** All of the plan's where left out. */
  readonly jobs?: readonly Job[];
  /** In F's and R's place where given; those of the run where left out. */
  readonly models?: OpenModels;
  /** Told what is new, when it is in the journal. */
  readonly onRecord?: (record: MeasuredRecord) => void;
}

/** How often it is looked whether servers answer and the model process computes. */
const WATCH_MS = 1000;

/** @throws AuditError as {@link runAudit} does, and as the journal's writer does */
export async function completePass(run: Run, work: PassWork): Promise<void> {
  const models = work.models ?? run.models!;
  const local = models.areLocal ? new LocalStandstill(() => performance.now()) : null;
  const watch = setInterval(() => {
    if (!run.signal.aborted) run.status.reportStandstill(local ? (local.describe() ?? '') : models.standstills.join('; '));
  }, WATCH_MS);
  try {
    await completeWith(models, run, work, () => local?.note());
  } finally {
    clearInterval(watch);
  }
}

/** @param onProgress told whenever something was computed */
async function completeWith(
  models: OpenModels,
  run: Run,
  { name, plan, setup, journal, writer, jobs, onRecord }: PassWork,
  onProgress: () => void,
): Promise<void> {
  const kept = journal && passOf(journal, name);
  const done = new Set(kept?.completions.keys());
  // Grows, so that beginning again with more room asks a server nothing twice.
  const said = new Map(kept && listGenerated(kept.completions, kept.generated, models));
  for (;;) {
    try {
      const { finetuned, reference } = models;
      const shared = { plan, setup, finetuned, reference, done, generated: said, signal: run.signal };
      for await (const event of runAudit({ ...shared, ...(writer && { writer }), ...(jobs && { jobs }) })) {
        switch (event.type) {
          case 'progress':
            onProgress();
            if (name === PLAIN) run.status.reportProgress(event.progress);
            else run.status.reportPass(event.progress);
            break;
          case 'generated':
            said.set(event.completion.id, event.completion);
            await run.writer!.addGenerated(event.completion, event.framing, name);
            break;
          case 'setAside': {
            const { setAside, framing } = event;
            await run.writer!.addSetAside(setAside, framing, name);
            const ids = run.setAside.get(name) ?? new Set<number>();
            run.setAside.set(name, ids.add(setAside.id));
            if (name !== PLAIN) break;
            run.status.setSetAside(ids.size);
            run.listener.onSetAside?.(setAside, framing);
            break;
          }
          case 'completion':
            await run.writer!.addCompletion(event.record, name);
            done.add(event.record.id);
            if (name === PLAIN) run.status.setTotals(done.size, countCompletions(setup));
            run.listener.onCompletion?.(event.record, name);
            onRecord?.(event.record);
        }
      }
      return;
    } catch (error) {
      const tooShort = error instanceof AuditError && error.code === 'contextTooShort' && mayNeedOwnTokens(setup);
      if (!tooShort || !(await models.growReference(run.signal))) throw error;
    }
  }
}

/** What F's server said: of completions without a score, and of those that keep a local reference's waves whole. */
function listGenerated(
  completions: ReadonlyMap<number, MeasuredRecord>,
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
