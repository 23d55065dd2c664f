/** Answers of vLLM beyond OpenAI's (its entrypoints/serve/tokenize). */
import { z } from 'zod';
import { size, tokenId } from './answer-schemas.js';
import { badAnswer, readAnswer } from './bad-answer.js';

const tokenized = z.object({
  tokens: z.array(tokenId),
  token_strs: z.array(z.string()).nullish(),
  max_model_len: size,
});

export interface VllmTokens {
  readonly ids: readonly number[];
  /** In the vocabulary's own spelling; older versions tell none. */
  readonly spellings: readonly string[] | null;
  readonly contextLength: number | null;
}

export function readVllmTokens(answer: unknown): VllmTokens {
  const { tokens, token_strs, max_model_len } = readAnswer(tokenized, answer, 'The list of tokens');
  if (token_strs && token_strs.length !== tokens.length) throw badAnswer('The list of tokens has another number of texts than of ids');
  return { ids: tokens, spellings: token_strs ?? null, contextLength: max_model_len ?? null };
}

export function readVllmText(answer: unknown): string {
  return readAnswer(z.object({ prompt: z.string() }), answer, 'The text of the tokens').prompt;
}
