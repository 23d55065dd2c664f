/** The process that reads a Parquet file: it holds the bytes, and hands out rows as it is asked. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema, type AsyncBuffer, type Compressors, type FileMetaData } from 'hyparquet';
import { compressors as allCompressors } from 'hyparquet-compressors';
import { endWithParent } from '../../../messages/end-with-parent.js';
import { BYTES_AT_MOST, COLUMNS_AT_MOST } from '../limits.js';
import { describeUnreadable, UnreadableFile } from '../unreadable.js';
import type { OpenAnswer, OpenParquetRequest, ParquetRequest, ReadAnswer, ReadRequest } from './messages.js';

/** Rows of nothing but repeated values take few bytes, but not fewer than this allows. */
const ROWS_PER_BYTE = 50;
const ROWS_OF_A_SMALL_FILE = 100_000;

let file: AsyncBuffer | undefined;
let metadata: FileMetaData | undefined;

/** A page says itself how large it will be. */
const compressors: Compressors = Object.fromEntries(
  Object.entries(allCompressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number): Uint8Array => {
      requireSize(outputLength);
      return decompress!(input, outputLength);
    },
  ]),
);

function requireSize(bytes: number): void {
  if (!(bytes >= 0 && bytes <= BYTES_AT_MOST))
    throw new UnreadableFile(`unpacked, a part of it is larger than ${BYTES_AT_MOST >> 20} MiB. Write it again, in smaller row groups.`);
}

async function open({ source }: OpenParquetRequest): Promise<OpenAnswer> {
  file = typeof source === 'string' ? await asyncBufferFromFile(source) : bufferOf(source);
  const { byteLength } = file;
  metadata = await parquetMetadataAsync(file);
  const { children } = parquetSchema(metadata);
  if (children.length > COLUMNS_AT_MOST) throw new UnreadableFile(`it has more than ${COLUMNS_AT_MOST} columns. Take those that are needed.`);
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  const most = Math.max(ROWS_OF_A_SMALL_FILE, ROWS_PER_BYTE * byteLength);
  if (!Number.isSafeInteger(rows) || rows < 0 || rows > most)
    throw new UnreadableFile(
      `it says that it has ${rows.toLocaleString('en')} rows, which ${byteLength.toLocaleString('en')} bytes cannot hold. It is damaged, or meant to do harm.`,
    );
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data: chunk } of columns) {
      if (!chunk) continue;
      requireSize(Number(chunk.total_uncompressed_size));
      if (Number(chunk.num_values) > 100 * most)
        throw new UnreadableFile(
          `it says that a column has ${Number(chunk.num_values).toLocaleString('en')} values, which ${byteLength.toLocaleString('en')} bytes cannot hold. It is damaged, or meant to do harm.`,
        );
    }
  }
  return { rows, columns: children.map(({ element }) => ({ name: element.name, isText: element.type === undefined || element.type === 'BYTE_ARRAY' })) };
}

function bufferOf(bytes: Uint8Array): AsyncBuffer {
  // A buffer's own slice would be a view of more than is asked for.
  return { byteLength: bytes.length, slice: (start, end) => Uint8Array.prototype.slice.call(bytes, start, end).buffer };
}

async function read({ columns, start, end }: ReadRequest): Promise<ReadAnswer> {
  if (!file || !metadata) throw new Error('no file is open');
  const rows = await parquetReadObjects({ file, metadata, columns: [...columns], rowStart: start, rowEnd: end, compressors });
  return { slice: rows.map((row) => toPlain(row) as Record<string, unknown>) };
}

/** Values as JSON would have them. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return null;
  if (Array.isArray(value)) return value.map(toPlain);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toPlain(inner)]));
}

async function answer(request: ParquetRequest): Promise<OpenAnswer | ReadAnswer> {
  return request.kind === 'open' ? open(request) : read(request);
}

process.on('message', (request: ParquetRequest) => {
  void answer(request)
    .catch((error: unknown) => ({ failure: describeUnreadable(error) }))
    .then((message) => process.send?.(message));
});
endWithParent();
