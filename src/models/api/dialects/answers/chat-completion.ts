/** Answers of `/chat/completions`; Together lists the tokens as older text completions do. */
import { z } from 'zod';
import { badAnswer, readAnswer } from './bad-answer.js';
import { contentLogprobs, envelope, listedLogprobs, readUsage, tokenId, tokensOfContent, tokensOfLists } from './answer-schemas.js';
import { EndpointError } from '../../transport/endpoint-error.js';
import type { GeneratedAnswer, GeneratedToken } from './generated-answer.js';
import { readEnding } from './read-ending.js';

const chatCompletion = z.object({
  ...envelope,
  choices: z.array(
    z.object({
      message: z.object({
        content: z.string().nullish(),
        refusal: z.string().nullish(),
        reasoning_content: z.string().nullish(),
        reasoning: z.string().nullish(),
      }),
      finish_reason: z.string().nullish(),
      logprobs: z.union([listedLogprobs, z.object({ content: contentLogprobs.shape.content.nullish() })]).nullish(),
      token_ids: z.array(tokenId).nullish(),
    }),
  ),
});

/** @throws EndpointError `badAnswer` */
export function readChatCompletion(answer: unknown): GeneratedAnswer {
  const body = readAnswer(chatCompletion, answer, 'The answer');
  const [choice] = body.choices;
  if (!choice) throw badAnswer('The answer is empty (no choices)');
  const ended = readEnding(choice.finish_reason);
  const { message } = choice;
  if (message.reasoning_content || message.reasoning) {
    throw new EndpointError({
      kind: 'badAnswer',
      message: 'The model thinks before it answers, and its thoughts are no part of the answer: switch thinking off at the server',
      showsThoughts: true,
    });
  }
  const tokens = readTokens(choice.logprobs);
  return {
    model: body.model ?? null,
    text: message.content ?? message.refusal ?? '',
    tokens: tokens ?? [],
    hasLogprobs: tokens !== null,
    ended,
    ids: choice.token_ids ?? null,
    usage: readUsage(body.usage),
    fingerprint: body.system_fingerprint ?? null,
  };
}

/** `null` where none are told. */
function readTokens(logprobs: z.infer<typeof chatCompletion>['choices'][number]['logprobs']): GeneratedToken[] | null {
  if (logprobs == null) return null;
  if ('content' in logprobs) return logprobs.content ? tokensOfContent({ content: logprobs.content }) : null;
  if (!('tokens' in logprobs)) return null;
  const tokens = tokensOfLists(logprobs);
  if (tokens === null) throw badAnswer('The answer has another number of logprobs than of tokens');
  return tokens;
}
