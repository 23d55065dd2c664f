/** Decides whether two models cut every text into the same tokens, so that one can be given the other's ids. */
import { AuditError, isCancelled } from './errors.js';
import type { AuditSetup } from './events.js';
import type { IdRange, LanguageModel, Piece, TokenizerComparison } from './language-model.js';

/**
 * Texts that tokenizers are known to cut differently: blanks, case, digits, code, scripts, combining characters, emoji.
 * Files are compared by their vocabularies; behind a server these are out of reach, and what it does with these texts
 * stands for them.
 */
export const TOKENIZER_PROBE: readonly string[] = [
  'The keeper of the northern lighthouse wrote, in 1987, that 3.14159 barrels weren’t enough; "never again", she said.',
  "I'll don't we've it's HELLO World camelCase snake_case SCREAMING_SNAKE kebab-case antidisestablishmentarianism",
  '  two  blanks   three\ttab\n\n\nthree lines\r\n    indented = {key: [1, 22, 333, 4444, 55555], "x": null};\n',
  'for (let i = 0; i < 10; i++) { total += values[i] ** 2; } // → done\n#include <stdio.h>\nSELECT * FROM t WHERE a <> b;',
  'Ärger über Straßenbäume; garçon, façade, piñata, smørrebrød, žluťoučký kůň, İstanbul, e\u0301 versus \u00e9',
  'Ночной дозор читает книгу. Η γρήγορη αλεπού. مرحبا بالعالم. שלום עולם. नमस्ते दुनिया. สวัสดีชาวโลก',
  '你好，世界！今天的天气很好。東京都の天気は晴れです。한국어 문장도 있습니다.',
  '🙂👩‍👩‍👧‍👦🏳️‍🌈 𝒳 ∑ ∞ ≠ ½ ™ § ¶ • … — “quoted” ‘single’',
  'https://example.org/path?query=1&other=two#part user@example.org +49 (30) 1234-5678 2024-02-29T23:59:59Z 0xDEADBEEF',
];

/**
 * Equal fingerprints decide between files, and where they are not equal what the files hold. A server shows no vocabulary: a pair with one is compared by its ids and
 * bytes for {@link TOKENIZER_PROBE}, which no control token is among; see {@link agreeOnPieces}. A model without token ids
 * has no tokenizer in common with any other.
 */
export async function compareTokenizersOf(a: LanguageModel, b: LanguageModel, signal: AbortSignal): Promise<TokenizerComparison> {
  const silent = [a, b].find(({ capabilities }) => !capabilities.tokenIds);
  if (silent) return { same: false, difference: `the server of ${silent.identity.name} does not tell its token ids` };
  const sameFingerprint = a.identity.tokenizerFingerprint === b.identity.tokenizerFingerprint;
  const sizes = describeSizes(a, b);
  if (!a.capabilities.independent && !b.capabilities.independent) {
    if (sameFingerprint) return ONE_TOKENIZER;
    return (await a.compareTokenizer?.(b, signal)) ?? { same: false, difference: sizes ?? 'their vocabularies are not the same' };
  }
  if (sizes !== null) return { same: false, difference: sizes };
  if (sameFingerprint) return ONE_TOKENIZER;
  const [cutByA, cutByB] = await Promise.all([a.tokenize(TOKENIZER_PROBE, signal), b.tokenize(TOKENIZER_PROBE, signal)]);
  const cutOtherwise = cutByA.findIndex((pieces, text) => !isSameCut(pieces, cutByB[text] ?? []));
  if (cutOtherwise < 0) return ONE_TOKENIZER;
  return { same: false, difference: `they cut "${TOKENIZER_PROBE[cutOtherwise]!.trim().slice(0, 24)}…" into other tokens` };
}

const ONE_TOKENIZER: TokenizerComparison = { same: true, unlikeIds: [] };

type Tokenizers = Pick<AuditSetup, 'sameTokenizer' | 'unlikeIds'>;

/** Whether R can be given these ids of F's as they are. */
export function canShareIds({ sameTokenizer, unlikeIds = [] }: Tokenizers, ids: Iterable<number>): boolean {
  if (!sameTokenizer) return false;
  if (unlikeIds.length === 0) return true;
  for (const id of ids) if (unlikeIds.some(([from, to]) => id >= from && id < to)) return false;
  return true;
}

/** Whether R may have to cut a text by itself, and then need another number of tokens for it. */
export function mayNeedOwnTokens({ sameTokenizer, unlikeIds = [] }: Tokenizers): boolean {
  return !sameTokenizer || unlikeIds.length > 0;
}

export function countIds(ranges: readonly IdRange[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}

/**
 * Whether ids stand for the same bytes in both vocabularies. A finetune may have renamed control tokens or added some, which
 * shows only in its template.
 */
export async function agreeOnPieces(a: LanguageModel, b: LanguageModel, ids: readonly number[], signal: AbortSignal): Promise<boolean> {
  const distinct = [...new Set(ids)];
  try {
    const [ofA, ofB] = await Promise.all([a.pieces(distinct, signal), b.pieces(distinct, signal)]);
    return ofA.every(({ bytes }, index) => isSameBytes(bytes, ofB[index]?.bytes ?? new Uint8Array()));
  } catch (error) {
    if (isCancelled(error) || !(error instanceof AuditError)) throw error;
    // The one has an id that the other has not.
    if (error.code === 'badPrefillFile' || error.code === 'internal') return false;
    throw error;
  }
}

function isSameCut(a: readonly Piece[], b: readonly Piece[]): boolean {
  return a.length === b.length && a.every((piece, index) => piece.id === b[index]!.id && isSameBytes(piece.bytes, b[index]!.bytes));
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function describeSizes({ identity: a }: LanguageModel, { identity: b }: LanguageModel): string | null {
  if (a.vocabularySize === null || b.vocabularySize === null || a.vocabularySize === b.vocabularySize) return null;
  return `${a.name} has ${a.vocabularySize} pieces in its vocabulary and ${b.name} has ${b.vocabularySize}`;
}
