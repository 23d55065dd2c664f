/** Renders a framing for one model (DESIGN part 2, fine print: chat). */
import { Template } from '@huggingface/jinja';
import { AuditError } from '../../../audit/errors.js';
import type { Frame, FrameRequest } from '../../../audit/language-model.js';
import { chatMessages, foldSystem, hasSystem, type ChatMessage, type Framing, type FramingTexts } from '../../../audit/framing.js';
import { formatFixedDate } from './fixed-date.js';

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

/** Takes the place of the library's clock, which cannot be replaced otherwise. The renderer drops a newline after a block. */
const FIX_DATE = '{% set strftime_now = fixed_strftime %}\n';

/**
 * @throws AuditError `noChatTemplate` where chat is asked for and there is neither a template nor another model's text;
 *   `unsupportedModel` where the template cannot be rendered.
 */
export function renderFrame(model: FramingModel, request: FrameRequest): Frame {
  const { framing, texts, fallbackText, fallbackTextAfter } = request;
  if (framing === 'raw') return { framing, tokens: withOneBos(model, []), text: '', systemFolded: false, borrowed: false };
  if (model.chatTemplate !== undefined) {
    const { text, systemFolded } = renderTurn(model, model.chatTemplate, framing, texts);
    const [before, after] = splitAtPrefill(model, framing, text);
    return {
      framing,
      tokens: withOneBos(model, model.ids(before, true)),
      text: withoutBos(model, before),
      ...(after !== undefined && { after: model.ids(after, true), textAfter: after }),
      systemFolded,
      borrowed: false,
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

function renderTurn(model: FramingModel, source: string, framing: Exclude<Framing, 'raw'>, texts: FramingTexts): { text: string; systemFolded: boolean } {
  const marked = framing === 'ask' ? { ...texts, ask: texts.ask + PREFILL_MARK } : texts;
  return renderMarked(model, source, framing, marked);
}

function renderMarked(model: FramingModel, source: string, framing: Exclude<Framing, 'raw'>, texts: FramingTexts): { text: string; systemFolded: boolean } {
  const renderTexts = (given: FramingTexts): string => render(model, source, chatMessages(framing, given));
  if (!hasSystem(texts)) return { text: renderTexts(texts), systemFolded: false };
  try {
    const text = renderTexts(texts);
    // A template that drops the system turn gives the same whatever it says; one may also write that very text by itself.
    if (text !== renderTexts({ ...texts, system: `x${texts.system}` })) return { text, systemFolded: false };
  } catch {
    // The template refuses a system turn, or fails on it; the user's turn alone decides whether it works at all.
  }
  return { text: renderTexts(foldSystem(texts)), systemFolded: true };
}

function render(model: FramingModel, source: string, messages: readonly ChatMessage[]): string {
  try {
    return new Template(FIX_DATE + source).render({
      messages,
      add_generation_prompt: true,
      enable_thinking: false,
      fixed_strftime: formatFixedDate,
      bos_token: model.bos?.text ?? '',
      eos_token: model.eosText,
    });
  } catch (error) {
    throw new AuditError(
      'unsupportedModel',
      `The chat template of ${model.name} cannot be rendered (${error instanceof Error ? error.message : String(error)}).` +
        ' Use the raw framing alone.',
      { cause: error },
    );
  }
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
