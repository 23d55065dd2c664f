/** Summarises an audit's progress from its journal without decoding completions, for lists of audits. */
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
import { LINE_START_BYTES, peekCompletionLine, readCompletionLine, type CompletionLineOf } from './line-types.js';
import { readJournalLines, type JournalLine } from './journal-lines.js';
import { findJournalWriter } from './journal-lock.js';
import type { JournalFacts } from './journal-reader.js';
import { parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';

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
  readonly passes = new Map<string, CountedPass>();
  /** The header of an imported audit, and its completions. */
  imported: ImportedHeader | null = null;
  readonly importedCompletions = new Set<number>();
  /** Whether every line ought to have a checksum. */
  #isSealed = false;

  addLine({ bytes, check, hasNewline }: JournalLine): void {
    if (bytes === null || (this.#begun && describeCheck({ bytes, check }, this.#isSealed) !== null)) return;
    const about = peekCompletionLine(bytes.toString('latin1', 0, LINE_START_BYTES));
    // A last line without its newline counts only where it is whole.
    if (about === null || !hasNewline) this.#addParsed(bytes, check);
    else this.#count(about, about.id);
  }

  get #begun(): boolean {
    return this.header !== null || this.imported !== null;
  }

  #addParsed(line: Buffer, check: LineCheck): void {
    let value: { readonly type?: unknown } | null;
    try {
      value = parseJson(line.toString('utf8')) as typeof value;
    } catch {
      return;
    }
    const about = readCompletionLine(value);
    if (about) {
      const { id } = about.line as { readonly id?: unknown };
      if (typeof id === 'number') this.#count(about, id);
      return;
    }
    switch (value?.type) {
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

  #count({ pass, kind }: Pick<CompletionLineOf, 'pass' | 'kind'>, id: number): void {
    if (kind === 'confirmation') return;
    if (kind === 'imported') {
      this.importedCompletions.add(id);
      return;
    }
    const counted = this.passes.get(pass) ?? new CountedPass();
    this.passes.set(pass, counted);
    counted.add(kind, id);
  }
}

class CountedPass {
  readonly completions = new Set<number>();
  readonly generated = new Set<number>();
  readonly #setAside = new Set<number>();

  get setAside(): { readonly size: number } {
    return { size: [...this.#setAside].filter((id) => !this.completions.has(id)).length };
  }

  add(kind: Exclude<CompletionLineOf['kind'], 'imported' | 'confirmation'>, id: number): void {
    ({ completion: this.completions, generated: this.generated, setAside: this.#setAside })[kind].add(id);
  }
}
