/** Metadata for which llama.cpp would stop the process rather than say what is wrong. */
import { GgufType, type HeaderEntry } from './gguf-header.js';

const { string, array, int32, uint16, float32, int8, uint8 } = GgufType;

/** What native code reads without asking for its type first, or what decides what is read next. */
const TYPES: Readonly<Record<string, { readonly type: number; readonly items?: readonly number[]; readonly perToken?: true }>> = {
  'general.architecture': { type: string },
  'general.type': { type: string },
  'adapter.type': { type: string },
  'adapter.lora.alpha': { type: float32 },
  'split.no': { type: uint16 },
  'split.count': { type: uint16 },
  'tokenizer.ggml.model': { type: string },
  'tokenizer.ggml.pre': { type: string },
  'tokenizer.ggml.tokens': { type: array, items: [string] },
  'tokenizer.ggml.token_type': { type: array, items: [int32], perToken: true },
  'tokenizer.ggml.scores': { type: array, items: [float32, int32], perToken: true },
  'tokenizer.ggml.merges': { type: array, items: [string] },
  'tokenizer.ggml.precompiled_charsmap': { type: array, items: [int8, uint8] },
  'tokenizer.chat_template': { type: string },
};

/** What llama.cpp has room for. */
const MAX_LAYERS = 512;
const MAX_EXPERTS = 1024;

/** What is wrong, in words; `null` where nothing is. */
export function findWrongMetadata(entries: ReadonlyMap<string, HeaderEntry>): string | null {
  return findWrongType(entries) ?? findWrongVocabulary(entries) ?? findWrongNumber(entries);
}

function findWrongType(entries: ReadonlyMap<string, HeaderEntry>): string | null {
  for (const [key, { type, items }] of Object.entries(TYPES)) {
    const entry = entries.get(key);
    if (entry !== undefined && (entry.type !== type || (items !== undefined && !items.includes(entry.itemType!))))
      return `its metadata ${key} is of another type than it has to be`;
  }
  return null;
}

function findWrongVocabulary(entries: ReadonlyMap<string, HeaderEntry>): string | null {
  const tokens = entries.get('tokenizer.ggml.tokens');
  if (tokens === undefined) return null;
  if (tokens.repeated !== undefined) return `its vocabulary has the token ${JSON.stringify(tokens.repeated)} twice`;
  for (const [key, { perToken }] of Object.entries(TYPES)) {
    const entry = entries.get(key);
    if (perToken && entry !== undefined && entry.count! < tokens.count!) return `its metadata ${key} has ${entry.count} values for ${tokens.count} tokens`;
  }
  return null;
}

/** Of every architecture that is named, so that numbers of one that the file is not of hide nothing. */
function findWrongNumber(entries: ReadonlyMap<string, HeaderEntry>): string | null {
  const architectures = new Set(
    [...entries.keys()]
      .map((key) => key.split('.'))
      .filter(({ length }) => length === 2)
      .map(([first]) => first!),
  );
  for (const architecture of architectures) {
    const wrong = findWrongNumberOf(architecture, entries);
    if (wrong !== null) return wrong;
  }
  return null;
}

function findWrongNumberOf(architecture: string, entries: ReadonlyMap<string, HeaderEntry>): string | null {
  const number = (name: string): number | undefined => entries.get(`${architecture}.${name}`)?.number;
  const layers = number('block_count');
  if (layers !== undefined && (layers < 1 || layers > MAX_LAYERS)) return `it announces ${layers} layers`;
  const extra = number('nextn_predict_layers') ?? 0;
  if (layers !== undefined && extra > layers) return `it announces ${extra} of ${layers} layers as additional`;
  const experts = number('expert_count') ?? 0;
  const used = number('expert_used_count');
  if (experts > MAX_EXPERTS) return `it announces ${experts} experts`;
  if (used !== undefined && (used > experts || (experts > 0 && used < 1))) return `it announces that ${used} of ${experts} experts are used`;
  const groups = number('expert_group_count') ?? 0;
  if (groups > 0 && (groups >= experts || experts % groups !== 0)) return `it announces ${groups} groups of ${experts} experts`;
  return null;
}
