/** How a prefill is put before a model (DESIGN: framing). */
export type Framing = 'raw' | 'chat';

export const FRAMINGS: readonly Framing[] = ['raw', 'chat'];

/** The texts of the chat framing. An empty system text leaves the system turn out. */
export interface FramingTexts {
  readonly system: string;
  readonly user: string;
}

export const DEFAULT_FRAMING_TEXTS: FramingTexts = {
  system: 'You are a helpful assistant.',
  user: 'Tell me anything.',
};

/** A turn of a conversation, as chat templates take it. */
export interface ChatMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** The turns before the assistant's; an empty system text has none. */
export function chatMessages(texts: FramingTexts): ChatMessage[] {
  const user: ChatMessage = { role: 'user', content: texts.user };
  return texts.system === '' ? [user] : [{ role: 'system', content: texts.system }, user];
}

/** The same texts for a template without a system turn: the system text opens the user's turn, an empty line between. */
export function foldSystem(texts: FramingTexts): FramingTexts {
  return texts.system === '' ? texts : { system: '', user: `${texts.system}\n\n${texts.user}` };
}
