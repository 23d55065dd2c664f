/** Prompts as text, for servers that take nothing else. */
import { AuditError } from '../../../audit/errors.js';
import type { Piece, PromptParts } from '../../../audit/language-model.js';
import { bytesOfTokens, decodeUtf8, isValidUtf8 } from '../../../text/utf8.js';

/** @throws AuditError `internal` where a request is without the parts that an audit always gives */
export function requireParts(parts: PromptParts | undefined): PromptParts {
  if (parts === undefined) throw new AuditError('internal', 'A prompt for a server that takes text came without its parts.');
  return parts;
}

/** @throws AuditError `cannotGenerate` where pieces are no text, since half characters cannot be sent */
export function textOfPieces(pieces: readonly Piece[]): string {
  const bytes = bytesOfTokens(pieces);
  if (isValidUtf8(bytes)) return decodeUtf8(bytes);
  throw new AuditError(
    'cannotGenerate',
    'A text that ends inside a character cannot be sent to a server that takes text. Look at the token that completes it.',
  );
}

/** Frame, prefill and what was said, as one text. The server puts its BOS before it by itself. */
export function textBefore(parts: PromptParts | undefined, completion: readonly Piece[] = []): string {
  const { frame, prefill } = requireParts(parts);
  return frame.text + textOfPieces(prefill) + (frame.textAfter ?? '') + textOfPieces(completion);
}
