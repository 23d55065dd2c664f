/** Adapters that were converted, kept beside downloaded models by the content of what they were made from. */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync } from 'node:fs';
import { lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditError } from '../../../../audit/errors.js';
import { writingTo } from '../../unwritable.js';
import { walkGgufHeader } from '../gguf-header.js';
import type { FilePart, GgufFile } from '../gguf-inspection.js';
import { openModelFile } from '../model-file.js';
import { hashParts } from '../sha256.js';
import { CONVERTER_VERSION, convertAdapter, type BaseFacts } from './convert-adapter.js';
import type { PeftFiles } from './peft-files.js';

/** Folder of converted adapters within that of downloaded models. */
const FOLDER = 'converted-adapters';
const LONGEST_NAME = 80;

/**
 * Path of the adapter as GGUF; converted where that was not done before.
 * @param modelFolder absolute path, made where it is not there
 * @throws AuditError as {@link convertAdapter}; `fileNotFound`; `refused` where nothing can be kept there
 */
export async function keepConversion(files: PeftFiles, base: GgufFile, modelFolder: string, signal: AbortSignal): Promise<string> {
  const facts = readBaseFacts(base);
  const key = createHash('sha256')
    .update(JSON.stringify([CONVERTER_VERSION, facts.architecture, facts.heads, await hashFile(files.weights, signal), await hashFile(files.config, signal)]))
    .digest('hex');
  const folder = join(modelFolder, FOLDER, key.slice(0, 32));
  const path = join(folder, `${nameFile(files.name)}.lora.gguf`);
  if (await isWhole(path)) return path;
  await writingTo(folder, async () => {
    await mkdir(folder, { recursive: true });
    const part = join(folder, `${randomUUID()}.part`);
    try {
      await convertAdapter(files, facts, part, signal);
      // Takes the place of what is damaged, of a link, and of the same bytes that another process made meanwhile.
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
  });
  return path;
}

/** Kept as it was made: a file of its own, not a link, whose tensors are all there. */
async function isWhole(path: string): Promise<boolean> {
  try {
    if (!(await lstat(path)).isFile()) return false;
    const { descriptor, stats } = openModelFile(path);
    try {
      return walkGgufHeader(descriptor, stats.size).dataEnd <= stats.size;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}

/** What a conversion depends on, from the metadata of the base. */
export function readBaseFacts({ architecture, value }: GgufFile): BaseFacts & { readonly heads: readonly string[] } {
  const counts = (key: string): unknown => value(`${architecture}.attention.${key}`);
  const query = counts('head_count');
  const key = counts('head_count_kv') ?? query;
  const headsOf = (kind: 'query' | 'key', block: number): number => {
    const all = kind === 'query' ? query : key;
    return Number(Array.isArray(all) ? all[block] : all);
  };
  return { architecture, heads: [String(query), String(key)], headsOf };
}

async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    const part: FilePart = { path, sizeBytes: size, stamp: `${path}|${size}|${mtimeMs}|${ino}` };
    return await hashParts([part], () => undefined, signal);
  } catch (error) {
    if (error instanceof AuditError) throw error;
    throw new AuditError('fileNotFound', `${path} cannot be read (${(error as Error).message}). Check its permissions.`, { cause: error });
  }
}

/** A name that every file system takes. */
function nameFile(name: string): string {
  return (
    name
      .replace(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^[.-]+/, '')
      .slice(0, LONGEST_NAME) || 'adapter'
  );
}
