/** The two forms in which OpenAI-like servers put logprobs: lists side by side (completions), a list of entries (chat). */
import type { Alternative, Piece } from '../../src/audit/language-model.js';
import type { Place } from './served-model.js';
import { countCharacters, Speller, type Spelling } from './token-texts.js';

/** Says a token as the answer is to show it; by default as the speller spells it. */
export type ShowToken = (piece: Piece, spelled: string) => string;

const SPELLED: ShowToken = (_piece, spelled) => spelled;
const LOWEST_LOGPROB = -9999;

export interface LegacyLogprobs {
  readonly text_offset: number[];
  readonly token_logprobs: (number | null)[];
  readonly tokens: string[];
  readonly top_logprobs: (Record<string, number> | null)[] | null;
}

export interface LegacyOptions {
  readonly spelling: Spelling;
  /** Alternatives per token; the token itself comes on top. */
  readonly count: number;
  /** Where the first token begins. */
  readonly offset: number;
  readonly show?: ShowToken;
}

export function formLegacyLogprobs(places: readonly Place[], options: LegacyOptions): LegacyLogprobs {
  const { spelling, count, offset, show = SPELLED } = options;
  const speller = new Speller(spelling);
  const formed = {
    text_offset: [] as number[],
    token_logprobs: [] as (number | null)[],
    tokens: [] as string[],
    top_logprobs: [] as (Record<string, number> | null)[],
  };
  let at = offset;
  for (const { piece, logprob, top } of places) {
    const others = alternativesWith(piece, logprob, top, count).map(
      (other) => [show(other.piece, speller.instead(other.piece)), floor(other.logprob)] as const,
    );
    const token = show(piece, speller.next(piece));
    formed.text_offset.push(at);
    formed.tokens.push(token);
    formed.token_logprobs.push(logprob === null ? null : floor(logprob));
    formed.top_logprobs.push(logprob === null ? null : Object.fromEntries(others));
    at += countCharacters(token);
  }
  return formed;
}

export interface ChatLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes?: readonly number[] | null;
}

export interface ChatOptions {
  readonly spelling: Spelling;
  readonly count: number;
  /** Whether the chosen token takes the first of the `count` places. */
  readonly chosenFirst: boolean;
  readonly show?: ShowToken;
  /** The `bytes` of an entry; `undefined` leaves the field out. */
  readonly bytes: (piece: Piece, spelled: string) => readonly number[] | null | undefined;
}

export function formChatLogprobs(places: readonly Place[], options: ChatOptions): (ChatLogprob & { readonly top_logprobs: ChatLogprob[] })[] {
  const { spelling, count, chosenFirst, show = SPELLED } = options;
  const speller = new Speller(spelling);
  const entry = (piece: Piece, logprob: number, spelled: string): ChatLogprob => {
    const bytes = options.bytes(piece, spelled);
    return { token: show(piece, spelled), logprob: floor(logprob), ...(bytes === undefined ? {} : { bytes }) };
  };
  return places.map(({ piece, logprob, top }) => {
    const others = (chosenFirst ? alternativesWith(piece, logprob, top, count) : top).slice(0, count);
    const top_logprobs = others.map((other) => entry(other.piece, other.logprob, speller.instead(other.piece)));
    return { ...entry(piece, logprob!, speller.next(piece)), top_logprobs };
  });
}

/** The chosen token, then the `count` most likely ones as far as they are others. */
export function alternativesWith(piece: Piece, logprob: number | null, top: readonly Alternative[], count: number): Alternative[] {
  if (logprob === null) return [];
  return [{ piece, logprob }, ...top.slice(0, Math.max(0, count)).filter((other) => other.piece.id !== piece.id)];
}

/** As these servers do, since JSON has no infinity. */
function floor(logprob: number): number {
  return Math.max(logprob, LOWEST_LOGPROB);
}
