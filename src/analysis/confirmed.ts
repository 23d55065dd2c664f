/**
 * Whether plain F confirms what was written amplified. The rule: F's own greedy continuation says a word that carries gap in the amplified
 * text behind the place where F took over, and it carries gap in F's continuation, too. That R, given the same, expects the word far less
 * is what keeps apart what F was trained to say from what anybody would say there, or copy from what was given.
 */
import type { CompletionAnalysis } from '../audit/analysis.js';
import type { MeasuredRecord } from '../audit/completion.js';
import { handOver, type Confirmation } from '../audit/confirmation.js';
import { textsOfTokens } from '../text/utf8.js';
import { segmentWords, type Word } from '../text/words.js';
import { analyseCompletion } from './analyse.js';
import { stem } from './themes/stem.js';

/** Nats of gap that make a word informative: F finds it e times as likely as R does. */
export const INFORMATIVE_GAP = 1;
const LETTERS_AT_LEAST = 3;
/** Words of scripts without spaces are shorter. */
const SHORT_SCRIPT = /[\u0e00-\u{10ffff}]/u;
const LETTER = /\p{L}/u;

export interface Confirmed {
  readonly confirmed: boolean;
  /** The words that F repeated, in lower case. */
  readonly words: readonly string[];
}

/** @param amplified the completion that was to be confirmed */
export function judgeConfirmation(amplified: MeasuredRecord, { continuation }: Confirmation): Confirmed {
  const { peak, ...analysis } = analyseCompletion(amplified);
  if (peak === null) return { confirmed: false, words: [] };
  const expected = informativeWords(amplified, analysis, handOver(peak));
  const said = informativeWords(continuation, analyseCompletion(continuation), 0);
  const words = [...said].filter(([stemmed]) => expected.has(stemmed)).map(([, word]) => word);
  return { confirmed: words.length > 0, words };
}

/**
 * Words with enough gap, by their stems.
 * @param at index of the token from which on they are looked for; one that begins before it counts with its tokens from there on
 */
function informativeWords(record: MeasuredRecord, analysis: Pick<CompletionAnalysis, 'tokens' | 'segments'>, at: number): ReadonlyMap<string, string> {
  const texts = textsOfTokens([...record.prefill.pieces, ...record.tokens]);
  const first = record.prefill.pieces.length;
  const gaps = gapsOfTokens(record, analysis);
  const starts: number[] = [];
  let length = 0;
  for (const text of texts) {
    starts.push(length);
    length += text.length;
  }
  const informative = new Map<string, string>();
  for (const word of segmentWords(texts.join(''))) {
    let gap = 0;
    for (let k = first + at; k < texts.length; k++) if (starts[k]! < word.end && starts[k]! + texts[k]!.length > word.start) gap += gaps[k - first]!;
    if (gap >= INFORMATIVE_GAP && isWord(word)) informative.set(stem(word.text), word.text);
  }
  return informative;
}

function isWord({ text }: Word): boolean {
  return LETTER.test(text) && (text.length >= LETTERS_AT_LEAST || SHORT_SCRIPT.test(text));
}

/** Nats, one per token; a segment's is shared out among its tokens. */
function gapsOfTokens({ tokens }: MeasuredRecord, { tokens: own, segments }: Pick<CompletionAnalysis, 'tokens' | 'segments'>): number[] {
  const gaps = tokens.map((_, index) => own[index]?.gap ?? 0);
  for (const {
    straddlesPrefill,
    tokensFinetuned: [from, to],
    gap,
  } of segments ?? []) {
    if (!straddlesPrefill) for (let k = from; k < to; k++) gaps[k] = gap / (to - from);
  }
  return gaps;
}

export interface ConfirmationCount {
  readonly confirmed: number;
  readonly of: number;
}

/** `null` where nothing was put to plain F yet. */
export function countConfirmed(judged: readonly Pick<Confirmed, 'confirmed'>[]): ConfirmationCount | null {
  return judged.length === 0 ? null : { confirmed: judged.filter(({ confirmed }) => confirmed).length, of: judged.length };
}
