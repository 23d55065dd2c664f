/**
 * Whether a text completion is made of the text alone. Some servers wrap the text in a turn of a conversation, silently: the
 * answers look as if the model continued the text. The same text many times over makes the prompt longer by so many tokens each
 * time; what is left of the count of one is what stands around it: a BOS at the most.
 */
import { readTextCompletion, type TextCompletion } from '../dialects/answers/text-completion.js';
import { PROBE_TEXT } from './ask-generation.js';
import { valueOf, type Questioner } from './questioner.js';

const TIMES = 9;
/** A BOS, and a text that is cut into one token more where it begins. The least turn has two marks beside a BOS. */
const MOST_AROUND = 2;
/** Bytes of a token on average at most, of plain English words. */
const LONGEST_TOKEN = 12;

/** `null` where it cannot be told. */
export async function checkCounts(questioner: Questioner, once: TextCompletion): Promise<boolean | null> {
  const text = Array.from({ length: TIMES }, () => PROBE_TEXT).join(' ');
  const count = once.usage.prompt;
  const often = count === 0 ? null : valueOf(await questioner.post('/completions', { prompt: text, max_tokens: 1, temperature: 0 }, readTextCompletion));
  const isPlain = often === null || often.usage.prompt === 0 ? null : isPlainCount(count, often.usage.prompt);
  questioner.note(
    'Does it complete a text as it is?',
    isPlain === null
      ? 'cannot be told: it does not count tokens'
      : isPlain
        ? 'yes, its counts of tokens fit'
        : `no: it counts ${count} tokens for “${PROBE_TEXT}”, and ${often!.usage.prompt} for ${TIMES} times that`,
    isPlain,
    isPlain === false
      ? 'It writes something of its own around the text, such as a turn of a conversation: the raw framing is not possible.'
      : 'Nothing stands before the opening but what the model expects there.',
  );
  return isPlain;
}

export function isPlainCount(once: number, often: number): boolean {
  const each = (often - once) / (TIMES - 1);
  const bytes = Buffer.byteLength(PROBE_TEXT) + 1;
  return each >= bytes / LONGEST_TOKEN && each <= bytes && once - each <= MOST_AROUND && once - each >= -MOST_AROUND;
}
