/** The tokens that a server made of a whole prompt, with their bytes. */
import type { Piece } from '../../../../audit/language-model.js';
import { badAnswer } from '../answers/bad-answer.js';
import type { GivenToken } from '../answers/prompt-logprobs.js';
import { fitTokens, looksLikeControl, tryToFitTokens, type FittedToken } from '../token-bytes.js';
import { makeTextPiece } from '../text-pieces.js';

export interface FittedGivenToken {
  readonly piece: Piece;
  readonly logprob: number | null;
}

/**
 * Without the BOS where the server shows it. A first token that it does not name is the BOS where the others are the whole
 * text, and otherwise what of the text stands before them.
 * @throws EndpointError `badAnswer` where the tokens do not add up to the text
 */
export function fitGivenTokens(given: readonly GivenToken[], text: string): FittedGivenToken[] {
  const [first, ...rest] = given;
  if (first === undefined) throw badAnswer('The answer has no tokens of the prompt');
  const isUnnamed = first.text === null && first.bytes === null;
  if (isUnnamed || looksLikeControl(first)) {
    const fitted = tryToFit(rest, text);
    if (fitted !== null) return join(rest, fitted);
  }
  if (!isUnnamed) return join(given, fitTokens(given, text));
  for (const beginning of prefixesOf(text)) {
    const fitted = tryToFit(rest, text.slice(beginning.length));
    if (fitted !== null) return [{ piece: makeTextPiece(new TextEncoder().encode(beginning)), logprob: null }, ...join(rest, fitted)];
  }
  throw badAnswer('The tokens do not add up to the text');
}

/** Characters that a first token may be at most. */
const LONGEST_FIRST = 40;

function* prefixesOf(text: string): Generator<string> {
  let prefix = '';
  for (const character of text) {
    prefix += character;
    yield prefix;
    if (prefix.length > LONGEST_FIRST) return;
  }
}

/** All of them: none may be left out here. */
function tryToFit(tokens: readonly GivenToken[], text: string): FittedToken[] | null {
  const fitted = text === '' ? null : tryToFitTokens(tokens, text);
  return fitted?.length === tokens.length ? fitted : null;
}

function join(given: readonly GivenToken[], fitted: readonly FittedToken[]): FittedGivenToken[] {
  return fitted.map(({ bytes, control }, k) => ({ piece: makeTextPiece(bytes, control), logprob: given[k]!.logprob }));
}
