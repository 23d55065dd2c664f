/** Inspects a GGUF file before any native code reads it. */
import { closeSync, existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { GgufFileInfo } from 'node-llama-cpp';
import { AuditError, reasonOf } from '../../../audit/errors.js';
import { quotePath } from '../../../text/quote.js';
import type { Library } from './engine.js';
import { GgufHeaderError, GgufType, walkGgufHeader, type GgufHeader, type HeaderEntry } from './gguf-header.js';
import { isFolder, openModelFile, type OpenedFile } from './model-file.js';
import { describeCheckpoint } from './peft/checkpoint.js';
import { findWrongMetadata } from './metadata-check.js';

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
  /** Types and lengths of the metadata, by full key. */
  readonly entries: ReadonlyMap<string, HeaderEntry>;
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
  const given = checkPart(path);
  const checked = partPaths(path, given.header).map((part) => (part === path ? given : checkPart(part)));
  checked.forEach(({ part, header }, index) => checkPlaceInSplit(part.path, header, index, checked.length));
  const first = checked[0]!;
  const { entries } = first.header;
  for (const { part, header } of checked) {
    const wrong = findWrongMetadata(header.entries);
    if (wrong !== null) throw damaged(part.path, wrong);
  }
  let info: GgufFileInfo;
  try {
    info = await library.readGgufFileInfo(first.part.path, { sourceType: 'filesystem', logWarnings: false });
  } catch (error) {
    throw damaged(first.part.path, reasonOf(error) ?? 'its metadata cannot be read', error);
  }
  const value = (key: string): unknown => valueAt(info.metadata, key);
  const architecture = value('general.architecture');
  if (typeof architecture !== 'string') throw damaged(first.part.path, 'it names no architecture');
  const parts = checked.map(({ part }) => part);
  return { path: first.part.path, parts, sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0), architecture, info, value, entries };
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
      `${name} is an embedding model (${file.architecture}): it cannot generate text, so there is nothing to audit.` + ' Choose a text-generating model.',
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

interface CheckedPart {
  readonly part: FilePart;
  readonly header: GgufHeader;
}

/** All parts of a split model by the name of any of them; the file's own metadata says whether it is one. */
function partPaths(path: string, { entries }: GgufHeader): string[] {
  const parts = entries.get('split.count')?.number ?? 1;
  const split = SPLIT_NAME.exec(path);
  if (parts <= 1) {
    // The library would look for the others.
    if (split === null || Number(split[3]) === 1) return [path];
    throw new AuditError(
      'unsupportedModel',
      `${basename(path)} is named like a part of a split model, but it is a whole one. Give it another name, such as ${basename(split[1]!)}.gguf.`,
    );
  }
  if (split === null || Number(split[3]) !== parts) {
    const part = (entries.get('split.no')?.number ?? 0) + 1;
    throw new AuditError(
      'unsupportedModel',
      `${basename(path)} is part ${part} of a model that is split into ${parts} files, which are found by their names: give it back the name NAME-${numbered(part)}-of-${numbered(parts)}.gguf,` +
        ` with all parts in one folder, or join them with llama.cpp's llama-gguf-split --merge.`,
    );
  }
  return Array.from({ length: parts }, (_, i) => `${split[1]}-${numbered(i + 1)}-of-${split[3]}.gguf`);
}

/** What a file says of itself has to be what its name says. */
function checkPlaceInSplit(path: string, { entries }: GgufHeader, index: number, parts: number): void {
  if (parts === 1) return;
  const isPart = (entries.get('split.count')?.number ?? parts) === parts && entries.get('split.no')?.type === GgufType.uint16;
  const number = entries.get('split.no')?.number;
  if (isPart && number === index) return;
  throw new AuditError(
    'unsupportedModel',
    `${basename(path)} is not what its name says: ${isPart ? `it is part ${number! + 1}` : 'it is no part'} of a model in ${parts} files. Put the parts of one model into a folder under the names that they were published with.`,
  );
}

function numbered(part: number): string {
  return String(part).padStart(5, '0');
}

function checkPart(path: string): CheckedPart {
  const name = basename(path);
  const { descriptor: file, stats: stat } = openPart(path);
  try {
    if (stat.size === 0) throw new AuditError('notGguf', `${name} is empty. Download it again.`);
    const header = walkGgufHeader(file, stat.size);
    if (header.dataEnd > stat.size) {
      throw new AuditError(
        'corruptModel',
        `${name} is cut off: its tensors need ${header.dataEnd} bytes, the file has ${stat.size}. Download or copy it again.`,
      );
    }
    return { part: { path, sizeBytes: stat.size, stamp: `${path}|${stat.size}|${stat.mtimeMs}|${stat.ino}` }, header };
  } catch (error) {
    throw error instanceof GgufHeaderError ? headerError(path, error) : error;
  } finally {
    closeSync(file);
  }
}

function openPart(path: string): OpenedFile {
  try {
    return openModelFile(path);
  } catch (error) {
    if (isFolder(path)) throw new AuditError('notGguf', describeCheckpoint(path) ?? `${path} is a folder. Choose a .gguf file in it.`, { cause: error });
    if (!SPLIT_NAME.test(path) || existsSync(path)) throw error;
    throw new AuditError('fileNotFound', `There is no file ${path}. Put all parts of the split model into one folder.`, { cause: error });
  }
}

function headerError(path: string, { problem }: GgufHeaderError): AuditError {
  const name = basename(path);
  if (problem.kind === 'magic') {
    return new AuditError('notGguf', `${name} is not a GGUF file. Choose a .gguf file, or convert the model with llama.cpp's convert_hf_to_gguf.py.`);
  }
  if (problem.kind === 'version') {
    return new AuditError('unsupportedModel', `${name} is a GGUF file of version ${problem.version}; versions 2 and 3 are supported. Convert the model again.`);
  }
  if (problem.kind === 'bigEndian') {
    return new AuditError(
      'unsupportedModel',
      `${name} is big-endian: its numbers are written for another kind of processor. Choose a little-endian file, or convert it with llama.cpp's gguf_convert_endian.py ${quotePath(name)} little.`,
    );
  }
  if (problem.kind === 'tensorType') {
    return new AuditError(
      'unsupportedModel',
      problem.dropped
        ? `${name} has tensors of a quantisation (type ${problem.type}, in ${problem.tensor}) that llama.cpp has dropped. Choose another quantisation, or convert the model again.`
        : `${name} has tensors of a type (${problem.type}, in ${problem.tensor}) that this version of llama.cpp does not know. Update the extension, or choose another quantisation.`,
    );
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
