/**
 * Holds an audit against itself: checksums of its journal's lines, and some completions written and scored again, in a folder of their own.
 * The audit is only read.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareReproduced, type Reproduction } from '../../analysis/reproduction.js';
import type { MeasuredRecord } from '../../audit/completion.js';
import { AuditError, isCancelled, throwIfCancelled } from '../../audit/errors.js';
import { PLAIN } from '../../audit/passes.js';
import type { AuditPlan } from '../../audit/plan.js';
import { shuffledIndices } from '../../audit/random.js';
import { requireRun } from '../../records/journal/audit-folder.js';
import type { ModelProvider } from '../../models/provider.js';
import { checkJournal, type CheckedJournal } from '../../records/journal/check-journal.js';
import type { HeaderLine, PrefillsLine } from '../../records/journal/journal-format.js';
import { readJournal } from '../../records/journal/journal-reader.js';
import { JournalWriter } from '../../records/journal/journal-writer.js';
import { describeProgress } from '../../text/progress.js';
import { LocalAuditRunner, type LocalAuditRunnerOptions } from './local-audit-runner.js';
import type { RunRequest } from './types.js';

export interface VerifyRequest extends Pick<RunRequest, 'allowDownload' | 'tokenLimit' | 'readableRoots'> {
  /** The audit's. */
  readonly folder: string;
  /** The journal's, models where they lie now; `null` where there is no run to repeat. */
  readonly plan: AuditPlan | null;
  /** Completions to write and score again; 0 for none. */
  readonly completions: number;
  /** Which they are; the same seed chooses the same. */
  readonly seed: number;
}

export interface Verification {
  readonly folder: string;
  readonly journal: CheckedJournal;
  /** Who wrote it; `null` of an import. */
  readonly writtenBy: { readonly tool: string; readonly engine: string; readonly machine: string | null; readonly createdAt: string } | null;
  /** Completions of the main pass in the journal. */
  readonly completions: number;
  readonly seed: number;
  /** By id. */
  readonly reproduced: readonly Reproduction[];
  /** What computed now; `null` where nothing was. */
  readonly engine: string | null;
  /** Why no completion was written again, or not all that were asked for; in a sentence, else `null`. */
  readonly notReproduced: string | null;
  /** `holds`: completions were written again, and nothing contradicts the journal. `unchecked`: none was, and no line is damaged. */
  readonly state: 'holds' | 'contradicted' | 'unchecked';
}

/**
 * @throws AuditError `fileNotFound`, `badJournal` where there is no journal to look at; `cancelled`. That models are missing or are other
 *   ones now is no error: the answer says so.
 */
export async function verifyAudit(
  request: VerifyRequest,
  tools: LocalAuditRunnerOptions,
  onProgress: (message: string) => void,
  signal: AbortSignal,
): Promise<Verification> {
  const { folder, seed } = request;
  onProgress('Checking the journal…');
  const checked = await checkJournal(folder, signal);
  const found = await readMeasured(folder, signal);
  if (typeof found === 'string')
    return conclude({ folder, journal: checked, writtenBy: null, completions: 0, seed, reproduced: [], engine: null, notReproduced: found });
  const { header, records } = found;
  const known = {
    folder,
    journal: checked,
    writtenBy: {
      tool: `${header.tool.name} ${header.tool.version}`,
      engine: header.finetuned.engine,
      machine: header.machine ?? null,
      createdAt: header.createdAt,
    },
    completions: records.length,
    seed,
  };
  const chosen = choose(records, request);
  if (chosen.length === 0 || request.plan === null) {
    const why = records.length === 0 ? 'The journal has no completion.' : 'No completion was asked for.';
    return conclude({ ...known, reproduced: [], engine: null, notReproduced: why });
  }
  try {
    const { again, engine } = await writeAgain({ ...request, plan: request.plan }, found, chosen, tools, onProgress, signal);
    const reproduced = chosen.flatMap((record) => {
      const now = again.get(record.id);
      return now === undefined ? [] : [compareReproduced(record, now, header.plan.temperature)];
    });
    const missing = chosen.length - reproduced.length;
    const notReproduced = missing === 0 ? null : `${missing} of ${chosen.length} could not be written again: no usable answer came.`;
    return conclude({ ...known, reproduced, engine, notReproduced });
  } catch (error) {
    throwIfCancelled(signal);
    if (!(error instanceof AuditError) || isCancelled(error)) throw error;
    return conclude({ ...known, reproduced: [], engine: null, notReproduced: error.message });
  }
}

interface MeasuredJournal {
  readonly header: HeaderLine;
  readonly prefills: PrefillsLine;
  readonly records: readonly MeasuredRecord[];
}

/** Why there is nothing to write again, in a sentence, where it is not a run's journal. */
async function readMeasured(folder: string, signal: AbortSignal): Promise<MeasuredJournal | string> {
  try {
    await requireRun(folder);
    const { header, prefills, completions } = await readJournal(folder, signal);
    if (header === null || prefills === null) return 'The line of the journal with the models, or the one with the prefills, cannot be read.';
    return { header, prefills, records: [...completions.values()] };
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof AuditError && error.code === 'badJournal') return error.message;
    throw error;
  }
}

function choose(records: readonly MeasuredRecord[], { completions, seed }: VerifyRequest): MeasuredRecord[] {
  const byId = [...records].sort((a, b) => a.id - b.id);
  const chosen: MeasuredRecord[] = [];
  for (const index of shuffledIndices(byId.length, seed)) {
    if (chosen.length === completions) break;
    chosen.push(byId[index]!);
  }
  return chosen.sort((a, b) => a.id - b.id);
}

/** A resumed run of a copy that lacks the chosen completions: their waves are computed whole, as they were, and nothing else is. */
async function writeAgain(
  { plan, allowDownload, tokenLimit, readableRoots }: VerifyRequest & { readonly plan: AuditPlan },
  { header, prefills, records }: MeasuredJournal,
  chosen: readonly MeasuredRecord[],
  tools: LocalAuditRunnerOptions,
  onProgress: (message: string) => void,
  signal: AbortSignal,
): Promise<{ again: ReadonlyMap<number, MeasuredRecord>; engine: string }> {
  const scratch = await mkdtemp(join(tmpdir(), 'finetune-auditor-verify-'));
  try {
    const folder = join(scratch, 'audit');
    const ids = new Set(chosen.map(({ id }) => id));
    await copyWithout(folder, { header, prefills, records: records.filter(({ id }) => !ids.has(id)) });
    const again = new Map<number, MeasuredRecord>();
    let engine = '';
    const models: ModelProvider = {
      open: async (...args) => {
        const lease = await tools.models.open(...args);
        engine ||= lease.model.identity.engine;
        return lease;
      },
      estimateMemory: (...args) => tools.models.estimateMemory(...args),
      dispose: () => tools.models.dispose(),
    };
    const runner = new LocalAuditRunner({ ...tools, models });
    const outcome = await runner.run(
      { plan: mainPassOf(plan), folder, resume: true, allowDownload, ...(tokenLimit !== undefined && { tokenLimit }), ...(readableRoots && { readableRoots }) },
      {
        onCompletion: (record, pass) => {
          if (pass !== PLAIN || !ids.has(record.id)) return;
          again.set(record.id, record);
          onProgress(`Written and scored again: ${again.size} of ${ids.size}`);
        },
        onStatus: (status) => {
          if (status.state === 'loading') onProgress(describeProgress(status));
        },
      },
      signal,
    );
    if (signal.aborted) throw new AuditError('cancelled', 'Stopped. The audit is as it was.');
    if (outcome.state === 'stopped') throw new AuditError('spendingLimit', outcome.message);
    return { again, engine };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function copyWithout(folder: string, { header, prefills, records }: MeasuredJournal): Promise<void> {
  const { noiseModel: _noise, amplificationForm: _form, ...rest } = header;
  const { writer } = await JournalWriter.open(folder);
  try {
    await writer.begin({ ...rest, plan: mainPassOf(header.plan) }, prefills);
    await Promise.all(records.map((record) => writer.addCompletion(record)));
  } finally {
    await writer.close();
  }
}

function mainPassOf(plan: AuditPlan): AuditPlan {
  const { noiseFloor: _noise, referencePass: _reference, amplify: _amplify, ...main } = plan;
  return main;
}

function conclude(facts: Omit<Verification, 'state'>): Verification {
  const { journal, reproduced } = facts;
  const contradicted = journal.faultCount > 0 || reproduced.some(({ agreement }) => agreement === 'other');
  return { ...facts, state: contradicted ? 'contradicted' : reproduced.length > 0 ? 'holds' : 'unchecked' };
}
