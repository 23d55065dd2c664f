/** Seeds, and four requests at once. */
import { readChatCompletion } from '../dialects/answers/chat-completion.js';
import { readTextCompletion } from '../dialects/answers/text-completion.js';
import type { EndpointProfile } from '../endpoint-profile.js';
import { PROBE_QUESTION, PROBE_TEXT } from './ask-generation.js';
import { isBusyStatus, type QuestionOptions, type Questioner, type EndpointReply } from './questioner.js';

const TOKENS = 12;
/** The last one asks nothing about seeds. */
const SEEDS: readonly (number | null)[] = [1, 1, 2, null];

export async function askSeeds(
  questioner: Questioner,
  profile: Pick<EndpointProfile, 'textCompletions' | 'maxTokensField'>,
): Promise<Pick<EndpointProfile, 'seeds' | 'concurrent'>> {
  const ask = (seed: number | null, options: QuestionOptions): Promise<EndpointReply<{ text: string }>> => {
    const fields = { temperature: 1, ...(seed !== null && { seed }) };
    return profile.textCompletions
      ? questioner.post('/completions', { prompt: PROBE_TEXT, max_tokens: TOKENS, ...fields }, readTextCompletion, options)
      : questioner.post(
          '/chat/completions',
          { messages: [{ role: 'user', content: PROBE_QUESTION }], [profile.maxTokensField]: TOKENS, ...fields },
          readChatCompletion,
          options,
        );
  };
  const together = await Promise.all(SEEDS.map((seed) => ask(seed, { mayBeBusy: true })));
  const concurrent = together.filter((reply) => 'value' in reply || reply.refusal.kind === 'badRequest').length;
  // Whoever was turned away has said nothing of seeds.
  const replies: EndpointReply<{ text: string }>[] = [];
  for (const [k, reply] of together.entries()) replies.push('refusal' in reply && isBusyStatus(reply.refusal) ? await ask(SEEDS[k]!, {}) : reply);
  const [first, again, other] = replies.map((reply) => ('value' in reply ? reply.value.text : null));
  const refused = replies.slice(0, 3).some((reply) => 'refusal' in reply && reply.refusal.kind === 'badRequest');
  const seeds = refused ? 'refused' : first != null && first === again && first !== other ? 'honoured' : 'ignored';
  questioner.note(
    'Does it honour seeds?',
    seeds === 'honoured' ? 'yes' : seeds === 'refused' ? 'no, it refuses them' : 'no',
    seeds === 'honoured',
    seeds === 'honoured' ? 'Sampled completions can be repeated.' : 'Sampled completions cannot be repeated; greedy ones can, as far as the server is steady.',
  );
  questioner.note(
    'Does it answer four requests at once?',
    concurrent === SEEDS.length ? 'yes' : `${concurrent} of ${SEEDS.length}`,
    concurrent === SEEDS.length,
    'The audit finds out how many more it can take.',
  );
  return { seeds, concurrent };
}
