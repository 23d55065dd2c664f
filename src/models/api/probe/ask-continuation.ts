/**
 * Whether an assistant's turn that the client has opened is really continued. What a model says proves little, so that
 * tokens are counted. A text at the end of the user's turn makes the prompt longer by so many tokens; as an opened
 * assistant's turn it makes it longer by as many where it is continued, by more where it is closed and a new turn begun (the
 * end of a turn and the head of the next), and by fewer where it is dropped. A difference of one token down is left to how
 * texts join; one up may be a turn's end, and counts as not continued, as does a server that does not count.
 */
import { readChatCompletion } from '../dialects/answers/chat-completion.js';
import type { GeneratedAnswer } from '../dialects/answers/generated-answer.js';
import type { EndpointProfile } from '../endpoint-profile.js';
import { PROBE_QUESTION } from './ask-generation.js';
import { valueOf, type Questioner } from './questioner.js';

const OPENING = 'One, two, three, four, five, six, seven,';

/** Fields that a request for a continued turn has, from the most common form. */
const FORMS: Readonly<Record<NonNullable<EndpointProfile['continuesTurn']>, object>> = {
  trailingMessage: {},
  continueFinalMessage: { continue_final_message: true, add_generation_prompt: false },
};

export type Continuation = Pick<EndpointProfile, 'continuesTurn' | 'repeatsOpening'>;

const NONE: Continuation = { continuesTurn: null, repeatsOpening: false };

/** @param bare the answer to the question alone */
export async function askContinuation(questioner: Questioner, bare: GeneratedAnswer, maxTokensField: EndpointProfile['maxTokensField']): Promise<Continuation> {
  const continuation = bare.usage.prompt > 0 ? await countTokens(questioner, bare, maxTokensField) : NONE;
  const found = continuation.continuesTurn;
  questioner.note(
    "Does it continue an assistant's turn?",
    found === null
      ? bare.usage.prompt > 0
        ? 'no'
        : 'cannot be told: it does not count tokens'
      : found === 'trailingMessage'
        ? 'yes'
        : 'yes, by continue_final_message',
    found !== null,
    found === null ? 'The chat framing is not possible; ask is.' : 'The chat framing is possible.',
  );
  return continuation;
}

async function countTokens(questioner: Questioner, bare: GeneratedAnswer, maxTokensField: string): Promise<Continuation> {
  const ask = async (messages: readonly object[], fields: object): Promise<GeneratedAnswer | null> =>
    valueOf(await questioner.post('/chat/completions', { messages, [maxTokensField]: 1, temperature: 0, ...fields }, readChatCompletion));
  const longer = await ask([{ role: 'user', content: `${PROBE_QUESTION} ${OPENING}` }], {});
  if (longer === null) return NONE;
  const added = longer.usage.prompt - bare.usage.prompt;
  const opened = [
    { role: 'user', content: PROBE_QUESTION },
    { role: 'assistant', content: OPENING },
  ];
  for (const form of ['trailingMessage', 'continueFinalMessage'] as const) {
    const answer = await ask(opened, FORMS[form]);
    if (answer === null) continue;
    const beyond = answer.usage.prompt - bare.usage.prompt - added;
    // One token is never the whole opening.
    if (beyond === 0 || beyond === -1) return { continuesTurn: form, repeatsOpening: answer.text.startsWith(OPENING) };
  }
  return NONE;
}
