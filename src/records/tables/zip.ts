/** Zip archives: one file of data, or an Inspect log (`.eval`), whose samples are a JSON file each. */
import { unzipSync, type UnzipFileInfo } from 'fflate';
import { BYTES_AT_MOST } from './limits.js';
import { UnreadableFile } from './unreadable.js';

export type ZipContent =
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Buffer }
  | { readonly kind: 'samples'; readonly files: readonly { readonly name: string; readonly bytes: Buffer }[] };

const SAMPLE = /^samples\/[^/]+\.json$/;
const STORED = 0;
const DEFLATED = 8;
const NAMES_TOLD = 5;

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/** @throws UnreadableFile where it holds no data, several files, too much, or is compressed in an unknown way */
export function readZip(bytes: Buffer): ZipContent {
  const files = listFiles(bytes);
  if (files.some(({ name }) => name.startsWith('xl/'))) throw new UnreadableFile('it is an Excel workbook. Save the sheet as "CSV UTF-8".');
  const samples = files.filter(({ name }) => SAMPLE.test(name));
  if (samples.length > 0 || files.some(({ name }) => name === 'header.json' || name.startsWith('_journal/'))) {
    if (samples.length === 0) throw new UnreadableFile('it is an Inspect log without samples. Choose one whose run has finished.');
    samples.sort((a, b) => compareNames(a.name, b.name));
    const unpacked = unpack(bytes, samples);
    return { kind: 'samples', files: samples.map(({ name }) => ({ name, bytes: take(unpacked, name) })) };
  }
  const [only, ...others] = files;
  if (!only) throw new UnreadableFile('the archive is empty.');
  if (others.length > 0) {
    const names = files
      .slice(0, NAMES_TOLD)
      .map(({ name }) => name)
      .join(', ');
    throw new UnreadableFile(`the archive holds ${files.length} files (${names}${files.length > NAMES_TOLD ? ', …' : ''}). Unpack it, and choose one of them.`);
  }
  return { kind: 'file', name: only.name, bytes: take(unpack(bytes, [only]), only.name) };
}

function listFiles(bytes: Buffer): UnzipFileInfo[] {
  const files = new Map<string, UnzipFileInfo>();
  readArchive(bytes, (file) => {
    if (!file.name.endsWith('/') && !file.name.startsWith('__MACOSX/')) files.set(file.name, file);
    return false;
  });
  return [...files.values()];
}

function unpack(bytes: Buffer, wanted: readonly UnzipFileInfo[]): Record<string, Uint8Array> {
  const other = wanted.find(({ compression }) => compression !== STORED && compression !== DEFLATED);
  if (other)
    throw new UnreadableFile(
      `${other.name} in the archive is compressed by method ${other.compression}, which is not read. Pack it as an ordinary zip (of an Inspect log: inspect log convert --to json).`,
    );
  let left = BYTES_AT_MOST;
  for (const { originalSize } of wanted) left -= originalSize;
  if (!(left >= 0)) throw new UnreadableFile(`unpacked it is larger than ${BYTES_AT_MOST >> 20} MiB. Take a part of it.`);
  const names = new Set(wanted.map(({ name }) => name));
  // The room for a file is what the archive says it needs: what goes beyond is not kept.
  return readArchive(bytes, ({ name, originalSize }) => originalSize <= BYTES_AT_MOST && names.delete(name));
}

function readArchive(bytes: Buffer, filter: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    throw new UnreadableFile('the archive is damaged or breaks off. Pack it again, or unpack it.', { cause: error });
  }
}

function take(unpacked: Record<string, Uint8Array>, name: string): Buffer {
  const bytes = unpacked[name];
  if (!bytes) throw new UnreadableFile(`${name} in the archive is damaged. Pack it again.`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `10_epoch_1` comes after `9_epoch_1`. */
const { compare: compareNames } = new Intl.Collator('en', { numeric: true });
