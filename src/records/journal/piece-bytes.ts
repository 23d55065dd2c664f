/** A token's bytes in a line of JSON: as text where they are valid UTF-8 by themselves, else as hex. */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';

export const pieceBytesSchema = z.union([z.string(), z.object({ hex: z.string().regex(/^(?:[0-9a-f]{2})+$/) })]);
export type PieceBytes = z.infer<typeof pieceBytesSchema>;

const encoder = new TextEncoder();

export function encodePieceBytes(bytes: Uint8Array): PieceBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : { hex: buffer.toString('hex') };
}

export function decodePieceBytes(value: PieceBytes): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : new Uint8Array(Buffer.from(value.hex, 'hex'));
}
