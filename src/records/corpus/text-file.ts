/** Bytes of a file as text. */
import { open } from 'node:fs/promises';

const PROBE_BYTES = 8192;

export interface TextContent {
  readonly text: string;
  /** The file goes on after it. */
  readonly cut: boolean;
}

/** At most `bytesAtMost` from the beginning, cut at a line's end where there is more. `null` where it is no text. */
export async function readTextFile(path: string, bytesAtMost: number): Promise<TextContent | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const wanted = Math.min(size, bytesAtMost);
    const buffer = Buffer.alloc(wanted);
    let length = 0;
    while (length < wanted) {
      const { bytesRead } = await file.read(buffer, length, wanted - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    const bytes = buffer.subarray(0, length);
    const cut = size > length;
    const newline = cut ? bytes.lastIndexOf(0x0a) : -1;
    const text = decodeText(newline > 0 ? bytes.subarray(0, newline) : bytes, cut);
    return text === null ? null : { text, cut };
  } finally {
    await file.close();
  }
}

function decodeText(bytes: Buffer, cut: boolean): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.subarray(0, PROBE_BYTES).includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    // Not UTF-8: older Western texts are in this one far more often than in any other encoding.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
