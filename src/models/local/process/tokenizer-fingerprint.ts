/** A hash over everything that decides which ids a text becomes (DESIGN: same tokenizer). */
import { createHash } from 'node:crypto';
import type { GgufFile } from './gguf-inspection.js';

/** Keys that change the text before or while it is cut, by kind of tokenizer. */
const COMMON_KEYS = ['tokenizer.ggml.model', 'tokenizer.ggml.pre', 'tokenizer.ggml.tokens', 'tokenizer.ggml.token_type'];
const BY_MERGES_KEYS = ['tokenizer.ggml.merges'];
const BY_SCORES_KEYS = [
  'tokenizer.ggml.scores',
  'tokenizer.ggml.add_space_prefix',
  'tokenizer.ggml.remove_extra_whitespaces',
  'tokenizer.ggml.precompiled_charsmap',
];

/** All that decides how a tokenizer cuts. */
export function tokenizerKeys(value: GgufFile['value']): readonly string[] {
  if (value('tokenizer.ggml.model') === 'gpt2') return [...COMMON_KEYS, ...BY_MERGES_KEYS];
  // Some kinds that have scores, too, cut by merges.
  return [...COMMON_KEYS, ...BY_SCORES_KEYS, ...(value('tokenizer.ggml.model') === 'llama' || value(BY_MERGES_KEYS[0]!) === undefined ? [] : BY_MERGES_KEYS)];
}

/** SHA-256 (hex). Flags that add BOS or EOS are left out: they decide about a frame, not about a text's ids. */
export function fingerprintTokenizer(file: GgufFile): string {
  const hash = createHash('sha256');
  for (const key of tokenizerKeys(file.value)) {
    hash.update(`${key}\0`);
    const value = file.value(key);
    if (Array.isArray(value)) {
      for (const item of value) hash.update(`${String(item)}\0`);
    } else {
      hash.update(String(value));
    }
    hash.update('\0\0');
  }
  return hash.digest('hex');
}
