/** Renders a framing for one model (DESIGN part 2, fine print: chat). */
import { AuditError } from '../../../audit/errors.js';
import type { Frame, FrameRequest } from '../../../audit/language-model.js';
import type { ChatMessage, Framing, FramingTexts } from '../../../audit/framing.js';
import { placeAfter, renderTurn, splitAtPrefill, type RenderedTurn } from '../../frame/render-turn.js';
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

/**
 * @throws AuditError `noChatTemplate` where chat is asked for and there is neither a template nor another model's text;
 *   `unsupportedModel` where the template cannot be rendered, or not within limits; `cancelled`.
 */
export async function renderFrame(model: FramingModel, request: FrameRequest, signal: AbortSignal): Promise<Frame> {
  const { framing, texts, fallbackText, fallbackTextAfter } = request;
  if (framing === 'raw') return { framing, tokens: withOneBos(model, []), text: '', systemFolded: false, borrowed: false };
  if (model.chatTemplate !== undefined) {
    const { text, thoughts, systemFolded } = await renderByTemplate(model, model.chatTemplate, framing, texts, signal);
    const [before, after] = splitAtPrefill(model.name, framing, text);
    return {
      framing,
      tokens: withOneBos(model, model.ids(before, true)),
      text: withoutBos(model, before),
      ...(await placeAfter(framing, after, (tail) => model.ids(tail, true))),
      systemFolded,
      borrowed: false,
      ...(thoughts && { thoughts }),
    };
  }
  if (fallbackText !== undefined) {
    const tokens = withOneBos(model, model.ids(fallbackText, false));
    const after = await placeAfter(framing, fallbackTextAfter, (tail) => model.ids(tail, false));
    return { framing, tokens, text: fallbackText, ...after, systemFolded: false, borrowed: true };
  }
  throw new AuditError('noChatTemplate', `${model.name} has no chat template, so the ${framing} framing is not possible with it. Use the raw framing alone.`);
}

async function renderByTemplate(
  model: FramingModel,
  source: string,
  framing: Exclude<Framing, 'raw'>,
  texts: FramingTexts,
  signal: AbortSignal,
): Promise<RenderedTurn> {
  try {
    return await withTemplate(model.name, source, signal, (render) =>
      renderTurn(
        {
          name: model.name,
          render: (turns, last) => render({ ...variablesOf(model, turns), ...(last === 'answered' && { add_generation_prompt: false }) }),
          isRefusal: (error) => error instanceof TemplateFailure,
        },
        framing,
        texts,
      ),
    );
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
    const message = `The chat template of ${model.name} cannot be rendered (${error.message}). Use the raw framing alone.`;
    throw new AuditError('unsupportedModel', message, { cause: error });
  }
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
