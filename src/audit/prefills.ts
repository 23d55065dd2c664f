/** Draws the openings that F continues: the first few tokens from random word starts of the corpus. */
import type { Prefill } from './completion.js';
import { AuditError, throwIfCancelled } from './errors.js';
import type { Piece } from './language-model.js';
import { shuffledIndices } from './random.js';
import { runInSlices } from '../text/slices.js';
import { bytesOfTokens, decodeUtf8, isValidUtf8 } from '../text/utf8.js';
import { WordStarts } from '../text/word-starts.js';

export interface PrefillSampling {
  /** Texts of the corpus; an opening never runs from one into the next. */
  readonly passages: readonly string[];
  /** Openings wanted. */
  readonly count: number;
  /** Tokens of F per opening. */
  readonly prefillTokens: number;
  /** Integer from 0 to 2^32 − 1. */
  readonly seed: number;
  /** F's tokenizer, without BOS. */
  readonly tokenize: (texts: readonly string[], signal: AbortSignal) => Promise<Piece[][]>;
  readonly signal: AbortSignal;
  /** Lets others have their turn while a large corpus is looked through; none where left out. */
  readonly pause?: () => Promise<void>;
  /** Texts per call of `tokenize`; does not change what is drawn. */
  readonly batchSize?: number;
}

export interface SampledPrefills {
  /** In the order in which they were drawn; distinct by their token ids. */
  readonly prefills: readonly Prefill[];
  readonly wordStarts: number;
  /** Word starts looked at. */
  readonly candidates: number;
  /** Every word start was looked at, and there were fewer distinct openings than asked for: these are all. */
  readonly exhausted: boolean;
}

const DEFAULT_BATCH = 512;
const SLICE_MS = 15;

/**
 * UTF-16 units taken after a word start. A vocabulary's tokens are mostly a handful of characters long, so that
 * an opening fills a small part of this.
 */
function sliceLength(prefillTokens: number): number {
  return 96 + 32 * prefillTokens;
}

/**
 * Distinct, seeded openings of `prefillTokens` tokens. Word starts are drawn uniformly over the whole corpus without
 * replacement; the text after each is tokenised and its first tokens are kept if there are that many in the passage,
 * their bytes are whole characters, no control token is among them and no earlier draw gave the same ids. The result
 * depends on the passages, the count and the seed alone, and the first n of a larger count are the smaller draw.
 *
 * The text is a slice of bounded length, whose last token the cut may have changed. An opening that fills more than half
 * of a cut slice (long rules of dashes and the like) is therefore left out.
 *
 * @throws AuditError `emptyCorpus` where no opening can be drawn at all; `cancelled`.
 */
export async function samplePrefills(options: PrefillSampling): Promise<SampledPrefills> {
  const { passages, count, prefillTokens, signal, batchSize = DEFAULT_BATCH, pause = () => Promise.resolve() } = options;
  const starts = await runInSlices(WordStarts.findInSteps(passages), { sliceMs: SLICE_MS, pause, isWanted: () => !signal.aborted });
  if (starts === null) throw new AuditError('cancelled', 'Cancelled.');
  const order = shuffledIndices(starts.count, options.seed);
  const prefills: Prefill[] = [];
  const seen = new Set<string>();
  let candidates = 0;
  let exhausted = false;
  while (prefills.length < count && !exhausted) {
    throwIfCancelled(signal);
    const slices: Slice[] = [];
    while (slices.length < batchSize && !exhausted) {
      const next = order.next();
      if (next.done) exhausted = true;
      else {
        const { passage, offset } = starts.at(next.value);
        slices.push(cutSlice(passages[passage]!, offset, sliceLength(prefillTokens)));
      }
    }
    if (slices.length === 0) break;
    const tokenised = await options.tokenize(
      slices.map((slice) => slice.text),
      signal,
    );
    for (const [index, slice] of slices.entries()) {
      if (prefills.length === count) break;
      candidates++;
      const pieces = tokenised[index]!.slice(0, prefillTokens);
      if (!isOpening(pieces, slice, prefillTokens)) continue;
      const key = pieces.map((piece) => piece.id).join(' ');
      if (seen.has(key)) continue;
      seen.add(key);
      prefills.push({ pieces });
    }
  }
  if (prefills.length === 0 && count > 0) throw emptyCorpus(starts.count, prefillTokens);
  return { prefills, wordStarts: starts.count, candidates, exhausted: prefills.length < count };
}

/** One line for people where there are fewer distinct openings than asked for, to be shown before the run. */
export function describeShortage(sampled: SampledPrefills, wanted: number): string | null {
  const found = sampled.prefills.length;
  if (!sampled.exhausted) return null;
  return `The corpus has only ${found} distinct prefill${found === 1 ? '' : 's'} of the ${wanted} asked for; all will be used.`;
}

interface Slice {
  readonly text: string;
  /** The passage goes on after it. */
  readonly cut: boolean;
}

function cutSlice(passage: string, offset: number, length: number): Slice {
  let end = Math.min(offset + length, passage.length);
  const splitsPair = (passage.charCodeAt(end - 1) & 0xfc00) === 0xd800 && (passage.charCodeAt(end) & 0xfc00) === 0xdc00;
  if (end < passage.length && splitsPair) end--;
  return { text: passage.slice(offset, end), cut: end < passage.length };
}

function isOpening(pieces: readonly Piece[], slice: Slice, prefillTokens: number): boolean {
  if (pieces.length < prefillTokens || pieces.some((piece) => piece.control)) return false;
  const bytes = bytesOfTokens(pieces);
  if (!isValidUtf8(bytes)) return false;
  return !slice.cut || decodeUtf8(bytes).length <= slice.text.length / 2;
}

function emptyCorpus(wordStarts: number, prefillTokens: number): AuditError {
  return wordStarts === 0
    ? new AuditError('emptyCorpus', 'The corpus has no text to draw prefills from. Choose files with general text.')
    : new AuditError('emptyCorpus', `No passage of the corpus has a prefill of ${prefillTokens} tokens. Choose longer texts, or fewer tokens per prefill.`);
}
