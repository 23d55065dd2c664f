/**
 * A language model small enough for a unit test: token bigrams over a byte vocabulary with some longer tokens, trained on
 * a few sentences. Its probabilities are real (they sum to 1), its tokenizer is real (greedy longest match), and two of
 * them with different vocabularies are a real pair of models with different tokenizers.
 */
import { AuditError, throwIfCancelled } from '../../../src/audit/errors.js';
import { FRAMINGS, foldSystem } from '../../../src/audit/framing.js';
import type {
  Alternative,
  Capabilities,
  DivergenceOptions,
  Frame,
  FrameRequest,
  GeneratedCompletion,
  GenerateRequest,
  LanguageModel,
  ModelIdentity,
  Piece,
  Position,
  PositionDivergence,
  GivenTokens,
  TokenDivergences,
  TokenLogprobs,
  WaveOptions,
} from '../../../src/audit/language-model.js';
import { Random } from '../../../src/audit/random.js';
import { decodeUtf8 } from '../../../src/text/utf8.js';

const CONTROL_NAMES = ['<bos>', '<end>', '<user>', '<assistant>'];
/** Stands before every text and after every document. */
export const BOS = 0;
export const END = 1;
export const USER = 2;
export const ASSISTANT = 3;
const FIRST_BYTE = CONTROL_NAMES.length;

const encoder = new TextEncoder();

export interface NgramOptions {
  readonly name: string;
  /** Tokens longer than a byte. */
  readonly longTokens: readonly string[];
  /** Texts; after each the turn ends, and then the document. */
  readonly training: readonly string[];
  /** Texts that it answers with, each a turn of its own. */
  readonly answers?: readonly string[];
  readonly bos?: boolean;
  readonly hasChatTemplate?: boolean;
  readonly hasSystemTurn?: boolean;
  readonly contextLength?: number;
  readonly capabilities?: Partial<Capabilities>;
}

/** One call that reached the model. */
export interface LoggedCall {
  readonly kind: 'tokenize' | 'pieces' | 'generate' | 'score' | 'divergence';
  readonly ids: readonly number[];
  readonly prompts: readonly (readonly number[])[];
  readonly continuations: readonly (readonly number[])[];
}

export class NgramModel implements LanguageModel {
  readonly identity: ModelIdentity & { readonly vocabularySize: number };
  readonly capabilities: Capabilities;
  readonly calls: LoggedCall[] = [];
  /** Called before each step of a wave, for tests that interfere. */
  onStep: () => void = () => undefined;

  readonly #options: NgramOptions;
  readonly #vocabulary: Piece[];
  readonly #byText = new Map<string, number>();
  readonly #longest: number;
  readonly #unigrams: Float64Array;
  readonly #bigrams = new Map<number, Map<number, number>>();
  readonly #rows = new Map<number, Float64Array>();

  constructor(options: NgramOptions) {
    this.#options = options;
    const texts = options.longTokens.map((text) => encoder.encode(text));
    this.#vocabulary = [
      ...CONTROL_NAMES.map((name, id) => ({ id, bytes: encoder.encode(name), control: true })),
      ...Array.from({ length: 256 }, (_, byte) => ({ id: FIRST_BYTE + byte, bytes: Uint8Array.of(byte), control: false })),
      ...texts.map((bytes, index) => ({ id: FIRST_BYTE + 256 + index, bytes, control: false })),
    ];
    for (const { id, bytes, control } of this.#vocabulary) if (!control) this.#byText.set(bytes.join(), id);
    this.#longest = Math.max(1, ...texts.map((bytes) => bytes.length));
    this.#unigrams = new Float64Array(this.#vocabulary.length).fill(1);
    for (const text of options.training) this.#learn([BOS, ...this.encode(text), END, BOS]);
    for (const text of options.answers ?? []) this.#learn([ASSISTANT, ...this.encode(text), END]);
    this.identity = {
      name: options.name,
      source: `ngram:${options.name}`,
      adapters: [],
      tokenizerFingerprint: options.longTokens.join('|'),
      vocabularySize: this.#vocabulary.length,
      contextLength: options.contextLength ?? 1000,
      hasChatTemplate: options.hasChatTemplate ?? true,
      engine: 'bigrams',
    };
    this.capabilities = {
      generate: true,
      score: true,
      framings: FRAMINGS,
      tokenIds: true,
      alternatives: 5,
      distributions: true,
      independent: false,
      ...options.capabilities,
    };
  }

  encode(text: string): number[] {
    const bytes = encoder.encode(text);
    const ids: number[] = [];
    for (let offset = 0; offset < bytes.length;) {
      let length = Math.min(this.#longest, bytes.length - offset);
      while (!this.#byText.has(bytes.subarray(offset, offset + length).join())) length--;
      ids.push(this.#byText.get(bytes.subarray(offset, offset + length).join())!);
      offset += length;
    }
    return ids;
  }

  /** ln P(next | previous): counts, smoothed with the unigrams, those with one. */
  logprob(previous: number, next: number): number {
    return Math.log(this.#row(previous)[next]!);
  }

  async tokenize(texts: readonly string[], signal: AbortSignal): Promise<Piece[][]> {
    throwIfCancelled(signal);
    this.#log('tokenize', []);
    return texts.map((text) => this.encode(text).map((id) => this.#vocabulary[id]!));
  }

  async pieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]> {
    throwIfCancelled(signal);
    this.#log('pieces', []);
    return ids.map((id) => {
      const known = this.#vocabulary[id];
      if (known === undefined) throw new AuditError('badPrefillFile', `Token id ${id} is not in the vocabulary.`);
      return known;
    });
  }

  async frame({ framing, texts, fallbackText }: FrameRequest, signal: AbortSignal): Promise<Frame> {
    throwIfCancelled(signal);
    const bos = this.#options.bos === false ? [] : [BOS];
    if (framing === 'raw') return this.#createFrame(framing, bos, false, false);
    if (!this.identity.hasChatTemplate) {
      if (fallbackText === undefined) throw new AuditError('noChatTemplate', 'No template.');
      return this.#createFrame(framing, [...bos, ...this.encode(fallbackText)], false, true);
    }
    const folds = texts.system !== '' && this.#options.hasSystemTurn === false;
    const { system, user, ask } = folds ? foldSystem(texts) : texts;
    if (framing === 'ask') {
      const opening = system === '' ? [] : [USER, ...this.encode(system), END];
      return {
        ...this.#createFrame(framing, [...bos, ...opening, USER, ...this.encode(ask)], folds, false),
        after: [END, ASSISTANT],
        textAfter: '<end><assistant>',
      };
    }
    if (framing === 'dialogue') {
      const opening = system === '' ? [] : [USER, ...this.encode(system), END];
      const reply = { tokens: [END, ASSISTANT], text: '<end><assistant>' };
      return { ...this.#createFrame(framing, [...bos, ...opening, USER], folds, false), reply };
    }
    const turns = [system, user].filter((text) => text !== '').flatMap((text) => [USER, ...this.encode(text), END]);
    return this.#createFrame(framing, [...bos, ...turns, ASSISTANT], folds, false);
  }

  async *generate(wave: readonly GenerateRequest[], { signal, onTokens }: WaveOptions): AsyncGenerator<GeneratedCompletion> {
    this.#log('generate', wave);
    const active = wave.map((request) => ({
      request,
      random: new Random(request.seed),
      tokens: [] as Piece[],
      logprobs: [] as number[],
      previous: request.prompt.at(-1)!,
    }));
    while (active.length > 0) {
      await this.#step(signal);
      onTokens?.(active.length);
      for (const sequence of [...active]) {
        const next = this.#choose(sequence.previous, sequence.request.temperature, sequence.random);
        const { id, maxTokens, stop, logprobs } = sequence.request;
        const logprob = logprobs === 'none' ? NaN : this.logprob(sequence.previous, next);
        const ends = next === BOS || (next === END && stop !== 'endOfText');
        if (!ends) {
          sequence.tokens.push(this.#vocabulary[next]!);
          if (logprobs !== 'none') sequence.logprobs.push(logprob);
          sequence.previous = next;
          if (sequence.tokens.length < maxTokens) continue;
        }
        active.splice(active.indexOf(sequence), 1);
        const end = ends ? { piece: this.#vocabulary[next]!, logprob } : null;
        yield { id, tokens: sequence.tokens, logprobs: sequence.logprobs, end };
      }
    }
  }

  /** Last request first: answers come in whatever order they are ready. */
  async *logprobsOf(wave: readonly GivenTokens[], { signal, onTokens }: WaveOptions): AsyncGenerator<TokenLogprobs> {
    this.#log('score', wave);
    for (const { id, prompt, continuation } of [...wave].reverse()) {
      await this.#step(signal);
      if (prompt.length === 0) throw new AuditError('internal', 'The first token of a text has no probability.');
      onTokens?.(continuation.length);
      yield { id, logprobs: continuation.map((next, index) => this.logprob(continuation[index - 1] ?? prompt.at(-1)!, next)) };
    }
  }

  async *divergence(wave: readonly GivenTokens[], other: LanguageModel, { signal, onTokens }: DivergenceOptions): AsyncGenerator<TokenDivergences> {
    if (!(other instanceof NgramModel)) throw new AuditError('cannotScore', 'The other is no model of bigrams.');
    this.#log('divergence', wave);
    for (const { id, prompt, continuation } of [...wave].reverse()) {
      await this.#step(signal);
      onTokens?.(continuation.length);
      yield { id, positions: continuation.map((next, index) => this.#comparePosition(continuation[index - 1] ?? prompt.at(-1)!, next, other)) };
    }
  }

  #comparePosition(previous: number, next: number, other: NgramModel): PositionDivergence {
    const ids = this.#vocabulary.map(({ id }) => id);
    const mean = (of: NgramModel, value: (id: number) => number) => ids.reduce((sum, id) => sum + Math.exp(of.logprob(previous, id)) * value(id), 0);
    return {
      logprob: this.logprob(previous, next),
      otherLogprob: other.logprob(previous, next),
      forward: mean(this, (id) => this.logprob(previous, id) - other.logprob(previous, id)),
      backward: mean(other, (id) => other.logprob(previous, id) - this.logprob(previous, id)),
      entropy: mean(this, (id) => -this.logprob(previous, id)),
      otherEntropy: mean(other, (id) => -other.logprob(previous, id)),
      top: [],
    };
  }

  async alternatives({ prompt }: Position, count: number, signal: AbortSignal): Promise<Alternative[]> {
    throwIfCancelled(signal);
    const row = this.#row(prompt.at(-1)!);
    return this.#vocabulary
      .map((known) => ({ piece: known, logprob: Math.log(row[known.id]!) }))
      .sort((a, b) => b.logprob - a.logprob)
      .slice(0, count);
  }

  /** Lets other work go on, as a model in another process does, and then notices an abort. */
  async #step(signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.onStep();
    throwIfCancelled(signal);
  }

  #log(kind: LoggedCall['kind'], wave: readonly Partial<GivenTokens & GenerateRequest>[]): void {
    this.calls.push({
      kind,
      ids: wave.map((request) => request.id!),
      prompts: wave.map((request) => request.prompt!),
      continuations: wave.map((request) => request.continuation ?? []),
    });
  }

  #createFrame(framing: Frame['framing'], tokens: number[], systemFolded: boolean, borrowed: boolean): Frame {
    const text = tokens.map((id) => decodeUtf8(this.#vocabulary[id]!.bytes)).join('');
    return { framing, tokens, text, systemFolded, borrowed };
  }

  #choose(previous: number, temperature: number, random: Random): number {
    const row = this.#row(previous);
    if (temperature === 0) return row.indexOf(Math.max(...row));
    const weights = row.map((probability) => probability ** (1 / temperature));
    let rest = (random.nextUint32() / 2 ** 32) * weights.reduce((total, weight) => total + weight, 0);
    const chosen = weights.findIndex((weight) => (rest -= weight) < 0);
    return chosen < 0 ? weights.length - 1 : chosen;
  }

  #learn(ids: readonly number[]): void {
    for (let k = 1; k < ids.length; k++) {
      const row = this.#bigrams.get(ids[k - 1]!) ?? new Map<number, number>();
      row.set(ids[k]!, (row.get(ids[k]!) ?? 0) + 1);
      this.#bigrams.set(ids[k - 1]!, row);
      this.#unigrams[ids[k]!]!++;
    }
  }

  #row(previous: number): Float64Array {
    const known = this.#rows.get(previous);
    if (known) return known;
    const counts = this.#bigrams.get(previous);
    const seen = [...(counts?.values() ?? [])].reduce((total, count) => total + count, 0);
    const mass = this.#unigrams.reduce((total, count) => total + count, 0);
    const row = this.#unigrams.map((count, id) => ((counts?.get(id) ?? 0) + count / mass) / (seen + 1));
    this.#rows.set(previous, row);
    return row;
  }
}
