/**
 * Where the assistant's message begins. What a chat template writes to have an answer begun is not always that place: it may stop inside a
 * header that the model is to finish, or open thoughts. A turn that is rendered with a mark for its text shows where texts stand.
 */
import type { Frame } from '../../audit/language-model.js';

/**
 * Stand at the end of the user's text, for the assistant's, and for the prefill. Of a private use area, so that no template changes them;
 * each of a character of its own, so that none is found where two others meet.
 */
export const USER_MARK = '\u{F8FD}\u{F8FD}\u{F8FD}';
export const ANSWER_MARK = '\u{F8FE}\u{F8FE}\u{F8FE}';
export const PREFILL_MARK = '\u{F8FF}\u{F8FF}\u{F8FF}';

export interface OpenedTurn {
  /** All that stands before the message's text. */
  readonly text: string;
  readonly thoughts?: NonNullable<Frame['thoughts']>;
}

/** The conversation once more, the user's text with {@link USER_MARK} behind it; `null` where the template refuses it. */
export interface MarkedTurns {
  /** As the template has an answer begun. */
  readonly prompt: string | null;
  /** With an assistant's turn of nothing but {@link ANSWER_MARK}. */
  readonly answered: string | null;
}

/** Two tags: thoughts that are closed again, as templates write them where thinking is off. */
const CLOSED = /[<[][^<>[\]]+[>\]][\s\S]*[<[][^<>[\]]+[>\]]/;
const THOUGHTS = /think|thought|reason/i;
const THOUGHTS_TAG = /<\|?\/?(?:\w+:)?(?:START_|END_)?(?:think|thinking|thought|reasoning)\b[^<>]*>|\[\/?THINK\]/gi;
const CLOSING = /^(?:<\|?\/|\[\/|<\|?END_)/i;

/** @param prompt what the template writes to have an answer begun, without marks */
export function openTurn(prompt: string, marked: MarkedTurns): OpenedTurn {
  const begun = marked.prompt?.split(USER_MARK).at(-1) ?? prompt;
  const written = marked.answered?.split(ANSWER_MARK) ?? [];
  // The mark may be there twice, or not at all: then the template does not tell where texts stand.
  const own = written.length === 2 && written[0]!.includes(USER_MARK) ? written[0]!.split(USER_MARK).at(-1)! : null;
  if (own === null || own === begun || !prompt.endsWith(begun)) return withThoughts(prompt, begun);
  const before = prompt.slice(0, prompt.length - begun.length);
  if (!begun.startsWith(own)) return withThoughts(before + own, own);
  const more = begun.slice(own.length);
  return CLOSED.test(more) || !THOUGHTS.test(more) ? withThoughts(prompt, begun) : { text: before + own, thoughts: 'leftOut' };
}

function withThoughts(text: string, begun: string): OpenedTurn {
  const last = begun.match(THOUGHTS_TAG)?.at(-1);
  return last === undefined || CLOSING.test(last) ? { text } : { text, thoughts: 'open' };
}
