/** The lines of a journal as bytes, one after the other, without keeping the file. */
import { createReadStream } from 'node:fs';
import { throwIfCancelled } from '../audit/errors.js';
import { describeFileError } from './file-errors.js';

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;

export interface JournalBytes {
  readonly line: Buffer;
  /** A last line without its newline may be half of one. */
  readonly isLast: boolean;
}

/** @throws AuditError `fileNotFound`, `badJournal`, `cancelled` */
export async function* readJournalLines(path: string, signal?: AbortSignal): AsyncGenerator<JournalBytes, void, undefined> {
  try {
    let rest: Buffer[] = [];
    const chunks = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal }) as AsyncIterable<Buffer>;
    for await (const chunk of chunks) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        const piece = chunk.subarray(start, end);
        yield { line: rest.length > 0 ? Buffer.concat([...rest, piece]) : piece, isLast: false };
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
    yield { line: Buffer.concat(rest), isLast: true };
  } catch (error) {
    throwIfCancelled(signal);
    throw describeFileError(error, path, 'read');
  }
}
