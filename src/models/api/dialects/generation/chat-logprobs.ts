/** Request fields that ask a chat endpoint for logprobs. */
import type { ChatLogprobsAs } from '../../endpoint-profile.js';

/** @param alternatives per token; servers that take a count in place of a flag name none */
export function chatLogprobFields(form: ChatLogprobsAs | undefined, alternatives: number): object {
  return form === 'count' ? { logprobs: 1 } : { logprobs: true, top_logprobs: alternatives };
}

/** The wish that a model does not think before it answers, as templates know it. */
export const WITHOUT_THINKING = { chat_template_kwargs: { enable_thinking: false } } as const;
