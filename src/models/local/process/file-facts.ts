/** Facts that model files state about themselves, so that the right ones can be suggested. */
import type { GgufFacts } from '../../../messages/model-process.js';
import type { Library } from './engine.js';
import { checkIsLanguageModel, inspectGguf, isAdapter, type GgufFile } from './gguf-inspection.js';
import { readPeftConfig } from './peft/peft-config.js';
import { findPeftFiles, type PeftFiles } from './peft/peft-files.js';
import { fingerprintTokenizer } from './tokenizer-fingerprint.js';

const BASES_AT_MOST = 8;
const BASE_KEYS = ['name', 'basename', 'repo_url'];

/** `null` for what is no GGUF file and no adapter of PEFT's, is damaged, or generates no text. */
export async function readFacts(path: string, library: Library): Promise<GgufFacts | null> {
  try {
    const peft = findPeftFiles(path);
    if (peft) return factsOfPeft(path, peft);
    const file = await inspectGguf(path, library);
    const adapter = isAdapter(file);
    if (!adapter) checkIsLanguageModel(file);
    return {
      path: file.path,
      isAdapter: adapter,
      architecture: file.architecture,
      name: textAt(file, 'general.name'),
      bases: listBases(file),
      tokenizerFingerprint: adapter ? null : fingerprintTokenizer(file),
    };
  } catch {
    return null;
  }
}

function factsOfPeft(path: string, { name, config }: PeftFiles): GgufFacts {
  const base = readPeftConfig(config, name).base_model_name_or_path?.trim();
  return { path, isAdapter: true, architecture: null, name, bases: base ? [base] : [], tokenizerFingerprint: null };
}

function listBases(file: GgufFile): string[] {
  const count = Math.min(Number(file.value('general.base_model.count') ?? 0) || 0, BASES_AT_MOST);
  const keys = Array.from({ length: count }, (_, index) => BASE_KEYS.map((key) => `general.base_model.${index}.${key}`)).flat();
  return [...new Set(keys.map((key) => textAt(file, key)).filter((text) => text !== null))];
}

function textAt(file: GgufFile, key: string): string | null {
  const value = file.value(key);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
