/** Renders a framing for one model (DESIGN part 2, fine print: chat). */
import { Template } from '@huggingface/jinja';
import { AuditError } from '../../../audit/errors.js';
import type { Frame, FrameRequest } from '../../../audit/language-model.js';
import { chatMessages, foldSystem, hasSystem, type ChatMessage, type FramingTexts } from '../../../audit/framing.js';
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

/** Takes the place of the library's clock, which cannot be replaced otherwise. The renderer drops a newline after a block. */
const FIX_DATE = '{% set strftime_now = fixed_strftime %}\n';

/**
 * @throws AuditError `noChatTemplate` where chat is asked for and there is neither a template nor another model's text;
 *   `unsupportedModel` where the template cannot be rendered.
 */
export function renderFrame(model: FramingModel, request: FrameRequest): Frame {
  const { framing, texts, fallbackText } = request;
  if (framing === 'raw') return { framing, tokens: withOneBos(model, []), text: '', systemFolded: false, borrowed: false };
  if (model.chatTemplate !== undefined) {
    const { text, systemFolded } = renderTurn(model, model.chatTemplate, texts);
    return { framing, tokens: withOneBos(model, model.ids(text, true)), text: withoutBos(model, text), systemFolded, borrowed: false };
  }
  if (fallbackText !== undefined) {
    const tokens = withOneBos(model, model.ids(fallbackText, false));
    return { framing, tokens, text: fallbackText, systemFolded: false, borrowed: true };
  }
  throw new AuditError(
    'noChatTemplate',
    `${model.name} has no chat template, so the chat framing is not possible with it. Use the raw framing alone.`,
  );
}

function renderTurn(model: FramingModel, source: string, texts: FramingTexts): { text: string; systemFolded: boolean } {
  const renderTexts = (given: FramingTexts): string => render(model, source, chatMessages(given));
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
