/** Opens the journal of a folder for writing and keeps it until it is killed. */
import { JournalWriter } from '../../../../src/records/journal/journal-writer.js';

await JournalWriter.open(process.argv[2]!);
console.log('locked');
setInterval(() => undefined, 1000);
