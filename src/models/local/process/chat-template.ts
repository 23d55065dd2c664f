/** Renders a framing for one model (DESIGN part 2, fine print: chat). */
import { AuditError } from '../../../audit/errors.js';
import type { Frame, FrameRequest } from '../../../audit/language-model.js';
import { chatMessages, foldSystem, hasSystem, type ChatMessage, type Framing, type FramingTexts } from '../../../audit/framing.js';
import { ANSWER_MARK, openTurn, USER_MARK, type OpenedTurn } from '../../frame/open-turn.js';
import { TemplateFailure, withTemplate, type TemplateVariables } from './render-template.js';

/** The parts of a model that decide a frame. */
export interface FramingModel {
  /** Short name for messages. */
  readonly name: string;
  /** Jinja source, where the model has a chat template. */
  readonly chatTemplate: string | undefined;
  readonly bos: { readonly id: number; readonly text: string } | undefined;
  readonly eosText: string;
  /** Texts are to begin with BOS, says the model's metadata. */
  readonly wantsBos: boolean;
  readonly ids: (text: string, parseSpecial: boolean) => number[];
}

/** Stands for the prefill while a turn is rendered that it is part of. Of a private use area, so that no template changes it. */
const PREFILL_MARK = '\u{F0FF}\u{F8FF}\u{F0FF}';

/**
 * @throws AuditError `noChatTemplate` where chat is asked for and there is neither a template nor another model's text;
 *   `unsupportedModel` where the template cannot be rendered, or not within limits; `cancelled`.
 */
export async function renderFrame(model: FramingModel, request: FrameRequest, signal: AbortSignal): Promise<Frame> {
  const { framing, texts, fallbackText, fallbackTextAfter } = request;
  if (framing === 'raw') return { framing, tokens: withOneBos(model, []), text: '', systemFolded: false, borrowed: false };
  if (model.chatTemplate !== undefined) {
    const { text, thoughts, systemFolded } = await renderTurn(model, model.chatTemplate, framing, texts, signal);
    const [before, after] = splitAtPrefill(model, framing, text);
    return {
      framing,
      tokens: withOneBos(model, model.ids(before, true)),
      text: withoutBos(model, before),
      ...(after !== undefined && { after: model.ids(after, true), textAfter: after }),
      systemFolded,
      borrowed: false,
      ...(thoughts && { thoughts }),
    };
  }
  if (fallbackText !== undefined) {
    const tokens = withOneBos(model, model.ids(fallbackText, false));
    const after = fallbackTextAfter !== undefined && { after: model.ids(fallbackTextAfter, false), textAfter: fallbackTextAfter };
    return { framing, tokens, text: fallbackText, ...after, systemFolded: false, borrowed: true };
  }
  throw new AuditError(
    'noChatTemplate',
    `${model.name} has no chat template, so the ${framing} framing is not possible with it. Use the raw framing alone.`,
  );
}

/** The rendered text before and after the prefill; `undefined` for the latter where nothing stands between prefill and completion. */
function splitAtPrefill(model: FramingModel, framing: Framing, text: string): [before: string, after?: string] {
  if (framing !== 'ask') return [text];
  const [before, after, ...more] = text.split(PREFILL_MARK);
  if (before !== undefined && after !== undefined && more.length === 0) return [before, after];
  throw new AuditError('unsupportedModel', `The chat template of ${model.name} does not put the user's text into the turn once. Use another framing than ask.`);
}

interface RenderedTurn extends OpenedTurn {
  readonly systemFolded: boolean;
}

async function renderTurn(model: FramingModel, source: string, framing: Exclude<Framing, 'raw'>, texts: FramingTexts, signal: AbortSignal): Promise<RenderedTurn> {
  const marked = framing === 'ask' ? { ...texts, ask: texts.ask + PREFILL_MARK } : texts;
  try {
    return await withTemplate(model.name, source, signal, async (render) => {
      const { text, systemFolded } = await renderMarked((given) => render(variablesOf(model, chatMessages(framing, given))), marked);
      const messages = chatMessages(framing, systemFolded ? foldSystem(marked) : marked);
      const asked = messages.map((message, index) => (index === messages.length - 1 ? { ...message, content: message.content + USER_MARK } : message));
      const prompt = await render(variablesOf(model, asked)).catch(refusedAnswer);
      const answered = { ...variablesOf(model, [...asked, { role: 'assistant', content: ANSWER_MARK }]), add_generation_prompt: false };
      return { ...openTurn(text, { prompt, answered: await render(answered).catch(refusedAnswer) }), systemFolded };
    });
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
    const message = `The chat template of ${model.name} cannot be rendered (${error.message}). Use the raw framing alone.`;
    throw new AuditError('unsupportedModel', message, { cause: error });
  }
}

/** A template may want the user's turn last, or that it says nothing else. */
function refusedAnswer(error: unknown): null {
  if (error instanceof TemplateFailure) return null;
  throw error;
}

async function renderMarked(render: (texts: FramingTexts) => Promise<string>, texts: FramingTexts): Promise<RenderedTurn> {
  if (!hasSystem(texts)) return { text: await render(texts), systemFolded: false };
  try {
    const text = await render(texts);
    // A template that drops the system turn gives the same whatever it says; one may also write that very text by itself.
    if (text !== (await render({ ...texts, system: `x${texts.system}` }))) return { text, systemFolded: false };
  } catch (error) {
    // The template refuses a system turn, or fails on it; the user's turn alone decides whether it works at all.
    if (!(error instanceof TemplateFailure)) throw error;
  }
  return { text: await render(foldSystem(texts)), systemFolded: true };
}

function variablesOf(model: FramingModel, messages: readonly ChatMessage[]): TemplateVariables {
  return {
    messages,
    add_generation_prompt: true,
    enable_thinking: false,
    // As transformers passes them where there are none.
    tools: null,
    documents: null,
    bos_token: model.bos?.text ?? '',
    eos_token: model.eosText,
  };
}

/** Exactly one BOS where the model wants one or the template writes one. */
function withOneBos(model: FramingModel, ids: readonly number[]): number[] {
  const bos = model.bos?.id;
  if (bos === undefined) return [...ids];
  let written = 0;
  while (ids[written] === bos) written++;
  return [...(model.wantsBos || written > 0 ? [bos] : []), ...ids.slice(written)];
}

function withoutBos(model: FramingModel, text: string): string {
  const bos = model.bos?.text ?? '';
  return bos !== '' && text.startsWith(bos) ? withoutBos(model, text.slice(bos.length)) : text;
}
