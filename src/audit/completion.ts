/** A completion as it is journalled and ranked, or as an import tells it. All logprobs are in nats, already rounded to the journal's 5 decimals. */
import type { Framing } from './framing.js';
import type { ImportedCompletion } from './imported.js';
import type { Piece, TemplateTurn } from './language-model.js';
import type { ScoreName } from './scores.js';
import { decodeUtf8, textOfTokens } from '../text/utf8.js';

export interface Prefill {
  readonly pieces: readonly Piece[];
}

/** What the template writes between a dialogue's question and its answer, control tokens by name. */
export function textOfTurn({ pieces }: TemplateTurn): string {
  return pieces.map(({ bytes }) => decodeUtf8(bytes)).join('');
}

/** How the reference scored it: F's own ids, or its own tokens of the same text. */
export type ReferenceScoring =
  | {
      readonly kind: 'sameTokens';
      /** One per token of the completion. */
      readonly logprobs: readonly number[];
    }
  | {
      readonly kind: 'ownTokens';
      /**
       * R's joint tokenisation of prefill and completion from the first token that reaches into the completion;
       * where that token begins inside the prefill, `straddleBytes` of its bytes belong to the prefill.
       */
      readonly tokens: readonly Piece[];
      readonly logprobs: readonly number[];
      readonly straddleBytes: number;
      /** Bytes of the completion that R's tokens reach to (less than all where it ends in half a character or a control token). */
      readonly bytes: number;
      /** Byte ranges before that which R was not given; of no length where a control token stood. Left out where there are none. */
      readonly cuts?: readonly (readonly [start: number, end: number])[];
    };

/** Between the two models' whole distributions before each token of a completion, in nats; one of each per token of F. */
export interface CompletionDivergence {
  /** KL(F‖R). */
  readonly forward: readonly number[];
  /** KL(R‖F). */
  readonly backward: readonly number[];
}

/** A completion of which there are tokens and what both models thought of them. */
export interface MeasuredRecord {
  readonly kind: 'measured';
  /** Index i in the plan's order; wave ⌊i/B⌋. */
  readonly id: number;
  readonly framing: Framing;
  readonly prefill: Prefill;
  /** F's tokens, the end-of-turn token not among them. */
  readonly tokens: readonly Piece[];
  readonly logprobsFinetuned: readonly number[];
  /** `null` when the completion has no token or the reference could be given none of it. */
  readonly reference: ReferenceScoring | null;
  /** Where the plan asks for it and both models take the same ids. */
  readonly divergence?: CompletionDivergence;
  /** The end-of-turn token where F ended by itself: shown, in no score. */
  readonly end: { readonly piece: Piece; readonly logprobFinetuned: number; readonly logprobReference: number | null } | null;
  /** Of a dialogue whose question ended: where it did, and what the template writes there. Question and answer are the tokens. */
  readonly turn?: TemplateTurn;
}

/** A completion that something else generated and scored: its texts and what was told of it, and no token or logprob. */
export interface ImportedRecord extends ImportedCompletion {
  readonly kind: 'imported';
  /** Which of the scores the file's own is; `null` where that is not known. */
  readonly scoreIs: ScoreName | null;
}

/** A completion of an audit, wherever it was measured. */
export type CompletionRecord = MeasuredRecord | ImportedRecord;

export function prefillTextOf(record: CompletionRecord): string {
  return record.kind === 'imported' ? record.prefill : textOfTokens(record.prefill.pieces);
}

/** The completion's own text, without its prefill and without what a template writes in it. */
export function completionTextOf(record: CompletionRecord): string {
  return record.kind === 'imported' ? record.text : textOfTokens(record.tokens);
}
