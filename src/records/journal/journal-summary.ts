/** How far an audit is, from its journal without decoding the completions: a list of audits shows it for each. */
import type { AuditStatus } from '../../messages/page.js';
import { describeImportedStatus, describeStatus } from './audit-folder.js';
import { importedHeaderSchema, type ImportedHeader } from '../import/imported-lines.js';
import {
  hasChecksums,
  headerLineSchema,
  prefillsLineSchema,
  readSetup,
  runLineSchema,
  type HeaderLine,
  type PrefillsLine,
  type RunLine,
} from './journal-format.js';
import { describeCheck, type LineCheck } from './journal-line.js';
import { readJournalLines, type JournalLine } from './journal-lines.js';
import { findJournalWriter } from './journal-lock.js';
import type { JournalFacts } from './journal-reader.js';
import { parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';

/** Type and id stand first in the lines that this program writes. */
const LINE_START = /^\{"type":"(completion|noiseFloor|generated|noiseGenerated|setAside|noiseSetAside|imported)","id":(\d+),/;
const LINE_START_BYTES = 64;

/**
 * The status that {@link readAudit} would find, but for completions that cannot be read: they are counted here. Lines of
 * completions are not parsed where type and id stand first.
 * @param folder the audit's folder
 * @throws AuditError `fileNotFound`, `badJournal`, `cancelled`
 */
export async function summariseJournal(folder: string, signal?: AbortSignal): Promise<AuditStatus> {
  const facts = new CountedJournal();
  for await (const line of readJournalLines(folder, signal)) facts.addLine(line);
  const { header, prefills, imported } = facts;
  if (imported) return describeImportedStatus(imported, facts.importedCompletions.size);
  return describeStatus(facts, header && prefills && readSetup(header, prefills), await findJournalWriter(folder));
}

class CountedJournal implements JournalFacts {
  header: HeaderLine | null = null;
  prefills: PrefillsLine | null = null;
  readonly runs: RunLine[] = [];
  readonly completions = new Set<number>();
  readonly noiseFloor = new Set<number>();
  /** The header of an imported audit, and its completions. */
  imported: ImportedHeader | null = null;
  readonly importedCompletions = new Set<number>();
  readonly generated = new Set<number>();
  readonly #setAside = new Set<number>();
  /** Whether every line ought to have a checksum. */
  #isSealed = false;
  readonly #noiseSetAside = new Set<number>();

  get setAside(): { readonly size: number } {
    return { size: [...this.#setAside].filter((id) => !this.completions.has(id)).length };
  }

  get noiseSetAside(): { readonly size: number } {
    return { size: [...this.#noiseSetAside].filter((id) => !this.noiseFloor.has(id)).length };
  }

  addLine({ bytes, check, hasNewline }: JournalLine): void {
    if (bytes === null || (this.#begun && describeCheck({ bytes, check }, this.#isSealed) !== null)) return;
    const [, type, id] = LINE_START.exec(bytes.toString('latin1', 0, LINE_START_BYTES)) ?? [];
    // A last line without its newline counts only where it is whole.
    if (type === undefined || !hasNewline) this.#addParsed(bytes, check);
    else this.#count(type, Number(id));
  }

  get #begun(): boolean {
    return this.header !== null || this.imported !== null;
  }

  #addParsed(line: Buffer, check: LineCheck): void {
    let value: { readonly type?: unknown; readonly id?: unknown } | null;
    try {
      value = parseJson(line.toString('utf8')) as typeof value;
    } catch {
      return;
    }
    switch (value?.type) {
      case 'completion':
      case 'noiseFloor':
      case 'setAside':
      case 'noiseSetAside':
      case 'generated':
      case 'noiseGenerated':
      case 'imported':
        if (typeof value.id === 'number') this.#count(value.type, value.id);
        break;
      case 'header':
        if (this.#begun) break;
        this.header = checkShape(headerLineSchema, value).data ?? null;
        this.imported = checkShape(importedHeaderSchema, value).data ?? null;
        this.#isSealed = check !== 'none' || hasChecksums(this.header ?? this.imported ?? {});
        break;
      case 'prefills':
        this.prefills ??= checkShape(prefillsLineSchema, value).data ?? null;
        break;
      case 'run': {
        const run = checkShape(runLineSchema, value);
        if (run.success) this.runs.push(run.data);
      }
    }
  }

  #count(type: string, id: number): void {
    if (type === 'completion') this.completions.add(id);
    else if (type === 'noiseFloor') this.noiseFloor.add(id);
    else if (type === 'setAside') this.#setAside.add(id);
    else if (type === 'noiseSetAside') this.#noiseSetAside.add(id);
    else if (type === 'generated') this.generated.add(id);
    else if (type === 'imported') this.importedCompletions.add(id);
  }
}
