/**
 * What two models with different tokenizers think of the same text can only be compared where both have a token
 * boundary. Between two such places lies a segment; each model's logprob of it is the sum over its own tokens, and the
 * segment's gap is the difference (DESIGN: different tokenizers).
 */
import type { Segment } from './analysis.js';
import type { OwnTokens, Piece } from './language-model.js';
import { bytesOfTokens } from '../text/utf8.js';

/** One model's tokens of a text. */
export interface Tokenisation {
  readonly tokens: readonly Piece[];
  /** Nats, one per token. */
  readonly logprobs: readonly number[];
}

export interface ReferenceTokenisation extends Tokenisation, Pick<OwnTokens, 'straddleBytes' | 'bytes' | 'cuts'> {}

/** One side of the walk: a token is taken whole, so the position is always a boundary of this tokenisation. */
class Side {
  token = 0;
  from = 0;
  logprob = 0;

  constructor(
    private readonly text: Tokenisation,
    public position: number,
  ) {}

  /** Takes the next token; false where there is none, it is a control token, or it reaches past the end. */
  advance(end: number): boolean {
    const next = this.text.tokens[this.token];
    if (next === undefined || next.control || this.position + next.bytes.length > end) return false;
    this.position += next.bytes.length;
    this.logprob += this.text.logprobs[this.token]!;
    this.token++;
    return true;
  }

  /** Tokens without bytes belong to the segment before them. */
  takeEmptyTokens(end: number): void {
    while (this.text.tokens[this.token]?.bytes.length === 0 && this.advance(end));
  }

  beginSegment(): void {
    this.from = this.token;
    this.logprob = 0;
  }

  /** Leaves out the tokens that begin before a place, and the control tokens that stand there. */
  skipTo(place: number): void {
    for (let next = this.text.tokens[this.token]; next !== undefined && (this.position < place || next.control); next = this.text.tokens[this.token]) {
      if (!next.control) this.position += next.bytes.length;
      this.token++;
    }
  }
}

/**
 * The segments of a completion, first to last, within each stretch that R was given without a hole between them. They end at the last
 * boundary that both tokenisations share there; what F has beyond it (half a character, a control token) is in no segment. Where R's
 * first token begins inside the prefill, the first segment is marked.
 */
export function alignTokens(finetuned: Tokenisation, reference: ReferenceTokenisation): Segment[] {
  const bytes = bytesOfTokens(finetuned.tokens);
  const f = new Side(finetuned, 0);
  const r = new Side(reference, -reference.straddleBytes);
  const segments: Segment[] = [];
  let start = 0;
  for (const [end, next] of [...(reference.cuts ?? []), [Math.min(reference.bytes, bytes.length), null] as const]) {
    alignStretch(f, r, start, end, bytes, start === 0 && segments.length === 0 && reference.straddleBytes > 0, segments);
    if (next === null) break;
    start = next;
    f.skipTo(start);
    // R's tokens stop at cuts: the next one begins behind this.
    r.skipTo(end);
    r.position = start;
  }
  return segments;
}

function alignStretch(f: Side, r: Side, begin: number, end: number, bytes: Uint8Array, straddlesPrefill: boolean, segments: Segment[]): void {
  let start = begin;
  let straddles = straddlesPrefill;
  // A token of F that a cut goes through is in no segment: the first one begins where both have a boundary again.
  let open = f.position === start && (r.position === start || straddles);
  f.beginSegment();
  r.beginSegment();
  while ((f.position <= r.position ? f : r).advance(end)) {
    if (f.position !== r.position || (open && f.position === start)) continue;
    f.takeEmptyTokens(end);
    r.takeEmptyTokens(end);
    if (open) {
      segments.push({
        start,
        end: f.position,
        bytes: bytes.subarray(start, f.position),
        tokensFinetuned: [f.from, f.token],
        tokensReference: [r.from, r.token],
        logprobFinetuned: f.logprob,
        logprobReference: r.logprob,
        gap: f.logprob - r.logprob,
        straddlesPrefill: straddles,
      });
    }
    open = true;
    straddles = false;
    start = f.position;
    f.beginSegment();
    r.beginSegment();
  }
}
