/** Framings rendered by a server's own template and tokenizer, as `src/models/local` renders them for a file. */
import { AuditError } from '../../audit/errors.js';
import type { Frame, FrameRequest, Piece } from '../../audit/language-model.js';
import { MAX_TURN_CHARACTERS, type Framing, type FramingTexts } from '../../audit/framing.js';
import { placeAfter, renderTurn, splitAtPrefill, type RenderedTurn } from '../frame/render-turn.js';
import { EndpointError } from './transport/endpoint-error.js';
import { textOfTokens } from '../../text/utf8.js';
import type { RemoteTokenizer } from './dialects/tokenizer/remote-tokenizer.js';

export interface FramedModel {
  readonly name: string;
  readonly hasChatTemplate: boolean;
  readonly tokenizer: RemoteTokenizer;
}

/** @throws AuditError `noChatTemplate`, `unsupportedModel`; EndpointError */
export async function renderFrameByServer(model: FramedModel, request: FrameRequest, signal: AbortSignal): Promise<Frame> {
  const { framing, texts, fallbackText, fallbackTextAfter } = request;
  const { tokenizer } = model;
  const bos = await tokenizer.bos(signal);
  const cut = async (text: string, parseSpecial: boolean): Promise<number[]> => idsOf(await tokenizer.tokenize(text, parseSpecial, signal));
  if (framing === 'raw') return { framing, tokens: idsOf(bos), text: '', systemFolded: false, borrowed: false };
  if (model.hasChatTemplate) {
    const { text, ids, thoughts, systemFolded } = await renderByServer(model, framing, texts, signal);
    const [before, after] = splitAtPrefill(model.name, framing, text);
    const tokens = after === undefined && ids !== null ? ids : await cut(before, true);
    return {
      framing,
      tokens: withOneBos(tokens, bos),
      text: withoutBos(before, bos),
      ...(await placeAfter(framing, after, (tail) => cut(tail, true))),
      systemFolded,
      borrowed: false,
      ...(thoughts && { thoughts }),
    };
  }
  if (fallbackText !== undefined) {
    const after = await placeAfter(framing, fallbackTextAfter, (tail) => cut(tail, false));
    return { framing, tokens: withOneBos(await cut(fallbackText, false), bos), text: fallbackText, ...after, systemFolded: false, borrowed: true };
  }
  throw new AuditError('noChatTemplate', `${model.name} has no chat template, so the ${framing} framing is not possible with it. Use the raw framing alone.`);
}

interface RenderedFrame extends RenderedTurn {
  /** The server's own ids of that text, where it gives them. */
  readonly ids: readonly number[] | null;
}

async function renderByServer(
  { name, tokenizer }: FramedModel,
  framing: Exclude<Framing, 'raw'>,
  texts: FramingTexts,
  signal: AbortSignal,
): Promise<RenderedFrame> {
  const idsOfText = new Map<string, readonly number[] | null>();
  const turn = await renderTurn(
    {
      name,
      render: async (turns, last) => {
        const { text, ids } = await (last === 'answered' ? tokenizer.renderAnswered(turns, signal) : tokenizer.render(turns, signal));
        if (text.length > MAX_TURN_CHARACTERS) {
          throw new AuditError(
            'unsupportedModel',
            `The chat template of ${name} writes more than ${MAX_TURN_CHARACTERS.toLocaleString('en')} characters. Something is wrong with it; use the raw framing alone.`,
          );
        }
        idsOfText.set(text, ids);
        return text;
      },
      isRefusal: (error) => error instanceof EndpointError && (error.kind === 'badRequest' || error.kind === 'serverError'),
    },
    framing,
    texts,
  );
  return { ...turn, ids: idsOfText.get(turn.text) ?? null };
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
