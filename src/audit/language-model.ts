/**
 * A language model as the method sees it: something that can be put before a framed prefill, continue it, and say how
 * likely it finds a text. Everything that runs a model (a local process, an API client) implements this interface;
 * nothing in this folder knows which.
 */
import type { ChatMessage, Framing, FramingTexts } from './framing.js';

/** What a model is, as far as another person needs it to repeat or distrust a result. Goes into the journal's header. */
export interface ModelIdentity {
  /** Short name for people: the file's or model's name, with its adapters. */
  readonly name: string;
  /** Where it came from: an absolute path, an `hf:` address, or an endpoint. Never a key. */
  readonly source: string;
  /** SHA-256 of the model file (hex). Absent where there is no file. */
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly architecture?: string;
  /** E.g. `F16`, `Q8_0`. */
  readonly quantisation?: string;
  readonly parameters?: number;
  readonly adapters: readonly AdapterIdentity[];
  /**
   * Hash over everything that decides tokenisation (pre-tokenizer, pieces, types, merges or scores). Two models with
   * equal fingerprints give the same ids to the same text, so one can be given the other's ids.
   */
  readonly tokenizerFingerprint: string;
  /** `null` where a server does not say. */
  readonly vocabularySize: number | null;
  /** Tokens of context that the model was trained for, or that its server gives it; `null` where a server does not say. */
  readonly contextLength: number | null;
  readonly hasChatTemplate: boolean;
  /** Library, version and device that computed with it, e.g. `node-llama-cpp 3.22.1, CPU`. */
  readonly engine: string;
  /** Of an endpoint: the name that the server answers with, which may be another than it was asked by. */
  readonly servedAs?: string;
}

/** A LoRA adapter applied on top of a model file. */
export interface AdapterIdentity {
  readonly source: string;
  readonly sha256: string;
  /** The factor applied on top of alpha/rank; 1 unless the user or the adapter's metadata says otherwise. */
  readonly scale: number;
  readonly rank?: number;
  readonly alpha?: number;
}

/** Token ids `[from, to)`. */
export type IdRange = readonly [from: number, to: number];

/** What two tokenizers have in common, seen from the first. */
export type TokenizerComparison =
  | {
      readonly same: true;
      /** The first's ids that stand for something else in the other, or for nothing; in order. Whatever has none of them can be given to either. */
      readonly unlikeIds: readonly IdRange[];
    }
  /** In words, as a clause that a sentence can end with. */
  | { readonly same: false; readonly difference: string };

/** What a model can do. What it lacks decides what an audit with it can be. */
export interface Capabilities {
  /** Can generate text and give the logprob of each generated token. */
  readonly generate: boolean;
  /** Can give the logprob of every token of a given text: needed of a reference model. */
  readonly score: boolean;
  /** Framings that it can generate in. */
  readonly framings: readonly Framing[];
  /** Takes and returns token ids of its own vocabulary. Without them a text is scored by `logprobsOfTexts`, not by `logprobsOf`. */
  readonly tokenIds: boolean;
  /** How many alternatives per position it can name at most. */
  readonly alternatives: number;
  /** Given, and true, where {@link LanguageModel.divergence} can be asked for. */
  readonly distributions?: boolean;
  /** Every request is answered on its own: its company is no part of the result, and the model bounds how many run at once. */
  readonly independent: boolean;
}

/** One token of a model's own vocabulary. */
export interface Piece {
  readonly id: number;
  /** The bytes that the token stands for; a control token's are those of its name (`<|end|>`). */
  readonly bytes: Uint8Array;
  /** Control tokens belong to the template, not to the text: they have no bytes in an alignment. */
  readonly control: boolean;
}

/** A framing rendered by one model: the ids that stand before the prefill. */
export interface Frame {
  readonly framing: Framing;
  /** Token ids before the prefill's first token, BOS included where the model wants one. */
  readonly tokens: readonly number[];
  /** The same as text, control tokens by name, without the BOS: for people, and for a model without a template to borrow. */
  readonly text: string;
  /** Ids and text between the prefill and the completion, where the prefill stands inside a turn. Left out where nothing does. */
  readonly after?: readonly number[];
  readonly textAfter?: string;
  /** In the `dialogue` framing: what the template writes between the user's text, which the model finishes, and its answer. */
  readonly reply?: { readonly tokens: readonly number[]; readonly text: string };
  /** The conversation, for a server that renders it itself; in the `ask` framing the prefill goes at the last turn's end. */
  readonly turns?: readonly ChatMessage[];
  /** The system text was put into the user's turn because the template has no system turn. */
  readonly systemFolded: boolean;
  /** The text is another model's rendered template, because this one has none. */
  readonly borrowed: boolean;
  /**
   * Of a template that has its model think first: `open`, the prefill stands in thoughts; `leftOut`, it stands where a message without
   * thoughts would, which this model may not be used to. Left out where the message is opened.
   */
  readonly thoughts?: 'open' | 'leftOut';
}

/** What to render, and what to render it from where the model has no chat template of its own. */
export interface FrameRequest {
  readonly framing: Framing;
  readonly texts: FramingTexts;
  /** Another model's rendered turn, used as plain text where this model has no chat template. */
  readonly fallbackText?: string;
  /** The same for what stands between prefill and completion, in the `dialogue` framing between question and answer. */
  readonly fallbackTextAfter?: string;
}

/** What stands before a completion, in its parts, for a model behind a server that takes text or turns. */
export interface PromptParts {
  readonly frame: Frame;
  readonly prefill: readonly Piece[];
}

/** A request that got no usable answer, and why. The audit goes on without it. */
export interface SetAside {
  readonly id: number;
  readonly setAside: string;
}

export function isSetAside(answer: object): answer is SetAside {
  return 'setAside' in answer;
}

export interface GenerateRequest {
  /** Index of the completion in the plan. */
  readonly id: number;
  /** Frame and prefill, as token ids. */
  readonly prompt: readonly number[];
  /** The same in its parts; an audit always gives them. */
  readonly parts?: PromptParts;
  /** New tokens at most, the end-of-turn token not counted. */
  readonly maxTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** Seed of this completion's sampling; meaningless when greedy. */
  readonly seed: number;
  /**
   * Which tokens end the completion. `endOfTurn` (the default; for the chat framing): every token that the vocabulary
   * knows as an end of generation. `endOfText` (for the raw framing): only those that end a document, so that the end of
   * a turn inside a raw text is an ordinary control token; the same thing where a model has one token for both.
   */
  readonly stop?: 'endOfTurn' | 'endOfText';
  /**
   * `none` leaves the logprobs out (`logprobs` empty, the end's `NaN`): for a caller that scores the text itself.
   * Left away, they are computed.
   */
  readonly logprobs?: 'none';
}

/** The template's tokens between the two parts of a dialogue, a question and its answer: shown, and in no score. */
export interface TemplateTurn {
  /** How many of the completion's tokens are the question. */
  readonly at: number;
  readonly pieces: readonly Piece[];
}

/** What a model generated, with logprobs (nats) of the untruncated distribution at temperature 1. */
export interface GeneratedCompletion {
  readonly id: number;
  readonly tokens: readonly Piece[];
  /** One per token. */
  readonly logprobs: readonly number[];
  /** The end-of-turn token, where the model chose one; it is in no score. */
  readonly end: { readonly piece: Piece; readonly logprob: number } | null;
  /** In the `dialogue` framing, of a completion whose question ended: the tokens are the question's and then the answer's. */
  readonly turn?: TemplateTurn;
}

/** Ids whose logprobs are wanted, after ids that are given. */
export interface GivenTokens {
  readonly id: number;
  readonly prompt: readonly number[];
  readonly continuation: readonly number[];
}

/** A text to be scored by a model that tokenises it itself. */
export interface GivenText {
  readonly id: number;
  readonly parts: PromptParts;
  /** What follows the prompt, with nothing between. */
  readonly text: string;
}

/** What a model that tokenises by itself made of a text. */
export interface TextLogprobs {
  readonly id: number;
  /** `null` where none of its tokens lies in the text. */
  readonly scoring: OwnTokens | null;
}

/** A model's own tokens of prompt and text, from the first that reaches into the text. */
export interface OwnTokens {
  readonly tokens: readonly Piece[];
  /** Nats, one per token. */
  readonly logprobs: readonly number[];
  /** Bytes of the first token that belong to the prompt. */
  readonly straddleBytes: number;
  /** Bytes of the text that the tokens reach to. */
  readonly bytes: number;
  /**
   * Byte ranges of the text before that end which none of the tokens covers, in order; left out where there are none. A range of no
   * length is where a control token stood.
   */
  readonly cuts?: readonly (readonly [start: number, end: number])[];
}

export interface TokenLogprobs {
  readonly id: number;
  /** ln P(token | everything before it), one per continuation token, in nats. */
  readonly logprobs: readonly number[];
}

/** How far two models' distributions lie apart before one token of a text, in nats; P is the asked model's, Q the other's. */
export interface PositionDivergence {
  /** ln P and ln Q of the token that follows. */
  readonly logprob: number;
  readonly otherLogprob: number;
  /** KL(P‖Q) = Σ p (ln p − ln q) over the whole vocabulary. */
  readonly forward: number;
  /** KL(Q‖P). */
  readonly backward: number;
  readonly entropy: number;
  readonly otherEntropy: number;
  /** The tokens with the largest p (ln p − ln q), largest first: what P says more than Q. Only those above 0. */
  readonly top: readonly { readonly piece: Piece; readonly contribution: number }[];
}

export interface TokenDivergences {
  readonly id: number;
  /** One per continuation token. */
  readonly positions: readonly PositionDivergence[];
}

/** A place in a completion. */
export interface Position {
  /** All ids before it. */
  readonly prompt: readonly number[];
  readonly parts?: PromptParts;
  /** The completion's pieces before it, which `prompt` ends with. */
  readonly completion?: readonly Piece[];
}

/** What else a model could have said at one place. */
export interface Alternative {
  readonly piece: Piece;
  readonly logprob: number;
}

/** Steps of work inside one wave; `tokens` counts since the last report. */
export interface WaveOptions {
  readonly signal: AbortSignal;
  readonly onTokens?: (tokens: number) => void;
}

export interface DivergenceOptions extends WaveOptions {
  /** How many of {@link PositionDivergence.top} to name at most. */
  readonly contributions: number;
}

/**
 * One loaded model. All methods reject with an {@link AuditError}; with `code: 'cancelled'` when the signal aborts.
 * `generate` and `logprobsOf` take one wave: requests that advance together and whose company therefore is part of the
 * result's last digits.
 */
export interface LanguageModel {
  readonly identity: ModelIdentity;
  readonly capabilities: Capabilities;
  /** What a reader of its results must know, e.g. that its server ignores seeds. */
  readonly remarks?: readonly string[];
  /**
   * Token ids and bytes of plain texts; names of control tokens in them are ordinary text unless `parseSpecial` is set.
   * The bytes of a text's pieces joined are the text. No BOS is added.
   */
  tokenize(texts: readonly string[], signal: AbortSignal, options?: { readonly parseSpecial?: boolean }): Promise<Piece[][]>;
  /** Pieces of ids that came from elsewhere (a prefill file). Rejects ids outside the vocabulary. */
  pieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]>;
  frame(request: FrameRequest, signal: AbortSignal): Promise<Frame>;
  /** Completions in the order in which they end. */
  generate(wave: readonly GenerateRequest[], options: WaveOptions): AsyncIterable<GeneratedCompletion | SetAside>;
  /**
   * Completions that are written away from another model of the same tokenizer: greedily, among this model's 20 likeliest tokens with at
   * least a hundredth of the likeliest one's probability, that with the highest ln P + strength·(ln P − ln P of the other). Logprobs are
   * this model's own. Of a model that can be computed together with the other. Requests are greedy.
   */
  generateAway?(wave: readonly GenerateRequest[], other: LanguageModel, strength: number, options: WaveOptions): AsyncIterable<GeneratedCompletion | SetAside>;
  /** Logprobs in the order in which they are ready. */
  logprobsOf(wave: readonly GivenTokens[], options: WaveOptions): AsyncIterable<TokenLogprobs | SetAside>;
  /** The same for texts; of a model that can score but knows no token ids. */
  logprobsOfTexts?(wave: readonly GivenText[], options: WaveOptions): AsyncIterable<TextLogprobs | SetAside>;
  /** Piece by piece, of files; `null` where the other's vocabulary is out of reach. */
  compareTokenizer?(other: LanguageModel, signal: AbortSignal): Promise<TokenizerComparison | null>;
  /**
   * The divergence from another model of the same tokenizer, for texts in the order in which they are ready; of a model that can be
   * computed together with the other. Both contexts must have room for the wave.
   */
  divergence?(wave: readonly GivenTokens[], other: LanguageModel, options: DivergenceOptions): AsyncIterable<TokenDivergences>;
  /** The `count` most likely tokens at a place, most likely first. */
  alternatives(position: Position, count: number, signal: AbortSignal): Promise<Alternative[]>;
}
