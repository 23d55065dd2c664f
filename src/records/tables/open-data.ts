/** Opens a file of data, whatever it is packed in: text, the samples of an Inspect log, or Parquet. */
import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { decodeText } from './decode-text.js';
import { BYTES_AT_MOST } from './limits.js';
import { gunzip, isGzip, readFileBytes, type FileBytes } from './file-bytes.js';
import { UnreadableFile } from './unreadable.js';
import { isZip, readZip } from './zip.js';
import { isZstd, unzstd } from './zstd.js';

export type DataFile = DataText | DataSamples | DataParquet;

interface Opened {
  /** Hex, of the file as it lies there; `null` where only its beginning was wanted. */
  readonly sha256: string | null;
  /** Guesses that a reader must know. */
  readonly remarks: readonly string[];
}

export interface DataText extends Opened {
  readonly kind: 'text';
  /** Without a byte order mark. */
  readonly text: string;
  /** Of the file without its packing, in lower case, with the dot. */
  readonly extension: string;
  /** It goes on after the text. */
  readonly cut: boolean;
}

export interface DataSamples extends Opened {
  readonly kind: 'samples';
  readonly samples: readonly { readonly name: string; readonly text: string }[];
}

export interface DataParquet extends Opened {
  readonly kind: 'parquet';
  /** Its path, or what was unpacked. */
  readonly source: string | Buffer;
}

const HEAD_BYTES = 16;
/** Packed within packed, as in `x.jsonl.gz` within a zip. */
const LAYERS_AT_MOST = 3;

const OTHER_FORMATS: readonly (readonly [string, string])[] = [
  ['425a68', 'it is compressed with bzip2, which is not read. Unpack it with bunzip2.'],
  ['fd377a585a00', 'it is compressed with xz, which is not read. Unpack it with unxz.'],
  ['4152524f5731', 'it is an Arrow file, which is not read. Write it as Parquet or JSON lines.'],
  ['25504446', 'it is a PDF. Take its text out.'],
  ['53514c69746520666f726d6174', 'it is an SQLite database. Export the table as JSON lines.'],
];

export interface OpenDataOptions {
  /** Only the beginning is wanted, as much as this of the text; else all, and its hash. In bytes. */
  readonly beginning?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A file is read, and unpacked, up to a limit. Where its beginning is wanted, text that goes on is marked as cut; else it is refused.
 * @throws UnreadableFile with the reason; AuditError `cancelled`; what the file system says
 */
export async function openData(path: string, { beginning, signal }: OpenDataOptions = {}): Promise<DataFile> {
  const head = (await readFileBytes(path, HEAD_BYTES, signal)).bytes;
  if (beginning !== undefined && isParquet(head)) return { kind: 'parquet', sha256: null, remarks: [], source: path };
  // An archive is of no use in part.
  const bytesAtMost = beginning === undefined || isZip(head) ? BYTES_AT_MOST : Math.min(beginning, BYTES_AT_MOST);
  let content: FileBytes = await readFileBytes(path, bytesAtMost, signal);
  const sha256 = beginning === undefined ? createHash('sha256').update(content.bytes).digest('hex') : null;
  let name = basename(path);
  for (let layer = 0; ; layer++) {
    const { bytes } = content;
    if (layer > LAYERS_AT_MOST) throw new UnreadableFile('it is packed too often. Unpack it.');
    if (isGzip(bytes)) {
      content = await gunzip(content, bytesAtMost, signal);
      name = name.replace(/\.(gz|gzip)$/i, '');
    } else if (isZstd(bytes)) {
      content = await unzstd(content, bytesAtMost, signal);
      name = name.replace(/\.(zst|zstd)$/i, '');
    } else if (isZip(bytes)) {
      if (content.cut) throw new UnreadableFile(`it is larger than ${bytesAtMost >> 20} MiB, and an archive cannot be read in part. Unpack it.`);
      const zip = readZip(bytes);
      if (zip.kind === 'samples') return { kind: 'samples', sha256, ...decodeSamples(zip.files) };
      content = { bytes: zip.bytes.subarray(0, bytesAtMost), cut: zip.bytes.length > bytesAtMost };
      name = basename(zip.name);
    } else break;
  }
  const { bytes, cut } = content;
  if (isParquet(bytes)) {
    if (cut) throw new UnreadableFile(`it is a Parquet file larger than ${bytesAtMost >> 20} MiB. Take a part of it.`);
    return { kind: 'parquet', sha256, remarks: [], source: bytes };
  }
  const start = bytes.subarray(0, HEAD_BYTES).toString('hex');
  const other = OTHER_FORMATS.find(([magic]) => start.startsWith(magic));
  if (other) throw new UnreadableFile(other[1]);
  // Decoded it would take several times its size, for nothing.
  if (cut && beginning === undefined)
    throw new UnreadableFile(`it is larger than ${bytesAtMost >> 20} MiB. Import a part of it, for instance the top of its ranking.`);
  const { text, remark } = decodeText(bytes, cut);
  return { kind: 'text', sha256, remarks: remark === null ? [] : [remark], text, extension: extname(name).toLowerCase(), cut };
}

function isParquet(bytes: Buffer): boolean {
  return bytes.subarray(0, 4).toString('latin1') === 'PAR1';
}

function decodeSamples(files: readonly { name: string; bytes: Buffer }[]): Pick<DataSamples, 'samples' | 'remarks'> {
  const decoded = files.map(({ name, bytes }) => ({ name, ...decodeText(bytes) }));
  return { samples: decoded.map(({ name, text }) => ({ name, text })), remarks: [...new Set(decoded.flatMap(({ remark }) => remark ?? []))] };
}
