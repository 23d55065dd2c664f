/** Parts that answers of several dialects have in common, checked where they come in. */
import { z } from 'zod';
import { nameToken, type NamedToken } from '../token-bytes.js';
import type { GeneratedToken, Usage } from './generated-answer.js';
import { checkShape } from '../../../../text/check-shape.js';

/** Ids of tokens; what is larger is an id of no vocabulary. */
export const tokenId = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** Tokens of a context or a vocabulary; `null` for what is no such number. */
export const size = z
  .int()
  .min(1)
  .max(2 ** 31 - 1)
  .nullish()
  .catch(null);

const logprob = z.number().nullish();
const bytes = z.array(z.int().min(0).max(255)).nullish();

/** A token of the chat form: OpenAI's, with llama.cpp's `id`. */
const namedToken = z.object({ token: z.string(), id: tokenId.nullish(), bytes, logprob });

export const contentLogprobs = z.object({
  content: z.array(namedToken.extend({ top_logprobs: z.array(namedToken).nullish() })),
});

/** The form of OpenAI's older text completions, as vLLM has it too. */
export const listedLogprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()),
  top_logprobs: z.array(z.record(z.string(), z.number().nullable()).nullable()).nullish(),
});

/** Of tokens that an answer took. No one answer takes a billion: what says so counts nothing. */
const tokenCount = z.int().min(0).max(1e9).nullish().catch(null);

export const envelope = {
  model: z.string().nullish(),
  system_fingerprint: z.string().nullish(),
  usage: z.object({ prompt_tokens: tokenCount, completion_tokens: tokenCount }).nullish().catch(null),
};

export function readUsage(usage: z.infer<typeof envelope.usage>): Usage {
  return { prompt: usage?.prompt_tokens ?? 0, completion: usage?.completion_tokens ?? 0 };
}

/** llama.cpp's own answers count beside `usage`. */
const counted = z.object({ usage: envelope.usage, tokens_evaluated: tokenCount, tokens_predicted: tokenCount });

/** As far as a server says; `null` where it does not, or says something that is no count. */
export interface ToldSpending {
  readonly prompt: number | null;
  readonly completion: number | null;
}

/** What an answer says was spent on it, whatever else it holds; `null` where it says nothing. */
export function readSpent(answer: unknown): ToldSpending | null {
  const { data } = checkShape(counted, answer);
  if (data === undefined) return null;
  const prompt = (data.usage ? data.usage.prompt_tokens : data.tokens_evaluated) ?? null;
  const completion = (data.usage ? data.usage.completion_tokens : data.tokens_predicted) ?? null;
  return (prompt ?? 0) + (completion ?? 0) > 0 ? { prompt, completion } : null;
}

export function tokensOfContent({ content }: z.infer<typeof contentLogprobs>): GeneratedToken[] {
  return content.map(({ top_logprobs, ...token }) => ({
    ...nameEntry(token),
    logprob: token.logprob ?? null,
    alternatives: (top_logprobs ?? []).map((entry) => ({ ...nameEntry(entry), logprob: entry.logprob ?? null })),
  }));
}

function nameEntry({ token, bytes: given, id }: z.infer<typeof namedToken>): NamedToken {
  return nameToken(token, given, id);
}

/** `null` where the lists are not of one length. */
export function tokensOfLists({ tokens, token_logprobs, top_logprobs }: z.infer<typeof listedLogprobs>): GeneratedToken[] | null {
  if (token_logprobs.length !== tokens.length) return null;
  return tokens.map((token, k) => ({
    ...nameToken(token),
    logprob: token_logprobs[k]!,
    alternatives: Object.entries(top_logprobs?.[k] ?? {}).map(([name, value]) => ({ ...nameToken(name), logprob: value })),
  }));
}
