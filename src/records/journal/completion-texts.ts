/** The texts of a few completions, from a journal of which nothing else is decoded. */
import type { CompletionRecord } from '../../audit/completion.js';
import { joinForReading, textsOf } from '../../audit/seam.js';
import { completionLineSchema, decodeCompletion } from './completion-line.js';
import { decodeImported, importedLineSchema } from '../import/imported-lines.js';
import { readJournalLines } from './journal-lines.js';
import { parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';

/** Type and id stand first in the lines that this program writes. */
const LINE_START = /^\{"type":"(?:completion|imported)","id":(\d+),/;
const LINE_START_BYTES = 64;

/** Prefill and completion as one text to be read. */
export function textOfCompletion(record: CompletionRecord): string {
  return joinForReading(textsOf(record));
}

/**
 * By completion; one that is not there, or cannot be read, is missing.
 * @throws AuditError `fileNotFound`, `badJournal`, `cancelled`
 */
export async function readCompletionTexts(folder: string, ids: ReadonlySet<number>, signal?: AbortSignal): Promise<Map<number, string>> {
  const texts = new Map<number, string>();
  for await (const { bytes: line, check } of readJournalLines(folder, signal)) {
    if (line === null || check === 'wrong') continue;
    const id = LINE_START.exec(line.toString('latin1', 0, LINE_START_BYTES))?.[1];
    if (id === undefined || !ids.has(Number(id)) || texts.has(Number(id))) continue;
    const record = readRecord(line.toString('utf8'));
    if (record) texts.set(record.id, textOfCompletion(record));
    if (texts.size === ids.size) break;
  }
  return texts;
}

function readRecord(text: string): CompletionRecord | null {
  try {
    const value: unknown = parseJson(text);
    const completion = checkShape(completionLineSchema, value);
    if (completion.success) return decodeCompletion(completion.data);
    const imported = checkShape(importedLineSchema, value);
    return imported.success ? { kind: 'imported', ...decodeImported(imported.data), scoreIs: null } : null;
  } catch {
    return null;
  }
}
