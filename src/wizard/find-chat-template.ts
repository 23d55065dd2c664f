/** Finds out whether a model file brings a chat template, without loading it. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAddress, isEndpoint, type GgufSource } from '../audit/plan.js';
import { resolveBundledModel } from '../records/plan/bundled.js';

/** Metadata stands before the weights and names its keys in plain bytes. */
const KEY = Buffer.from('tokenizer.chat_template');
const HEADER_BYTES_AT_MOST = 64 << 20;
const CHUNK_BYTES = 4 << 20;

/** Undefined where it cannot be told before the model is loaded: it is not on this disk. Rejects where the file cannot be read. */
export async function findChatTemplate(source: GgufSource, mediaFolder: string, signal: AbortSignal): Promise<boolean | undefined> {
  if (isAddress(source.gguf)) return undefined;
  const resolved = await resolveBundledModel(source, mediaFolder);
  if (isEndpoint(resolved)) return undefined;
  // A pipe would never answer.
  const file = await open(resolved.gguf, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) return false;
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let kept = 0;
    for (let offset = 0; offset < HEADER_BYTES_AT_MOST && !signal.aborted;) {
      const { bytesRead } = await file.read(buffer, kept, CHUNK_BYTES - kept, offset);
      if (bytesRead === 0) return false;
      const filled = buffer.subarray(0, kept + bytesRead);
      if (filled.includes(KEY)) return true;
      // The key may lie across two chunks.
      kept = Math.min(filled.length, KEY.length - 1);
      filled.copy(buffer, 0, filled.length - kept);
      offset += bytesRead;
    }
    return signal.aborted ? undefined : false;
  } finally {
    await file.close();
  }
}
