/** What a GGUF file says about itself, checked before any native code reads it. */
import { closeSync, openSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { GgufFileInfo } from 'node-llama-cpp';
import { AuditError } from '../../../audit/errors.js';
import type { Library } from './engine.js';
import { GgufHeaderError, walkGgufHeader } from './gguf-header.js';

export interface GgufFile {
  /** Absolute path; of the first part, if the file is split. */
  readonly path: string;
  /** All parts in order. */
  readonly parts: readonly FilePart[];
  readonly sizeBytes: number;
  readonly architecture: string;
  readonly info: GgufFileInfo;
  /** Metadata under its full key (`tokenizer.ggml.model`), `undefined` where it is missing. */
  readonly value: (key: string) => unknown;
}

export interface FilePart {
  readonly path: string;
  readonly sizeBytes: number;
  /** Changes when the file does. */
  readonly stamp: string;
}

const SPLIT_NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;

/**
 * Checks and reads one GGUF file with all its parts.
 * @throws AuditError `fileNotFound`, `notGguf`, `corruptModel` or `unsupportedModel`, naming the file and the way out.
 */
export async function inspectGguf(path: string, library: Library): Promise<GgufFile> {
  const parts = partPaths(path).map(checkPart);
  const first = parts[0]!;
  let info: GgufFileInfo;
  try {
    info = await library.readGgufFileInfo(first.path, { sourceType: 'filesystem', logWarnings: false });
  } catch (error) {
    throw damaged(first.path, error instanceof Error ? error.message : String(error), error);
  }
  const value = (key: string): unknown => valueAt(info.metadata, key);
  const architecture = value('general.architecture');
  if (typeof architecture !== 'string') throw damaged(first.path, 'it names no architecture');
  return { path: first.path, parts, sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0), architecture, info, value };
}

/** Architectures that turn text into vectors or pictures into tokens: they continue no text. */
const NOT_GENERATING = /^(.*bert.*|t5encoder|clip|wavtokenizer-dec|gemma-embedding)$/;

/** Throws `unsupportedModel` unless the file holds a whole language model that generates text. */
export function checkIsLanguageModel(file: GgufFile): void {
  const name = basename(file.path);
  if (isAdapter(file)) {
    throw new AuditError(
      'unsupportedModel',
      `${name} is a LoRA adapter, not a whole model. Choose its base model as the model file and add ${name} as an adapter.`,
    );
  }
  const causal = file.value(`${file.architecture}.attention.causal`);
  if (NOT_GENERATING.test(file.architecture) || causal === false) {
    throw new AuditError(
      'unsupportedModel',
      `${name} is an embedding model (${file.architecture}): it cannot generate text, so there is nothing to audit.` +
        ' Choose a text-generating model.',
    );
  }
  if (file.value('general.type') === 'mmproj') {
    throw new AuditError('unsupportedModel', `${name} is the vision part of a model. Choose the model file that it belongs to.`);
  }
  if (!Array.isArray(file.value('tokenizer.ggml.tokens')) || Number(file.info.totalTensorCount) === 0) {
    throw new AuditError('unsupportedModel', `${name} is not a whole model: it lacks its vocabulary or its weights. Choose the whole model file.`);
  }
}

export function isAdapter(file: GgufFile): boolean {
  return file.value('general.type') === 'adapter' || file.value('adapter.type') !== undefined;
}

function partPaths(path: string): string[] {
  const split = SPLIT_NAME.exec(path);
  if (split === null) return [path];
  const count = Number(split[3]);
  return Array.from({ length: count }, (_, i) => `${split[1]}-${String(i + 1).padStart(5, '0')}-of-${split[3]}.gguf`);
}

function checkPart(path: string): FilePart {
  const name = basename(path);
  let stat;
  let file: number;
  try {
    stat = statSync(path);
    if (stat.isDirectory()) throw new AuditError('notGguf', `${path} is a folder. Choose a .gguf file in it.`);
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof AuditError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new AuditError(
      'fileNotFound',
      missing
        ? `There is no file ${path}.${SPLIT_NAME.test(path) ? ' Put all parts of the split model into one folder.' : ' Check the path.'}`
        : `${path} cannot be read (${(error as Error).message}). Check its permissions.`,
      { cause: error },
    );
  }
  try {
    if (stat.size === 0) throw new AuditError('notGguf', `${name} is empty. Download it again.`);
    const { dataEnd } = walkGgufHeader(file, stat.size);
    if (dataEnd > stat.size) {
      throw new AuditError(
        'corruptModel',
        `${name} is cut off: its tensors need ${dataEnd} bytes, the file has ${stat.size}. Download or copy it again.`,
      );
    }
  } catch (error) {
    throw error instanceof GgufHeaderError ? headerError(path, error) : error;
  } finally {
    closeSync(file);
  }
  return { path, sizeBytes: stat.size, stamp: `${path}|${stat.size}|${stat.mtimeMs}|${stat.ino}` };
}

function headerError(path: string, { problem }: GgufHeaderError): AuditError {
  const name = basename(path);
  if (problem.kind === 'magic') {
    return new AuditError('notGguf', `${name} is not a GGUF file. Choose a .gguf file, or convert the model with llama.cpp's convert_hf_to_gguf.py.`);
  }
  if (problem.kind === 'version') {
    return new AuditError('unsupportedModel', `${name} is a GGUF file of version ${problem.version}; versions 2 and 3 are supported. Convert the model again.`);
  }
  return damaged(path, problem.detail);
}

function damaged(path: string, detail: string, cause?: unknown): AuditError {
  return new AuditError('corruptModel', `${basename(path)} is damaged: ${detail}. Download or copy it again.`, { cause });
}

/** Keys nest at their dots, except where a shorter key has a value of its own. */
function valueAt(object: unknown, key: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  const record = object as Record<string, unknown>;
  if (Object.hasOwn(record, key)) return record[key];
  for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
    const head = key.slice(0, dot);
    if (!Object.hasOwn(record, head)) continue;
    const found = valueAt(record[head], key.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
