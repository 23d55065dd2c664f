/** A framing's turns as a chat template writes them, up to where the prefill stands: the same for a file's template and a server's. */
import { AuditError } from '../../audit/errors.js';
import type { Frame } from '../../audit/language-model.js';
import { chatMessages, foldSystem, hasSystem, type ChatMessage, type Framing, type FramingTexts } from '../../audit/framing.js';
import { ANSWER_MARK, openTurn, PREFILL_MARK, USER_MARK, type OpenedTurn } from './open-turn.js';

/** Renders a conversation: with the assistant's turn begun, or with the assistant's turn that is its last one `answered`. */
export interface TurnRenderer {
  /** Of the model, for messages. */
  readonly name: string;
  render(turns: readonly ChatMessage[], last: 'begun' | 'answered'): Promise<string>;
  /** Whether the template itself refuses these turns: others may do. */
  isRefusal(error: unknown): boolean;
}

export interface RenderedTurn extends OpenedTurn {
  readonly systemFolded: boolean;
}

/**
 * In the `ask` and `dialogue` framings the text has a mark in it, see {@link splitAtPrefill}. Rejects with what `renderer` does.
 * @throws AuditError `unsupportedModel` where no turn can be rendered that shows where the message begins
 */
export async function renderTurn(renderer: TurnRenderer, wanted: Exclude<Framing, 'raw'>, texts: FramingTexts): Promise<RenderedTurn> {
  const given = wanted === 'chat' ? texts : { ...texts, ask: (wanted === 'ask' ? texts.ask : '') + PREFILL_MARK };
  const framing = wanted === 'chat' ? 'chat' : 'ask';
  const { text, systemFolded } = await renderBegun(renderer, framing, given);
  const turns = chatMessages(framing, systemFolded ? foldSystem(given) : given);
  const asked = turns.map((turn, index) => (index === turns.length - 1 ? { ...turn, content: turn.content + USER_MARK } : turn));
  const tryRender = (marked: readonly ChatMessage[], last: 'begun' | 'answered'): Promise<string | null> =>
    renderer.render(marked, last).catch((error: unknown) => {
      // A template may want the user's turn last, or that it says nothing else.
      if (renderer.isRefusal(error)) return null;
      throw error;
    });
  const prompt = await tryRender(asked, 'begun');
  const answered = await tryRender([...asked, { role: 'assistant', content: ANSWER_MARK }], 'answered');
  if (answered === null) {
    // What a template writes to have an answer begun may end inside a header: a prefill there would be no part of the message.
    throw new AuditError(
      'unsupportedModel',
      `The chat template of ${renderer.name} was not rendered with an assistant's turn in it, so where the assistant's message begins is not known, and the ${wanted} framing is not possible. Use the raw framing alone.`,
    );
  }
  return { ...openTurn(text, { prompt, answered }), systemFolded };
}

async function renderBegun(renderer: TurnRenderer, framing: 'chat' | 'ask', texts: FramingTexts): Promise<{ text: string; systemFolded: boolean }> {
  const render = (given: FramingTexts): Promise<string> => renderer.render(chatMessages(framing, given), 'begun');
  if (!hasSystem(texts)) return { text: await render(texts), systemFolded: false };
  try {
    const text = await render(texts);
    // A template that drops the system turn gives the same whatever it says; one may also write that very text by itself.
    if (text !== (await render({ ...texts, system: `x${texts.system}` }))) return { text, systemFolded: false };
  } catch (error) {
    // The template refuses a system turn, or fails on it; the user's turn alone decides whether it works at all.
    if (!renderer.isRefusal(error)) throw error;
  }
  return { text: await render(foldSystem(texts)), systemFolded: true };
}

/**
 * The rendered text before and after the prefill; `undefined` for the latter where nothing stands between prefill and completion.
 * @param name of the model, for the message
 * @throws AuditError `unsupportedModel` where the template writes the user's text twice, or not at all
 */
export function splitAtPrefill(name: string, framing: Framing, text: string): [before: string, after?: string] {
  if (framing !== 'ask' && framing !== 'dialogue') return [text];
  const [before, after, ...more] = text.split(PREFILL_MARK);
  if (before !== undefined && after !== undefined && more.length === 0) return [before, after];
  throw new AuditError(
    'unsupportedModel',
    `The chat template of ${name} does not put the user's text into the turn once. Use another framing than ${framing}.`,
  );
}

/** What stands around a prefill, as parts of a frame. */
export interface AroundPrefill {
  readonly after?: readonly number[];
  readonly textAfter?: string;
  readonly reply?: NonNullable<Frame['reply']>;
}

/**
 * The text behind a prefill in a frame: in the `ask` framing it stands between prefill and completion, in the `dialogue` framing between
 * the model's question and its answer.
 */
export async function placeAfter(framing: Framing, after: string | undefined, cut: (text: string) => number[] | Promise<number[]>): Promise<AroundPrefill> {
  if (after === undefined) return {};
  const tokens = await cut(after);
  return framing === 'dialogue' ? { reply: { tokens, text: after } } : { after: tokens, textAfter: after };
}
