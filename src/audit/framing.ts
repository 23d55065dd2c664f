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
