/**
 * What two models with different tokenizers think of the same text can only be compared where both have a token
 * boundary. Between two such places lies a segment; each model's logprob of it is the sum over its own tokens, and the
 * segment's gap is the difference (DESIGN: different tokenizers).
 */
import type { Segment } from './analysis.js';
import type { Piece } from './language-model.js';
import { bytesOfTokens } from './utf8.js';

/** One model's tokens of a text. */
export interface Tokenisation {
  readonly tokens: readonly Piece[];
  /** Nats, one per token. */
  readonly logprobs: readonly number[];
}

export interface ReferenceTokenisation extends Tokenisation {
  /** Bytes of the first token that lie in the prefill; 0 where it begins with the completion. */
  readonly straddleBytes: number;
  /** Bytes of the completion that the tokens reach to. */
  readonly bytes: number;
}

/** One side of the walk: a token is taken whole, so the position is always a boundary of this tokenisation. */
class Side {
  token = 0;
  from = 0;
  logprob = 0;

  constructor(
    private readonly text: Tokenisation,
    private readonly end: number,
    public position: number,
  ) {}

  /** Takes the next token; false where there is none, it is a control token, or it reaches past the end. */
  advance(): boolean {
    const next = this.text.tokens[this.token];
    if (next === undefined || next.control || this.position + next.bytes.length > this.end) return false;
    this.position += next.bytes.length;
    this.logprob += this.text.logprobs[this.token]!;
    this.token++;
    return true;
  }

  /** Tokens without bytes belong to the segment before them. */
  takeEmptyTokens(): void {
    while (this.text.tokens[this.token]?.bytes.length === 0 && this.advance());
  }

  beginSegment(): void {
    this.from = this.token;
    this.logprob = 0;
  }
}

/**
 * The segments of a completion, first to last, without a hole between them. They end at the last boundary that both
 * tokenisations share within `reference.bytes`; what F has beyond it (half a character, a control token and all that
 * follows) is in no segment. Where R's first token begins inside the prefill, the first segment is marked.
 */
export function alignTokens(finetuned: Tokenisation, reference: ReferenceTokenisation): Segment[] {
  const bytes = bytesUpTo(finetuned.tokens, reference.bytes);
  const f = new Side(finetuned, bytes.length, 0);
  const r = new Side(reference, bytes.length, -reference.straddleBytes);
  const segments: Segment[] = [];
  let start = 0;
  while ((f.position <= r.position ? f : r).advance()) {
    if (f.position !== r.position || f.position === start) continue;
    f.takeEmptyTokens();
    r.takeEmptyTokens();
    segments.push({
      start,
      end: f.position,
      bytes: bytes.subarray(start, f.position),
      tokensFinetuned: [f.from, f.token],
      tokensReference: [r.from, r.token],
      logprobFinetuned: f.logprob,
      logprobReference: r.logprob,
      gap: f.logprob - r.logprob,
      straddlesPrefill: start === 0 && reference.straddleBytes > 0,
    });
    start = f.position;
    f.beginSegment();
    r.beginSegment();
  }
  return segments;
}

/** The text's first bytes, up to a control token and to `limit`. */
function bytesUpTo(tokens: readonly Piece[], limit: number): Uint8Array {
  const control = tokens.findIndex((token) => token.control);
  return bytesOfTokens(control < 0 ? tokens : tokens.slice(0, control)).subarray(0, limit);
}
