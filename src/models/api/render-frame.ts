/** Framings rendered by a server's own template and tokenizer, as `src/models/local` renders them for a file. */
import { AuditError } from '../../audit/errors.js';
import type { Frame, FrameRequest, Piece } from '../../audit/language-model.js';
import { chatMessages, foldSystem, hasSystem, MAX_TURN_CHARACTERS, type Framing, type FramingTexts } from '../../audit/framing.js';
import { EndpointError } from './transport/endpoint-error.js';
import { textOfTokens } from '../../text/utf8.js';
import type { RemoteTokenizer, RenderedTurns } from './dialects/tokenizer/remote-tokenizer.js';

export interface FramedModel {
  readonly name: string;
  readonly hasChatTemplate: boolean;
  readonly tokenizer: RemoteTokenizer;
}

/** Stands for the prefill while a turn is rendered that it is part of. Of a private use area, so that no template changes it. */
const PREFILL_MARK = '\u{F0FF}\u{F8FF}\u{F0FF}';

/** @throws AuditError `noChatTemplate`, `unsupportedModel`; EndpointError */
export async function renderFrameByServer(model: FramedModel, request: FrameRequest, signal: AbortSignal): Promise<Frame> {
  const { framing, texts, fallbackText, fallbackTextAfter } = request;
  const { tokenizer } = model;
  const bos = await tokenizer.bos(signal);
  const cut = async (text: string, parseSpecial: boolean): Promise<number[]> => idsOf(await tokenizer.tokenize(text, parseSpecial, signal));
  if (framing === 'raw') return { framing, tokens: idsOf(bos), text: '', systemFolded: false, borrowed: false };
  if (model.hasChatTemplate) {
    const { rendered, systemFolded } = await renderTurns(model, framing, texts, signal);
    const [before, after] = splitAtPrefill(model, framing, rendered.text);
    const tokens = after === undefined && rendered.ids !== null ? rendered.ids : await cut(before, true);
    return {
      framing,
      tokens: withOneBos(tokens, bos),
      text: withoutBos(before, bos),
      ...(after !== undefined && { after: await cut(after, true), textAfter: after }),
      systemFolded,
      borrowed: false,
    };
  }
  if (fallbackText !== undefined) {
    const after = fallbackTextAfter !== undefined && { after: await cut(fallbackTextAfter, false), textAfter: fallbackTextAfter };
    return { framing, tokens: withOneBos(await cut(fallbackText, false), bos), text: fallbackText, ...after, systemFolded: false, borrowed: true };
  }
  throw new AuditError('noChatTemplate', `${model.name} has no chat template, so the ${framing} framing is not possible with it. Use the raw framing alone.`);
}

interface RenderedFrame {
  readonly rendered: RenderedTurns;
  readonly systemFolded: boolean;
}

async function renderTurns({ name, tokenizer }: FramedModel, framing: Exclude<Framing, 'raw'>, texts: FramingTexts, signal: AbortSignal): Promise<RenderedFrame> {
  const marked = framing === 'ask' ? { ...texts, ask: texts.ask + PREFILL_MARK } : texts;
  const render = async (given: FramingTexts): Promise<RenderedTurns> => {
    const turns = await tokenizer.render(chatMessages(framing, given), signal);
    if (turns.text.length <= MAX_TURN_CHARACTERS) return turns;
    throw new AuditError('unsupportedModel', `The chat template of ${name} writes more than ${MAX_TURN_CHARACTERS.toLocaleString('en')} characters. Something is wrong with it; use the raw framing alone.`);
  };
  if (!hasSystem(marked)) return { rendered: await render(marked), systemFolded: false };
  try {
    const rendered = await render(marked);
    // A template that drops the system turn gives the same whatever it says.
    const other = await render({ ...marked, system: `x${marked.system}` });
    if (rendered.text !== other.text) return { rendered, systemFolded: false };
  } catch (error) {
    // The template refuses a system turn, or fails on it; the user's turn alone decides whether it works at all.
    if (!(error instanceof EndpointError) || (error.kind !== 'badRequest' && error.kind !== 'serverError')) throw error;
  }
  return { rendered: await render(foldSystem(marked)), systemFolded: true };
}

function splitAtPrefill({ name }: FramedModel, framing: Framing, text: string): [before: string, after?: string] {
  if (framing !== 'ask') return [text];
  const [before, after, ...more] = text.split(PREFILL_MARK);
  if (before !== undefined && after !== undefined && more.length === 0) return [before, after];
  throw new AuditError('unsupportedModel', `The chat template of ${name} does not put the user's text into the turn once. Use another framing than ask.`);
}

/** Exactly one BOS where the tokenizer puts one or the template writes one. */
function withOneBos(ids: readonly number[], bos: readonly Piece[]): number[] {
  let written = 0;
  while (bos.length > 0 && bos.every(({ id }, k) => ids[written + k] === id)) written += bos.length;
  return [...idsOf(bos), ...ids.slice(written)];
}

function withoutBos(text: string, bos: readonly Piece[]): string {
  const name = textOfTokens(bos);
  return name !== '' && text.startsWith(name) ? withoutBos(text.slice(name.length), bos) : text;
}

function idsOf(pieces: readonly Piece[]): number[] {
  return pieces.map(({ id }) => id);
}
