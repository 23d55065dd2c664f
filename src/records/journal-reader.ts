/** Reads `audit.jsonl`, line by line, and makes do with what is there: a half last line, broken lines in the middle. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { CompletionRecord } from '../audit/completion.js';
import { AuditError } from '../audit/errors.js';
import type { GeneratedCompletion } from '../audit/language-model.js';
import { hasLogprobs } from '../audit/wave/has-logprobs.js';
import { completionLineSchema, decodeCompletion, decodeGenerated, generatedLineSchema, type PieceCache } from './completion-line.js';
import { describeFileError } from './file-errors.js';
import { isJson } from './json-lines.js';
import {
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

export interface Journal {
  /** `null` where a run ended before it could write one: nothing was measured then. */
  readonly header: HeaderLine | null;
  readonly prefills: PrefillsLine | null;
  /** By id, in the order of the file; the first line of an id counts. */
  readonly completions: ReadonlyMap<number, CompletionRecord>;
  /** The same for the completions of the noise floor, whose ids are counted on their own. */
  readonly noiseFloor: ReadonlyMap<number, CompletionRecord>;
  /** What a server generated and the reference has not scored, by id; the first line with logprobs counts. */
  readonly generated: ReadonlyMap<number, GeneratedCompletion>;
  /** The same for the noise floor. */
  readonly noiseGenerated: ReadonlyMap<number, GeneratedCompletion>;
  /** What the audit went on without, by id; the last line of an id counts. */
  readonly setAside: ReadonlyMap<number, SetAsideLine>;
  /** The same for the noise floor. */
  readonly noiseSetAside: ReadonlyMap<number, SetAsideLine>;
  readonly runs: readonly RunLine[];
  readonly problems: readonly JournalProblem[];
  /** Bytes after the last newline: a line that is being written, or was when the writer ended. */
  readonly halfLineBytes: number;
}

/** As much of a journal as its audit's state follows from. */
export interface JournalFacts extends Pick<Journal, 'header' | 'prefills' | 'runs'> {
  readonly completions: { readonly size: number };
  readonly noiseFloor: { readonly size: number };
  readonly setAside: { readonly size: number };
  readonly noiseSetAside: { readonly size: number };
  readonly generated: { readonly size: number };
}

export interface JournalProblem {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** Whether a run came to its end: everything that the plan asks for was there then, or was set aside. */
export function hasFinished({ runs }: Pick<Journal, 'runs'>): boolean {
  return runs.some(({ event }) => event === 'finished');
}

/** Whether there may be more of the noise floor to measure. Across tokenizers its prefills can turn out to be fewer than these. */
export function mayLackNoiseFloor({ header, prefills, noiseFloor }: Pick<JournalFacts, 'header' | 'prefills' | 'noiseFloor'>): boolean {
  const limit = header?.plan.noiseFloor?.prefills ?? 0;
  const counts = Object.values(prefills?.prefills ?? {}).map((list) => Math.min(list.length, limit));
  return noiseFloor.size < counts.reduce((sum, count) => sum + count, 0);
}

/** Whether there is any completion, of the audit or of its noise floor, scored or not. */
export function hasMeasured({ completions, noiseFloor, generated }: Pick<JournalFacts, 'completions' | 'noiseFloor' | 'generated'>): boolean {
  return completions.size > 0 || noiseFloor.size > 0 || generated.size > 0;
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

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/**
 * @param folder the audit's folder
 * @throws AuditError `fileNotFound` without a journal; `badJournal` where a newer version wrote it or it is no journal.
 */
export async function readJournal(folder: string, signal?: AbortSignal): Promise<Journal> {
  const path = join(folder, JOURNAL_FILE);
  const reading = new JournalReading(path);
  let rest: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      if (signal?.aborted) throw new AuditError('cancelled', 'Reading was cancelled.');
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        const piece = chunk.subarray(start, end);
        reading.addLine(rest.length > 0 ? Buffer.concat([...rest, piece]) : piece);
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    throw describeFileError(error, path, 'read');
  }
  return reading.finish(Buffer.concat(rest));
}

class JournalReading {
  #header: HeaderLine | null = null;
  #prefills: PrefillsLine | null = null;
  readonly #completions = new Map<number, CompletionRecord>();
  readonly #noiseFloor = new Map<number, CompletionRecord>();
  readonly #generated = new Map<number, GeneratedCompletion>();
  readonly #noiseGenerated = new Map<number, GeneratedCompletion>();
  readonly #setAside = new Map<number, SetAsideLine>();
  readonly #noiseSetAside = new Map<number, SetAsideLine>();
  readonly #pieces: PieceCache = new Map();
  readonly #runs: RunLine[] = [];
  readonly #problems: JournalProblem[] = [];
  #line = 0;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  addLine(bytes: Buffer): void {
    this.#line++;
    const text = bytes.toString('utf8');
    if (text.trim() === '') return;
    const reason = this.#take(text);
    if (reason) this.#problems.push({ line: this.#line, reason });
  }

  finish(rest: Buffer): Journal {
    // A whole line that only lacks its newline was measured like any other.
    const whole = rest.length > 0 && isJson(rest.toString('utf8'));
    if (whole) this.addLine(rest);
    if (!this.#header && (this.#completions.size > 0 || this.#problems.length > 0)) {
      throw new AuditError(
        'badJournal',
        `${this.#path} has no readable header, so its models and plan are unknown. Restore the file or run the audit again in a new folder.`,
      );
    }
    for (const id of this.#completions.keys()) {
      this.#generated.delete(id);
      this.#setAside.delete(id);
    }
    for (const id of this.#noiseFloor.keys()) {
      this.#noiseGenerated.delete(id);
      this.#noiseSetAside.delete(id);
    }
    return {
      header: this.#header,
      prefills: this.#prefills,
      completions: this.#completions,
      noiseFloor: this.#noiseFloor,
      generated: this.#generated,
      noiseGenerated: this.#noiseGenerated,
      setAside: this.#setAside,
      noiseSetAside: this.#noiseSetAside,
      runs: this.#runs,
      problems: this.#problems,
      halfLineBytes: rest.length,
    };
  }

  /** Returns why the line cannot be used, or null. */
  #take(text: string): string | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'not JSON';
    }
    const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
    switch (type) {
      case 'completion':
        return this.#takeCompletion(value, this.#completions);
      case 'noiseFloor':
        return this.#takeCompletion(value, this.#noiseFloor);
      case 'generated':
        return this.#takeGenerated(value, this.#completions, this.#generated);
      case 'noiseGenerated':
        return this.#takeGenerated(value, this.#noiseFloor, this.#noiseGenerated);
      case 'setAside':
      case 'noiseSetAside': {
        const line = setAsideLineSchema.safeParse(value);
        if (!line.success) return 'not a readable line of a completion set aside';
        (line.data.type === 'setAside' ? this.#setAside : this.#noiseSetAside).set(line.data.id, line.data);
        return null;
      }
      case 'run': {
        const run = runLineSchema.safeParse(value);
        if (!run.success) return 'not a readable run line';
        this.#runs.push(run.data);
        return null;
      }
      case 'header':
        return this.#takeHeader(value as { formatVersion?: unknown; tool?: { version?: unknown } });
      case 'prefills': {
        const prefills = prefillsLineSchema.safeParse(value);
        if (!prefills.success) return 'not a readable line of prefills';
        this.#prefills ??= prefills.data;
        return null;
      }
      default:
        return 'unknown type of line';
    }
  }

  #takeCompletion(value: unknown, taken: Map<number, CompletionRecord>): string | null {
    const line = completionLineSchema.safeParse(value);
    if (!line.success) return `not a readable completion (${line.error.issues[0]?.path.join('.') ?? 'shape'})`;
    if (taken.has(line.data.id)) return null;
    try {
      taken.set(line.data.id, decodeCompletion(line.data, this.#pieces));
      return null;
    } catch (error) {
      return `not a readable completion (${(error as Error).message})`;
    }
  }

  #takeGenerated(value: unknown, scored: ReadonlyMap<number, CompletionRecord>, taken: Map<number, GeneratedCompletion>): string | null {
    const line = generatedLineSchema.safeParse(value);
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

  #takeHeader(value: { formatVersion?: unknown; tool?: { version?: unknown }; imported?: unknown }): string | null {
    if (value.imported !== undefined) throw new AuditError('badJournal', NO_RESUME_OF_IMPORTS);
    const version = value.formatVersion;
    if (typeof version === 'number' && version > JOURNAL_FORMAT_VERSION) {
      throw new AuditError(
        'badJournal',
        `${this.#path} has format version ${version} (written by Finetune Auditor ${String(value.tool?.version ?? '?')}); ` +
          `this version reads up to ${JOURNAL_FORMAT_VERSION}. Update Finetune Auditor to open it.`,
      );
    }
    const header = headerLineSchema.safeParse(value);
    if (!header.success) return `not a readable header (${header.error.issues[0]?.path.join('.') ?? 'shape'})`;
    this.#header ??= header.data;
    return null;
  }
}
