/** An audit to be handed on: its journal and findings, without the paths of this machine and the name of its user. */
import { homedir, userInfo } from 'node:os';
import { posix, win32 } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { AuditError } from '../../audit/errors.js';
import { isAddress, isEndpoint, type AuditPlan, type ModelSource } from '../../audit/plan.js';
import type { ModelIdentity } from '../../audit/language-model.js';
import { readAuditFile } from './audit-files.js';
import { isBundled } from '../plan/bundled.js';
import { FINDINGS_FILE } from '../findings/findings-log.js';
import { headerLineSchema, JOURNAL_FILE, type HeaderLine } from './journal-format.js';
import { describeCheck, sealLine, unsealLine } from './journal-line.js';
import { readJournalLines } from './journal-lines.js';
import { readCompletionLine } from './line-types.js';
import { parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';

const FINDINGS_BYTES_AT_MOST = 64 << 20;
const ACCOUNT = 'auditor';
/** A plan has some ten paths; a header with more was made to take time. */
const FOLDERS_AT_MOST = 100;
const LONGEST_FOLDER = 4096;
/** Types of lines whose texts this program wrote, in which paths can stand; what models wrote is left as it is. */
const isTold = (value: Line): boolean => value.type === 'run' || readCompletionLine(value)?.kind === 'setAside';
const PATH = /(^|[\s"'`(“‘=])((?:[A-Za-z]:)?[\\/](?:[^\s\\/"'`()“”‘’]+[\\/])+)/g;

export interface ExportedAudit {
  /** A zip archive; unpacked, it is the folder of an audit. */
  readonly archive: Uint8Array;
  /** Lines that cannot be read and are left out. */
  readonly leftOut: number;
}

/**
 * @param folder the audit's folder
 * @param name of the folder within the archive
 * @throws AuditError `fileNotFound`, `badJournal`
 */
export async function exportAudit(folder: string, name: string, signal?: AbortSignal): Promise<ExportedAudit> {
  let scrub = makeScrubber([folder]);
  const lines: string[] = [];
  let isSealed = false;
  let leftOut = 0;
  for await (const { bytes, check } of readJournalLines(folder, signal)) {
    const text = bytes?.toString('utf8') ?? '';
    if (bytes && text.trim() === '') continue;
    const value = bytes && (lines.length === 0 || describeCheck({ bytes, check }, isSealed) === null) ? readObject(unsealLine(text)) : null;
    if (value === null) leftOut++;
    else if (value.type === 'header') {
      if (lines.length > 0) continue;
      isSealed = check !== 'none';
      // Messages are about the plan's files; a blank in a path would hide where it ends.
      scrub = makeScrubber([folder, ...listPaths(value)]);
      // A header with a checksum would say that all lines have one.
      lines.push(write(scrubHeader(value, scrub), isSealed));
    } else if (lines.length === 0) leftOut++;
    else if (isTold(value)) lines.push(write(scrubTexts(value, scrub), check !== 'none'));
    else lines.push(`${text}\n`);
  }
  if (lines.length === 0) throw new AuditError('badJournal', `The journal in ${folder} has no header that can be read, so there is nothing to hand on.`);
  const findings = await readAuditFile(folder, FINDINGS_FILE, FINDINGS_BYTES_AT_MOST).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const files = {
    [`${name}/${JOURNAL_FILE}`]: strToU8(lines.join('')),
    [`${name}/.gitattributes`]: strToU8(`${FINDINGS_FILE} merge=union\n`),
    ...(findings !== '' && { [`${name}/${FINDINGS_FILE}`]: strToU8(renameAccount(findings)) }),
  };
  return { archive: zipSync(files), leftOut };
}

type Line = Readonly<Record<string, unknown>> & { readonly type: string };

function readObject(text: string): Line | null {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string' ? (value as Line) : null;
  } catch {
    return null;
  }
}

function write(value: object, sealed: boolean): string {
  return sealed ? sealLine(value) : `${JSON.stringify(value)}\n`;
}

type Scrub = (text: string) => string;

function scrubHeader(value: Line, scrub: Scrub): object {
  const parsed = checkShape(headerLineSchema, value);
  return scrubTexts(parsed.success ? withoutPaths(parsed.data) : withoutAccess(value), scrub);
}

/** Fields of a model source that say how somebody gets in, wherever they stand in a header of no known shape. */
const ACCESS_FIELDS: ReadonlySet<string> = new Set(['apiKeyEnv', 'headers']);

/** The same for what is no header of this version: nothing of it is known but the names of some fields, and that paths end in a file's name. */
function withoutAccess<T>(value: T): T {
  if (typeof value === 'string') return (isAbsolutePath(value) ? lastName(value) : value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutAccess(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !ACCESS_FIELDS.has(key))
      .map(([key, inner]: [string, unknown]) => [key, withoutAccess(inner)]),
  ) as T;
}

function isAbsolutePath(text: string): boolean {
  return !text.includes('\n') && (posix.isAbsolute(text) || win32.isAbsolute(text));
}

function withoutPaths(header: HeaderLine): HeaderLine {
  const { plan, finetuned, reference, noiseModel } = header;
  return {
    ...header,
    plan: planWithoutPaths(plan),
    finetuned: identify(finetuned),
    reference: identify(reference),
    ...(noiseModel && { noiseModel: identify(noiseModel) }),
  };
}

function planWithoutPaths(plan: AuditPlan): AuditPlan {
  const { noiseFloor, prefillFile } = plan;
  return {
    ...plan,
    finetuned: sourceWithoutPaths(plan.finetuned),
    reference: sourceWithoutPaths(plan.reference),
    corpus: plan.corpus.map(lastName),
    ...(prefillFile !== undefined && { prefillFile: lastName(prefillFile) }),
    ...(noiseFloor && { noiseFloor: { ...noiseFloor, model: sourceWithoutPaths(noiseFloor.model) } }),
  };
}

/** Headers and names of variables say how somebody gets in. */
function sourceWithoutPaths(source: ModelSource): ModelSource {
  if (isEndpoint(source)) return { endpoint: source.endpoint, model: source.model };
  return { gguf: lastName(source.gguf), lora: source.lora.map(({ path, scale }) => ({ path: lastName(path), scale })) };
}

function identify(identity: ModelIdentity): ModelIdentity {
  return { ...identity, source: lastName(identity.source), adapters: identity.adapters.map((adapter) => ({ ...adapter, source: lastName(adapter.source) })) };
}

/** The name of a file; addresses stay as they are. */
function lastName(path: string): string {
  if (isBundled(path) || isAddress(path) || /^[a-z][a-z+]+:/i.test(path)) return path;
  return win32.basename(posix.basename(path));
}

/** Every text within a value. Values of journals are nested no deeper than {@link parseJson} lets them. */
function scrubTexts<T>(value: T, scrub: Scrub): T {
  if (typeof value === 'string') return scrub(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => scrubTexts(item, scrub)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'crc')
      .map(([key, inner]: [string, unknown]) => [key, scrubTexts(inner, scrub)]),
  ) as T;
}

/**
 * Takes folders off paths in a text.
 * @param paths whose folders are known, also where there are blanks in them
 */
function makeScrubber(paths: readonly string[]): Scrub {
  const folders = paths.flatMap((path) => [posix, win32].filter(({ isAbsolute }) => isAbsolute(path)).map(({ dirname, sep }) => `${dirname(path)}${sep}`));
  const home = homedir();
  const known = [...new Set([...folders, ...(home.length > 1 ? [`${home}/`, `${home}\\`, home] : [])])]
    .filter((prefix) => prefix.length > 2 && prefix.length <= LONGEST_FOLDER)
    .sort((a, b) => b.length - a.length)
    .slice(0, FOLDERS_AT_MOST);
  return (text) => known.reduce((rest, prefix) => rest.replaceAll(prefix, ''), text).replace(PATH, '$1');
}

/** Absolute paths in a header, whatever its shape. */
function listPaths(value: unknown): string[] {
  if (typeof value === 'string') return isAbsolutePath(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listPaths) : [];
}

/** A person's chosen name is theirs to show; the name of the account is this machine's. */
function renameAccount(findings: string): string {
  let account: string;
  try {
    account = userInfo().username;
  } catch {
    return findings;
  }
  const rename = (name: unknown) => (name === account ? ACCOUNT : name);
  return findings
    .split('\n')
    .map((line) => {
      if (!line.includes(account)) return line;
      try {
        const { author, also, ...event } = parseJson(line) as Record<string, unknown>;
        return JSON.stringify({ ...event, ...(Array.isArray(also) && { also: also.map(rename) }), author: rename(author) });
      } catch {
        return line;
      }
    })
    .join('\n');
}
