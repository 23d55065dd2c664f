/** Answers of `/chat/completions`. */
import { z } from 'zod';
import { badAnswer, readAnswer } from './bad-answer.js';
import { contentLogprobs, envelope, readUsage, tokensOfContent } from './answer-schemas.js';
import type { GeneratedAnswer } from './generated-answer.js';

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
      logprobs: z.object({ content: contentLogprobs.shape.content.nullish() }).nullish(),
      token_ids: z.array(z.int().min(0)).nullish(),
    }),
  ),
});

/** @throws EndpointError `badAnswer` */
export function readChatCompletion(answer: unknown): GeneratedAnswer {
  const body = readAnswer(chatCompletion, answer, 'The answer');
  const [choice] = body.choices;
  if (!choice) throw badAnswer('The answer is empty (no choices)');
  if (choice.finish_reason === 'content_filter') throw badAnswer("The server's content filter withheld the answer");
  const { message } = choice;
  if (message.reasoning_content || message.reasoning) {
    throw badAnswer('The model thinks before it answers, and its thoughts are no part of the answer: switch thinking off at the server');
  }
  const content = choice.logprobs?.content;
  return {
    model: body.model ?? null,
    text: message.content ?? message.refusal ?? '',
    tokens: content ? tokensOfContent({ content }) : [],
    hasLogprobs: content != null,
    ended: choice.finish_reason === 'stop',
    ids: choice.token_ids ?? null,
    usage: readUsage(body.usage),
    fingerprint: body.system_fingerprint ?? null,
  };
}
