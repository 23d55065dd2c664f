/** Writes completions until it is killed, the disk is full, or `count` are written. Args: folder, tokens each, count. */
import { AuditError } from '../../../../src/audit/errors.js';
import { makeHeaderLine, makePrefillsLine } from '../../../../src/records/journal/journal-format.js';
import { JournalWriter } from '../../../../src/records/journal/journal-writer.js';
import { makeRecord, plan, setup } from '../../../pure/records/example-audit.js';

const [folder, tokens, count] = process.argv.slice(2) as [string, string, string];
try {
  const { writer } = await JournalWriter.open(folder);
  if (writer.empty) await writer.begin(makeHeaderLine(plan, setup, '0.0.0', new Date()), makePrefillsLine(setup));
  await writer.addRun('started');
  for (let id = 0; id < Number(count); id++) {
    await writer.addCompletion(makeRecord(id, Number(tokens)));
    if (id === 2) console.log('writing');
  }
  await writer.close();
  console.log(JSON.stringify({ code: 'none' }));
} catch (error) {
  if (!(error instanceof AuditError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
