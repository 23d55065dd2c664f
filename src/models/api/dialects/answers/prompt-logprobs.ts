/** Logprobs of given text: vLLM's `prompt_logprobs`, and the echo of OpenAI's older completions. */
import { z } from 'zod';
import { nameToken, type NamedToken } from '../token-bytes.js';
import { badAnswer, readLogprob } from './bad-answer.js';
import type { TextCompletion } from './text-completion.js';

/** Per token of the prompt, by id: the token itself and likelier ones. The first has nothing before it. */
export const promptLogprobs = z.array(
  z
    .record(z.string().regex(/^\d{1,10}$/), z.object({ logprob: z.number().nullable(), rank: z.number().nullish(), decoded_token: z.string().nullish() }))
    .nullable(),
);

export type PromptLogprobs = z.infer<typeof promptLogprobs>;

/** A token of a given text. */
export interface GivenToken extends NamedToken {
  /** Nats; `null` for a text's very first token. */
  readonly logprob: number | null;
}

/**
 * The logprob of each token of a prompt that was given by its ids.
 * @throws EndpointError `badAnswer` where the answer does not cover the prompt, or a value is none
 */
export function readPromptLogprobs({ promptLogprobs: entries }: Pick<TextCompletion, 'promptLogprobs'>, ids: readonly number[]): (number | null)[] {
  if (entries === null) throw badAnswer('The answer has no logprobs of the prompt');
  if (entries.length !== ids.length) throw badAnswer(`The answer has logprobs of ${entries.length} prompt tokens where ${ids.length} were given`);
  return ids.map((id, k) => {
    const entry = entries[k];
    if (entry === null || entry === undefined) {
      if (k > 0) throw badAnswer(`Token ${k + 1} of the prompt has no logprob (null)`);
      return null;
    }
    const own = entry[String(id)];
    if (own === undefined) throw badAnswer(`Token ${k + 1} of the prompt has no logprob: the answer names other tokens there`);
    return readLogprob(own.logprob, `token ${k + 1} of the prompt`);
  });
}

/**
 * The tokens that a server made of a text prompt, as far as it names them: without ids of the prompt the first one stays
 * unnamed, and of each entry's tokens the prompt's own is the one of the worst rank.
 * @throws EndpointError `badAnswer`
 */
export function readPromptTokens({ promptLogprobs: entries, promptIds }: Pick<TextCompletion, 'promptLogprobs' | 'promptIds'>): GivenToken[] {
  if (entries === null) throw badAnswer('The answer has no logprobs of the prompt');
  if (promptIds && promptIds.length !== entries.length) throw badAnswer('The answer has another number of prompt tokens than of their logprobs');
  return entries.map((entry, k): GivenToken => {
    const given = promptIds?.[k];
    if (entry === null) {
      if (k > 0) throw badAnswer(`Token ${k + 1} of the prompt has no logprob (null)`);
      return { id: given ?? null, text: null, bytes: null, logprob: null };
    }
    const named = Object.entries(entry);
    const own = given === undefined ? named.toSorted(([, a], [, b]) => (b.rank ?? 0) - (a.rank ?? 0))[0] : named.find(([id]) => Number(id) === given);
    if (own === undefined) throw badAnswer(`Token ${k + 1} of the prompt has no logprob: the answer names other tokens there`);
    const [id, { decoded_token, logprob }] = own;
    const token: NamedToken = decoded_token == null ? { id: Number(id), text: null, bytes: null } : nameToken(decoded_token, null, Number(id));
    return { ...token, logprob: readLogprob(logprob, `token ${k + 1} of the prompt`) };
  });
}

/**
 * The prompt's tokens out of an answer that echoes them before what it generated.
 * @param generated tokens that stand behind the prompt, unless the answer's own count says otherwise
 * @throws EndpointError `badAnswer`
 */
export function readEcho({ tokens, usage }: Pick<TextCompletion, 'tokens' | 'usage'>, generated: number): GivenToken[] {
  if (tokens.length === 0) throw badAnswer('The answer has no logprobs of the prompt');
  const count = usage.prompt + usage.completion === tokens.length ? usage.prompt : tokens.length - generated;
  return tokens.slice(0, count).map(({ logprob, id, text, bytes }, k) => ({
    id,
    text,
    bytes,
    logprob: k === 0 && (logprob === null || logprob <= -9999) ? null : readLogprob(logprob, `token ${k + 1} of the prompt`),
  }));
}
