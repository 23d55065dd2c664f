/** Folders of audits: `.finetune-audits/<time>-<name>/` under a root, one folder per audit. */
import { basename, join } from 'node:path';
import type { CompletionRecord, ImportedRecord } from '../../audit/completion.js';
import type { Confirmation } from '../../audit/confirmation.js';
import { AuditError } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import type { AuditPlan } from '../../audit/plan.js';
import type { AuditStatus } from '../../messages/page.js';
import { NOT_TOLD } from '../../audit/imported.js';
import { listOtherPasses, namePass, PLAIN } from '../../audit/passes.js';
import { AUDITS_FOLDER, describeAuditFileError, listAuditFolders, listFolder, openAuditFile } from './audit-files.js';
import { readImportedAudit, readImportedHeader, type ReadImportedAudit } from '../import/imported-audit.js';
import type { ImportedHeader } from '../import/imported-lines.js';
import type { AmplificationLine } from './amplification-line.js';
import {
  countCompletions,
  describeLeftOut,
  HEADER_BYTES_AT_MOST,
  headerLineSchema,
  JOURNAL_FILE,
  readSetup,
  type HeaderLine,
  type RequestAccountLine,
  type SetAsideLine,
} from './journal-format.js';
import { findJournalWriter } from './journal-lock.js';
import {
  canResume,
  hasFinished,
  hasMeasured,
  LOST_PREFILLS,
  NO_RESUME_OF_IMPORTS,
  passOf,
  PROBLEMS_AT_MOST,
  readJournal,
  type Journal,
  type JournalFacts,
} from './journal-reader.js';
import { parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';

/** An audit as the folder list shows it: from its header alone. */
export interface AuditEntry {
  readonly folder: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly finetunedName: string;
  readonly referenceName: string;
}

/** A journal read back whole: of an audit that was run here, or of one that was imported. */
export type ReadAudit = ReadRunAudit | ReadImport;

export interface ReadRunAudit extends JournalContents {
  /** `null` where a run ended before it had measured anything. */
  readonly plan: AuditPlan | null;
  readonly setup: AuditSetup | null;
  readonly imported: null;
}

/** Something else generated and scored the completions: there was no plan, and nobody loaded its models. */
export interface ReadImport extends JournalContents {
  readonly plan: null;
  readonly setup: null;
  readonly imported: ReadImportedAudit;
}

interface JournalContents {
  readonly folder: string;
  /** Of the main pass, in the order of the journal. */
  readonly records: readonly CompletionRecord[];
  /** Completions of all passes by name, likewise; those of the main one are `records`. */
  readonly passes: ReadonlyMap<string, readonly CompletionRecord[]>;
  /** What the search for the strength of amplified writing came to, per framing. */
  readonly amplification: readonly AmplificationLine[];
  /** What plain F said to amplified completions: by pass, by id; passes without any are left out. */
  readonly confirmations: ReadonlyMap<string, ReadonlyMap<number, Confirmation>>;
  /** Completions that the audit went on without. */
  readonly setAside: readonly SetAsideLine[];
  /** What was asked of servers, run by run. */
  readonly requests: readonly RequestAccountLine[];
  readonly status: AuditStatus;
  /** Lines of the journal that could not be read, in words. */
  readonly problems: readonly string[];
  /** The program and, where the journal says it, the machine that measured. Left out of imports. */
  readonly measuredBy?: string;
  /** ISO 8601: when it began, or was imported. Left out where the journal does not say. */
  readonly createdAt?: string;
}

/** Absolute path of a new audit's folder: sorts by time, says what was audited. It is not made here. */
export function nameAuditFolder(root: string, name: string, time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('');
  return join(root, AUDITS_FOLDER, `${day}-${clock}-${makeSlug(name)}`);
}

/** Lower case letters, digits and hyphens, at most 40. */
export function makeSlug(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'audit' : slug;
}

/** The audits under some roots, latest first. What is no audit is passed over. */
export async function listAudits(roots: readonly string[]): Promise<AuditEntry[]> {
  const folders = await Promise.all(roots.map(listAuditFolders));
  const entries = await Promise.all(folders.flat().map(readEntry));
  return entries.filter((entry) => entry !== null).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** The audits of a folder, latest first: itself, where it is one; those in it; and those of a workspace. */
export async function findAuditsIn(folder: string): Promise<AuditEntry[]> {
  const entries = await Promise.all([folder, ...(await listFolder(folder)), ...(await listAuditFolders(folder))].map(readEntry));
  return entries.filter((entry) => entry !== null).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** @throws AuditError `fileNotFound`, `badJournal` */
export async function readAudit(folder: string, signal?: AbortSignal): Promise<ReadAudit> {
  const imported = await readImportedAudit(folder, signal);
  if (imported) return showImported(imported);
  const journal = await readJournal(folder, signal);
  const writer = await findJournalWriter(folder);
  const setup = journal.header && journal.prefills ? readSetup(journal.header, journal.prefills) : null;
  const main = passOf(journal, PLAIN);
  return {
    folder,
    ...(journal.header && { createdAt: journal.header.createdAt, measuredBy: describeMeasurer(journal.header) }),
    plan: journal.header?.plan ?? null,
    setup,
    imported: null,
    records: [...main.completions.values()],
    passes: new Map([...journal.passes].map(([name, { completions }]) => [name, [...completions.values()]])),
    amplification: [...journal.amplification.values()],
    confirmations: new Map([...journal.passes].flatMap(([name, { confirmations }]) => (confirmations.size > 0 ? [[name, confirmations] as const] : []))),
    setAside: [...main.setAside.values()],
    requests: journal.runs.flatMap((run) => run.requests ?? []),
    status: describeStatus(journal, setup, writer),
    problems: describeProblems(journal, writer !== null),
  };
}

function describeMeasurer({ tool, machine }: HeaderLine): string {
  return `${tool.name} ${tool.version}${machine === undefined ? '' : `, ${machine}`}`;
}

/** @param isWritten whether the audit runs: half a line is one that is being written then */
function describeProblems({ problems, halfLineBytes, endsWhole }: Journal, isWritten: boolean): string[] {
  const leftOut = problems.filter(({ used }) => used !== true);
  const [first] = leftOut;
  return [
    ...problems
      .filter(({ used }) => used === true)
      .map(({ line, reason }) => `Line ${line} of ${JOURNAL_FILE} is used all the same, though what it says may be wrong: ${reason}.`),
    ...(first === undefined
      ? []
      : [
          `${leftOut.length}${problems.length === PROBLEMS_AT_MOST ? ' or more' : ''} line${leftOut.length === 1 ? '' : 's'} of ${JOURNAL_FILE} could not be read and ${leftOut.length === 1 ? 'is' : 'are'} left out ` +
            `(line ${first.line}: ${first.reason}${leftOut.length > 1 ? ', …' : ''}).`,
        ]),
    ...(halfLineBytes > 0 && !endsWhole && !isWritten
      ? [`The last line of ${JOURNAL_FILE} was not written to its end (${halfLineBytes} bytes) and is left out.`]
      : []),
  ];
}

/** An imported audit as one among those that were run. */
export function showImported(imported: ReadImportedAudit): ReadImport {
  const { folder, header, completions, problems } = imported;
  const records = completions.map((completion): ImportedRecord => ({ kind: 'imported', ...completion, scoreIs: header.scoreIs }));
  return {
    folder,
    plan: null,
    setup: null,
    imported,
    records,
    passes: new Map([[PLAIN, records]]),
    amplification: [],
    confirmations: new Map(),
    setAside: [],
    requests: [],
    status: describeImportedStatus(header, completions.length),
    problems,
    createdAt: header.createdAt,
  };
}

/** @param count completions that there are */
export function describeImportedStatus({ imported, count: total }: Pick<ImportedHeader, 'imported' | 'count'>, count: number): AuditStatus {
  return {
    state: 'finished',
    completionsDone: count,
    completionsTotal: total,
    tokensPerSecond: null,
    secondsLeft: null,
    message: `${count} completions, imported from ${imported.file}.`,
    canResume: false,
  };
}

/** @param writer who is writing the journal now */
export function describeStatus(journal: JournalFacts, setup: AuditSetup | null, writer: string | null): AuditStatus {
  const main = passOf(journal, PLAIN);
  const done = main.completions.size;
  const total = setup ? countCompletions(setup) : 0;
  const last = journal.runs.at(-1);
  const setAside = main.setAside.size;
  const base = { completionsDone: done, completionsTotal: total, tokensPerSecond: null, secondsLeft: null, ...(setAside > 0 && { setAside }) };
  if (writer !== null) {
    return { ...base, state: 'running', message: `Being written by ${writer}.`, canResume: false };
  }
  const complete = setup !== null && done >= total;
  const others = [...journal.passes].filter(([name]) => name !== PLAIN);
  const leftOut = describeLeftOut(new Map(others.map(([name, pass]) => [name, pass.setAside.size])));
  const note = leftOut === '' ? '' : ` ${leftOut} Resuming tries them again.`;
  // How many completions another pass has shows only when it is measured.
  const lacksPass = journal.header !== null && listOtherPasses(journal.header.plan).length > 0 && !hasFinished(journal);
  if (complete && !lacksPass) return { ...base, state: 'finished', message: `${done} completions.${note}`, canResume: leftOut !== '' && canResume(journal) };
  if (setup !== null && last?.event === 'finished' && setAside > 0 && done + setAside >= total) {
    return {
      ...base,
      state: 'finished',
      message: `${done} completions, ${setAside} set aside. Resuming tries those again.${note}`,
      canResume: canResume(journal),
    };
  }
  if (!setup && hasMeasured(journal)) {
    return { ...base, state: 'stopped', message: `${done} completions. It cannot be resumed: ${LOST_PREFILLS}`, canResume: false };
  }
  if (last?.event === 'failed') {
    return { ...base, state: 'failed', message: last.message ?? 'The run failed.', canResume: canResume(journal) };
  }
  const message = complete
    ? `Stopped after ${done} completions, with ${describeMeasured(journal, others)} measured.`
    : setup
      ? `Stopped after ${done} of ${total} completions.`
      : 'Ended before anything was measured.';
  return { ...base, state: 'stopped', message, canResume: canResume(journal) };
}

/** How much of the passes beside the main one there is: of those that the plan names, and of whatever else has begun. */
function describeMeasured(
  { header }: JournalFacts,
  others: readonly (readonly [name: string, pass: { readonly completions: { readonly size: number } }])[],
): string {
  const planned = header ? listOtherPasses(header.plan) : [];
  const sizes = new Map([
    ...planned.map((name): [string, number] => [name, 0]),
    ...others.map(([name, { completions }]): [string, number] => [name, completions.size]),
  ]);
  return [...sizes].map(([name, size]) => `${size} of the ${namePass(name)}`).join(', ');
}

/** @throws AuditError `badJournal` of an imported audit: it was never run, so there is nothing to resume */
export async function requireRun(folder: string): Promise<void> {
  if (readImportedHeader(await readFirstLine(folder), join(folder, JOURNAL_FILE))) throw new AuditError('badJournal', NO_RESUME_OF_IMPORTS);
}

async function readEntry(folder: string): Promise<AuditEntry | null> {
  try {
    const line = await readFirstLine(folder);
    const imported = readImportedHeader(line, folder);
    if (imported) {
      const { name, createdAt, finetuned, reference } = imported;
      return { folder, name, createdAt, finetunedName: finetuned?.name ?? NOT_TOLD, referenceName: reference?.name ?? NOT_TOLD };
    }
    const { data: header } = checkShape(headerLineSchema, parseJson(line));
    if (!header) return null;
    return {
      folder,
      name: header.plan.name === '' ? basename(folder) : header.plan.name,
      createdAt: header.createdAt,
      finetunedName: header.finetuned.name,
      referenceName: header.reference.name,
    };
  } catch {
    return null;
  }
}

async function readFirstLine(folder: string): Promise<string> {
  const file = await openAuditFile(folder, JOURNAL_FILE, 'read').catch((error: unknown) => {
    throw describeAuditFileError(error, folder, JOURNAL_FILE, 'read');
  });
  try {
    const parts: Buffer[] = [];
    for (let offset = 0; offset < HEADER_BYTES_AT_MOST;) {
      const block = Buffer.alloc(16 << 10);
      const { bytesRead } = await file.read(block, 0, block.length, offset);
      const newline = block.subarray(0, bytesRead).indexOf(0x0a);
      parts.push(block.subarray(0, newline >= 0 ? newline : bytesRead));
      if (newline >= 0 || bytesRead === 0) break;
      offset += bytesRead;
    }
    return Buffer.concat(parts).toString('utf8');
  } finally {
    await file.close();
  }
}
