/**
 * How a prefill is put before a model (DESIGN: framing). `raw` and `chat` let the model go on with the prefill; `ask`
 * puts the prefill into the user's turn, for a server that does not let an assistant's turn be opened by its client. In
 * `dialogue` the prefill opens the user's turn: the model writes the question, and then answers it.
 */
export type Framing = 'raw' | 'chat' | 'ask' | 'dialogue';

export const FRAMINGS: readonly Framing[] = ['raw', 'chat', 'ask', 'dialogue'];

/** What each does, as a clause. */
export const FRAMING_TEXTS: Readonly<Record<Framing, string>> = {
  raw: 'the prefill opens a bare text',
  chat: 'the prefill opens the assistant’s turn',
  ask: 'the prefill stands in the user’s turn, which asks to continue it',
  dialogue: 'the prefill opens the user’s turn: the model writes the question and then answers it',
};

/** One value for each framing. */
export function inEveryFraming<T>(value: T): Record<Framing, T> {
  return { raw: value, chat: value, ask: value, dialogue: value };
}

/** The texts of the framings with turns. A system text of nothing but blanks leaves the system turn out. */
export interface FramingTexts {
  readonly system: string;
  /** The user's turn of the `chat` framing. */
  readonly user: string;
  /** What the user's turn of the `ask` framing says before the prefill. */
  readonly ask: string;
}

export const DEFAULT_FRAMING_TEXTS: FramingTexts = {
  system: 'You are a helpful assistant.',
  user: 'Tell me anything.',
  ask: 'Continue this text. Answer with its continuation only, nothing else:\n\n',
};

/** A turn of a conversation, as chat templates take it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** UTF-16 units of a rendered turn at most, whoever rendered it: what a template writes is as long as its author likes, and names of control tokens take quadratic time to cut. */
export const MAX_TURN_CHARACTERS = 200_000;

/** The turns before the assistant's; a blank system text has none. In the `ask` framing the prefill goes at the last one's end. */
export function chatMessages(framing: Exclude<Framing, 'raw' | 'dialogue'>, texts: FramingTexts): ChatMessage[] {
  const user: ChatMessage = { role: 'user', content: framing === 'ask' ? texts.ask : texts.user };
  return hasSystem(texts) ? [{ role: 'system', content: texts.system }, user] : [user];
}

/** The same texts for a template without a system turn: the system text opens the user's turn, an empty line between. */
export function foldSystem(texts: FramingTexts): FramingTexts {
  if (!hasSystem(texts)) return { ...texts, system: '' };
  const fold = (text: string) => `${texts.system}\n\n${text}`;
  return { system: '', user: fold(texts.user), ask: fold(texts.ask) };
}

export function hasSystem({ system }: FramingTexts): boolean {
  return system.trim() !== '';
}

/** Whether the completion goes on where the prefill ends, as one text. */
export function continuesPrefill(framing: Framing): boolean {
  return framing !== 'ask';
}
