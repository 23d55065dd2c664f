/** Hashes of model files. A file is hashed once per process as long as it does not change. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AuditError, throwIfCancelled } from '../../../audit/errors.js';
import type { FilePart } from './gguf-inspection.js';
import { openModelFile } from './model-file.js';

const CHUNK = 4 << 20;
const hashes = new Map<string, string>();

/**
 * SHA-256 (hex) of the parts' bytes one after the other: for a file in one part, the file's own hash.
 * @param onProgress fraction of the bytes read, 0 to 1.
 * @throws AuditError `cancelled`; `fileNotFound` when a part can no longer be read.
 */
export async function hashParts(parts: readonly FilePart[], onProgress: (fraction: number) => void, signal: AbortSignal): Promise<string> {
  const key = parts.map((part) => part.stamp).join('\n');
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const total = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const hash = createHash('sha256');
  let done = 0;
  for (const part of parts) {
    try {
      for await (const chunk of createReadStream('', { fd: openModelFile(part.path).descriptor, start: 0, highWaterMark: CHUNK })) {
        throwIfCancelled(signal);
        hash.update(chunk as Buffer);
        done += (chunk as Buffer).length;
        onProgress(done / total);
      }
    } catch (error) {
      if (error instanceof AuditError) throw error;
      throw new AuditError('fileNotFound', `${part.path} cannot be read to its end (${(error as Error).message}).`, { cause: error });
    }
  }
  const digest = hash.digest('hex');
  hashes.set(key, digest);
  return digest;
}
