/** Asks whether a server returns the logprobs of a given text, as a reference must. Some servers silently ignore the request. */
import { readTextCompletion } from '../dialects/answers/text-completion.js';
import { readPromptLogprobs, readPromptTokens } from '../dialects/answers/prompt-logprobs.js';
import type { EndpointProfile } from '../endpoint-profile.js';
import { EndpointError } from '../transport/endpoint-error.js';
import { cutEcho, cutTokens } from '../dialects/scoring/scoring.js';
import { PROBE_TEXT } from './ask-generation.js';
import type { Questioner } from './questioner.js';

/** @param ids of the probe's text, where prompts are made of ids */
export async function askGivenText(questioner: Questioner, ids: readonly number[] | null): Promise<EndpointProfile['givenLogprobs']> {
  const found = (await tellsPromptLogprobs(questioner, ids)) ? 'promptLogprobs' : (await tellsEcho(questioner, ids)) ? 'echo' : null;
  questioner.note(
    'Does it tell logprobs of a given text?',
    found === null ? 'no' : found === 'echo' ? 'yes, by echo' : 'yes, by prompt_logprobs',
    found !== null,
    found === null ? 'It can be the finetuned model, not the reference.' : 'Needed of a reference model.',
  );
  return found;
}

async function tellsPromptLogprobs(questioner: Questioner, ids: readonly number[] | null): Promise<boolean> {
  const body = { prompt: ids ?? PROBE_TEXT, max_tokens: 1, temperature: 0, prompt_logprobs: 1, return_token_ids: true };
  const reply = await questioner.post('/completions', body, readTextCompletion);
  if (!('value' in reply) || reply.value.promptLogprobs === null) return false;
  const { value } = reply;
  return covers(() => (ids === null ? cutTokens(readPromptTokens(value), '', PROBE_TEXT) : readPromptLogprobs(value, ids)));
}

async function tellsEcho(questioner: Questioner, ids: readonly number[] | null): Promise<boolean> {
  const reply = await questioner.post(
    '/completions',
    { prompt: ids ?? PROBE_TEXT, max_tokens: 1, temperature: 0, echo: true, logprobs: 1 },
    readTextCompletion,
  );
  if (!('value' in reply)) return false;
  const { value } = reply;
  if (ids !== null) return value.tokens.length >= ids.length;
  // The first word is given, what follows is predicted.
  const first = PROBE_TEXT.indexOf(' ');
  return value.tokens.length > 1 && value.text.startsWith(PROBE_TEXT) && covers(() => cutEcho(value, PROBE_TEXT.slice(0, first), PROBE_TEXT.slice(first)));
}

/** Whether a text can be scored by such an answer. */
function covers(read: () => object | null): boolean {
  try {
    return read() !== null;
  } catch (error) {
    if (error instanceof EndpointError) return false;
    throw error;
  }
}
