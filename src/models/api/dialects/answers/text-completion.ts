/** Answers of `/completions`: OpenAI's lists, vLLM's with token ids, llama.cpp's `logprobs.content`, Together's echo beside the choices. */
import { z } from 'zod';
import { badAnswer, readAnswer } from './bad-answer.js';
import { contentLogprobs, envelope, listedLogprobs, readUsage, tokenId, tokensOfContent, tokensOfLists } from './answer-schemas.js';
import type { GeneratedAnswer, GeneratedToken } from './generated-answer.js';
import { promptLogprobs, type PromptLogprobs } from './prompt-logprobs.js';
import { readEnding } from './read-ending.js';

const ids = z.array(tokenId).nullish();

const textCompletion = z.object({
  ...envelope,
  choices: z.array(
    z.object({
      text: z.string(),
      finish_reason: z.string().nullish(),
      logprobs: z.union([contentLogprobs, listedLogprobs]).nullish(),
      token_ids: ids,
      prompt_token_ids: ids,
      prompt_logprobs: promptLogprobs.nullish(),
    }),
  ),
  prompt_token_ids: ids,
  /** Together's: what was echoed, one entry per prompt. */
  prompt: z
    .array(z.object({ text: z.string(), logprobs: listedLogprobs.nullish() }))
    .nullish()
    .catch(null),
});

export interface TextCompletion extends GeneratedAnswer {
  /** vLLM's: one per token of the prompt. */
  readonly promptLogprobs: PromptLogprobs | null;
  readonly promptIds: readonly number[] | null;
}

/** @throws EndpointError `badAnswer` */
export function readTextCompletion(answer: unknown): TextCompletion {
  const body = readAnswer(textCompletion, answer, 'The completion');
  const [choice] = body.choices;
  if (!choice) throw badAnswer('The completion is empty (no choices)');
  const echoed = body.prompt?.[0]?.logprobs ? body.prompt[0] : undefined;
  return {
    model: body.model ?? null,
    text: (echoed?.text ?? '') + choice.text,
    tokens: [...readTokens(echoed?.logprobs), ...readTokens(choice.logprobs)],
    hasLogprobs: choice.logprobs != null,
    ended: readEnding(choice.finish_reason),
    ids: choice.token_ids ?? null,
    usage: readUsage(body.usage),
    fingerprint: body.system_fingerprint ?? null,
    promptLogprobs: choice.prompt_logprobs ?? null,
    promptIds: choice.prompt_token_ids ?? body.prompt_token_ids ?? null,
  };
}

function readTokens(logprobs: z.infer<typeof textCompletion>['choices'][number]['logprobs']): GeneratedToken[] {
  if (logprobs == null) return [];
  const tokens = 'content' in logprobs ? tokensOfContent(logprobs) : tokensOfLists(logprobs);
  if (tokens === null) throw badAnswer('The completion has another number of logprobs than of tokens');
  return tokens;
}
