/** The tokenizer of llama.cpp's server. */
import type { ChatMessage } from '../../../../audit/framing.js';
import type { Piece } from '../../../../audit/language-model.js';
import { readDetokenized, readLlamaCompletion, readLlamaTokens, readRenderedTurns } from '../answers/llama-answers.js';
import { RENDER_ATTEMPTS, unknownToken, withoutAddedSpace, type Ask, type RemoteTokenizer, type RenderedTurns } from './remote-tokenizer.js';

const utf8 = new TextEncoder();

export class LlamaTokenizer implements RemoteTokenizer {
  private readonly known = new Map<number, Piece>();
  private beginning: Promise<readonly Piece[]> | undefined;
  private vocabulary: Promise<void> | undefined;

  constructor(
    private readonly ask: Ask,
    private readonly model: string,
    private readonly vocabularySize: number | null,
  ) {}

  async bos(signal: AbortSignal): Promise<readonly Piece[]> {
    this.beginning ??= this.findBos(signal).catch((error: unknown) => {
      this.beginning = undefined;
      throw error;
    });
    return this.beginning;
  }

  async tokenize(text: string, parseSpecial: boolean, signal: AbortSignal): Promise<Piece[]> {
    const plain = await this.cut(text, false, signal);
    for (const piece of plain) this.learn({ ...piece, control: false });
    if (!parseSpecial)
      return withoutAddedSpace(
        plain.map((piece) => ({ ...piece, control: false })),
        text,
      );
    const special = await this.cut(text, true, signal);
    await this.learnControl(special, signal);
    return withoutAddedSpace(
      special.map((piece) => ({ ...piece, control: this.known.get(piece.id)!.control })),
      text,
    );
  }

  async pieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]> {
    const outside = ids.find((id) => id >= (this.vocabularySize ?? Infinity));
    if (outside !== undefined) throw unknownToken(outside, this.vocabularySize);
    await this.learnIds(ids, signal);
    return ids.map((id) => {
      const piece = this.known.get(id);
      if (!piece) throw unknownToken(id, this.vocabularySize);
      return piece;
    });
  }

  async generatedPieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]> {
    await this.learnIds(ids, signal);
    return ids.map((id) => this.known.get(id) ?? { id, bytes: new Uint8Array(), control: false });
  }

  async render(turns: readonly ChatMessage[], signal: AbortSignal): Promise<RenderedTurns> {
    const body = { model: this.model, messages: turns, add_generation_prompt: true, chat_template_kwargs: { enable_thinking: false } };
    return { text: await this.ask({ fromRoot: '/apply-template' }, body, readRenderedTurns, signal, RENDER_ATTEMPTS), ids: null };
  }

  /** It goes on from an assistant's turn that stands last, header or not: with a user's turn behind it, it is over. */
  renderAnswered(turns: readonly ChatMessage[], signal: AbortSignal): Promise<RenderedTurns> {
    return this.render([...turns, { role: 'user', content: 'x' }], signal);
  }

  /** What a generation says of a token: of a control token it gives no bytes. */
  learn(piece: Piece): void {
    if (!this.known.has(piece.id) && piece.bytes.length > 0) this.known.set(piece.id, piece);
  }

  private async learnIds(ids: readonly number[], signal: AbortSignal): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.known.has(id));
    if (unknown.length === 0) return;
    // Most tokens come back where their text is tokenised again, all at once.
    const text = await this.ask({ fromRoot: '/detokenize' }, { model: this.model, tokens: unknown }, readDetokenized, signal);
    await this.tokenize(text, true, signal);
    if (unknown.some((id) => !this.known.has(id))) await this.learnVocabulary(signal);
    for (const id of unknown) if (this.known.get(id)?.bytes.length === 0) await this.learnName(id, signal);
  }

  private async findBos(signal: AbortSignal): Promise<readonly Piece[]> {
    const [bare, opened] = [await this.cut('x', true, signal), await this.cut('x', true, signal, true)];
    const before = opened.slice(
      0,
      Math.max(
        0,
        opened.findIndex(({ id }) => id === bare[0]?.id),
      ),
    );
    return before.map((piece) => ({ ...piece, control: true }));
  }

  private cut(text: string, parseSpecial: boolean, signal: AbortSignal, addSpecial = false): Promise<Omit<Piece, 'control'>[]> {
    const body = { model: this.model, content: text, add_special: addSpecial, parse_special: parseSpecial, with_pieces: true };
    return this.ask({ fromRoot: '/tokenize' }, body, readLlamaTokens, signal);
  }

  /** A control token is one that its name stands for only where names are looked for. */
  private async learnControl(pieces: readonly Omit<Piece, 'control'>[], signal: AbortSignal): Promise<void> {
    for (const { id, bytes } of pieces) {
      if (this.known.has(id)) continue;
      const name = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
      const plain = await this.cut(name, false, signal);
      const special = await this.cut(name, true, signal);
      this.known.set(id, { id, bytes, control: special.length === 1 && special[0]!.id === id && !(plain.length === 1 && plain[0]!.id === id) });
    }
  }

  /** Names every token there is, as the alternatives of one: for those that no text of its own brings out. */
  private learnVocabulary(signal: AbortSignal): Promise<void> {
    this.vocabulary ??= this.askVocabulary(signal).catch((error: unknown) => {
      this.vocabulary = undefined;
      throw error;
    });
    return this.vocabulary;
  }

  private async askVocabulary(signal: AbortSignal): Promise<void> {
    if (this.vocabularySize === null) return;
    const [whole] = await this.cut('a', false, signal);
    const body = {
      model: this.model,
      prompt: [whole!.id],
      n_predict: 1,
      temperature: 0,
      n_probs: this.vocabularySize,
      return_tokens: true,
      // One that ends a character: of others the server gives nothing.
      logit_bias: [[whole!.id, FORCED]],
    };
    const { tokens } = await this.ask({ fromRoot: '/completion' }, body, readLlamaCompletion, signal);
    for (const { id, bytes } of tokens[0]?.alternatives ?? []) {
      if (id !== null && bytes !== null && !this.known.has(id)) this.known.set(id, { id, bytes, control: bytes.length === 0 });
    }
  }

  private async learnName(id: number, signal: AbortSignal): Promise<void> {
    const name = await this.ask({ fromRoot: '/detokenize' }, { model: this.model, tokens: [id] }, readDetokenized, signal);
    this.known.set(id, { id, bytes: utf8.encode(name), control: true });
  }
}

/** Added to a token's logit, so that no other is chosen. Logprobs are told as they were before. */
export const FORCED = 1000;
