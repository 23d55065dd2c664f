/**
 * A line of `audit.jsonl` with a checksum as its last field, against accidents: a disk, a copy or an editor that changed a
 * bit. It is no protection against somebody who means to change a line and can compute it anew.
 *
 * `{"type":"run",…,"crc":"1c291ca3"}`: CRC-32 (IEEE) of the bytes of the line before `,"crc":`. That finds every change of
 * up to three bits, and of any bits within four bytes, in lines of up to eleven kilobytes; of other changes it misses one in
 * four thousand million.
 */
import { crc32 } from 'node:zlib';
import { isJson } from '../parse-json.js';

/** `right` and `wrong` of a line that has a checksum. */
export type LineCheck = 'right' | 'wrong' | 'none';

const BEFORE = ',"crc":"';
const AFTER = '"}';
const DIGITS = 8;
const LENGTH = BEFORE.length + DIGITS + AFTER.length;

/**
 * The line of an object, with its checksum and a newline.
 * @param value has at least one field, and none called `crc`
 */
export function sealLine(value: object): string {
  return sealJson(JSON.stringify(value));
}

/** The same for an object that is JSON already. */
export function sealJson(json: string): string {
  const start = json.slice(0, -1);
  return `${start}${BEFORE}${formatCrc(crc32(start))}${AFTER}\n`;
}

/** @param line without its newline */
export function checkLine(line: Buffer): LineCheck {
  const start = line.length - LENGTH;
  if (start < 0) return 'none';
  const end = line.toString('latin1', start);
  if (!end.startsWith(BEFORE) || !end.endsWith(AFTER)) return 'none';
  return end.slice(BEFORE.length, -AFTER.length) === formatCrc(crc32(line.subarray(0, start))) ? 'right' : 'wrong';
}

/** A line without its checksum, as JSON; as it is where it has none. */
export function unsealLine(line: string): string {
  const start = line.length - LENGTH;
  return start >= 0 && line.startsWith(BEFORE, start) ? `${line.slice(0, start)}}` : line;
}

/**
 * Why a line is not to be used; `null` where nothing speaks against it.
 * @param isSealed whether the journal's header says that every line has a checksum
 */
export function describeCheck({ bytes, check }: { readonly bytes: Buffer; readonly check: LineCheck }, isSealed: boolean): string | null {
  if (check === 'wrong') return 'damaged: its checksum is not that of what it says';
  if (check === 'right' || !isSealed) return null;
  return isJson(bytes.toString('utf8')) ? 'damaged, or not written by this program: it has no checksum' : 'not JSON';
}

function formatCrc(value: number): string {
  return value.toString(16).padStart(DIGITS, '0');
}
