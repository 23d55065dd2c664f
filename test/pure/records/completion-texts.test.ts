/** The texts of a few completions are those that the whole journal has. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { readCompletionTexts, textOfCompletion } from '../../../src/records/journal/completion-texts.js';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { makeRecord, plan, setup } from './example-audit.js';
import { makeTempFolder } from './temp-folder.js';

it('reads those that are asked for, as the whole journal has them, and leaves out what is not there', async () => {
  const folder = await makeTempFolder();
  const { writer } = await JournalWriter.open(folder);
  await writer.begin(makeHeaderLine(plan, setup, '0', new Date()), makePrefillsLine(setup));
  for (let id = 0; id < 8; id++) await writer.addCompletion(makeRecord(id, id + 1));
  await writer.addCompletion(makeRecord(99), 'noise');
  await writer.close();
  await appendFile(join(folder, 'audit.jsonl'), '{"type":"completion","id":50,"framing":"ra');
  const texts = await readCompletionTexts(folder, new Set([6, 2, 50, 77, 99]));
  const { records } = await readAudit(folder);
  expect([...texts].sort()).toEqual(records.filter(({ id }) => id === 2 || id === 6).map((record) => [record.id, textOfCompletion(record)]));
  expect(texts.get(2)).toBe('On a day word0 word1 word2');
});
