/** Answers of llama.cpp's server beyond OpenAI's (its README, "API Endpoints"). */
import { z } from 'zod';
import type { Piece } from '../../../../audit/language-model.js';
import { badAnswer, readAnswer } from './bad-answer.js';
import { contentLogprobs, size, tokenId, tokensOfContent } from './answer-schemas.js';
import type { GeneratedToken } from './generated-answer.js';

const tokenized = z.object({ tokens: z.array(z.object({ id: tokenId, piece: z.union([z.string(), z.array(z.int().min(0).max(255))]) })) });

const utf8 = new TextEncoder();

/** `/tokenize` with `with_pieces`. It does not say which are control tokens. */
export function readLlamaTokens(answer: unknown): Omit<Piece, 'control'>[] {
  return readAnswer(tokenized, answer, 'The list of tokens').tokens.map(({ id: token, piece }) => ({
    id: token,
    bytes: typeof piece === 'string' ? utf8.encode(piece) : Uint8Array.from(piece),
  }));
}

export function readDetokenized(answer: unknown): string {
  return readAnswer(z.object({ content: z.string() }), answer, 'The text of the tokens').content;
}

export function readRenderedTurns(answer: unknown): string {
  return readAnswer(z.object({ prompt: z.string() }), answer, 'The rendered conversation').prompt;
}

const completion = z.object({
  content: z.string(),
  tokens: z.array(tokenId),
  model: z.string().nullish(),
  stop_type: z.string(),
  truncated: z.boolean().nullish(),
  completion_probabilities: contentLogprobs.shape.content.nullish(),
});

export interface LlamaCompletion {
  readonly model: string | null;
  readonly text: string;
  /** All that were generated, the one that ended it included. */
  readonly ids: readonly number[];
  /** Those that complete a character; it gives no logprobs of others. */
  readonly tokens: readonly GeneratedToken[];
  readonly ended: boolean;
}

/** `/completion` with `return_tokens`. */
export function readLlamaCompletion(answer: unknown): LlamaCompletion {
  const body = readAnswer(completion, answer, 'The completion');
  if (body.truncated === true) throw badAnswer("The completion ran out of the server's context: give it more (-c), or ask for shorter completions");
  return {
    model: body.model ?? null,
    text: body.content,
    ids: body.tokens,
    tokens: tokensOfContent({ content: body.completion_probabilities ?? [] }),
    ended: body.stop_type === 'eos',
  };
}

const properties = z.object({
  build_info: z.string().nullish(),
  chat_template: z.string().nullish(),
  model_alias: z.string().nullish(),
  eos_token: z.string().nullish(),
  default_generation_settings: z.object({ n_ctx: size }).nullish(),
});

export type LlamaProperties = z.infer<typeof properties>;

export function readLlamaProperties(answer: unknown): LlamaProperties {
  return readAnswer(properties, answer, "The server's description");
}
