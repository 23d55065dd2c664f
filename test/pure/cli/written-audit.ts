/** An audit on disk with findings, as a run and a reader leave it. */
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { makeRecord, piece, plan, setup } from '../records/example-audit.js';

export const HOSTILE_TEXT = ' </p><script>alert(1)</script>\u001b[31m =SUM(A1)';

/** Four raw and four chat completions; number 2 is hostile. Every logprob of the reference is lower by `shift` times the id. */
export function makeRecords(shift = 0.1): MeasuredRecord[] {
  return Array.from({ length: 8 }, (_, id) => {
    const record = makeRecord(id);
    const tokens = id === 2 ? [piece(300, HOSTILE_TEXT), ...record.tokens.slice(1)] : record.tokens;
    return { ...record, tokens, reference: { kind: 'sameTokens', logprobs: record.logprobsFinetuned.map((logprob) => logprob - 0.5 - shift * id) } };
  });
}

export async function writeAudit(folder: string, records: readonly MeasuredRecord[] = makeRecords()): Promise<void> {
  const { writer } = await JournalWriter.open(folder);
  await writer.begin(makeHeaderLine(plan, setup, '0', new Date('2026-03-01T10:00:00Z')), makePrefillsLine(setup));
  for (const record of records) await writer.addCompletion(record);
  await writer.addRun('finished');
  await writer.close();
}

export async function addFindings(folder: string): Promise<void> {
  const findings = await FindingsFile.open(folder, 'Ada');
  await findings.set({ completionId: 6, label: 'revealing', category: 'false fact', note: 'says **it**' });
  await findings.set({ completionId: 4, label: 'notRevealing', category: null, note: '' });
  await findings.addSpan({ completionId: 2, span: { start: 8, end: 12 }, quote: 'quoted words', label: 'revealing', category: null, note: 'here' });
  await findings.setKeywordSets([{ name: 'words', words: ['word1', 'word2'] }]);
  await findings.setConclusion({ statement: 'It counts words. [#6]', confidence: 'medium', citations: [6], draftedBy: 'some model' });
  findings.dispose();
}
