/** Tokens as a server reports them, as pieces of a model without token ids. */
import type { Alternative, GeneratedCompletion } from '../../../../audit/language-model.js';
import { badAnswer, readLogprob } from '../answers/bad-answer.js';
import type { GeneratedAnswer, NamedAlternative } from '../answers/generated-answer.js';
import { fitTokens, looksLikeControl, readSpelled } from '../token-bytes.js';
import type { Spelling } from '../tokenizer/spelled-bytes.js';
import { makeTextPiece } from '../text-pieces.js';
import { rankAlternatives } from './generation.js';

/** @throws EndpointError `badAnswer` */
export function completionOf(id: number, answer: GeneratedAnswer, maxTokens: number): GeneratedCompletion {
  const { text, tokens, ended, hasLogprobs } = answer;
  if (!hasLogprobs || (tokens.length === 0 && text !== '')) {
    if (text === '' && ended) return { id, tokens: [], logprobs: [], end: null };
    throw badAnswer('The completion has no logprobs');
  }
  const logprobs = tokens.map(({ logprob }, k) => readLogprob(logprob, `token ${k + 1} of the completion`));
  const pieces = fitTokens(tokens, text, ended).map(({ bytes, control }) => makeTextPiece(bytes, control));
  const last = pieces.at(-1);
  const end = ended && pieces.length === tokens.length && last?.control === true ? { piece: last, logprob: logprobs.at(-1)! } : null;
  const length = Math.min(end ? pieces.length - 1 : pieces.length, maxTokens);
  return { id, tokens: pieces.slice(0, length), logprobs: logprobs.slice(0, length), end };
}

/**
 * @param spelling in which the server names tokens
 * @throws EndpointError `badAnswer` where the answer names none
 */
export function alternativesOf({ tokens }: GeneratedAnswer, count: number, spelling: Spelling | null = null): Alternative[] {
  const [first] = tokens;
  if (first === undefined) throw badAnswer('The server names no alternatives here: it would end its answer');
  const named: readonly NamedAlternative[] = first.alternatives.length > 0 ? first.alternatives : [first];
  const read = named.map((token) => (spelling === null ? token : (readSpelled([token], spelling)?.[0] ?? token)));
  return rankAlternatives(
    read.map((token, k) => ({
      piece: makeTextPiece(token.bytes ?? new TextEncoder().encode(token.text ?? ''), looksLikeControl(token)),
      logprob: readLogprob(token.logprob, `alternative ${k + 1}`),
    })),
    count,
  );
}
