/** How a prefill is put before a model (DESIGN: framing). */
export type Framing = 'raw' | 'chat';

export const FRAMINGS: readonly Framing[] = ['raw', 'chat'];

/** The texts of the chat framing. A system text of nothing but blanks leaves the system turn out. */
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

/** The turns before the assistant's; a blank system text has none. */
export function chatMessages(texts: FramingTexts): ChatMessage[] {
  const user: ChatMessage = { role: 'user', content: texts.user };
  return hasSystem(texts) ? [{ role: 'system', content: texts.system }, user] : [user];
}

/** The same texts for a template without a system turn: the system text opens the user's turn, an empty line between. */
export function foldSystem(texts: FramingTexts): FramingTexts {
  return { system: '', user: hasSystem(texts) ? `${texts.system}\n\n${texts.user}` : texts.user };
}

export function hasSystem({ system }: FramingTexts): boolean {
  return system.trim() !== '';
}
