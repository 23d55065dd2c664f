/** A tokenizer that is asked over HTTP. */
import { AuditError } from '../../../../audit/errors.js';
import type { ChatMessage } from '../../../../audit/framing.js';
import type { Piece } from '../../../../audit/language-model.js';
import type { EndpointPath } from '../../transport/endpoint-client.js';

/** Makes one request; counts and retries it as the endpoint's others. `read` decides whether the answer is a good one. */
export type Ask = <T>(path: EndpointPath, body: object, read: (answer: unknown) => T, signal: AbortSignal, maxAttempts?: number) => Promise<T>;

/** A template that fails on a conversation is reported as a fault of the server, which would be tried for a long time. */
export const RENDER_ATTEMPTS = 3;

export interface RenderedTurns {
  readonly text: string;
  /** The server's own, where it gives them. */
  readonly ids: readonly number[] | null;
}

export interface RemoteTokenizer {
  /** What the tokenizer puts before every text of its own accord: a BOS or nothing. */
  bos(signal: AbortSignal): Promise<readonly Piece[]>;
  /** Without BOS; the bytes of the pieces joined are the text. */
  tokenize(text: string, parseSpecial: boolean, signal: AbortSignal): Promise<Piece[]>;
  /** @throws AuditError `badPrefillFile` for ids outside the vocabulary, as far as the server lets that be seen */
  pieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]>;
  /** Of ids that the model itself has said. What the server does not tell of a token's bytes is left out of them. */
  generatedPieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]>;
  /** A conversation with the assistant's turn begun, as the server's own template has it. */
  render(turns: readonly ChatMessage[], signal: AbortSignal): Promise<RenderedTurns>;
  /** A conversation whose last turn, the assistant's, is over; what the server writes behind it does not matter. */
  renderAnswered(turns: readonly ChatMessage[], signal: AbortSignal): Promise<RenderedTurns>;
}

const utf8 = new TextEncoder();
const SPACE = 0x20;

/** Some tokenizers put a space before a text; it belongs to the piece elsewhere, but not to this text. */
export function withoutAddedSpace(pieces: readonly Piece[], text: string): Piece[] {
  const [first, ...rest] = pieces;
  if (first === undefined || first.control || first.bytes[0] !== SPACE) return [...pieces];
  const length = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
  return length === utf8.encode(text).length + 1 ? [{ ...first, bytes: first.bytes.slice(1) }, ...rest] : [...pieces];
}

export function unknownToken(id: number, vocabularySize: number | null): AuditError {
  const outside = vocabularySize === null ? "the vocabulary of this model's server" : `this model's vocabulary of ${vocabularySize} tokens`;
  return new AuditError('badPrefillFile', `Token id ${id} is outside ${outside}.`);
}
