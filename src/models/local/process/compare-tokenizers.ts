/**
 * What the tokenizers of two files have in common. A finetune may add pieces at the end of the vocabulary, name its padding, or give reserved
 * control tokens names of its own: all other ids still mean the same in both.
 */
import type { IdRange, TokenizerComparison } from '../../../audit/language-model.js';
import type { GgufFile } from './gguf-inspection.js';
import { tokenizerKeys } from './tokenizer-fingerprint.js';

export interface NamedTokenizer {
  /** Of the model, for messages. */
  readonly name: string;
  readonly value: GgufFile['value'];
}

const TOKENS = 'tokenizer.ggml.tokens';
const TYPES = 'tokenizer.ggml.token_type';
const SCORES = 'tokenizer.ggml.scores';
const MERGES = 'tokenizer.ggml.merges';

/** Types of pieces that llama.cpp knows and that no text is made of: control, user-defined, unused. */
const NOT_OF_TEXT: ReadonlySet<unknown> = new Set([3, 4, 5]);
const NORMAL = 1;
/** Vocabularies that differ in more places than a finetune changes are two vocabularies. */
const MOST_RANGES = 256;
const SHOWN_CHARACTERS = 40;

/** Of the first's ids. */
export function compareTokenizers(own: NamedTokenizer, other: NamedTokenizer): TokenizerComparison {
  const difference = findOtherSetting(own, other) ?? findOtherMerge(own, other);
  return difference === null ? comparePieces(own, other) : { same: false, difference };
}

function findOtherSetting(own: NamedTokenizer, other: NamedTokenizer): string | null {
  const keys = new Set([...tokenizerKeys(own.value), ...tokenizerKeys(other.value)].filter((key) => ![TOKENS, TYPES, SCORES, MERGES].includes(key)));
  for (const key of keys) {
    const [a, b] = [own.value(key), other.value(key)];
    if (isSameValue(a, b)) continue;
    return `${nameSetting(key)} is ${showValue(a)} in ${own.name} and ${showValue(b)} in ${other.name}`;
  }
  return null;
}

function nameSetting(key: string): string {
  if (key === 'tokenizer.ggml.model') return 'the kind of tokenizer';
  return key === 'tokenizer.ggml.pre' ? 'the pre-tokenizer' : key.slice(key.lastIndexOf('.') + 1);
}

/** Merges may be added behind those of the other, as pieces are: what they make is among the added pieces. */
function findOtherMerge(own: NamedTokenizer, other: NamedTokenizer): string | null {
  if (!tokenizerKeys(own.value).includes(MERGES)) return null;
  const [a, b] = [listAt(own, MERGES), listAt(other, MERGES)];
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    if (a[index] !== b[index]) return `merge ${index + 1} is ${showValue(a[index])} in ${own.name} and ${showValue(b[index])} in ${other.name}`;
  }
  // A vocabulary without any merge is cut in another way altogether.
  return length === 0 && a.length !== b.length ? `${(a.length === 0 ? own : other).name} has no merges` : null;
}

function comparePieces(own: NamedTokenizer, other: NamedTokenizer): TokenizerComparison {
  const [a, b] = [piecesOf(own), piecesOf(other)];
  const unlikeIds: [from: number, to: number][] = [];
  for (let id = 0; id < a.texts.length; id++) {
    if (id < b.texts.length && isSamePiece(a, b, id)) continue;
    if (id < b.texts.length && isOfText(a, id) && isOfText(b, id)) return { same: false, difference: describePieces(own, other, a, b, id) };
    const last = unlikeIds.at(-1);
    if (last?.[1] === id) last[1] = id + 1;
    else unlikeIds.push([id, id + 1]);
  }
  if (unlikeIds.length <= MOST_RANGES) return { same: true, unlikeIds: unlikeIds satisfies IdRange[] };
  return { same: false, difference: `their vocabularies differ in more than ${MOST_RANGES} places` };
}

interface Pieces {
  readonly texts: readonly unknown[];
  readonly types: readonly unknown[];
  readonly scores: readonly unknown[];
}

function piecesOf(tokenizer: NamedTokenizer): Pieces {
  return {
    texts: listAt(tokenizer, TOKENS),
    types: listAt(tokenizer, TYPES),
    scores: tokenizerKeys(tokenizer.value).includes(SCORES) ? listAt(tokenizer, SCORES) : [],
  };
}

function isSamePiece(a: Pieces, b: Pieces, id: number): boolean {
  if (a.texts[id] !== b.texts[id] || typeAt(a, id) !== typeAt(b, id)) return false;
  // Nothing is cut by the score of a control token.
  return !isOfText(a, id) || a.scores[id] === b.scores[id];
}

function typeAt({ types }: Pieces, id: number): unknown {
  return types[id] ?? NORMAL;
}

function isOfText(pieces: Pieces, id: number): boolean {
  return !NOT_OF_TEXT.has(typeAt(pieces, id));
}

function describePieces(own: NamedTokenizer, other: NamedTokenizer, a: Pieces, b: Pieces, id: number): string {
  const sizes = a.texts.length === b.texts.length ? '' : ` (${own.name} has ${a.texts.length} pieces, ${other.name} ${b.texts.length})`;
  if (a.texts[id] !== b.texts[id]) return `piece ${id} is ${showValue(a.texts[id])} in ${own.name} and ${showValue(b.texts[id])} in ${other.name}${sizes}`;
  return `piece ${id}, ${showValue(a.texts[id])}, has another ${typeAt(a, id) === typeAt(b, id) ? 'score' : 'type'} in ${own.name} than in ${other.name}${sizes}`;
}

function listAt({ value }: NamedTokenizer, key: string): readonly unknown[] {
  const list = value(key);
  return Array.isArray(list) ? list : [];
}

function isSameValue(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function showValue(value: unknown): string {
  if (value === undefined) return 'not given';
  if (typeof value !== 'string') return Array.isArray(value) ? 'another table' : String(value);
  return `"${value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value}"`;
}
