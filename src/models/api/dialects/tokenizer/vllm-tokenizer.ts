/** The tokenizer of a vLLM server, which always takes the names of control tokens for these tokens. */
import type { ChatMessage } from '../../../../audit/framing.js';
import type { Piece } from '../../../../audit/language-model.js';
import { badAnswer } from '../answers/bad-answer.js';
import { readVllmText, readVllmTokens } from '../answers/vllm-answers.js';
import { EndpointError } from '../../transport/endpoint-error.js';
import { fitTokens, looksLikeControl, nameToken } from '../token-bytes.js';
import { RENDER_ATTEMPTS, unknownToken, withoutAddedSpace, type Ask, type RemoteTokenizer, type RenderedTurns } from './remote-tokenizer.js';
import { decodeSpellings } from './spelled-bytes.js';

const REPLACEMENT = '\uFFFD';
const utf8 = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class VllmTokenizer implements RemoteTokenizer {
  private readonly known = new Map<number, Piece>();
  /** What tokens are decoded to by themselves: of the same token always the same. */
  private readonly alone = new Map<number, string>();
  private beginning: Promise<readonly Piece[]> | undefined;

  constructor(
    private readonly ask: Ask,
    private readonly model: string,
  ) {}

  async bos(signal: AbortSignal): Promise<readonly Piece[]> {
    this.beginning ??= this.findBos(signal).catch((error: unknown) => {
      this.beginning = undefined;
      throw error;
    });
    return this.beginning;
  }

  async tokenize(text: string, parseSpecial: boolean, signal: AbortSignal): Promise<Piece[]> {
    const pieces = await this.cut(text, signal);
    const control = pieces.find((piece) => piece.control);
    if (parseSpecial || control === undefined) return withoutAddedSpace(pieces, text);
    // A name that is cut in two is a name no more.
    const name = decoder.decode(control.bytes);
    const middle = text.indexOf(name) + 1;
    if (middle === 0) return withoutAddedSpace(pieces, text);
    const [before, after] = [await this.tokenize(text.slice(0, middle), false, signal), await this.tokenize(text.slice(middle), false, signal)];
    return [...before, ...after];
  }

  async pieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]> {
    await this.learn(ids, signal);
    for (const id of ids) {
      if (this.known.has(id)) continue;
      if ((await this.textAlone(id, signal)) === '') throw unknownToken(id, null);
      throw badAnswer(`The server does not tell which part of a character token ${id} is`);
    }
    return ids.map((id) => this.known.get(id)!);
  }

  async generatedPieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]> {
    await this.learn(ids, signal);
    return Promise.all(ids.map(async (id) => this.known.get(id) ?? { id, bytes: utf8.encode(wholePart(await this.textAlone(id, signal))), control: false }));
  }

  render(turns: readonly ChatMessage[], signal: AbortSignal): Promise<RenderedTurns> {
    return this.renderTurns(turns, true, signal);
  }

  renderAnswered(turns: readonly ChatMessage[], signal: AbortSignal): Promise<RenderedTurns> {
    return this.renderTurns(turns, false, signal);
  }

  private async renderTurns(turns: readonly ChatMessage[], addGenerationPrompt: boolean, signal: AbortSignal): Promise<RenderedTurns> {
    const body = { model: this.model, messages: turns, add_generation_prompt: addGenerationPrompt, chat_template_kwargs: { enable_thinking: false } };
    const { ids } = await this.ask({ fromRoot: '/tokenize' }, body, readVllmTokens, signal, RENDER_ATTEMPTS);
    return { text: await this.textOf(ids, signal), ids };
  }

  private async findBos(signal: AbortSignal): Promise<readonly Piece[]> {
    const ask = (addSpecial: boolean) =>
      this.ask({ fromRoot: '/tokenize' }, { model: this.model, prompt: 'x', add_special_tokens: addSpecial }, readVllmTokens, signal);
    const [bare, opened] = [await ask(false), await ask(true)];
    const before = opened.ids.slice(0, Math.max(0, opened.ids.indexOf(bare.ids[0] ?? -1)));
    return (await this.pieces(before, signal)).map((piece) => ({ ...piece, control: true }));
  }

  private async learn(ids: readonly number[], signal: AbortSignal): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.known.has(id));
    if (unknown.length === 0) return;
    // Tokens as they stood side by side complete each other's characters, and come back where their text is cut again.
    await this.cut(await this.textOf(ids, signal), signal).catch(passOverBadAnswer);
    await Promise.all(unknown.filter((id) => !this.known.has(id)).map((id) => this.learnAlone(id, signal)));
  }

  private textOf(ids: readonly number[], signal: AbortSignal): Promise<string> {
    return ids.length === 0 ? Promise.resolve('') : this.ask({ fromRoot: '/detokenize' }, { model: this.model, tokens: ids }, readVllmText, signal);
  }

  private async cut(text: string, signal: AbortSignal): Promise<Piece[]> {
    const body = { model: this.model, prompt: text, add_special_tokens: false, return_token_strs: true };
    const { ids, spellings } = await this.ask({ fromRoot: '/tokenize' }, body, readVllmTokens, signal);
    const bytes = (spellings && decodeSpellings(spellings, text)) ?? (await this.fit(ids, text, signal));
    return ids.map((id, k): Piece => {
      const piece = { id, bytes: bytes[k]!, control: looksLikeControl({ text: decoder.decode(bytes[k]) }) };
      if (!this.known.has(id)) this.known.set(id, piece);
      return piece;
    });
  }

  /** Versions that do not spell tokens are asked for each one's text. */
  private async fit(ids: readonly number[], text: string, signal: AbortSignal): Promise<Uint8Array[]> {
    await Promise.all([...new Set(ids)].map((id) => this.textAlone(id, signal)));
    // What is nothing by itself is a blank that was dropped; half characters are at least shown as such.
    const fitted = fitTokens(
      ids.map((id) => nameToken(this.alone.get(id) || ' ', null, id)),
      text,
    );
    return ids.map((_id, k) => fitted[k]?.bytes ?? new Uint8Array());
  }

  /** Leaves a token unknown that has no text of its own. */
  private async learnAlone(id: number, signal: AbortSignal): Promise<void> {
    // Behind itself: the blank at the beginning of a word is dropped at the beginning of a text.
    const [alone, twice] = await Promise.all([this.textAlone(id, signal), this.textOf([id, id], signal)]);
    const text = twice.slice(alone.length);
    if (text === '' || text.includes(REPLACEMENT)) return;
    this.known.set(id, { id, bytes: utf8.encode(text), control: looksLikeControl({ text }) });
  }

  private async textAlone(id: number, signal: AbortSignal): Promise<string> {
    const text = this.alone.get(id) ?? (await this.textOf([id], signal));
    this.alone.set(id, text);
    return text;
  }
}

/** What stands before the character that a token begins and does not end. */
function wholePart(text: string): string {
  return text.includes(REPLACEMENT) ? text.slice(0, text.indexOf(REPLACEMENT)) : '';
}

/** Broken characters within a text are nothing that it can be fitted to. */
function passOverBadAnswer(error: unknown): void {
  if (!(error instanceof EndpointError) || error.kind !== 'badAnswer') throw error;
}
