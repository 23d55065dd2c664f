/** Reads `audit.jsonl`, line by line, and makes do with what is there: a half last line, broken lines in the middle. */
import { join } from 'node:path';
import type { MeasuredRecord } from '../../audit/completion.js';
import type { Confirmation } from '../../audit/confirmation.js';
import { AuditError } from '../../audit/errors.js';
import type { Framing } from '../../audit/framing.js';
import type { GeneratedCompletion } from '../../audit/language-model.js';
import { NOISE, PLAIN } from '../../audit/passes.js';
import { hasLogprobs } from '../../audit/wave/has-logprobs.js';
import { amplificationLineSchema, type AmplificationLine } from './amplification-line.js';
import { completionLineSchema, decodeCompletion, decodeGenerated, generatedLineSchema, type PieceCache } from './completion-line.js';
import { confirmationLineSchema, decodeConfirmation } from './confirmation-line.js';
import {
  hasChecksums,
  headerLineSchema,
  JOURNAL_FILE,
  JOURNAL_FORMAT_VERSION,
  prefillsLineSchema,
  runLineSchema,
  setAsideLineSchema,
  type HeaderLine,
  type PrefillsLine,
  type RunLine,
  type SetAsideLine,
} from './journal-format.js';
import { isBlank, LINE_BYTES_AT_MOST, readJournalLines, type JournalLine } from './journal-lines.js';
import { describeCheck, type LineCheck } from './journal-line.js';
import { readCompletionLine, type CompletionLineOf } from './line-types.js';
import { isJson, parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';
import { findPlanFault } from '../../audit/plan.js';

/** Of its completions, what there is of the main pass stands bare. */
export interface Journal extends JournalledPass {
  /** `null` where a run ended before it could write one: nothing was measured then. */
  readonly header: HeaderLine | null;
  readonly prefills: PrefillsLine | null;
  /** By name, those of which there is a line; the main one is always among them. */
  readonly passes: ReadonlyMap<string, JournalledPass>;
  /** By framing; the last line of a framing counts. */
  readonly amplification: ReadonlyMap<Framing, AmplificationLine>;
  readonly runs: readonly RunLine[];
  readonly problems: readonly JournalProblem[];
  /** Bytes after the last newline: a line that is being written, or was when the writer ended. */
  readonly halfLineBytes: number;
  /** Whether that line only lacks its newline. */
  readonly endsWhole: boolean;
}

/** What there is of one pass, by id; ids are counted in each pass on their own. */
export interface JournalledPass {
  /** In the order of the file; the first line of an id counts. */
  readonly completions: ReadonlyMap<number, MeasuredRecord>;
  /** What a server generated and the reference has not scored; the first line with logprobs counts. */
  readonly generated: ReadonlyMap<number, GeneratedCompletion>;
  /** What the audit went on without; the last line of an id counts. */
  readonly setAside: ReadonlyMap<number, SetAsideLine>;
  /** What plain F said to what was written amplified; the last line of an id counts. */
  readonly confirmations: ReadonlyMap<number, Confirmation>;
}

interface PassFacts {
  readonly completions: { readonly size: number };
  readonly generated: { readonly size: number };
  readonly setAside: { readonly size: number };
}

/** As much of a journal as its audit's state follows from. */
export interface JournalFacts extends Pick<Journal, 'header' | 'prefills' | 'runs'> {
  readonly passes: ReadonlyMap<string, PassFacts>;
}

const NOTHING: JournalledPass = { completions: new Map(), generated: new Map(), setAside: new Map(), confirmations: new Map() };

/** One pass of a journal; an empty one where it has no line of it. */
export function passOf<T>({ passes }: { readonly passes: ReadonlyMap<string, T> }, name: string): T | typeof NOTHING {
  return passes.get(name) ?? NOTHING;
}

export interface JournalProblem {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
  /** Of a line that is read in spite of it. */
  readonly used?: true;
}

/** More are not listed. */
export const PROBLEMS_AT_MOST = 10_000;

/** Whether a run came to its end: everything that the plan asks for was there then, or was set aside. */
export function hasFinished({ runs }: Pick<Journal, 'runs'>): boolean {
  return runs.some(({ event }) => event === 'finished');
}

/** Whether there may be more of the noise floor to measure. Across tokenizers its prefills can turn out to be fewer than these. */
export function mayLackNoiseFloor(journal: Pick<JournalFacts, 'header' | 'prefills' | 'passes'>): boolean {
  const limit = journal.header?.plan.noiseFloor?.prefills ?? 0;
  const counts = Object.values(journal.prefills?.prefills ?? {}).map((list) => Math.min(list.length, limit));
  return passOf(journal, NOISE).completions.size < counts.reduce((sum, count) => sum + count, 0);
}

/** Whether there is any completion, of whatever pass, scored or not. */
export function hasMeasured({ passes }: Pick<JournalFacts, 'passes'>): boolean {
  return [...passes.values()].some(({ completions, generated }) => completions.size > 0 || generated.size > 0);
}

/** Whether a run can go on with the journal, or begin anew in it where nothing was measured. */
export function canResume(journal: JournalFacts): boolean {
  return journal.header !== null && (journal.prefills !== null || !hasMeasured(journal));
}

/** Why a journal with completions cannot be resumed. */
export const LOST_PREFILLS = 'the line of its journal with the prefills cannot be read. What was measured is intact; start a new audit to measure more.';

/** Why an imported audit is not one that was or can be run; see `readImportedAudit`. */
export const NO_RESUME_OF_IMPORTS =
  'This audit was imported: its completions were generated and scored elsewhere, so there is no run to resume. To measure more, start a new audit with the models themselves.';

/**
 * @param folder the audit's folder
 * @throws AuditError `fileNotFound` without a journal; `badJournal` where a newer version wrote it or it is no journal.
 */
export async function readJournal(folder: string, signal?: AbortSignal): Promise<Journal> {
  const reading = new JournalReading(join(folder, JOURNAL_FILE));
  for await (const line of readJournalLines(folder, signal)) reading.addLine(line);
  return reading.finish();
}

const LONGEST_VERSION = 40;
/** No audit has so many; a journal that names more was not written by this program. */
const PASSES_AT_MOST = 256;

interface PassReading {
  readonly completions: Map<number, MeasuredRecord>;
  readonly generated: Map<number, GeneratedCompletion>;
  readonly setAside: Map<number, SetAsideLine>;
  readonly confirmations: Map<number, Confirmation>;
}

function newPass(): PassReading {
  return { completions: new Map(), generated: new Map(), setAside: new Map(), confirmations: new Map() };
}

class JournalReading {
  #header: HeaderLine | null = null;
  #prefills: PrefillsLine | null = null;
  readonly #passes = new Map<string, PassReading>([[PLAIN, newPass()]]);
  readonly #amplification = new Map<Framing, AmplificationLine>();
  readonly #pieces: PieceCache = new Map();
  readonly #runs: RunLine[] = [];
  readonly #problems: JournalProblem[] = [];
  #halfLineBytes = 0;
  #endsWhole = false;
  /** Whether every line ought to have a checksum. */
  #isSealed = false;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  addLine({ line, bytes, check, hasNewline }: JournalLine): void {
    if (!hasNewline) {
      this.#halfLineBytes = bytes?.length ?? 0;
      // A whole line that only lacks its newline was measured like any other.
      this.#endsWhole = bytes === null || isJson(bytes.toString('utf8'));
      if (!this.#endsWhole) return;
    }
    const reason = bytes ? this.#takeBytes(bytes, check, line) : `longer than ${LINE_BYTES_AT_MOST >> 20} MiB`;
    if (reason !== null) this.#report({ line, reason });
  }

  #report(problem: JournalProblem): void {
    if (this.#problems.length < PROBLEMS_AT_MOST) this.#problems.push(problem);
  }

  finish(): Journal {
    if (!this.#header && (this.#passes.get(PLAIN)!.completions.size > 0 || this.#problems.length > 0)) {
      throw new AuditError(
        'badJournal',
        `${this.#path} has no readable header, so its models and plan are unknown. Restore the file or run the audit again in a new folder.`,
      );
    }
    for (const { completions, generated, setAside } of this.#passes.values()) {
      for (const id of completions.keys()) {
        generated.delete(id);
        setAside.delete(id);
      }
    }
    return {
      header: this.#header,
      prefills: this.#prefills,
      ...this.#passes.get(PLAIN)!,
      passes: this.#passes,
      amplification: this.#amplification,
      runs: this.#runs,
      problems: this.#problems,
      halfLineBytes: this.#halfLineBytes,
      endsWhole: this.#endsWhole,
    };
  }

  /** Returns why the line cannot be used, or null. */
  #takeBytes(bytes: Buffer, check: LineCheck, line: number): string | null {
    if (isBlank(bytes)) return null;
    if (this.#header === null) return this.#take(bytes, check, line);
    return describeCheck({ bytes, check }, this.#isSealed) ?? this.#take(bytes, check, line);
  }

  #take(bytes: Buffer, check: LineCheck, line: number): string | null {
    let value: unknown;
    try {
      value = parseJson(bytes.toString('utf8'));
    } catch {
      return 'not JSON';
    }
    const about = readCompletionLine(value);
    if (about) return this.#takeAbout(about);
    const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
    switch (type) {
      case 'amplification': {
        const amplification = checkShape(amplificationLineSchema, value);
        if (!amplification.success) return 'not a readable line of amplified writing';
        this.#amplification.set(amplification.data.framing, amplification.data);
        return null;
      }
      case 'run': {
        const run = checkShape(runLineSchema, value);
        if (!run.success) return 'not a readable run line';
        this.#runs.push(run.data);
        return null;
      }
      case 'header':
        return this.#takeHeader(value as object, bytes, check, line);
      case 'prefills': {
        const prefills = checkShape(prefillsLineSchema, value);
        if (!prefills.success) return 'not a readable line of prefills';
        this.#prefills ??= prefills.data;
        return null;
      }
      default:
        return 'unknown type of line';
    }
  }

  #takeAbout({ pass, kind, line }: CompletionLineOf): string | null {
    const known = this.#passes.get(pass);
    if (!known && this.#passes.size >= PASSES_AT_MOST) return `of more than ${PASSES_AT_MOST} passes`;
    const taken = known ?? newPass();
    this.#passes.set(pass, taken);
    switch (kind) {
      case 'completion':
        return this.#takeCompletion(line, taken.completions);
      case 'generated':
        return this.#takeGenerated(line, taken.completions, taken.generated);
      case 'setAside': {
        const setAside = checkShape(setAsideLineSchema, line);
        if (!setAside.success) return 'not a readable line of a completion set aside';
        taken.setAside.set(setAside.data.id, setAside.data);
        return null;
      }
      case 'confirmation':
        return this.#takeConfirmation(line, taken.confirmations);
      case 'imported':
        return 'an imported completion in an audit that was run';
    }
  }

  #takeCompletion(value: unknown, taken: Map<number, MeasuredRecord>): string | null {
    const line = checkShape(completionLineSchema, value);
    if (!line.success) return `not a readable completion (${line.error.issues[0]?.path.join('.') ?? 'shape'})`;
    if (taken.has(line.data.id)) return null;
    try {
      taken.set(line.data.id, decodeCompletion(line.data, this.#pieces));
      return null;
    } catch (error) {
      return `not a readable completion (${(error as Error).message})`;
    }
  }

  #takeGenerated(value: unknown, scored: ReadonlyMap<number, MeasuredRecord>, taken: Map<number, GeneratedCompletion>): string | null {
    const line = checkShape(generatedLineSchema, value);
    if (!line.success) return `not a readable generated completion (${line.error.issues[0]?.path.join('.') ?? 'shape'})`;
    const before = taken.get(line.data.id);
    if (scored.has(line.data.id) || (before && (hasLogprobs(before) || !line.data.lpF))) return null;
    try {
      taken.set(line.data.id, decodeGenerated(line.data, this.#pieces));
      return null;
    } catch (error) {
      return `not a readable generated completion (${(error as Error).message})`;
    }
  }

  #takeConfirmation(value: unknown, taken: Map<number, Confirmation>): string | null {
    const line = checkShape(confirmationLineSchema, value);
    if (!line.success) return `not a readable confirmation (${line.error.issues[0]?.path.join('.') ?? 'shape'})`;
    try {
      taken.set(line.data.id, decodeConfirmation(line.data, this.#pieces));
      return null;
    } catch (error) {
      return `not a readable confirmation (${(error as Error).message})`;
    }
  }

  #takeHeader(
    value: { readonly formatVersion?: unknown; readonly tool?: unknown; readonly imported?: unknown },
    bytes: Buffer,
    check: LineCheck,
    line: number,
  ): string | null {
    if (value.imported !== undefined) throw new AuditError('badJournal', NO_RESUME_OF_IMPORTS);
    const version = value.formatVersion;
    if (typeof version === 'number' && version > JOURNAL_FORMAT_VERSION) {
      throw new AuditError(
        'badJournal',
        `${this.#path} has format version ${version} (written by Finetune Auditor ${readVersion(value.tool)}); ` +
          `this version reads up to ${JOURNAL_FORMAT_VERSION}. Update Finetune Auditor to open it.`,
      );
    }
    const header = checkShape(headerLineSchema, value);
    if (!header.success) return `not a readable header (${header.error.issues[0]?.path.join('.') ?? 'shape'})`;
    if (this.#header !== null) return null;
    this.#header = header.data;
    // Whichever of the two is damaged, the other says that there ought to be both.
    this.#isSealed = check !== 'none' || hasChecksums(header.data);
    // Without its header a journal is lost, so one that is damaged is used, and the reader told to mistrust it.
    const fault = describeCheck({ bytes, check }, this.#isSealed);
    if (fault !== null) this.#report({ line, reason: fault, used: true });
    const planFault = findPlanFault(header.data.plan);
    if (planFault !== null) this.#report({ line, reason: `its plan cannot be meant, and no run goes by it: ${planFault}`, used: true });
    return null;
  }
}

function readVersion(tool: unknown): string {
  const version = typeof tool === 'object' && tool !== null ? (tool as { version?: unknown }).version : undefined;
  return typeof version === 'string' ? version.slice(0, LONGEST_VERSION) : '?';
}
