/** A model of the local engine, as the dialects of the model server use it. */
import type { Alternative, GeneratedCompletion, GenerateRequest, LanguageModel, Piece, GivenTokens, TokenLogprobs } from '../../src/audit/language-model.js';
import type { ModelLease } from '../../src/models/provider.js';
import { renderMessages, type ChatTemplate, type Message, type RenderOptions } from './chat-prompt.js';
import { Gatherer } from './gatherer.js';
import { Refusal } from './http-answers.js';

export interface ServedModelFacts {
  /** The name that clients ask for. */
  readonly name: string;
  /** The name that answers give, where it is another. */
  readonly servedAs: string;
  /** Where it was loaded from, as `/v1/models` of vLLM tells. */
  readonly root: string;
  /** The name of the model that an adapter is for. */
  readonly parent: string | undefined;
  readonly contextTokens: number;
  readonly template: ChatTemplate;
  /** The vocabulary's own spellings, e.g. `Ġthe`. */
  readonly vocabulary: readonly string[];
  /** The one token that the model's metadata names as the end. */
  readonly endId: number | undefined;
}

export interface GenerateOptions {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  /** The vocabulary's own end tokens end nothing. */
  readonly ignoreEnds: boolean;
  /** Further tokens that end the completion. */
  readonly stopIds: readonly number[];
  /** Alternatives per token; each costs a pass. */
  readonly alternatives: number;
  /** Logprobs are those after the temperature. */
  readonly tempered?: boolean;
}

/** One token in its place. */
export interface Place {
  readonly piece: Piece;
  /** Nats; `null` for the first token of a prompt. */
  readonly logprob: number | null;
  /** Counted from 1; `null` where it is beyond what was looked at. */
  readonly rank: number | null;
  /** Most likely first. */
  readonly top: readonly Alternative[];
}

export interface Generated {
  /** The token that ended it is the last. */
  readonly places: readonly Place[];
  readonly end: number | null;
}

/** The engine names no more. */
const MOST_ALTERNATIVES = 100;

export class ServedModel {
  private readonly generations: Gatherer<Omit<GenerateRequest, 'id'>, GeneratedCompletion>;
  private readonly scorings: Gatherer<Omit<GivenTokens, 'id'>, TokenLogprobs>;

  private constructor(
    readonly facts: ServedModelFacts,
    private readonly lease: ModelLease,
    private readonly bos: readonly number[],
    waveSize: number,
  ) {
    this.generations = new Gatherer(waveSize, (wave, options) => this.model.generate(wave, options));
    this.scorings = new Gatherer(waveSize, (wave, options) => this.model.logprobsOf(wave, options));
  }

  /** @param waveSize requests that are computed together at most, as the lease was opened for. */
  static async create(facts: ServedModelFacts, lease: ModelLease, waveSize: number, signal: AbortSignal): Promise<ServedModel> {
    const texts = { system: '', user: '', ask: '' };
    const { tokens } = await lease.model.frame({ framing: 'raw', texts }, signal);
    return new ServedModel(facts, lease, tokens, waveSize);
  }

  release(): void {
    this.lease.release();
  }

  /** Ids of a text in which names of control tokens mean these tokens, as in all of these servers. */
  async idsOf(text: string, addBos: boolean, signal: AbortSignal): Promise<number[]> {
    const [pieces] = await this.model.tokenize([text], signal, { parseSpecial: true });
    return [...(addBos ? this.bos : []), ...pieces!.map(({ id }) => id)];
  }

  /** Ids of a rendered conversation: its template writes the BOS, or the tokenizer does, never both. */
  async idsOfChat(messages: readonly Message[], options: RenderOptions, signal: AbortSignal): Promise<number[]> {
    const ids = await this.idsOf(renderMessages(this.facts.template, messages, options), false, signal);
    return ids[0] === this.bos[0] ? ids : [...this.bos, ...ids];
  }

  async pieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]> {
    const outside = ids.find((id) => id >= this.facts.vocabulary.length);
    if (outside !== undefined) throw new Refusal(400, `Token id ${outside} is out of vocabulary.`);
    return this.model.pieces(ids, signal);
  }

  startsWithBos(ids: readonly number[]): boolean {
    return this.bos.length > 0 && ids[0] === this.bos[0];
  }

  /** Every token of some ids in its place, scored in one pass. */
  async place(ids: readonly number[], alternatives: number, signal: AbortSignal): Promise<Place[]> {
    const pieces = await this.pieces(ids, signal);
    const scored = ids.length > 1 ? (await this.scorings.ask({ prompt: ids.slice(0, 1), continuation: ids.slice(1) }, signal)).logprobs : [];
    const logprobs = [null, ...scored];
    const places: Place[] = [];
    for (const [i, piece] of pieces.entries()) {
      places.push(await this.placeOf(piece, logprobs[i]!, ids.slice(0, i), i === 0 ? 0 : alternatives, signal));
    }
    return places;
  }

  async generate(prompt: readonly number[], options: GenerateOptions, signal: AbortSignal): Promise<Generated> {
    await this.pieces(prompt, signal);
    const { chosen, end } = await this.choose(prompt, options, signal);
    const ids = [...prompt, ...chosen.map(({ piece }) => piece.id)];
    const places: Place[] = [];
    for (const [i, { piece, logprob }] of chosen.entries()) {
      const before = ids.slice(0, prompt.length + i);
      const place = await this.placeOf(piece, logprob, before, options.alternatives, signal);
      places.push(options.tempered === true ? await this.temper(place, before, options.temperature, signal) : place);
    }
    return { places, end };
  }

  /** The distribution at a temperature, normalised over the tokens that the engine names; all is the chosen one's at 0. */
  private async temper(place: Place, before: readonly number[], temperature: number, signal: AbortSignal): Promise<Place> {
    const ranked = await this.model.alternatives({ prompt: before }, MOST_ALTERNATIVES, signal);
    const total = Math.log(ranked.reduce((sum, { logprob }) => sum + Math.exp(logprob / temperature), 0));
    const change = (piece: Piece, logprob: number): number => (temperature > 0 ? logprob / temperature - total : piece.id === place.piece.id ? 0 : -Infinity);
    return {
      ...place,
      logprob: place.logprob === null ? null : change(place.piece, place.logprob),
      top: place.top.map(({ piece, logprob }) => ({ piece, logprob: change(piece, logprob) })),
    };
  }

  /**
   * The engine ends at the vocabulary's own ends and at nothing else, so that where these are to be passed over it is
   * asked again from there, and where other tokens end it what follows these is cut off.
   */
  private async choose(prompt: readonly number[], options: GenerateOptions, signal: AbortSignal) {
    const { maxTokens, temperature, seed, ignoreEnds, stopIds } = options;
    const chosen: { piece: Piece; logprob: number }[] = [];
    while (chosen.length < maxTokens) {
      const request = {
        prompt: [...prompt, ...chosen.map(({ piece }) => piece.id)],
        maxTokens: maxTokens - chosen.length,
        temperature,
        seed: (seed + chosen.length) >>> 0,
      };
      const { tokens, logprobs, end } = await this.generations.ask(request, signal);
      for (const [i, piece] of tokens.entries()) {
        chosen.push({ piece, logprob: logprobs[i]! });
        if (stopIds.includes(piece.id)) return { chosen, end: piece.id };
      }
      if (end === null) return { chosen, end: null };
      chosen.push(end);
      if (!ignoreEnds || stopIds.includes(end.piece.id)) return { chosen, end: end.piece.id };
    }
    return { chosen, end: null };
  }

  private async placeOf(piece: Piece, logprob: number | null, before: readonly number[], count: number, signal: AbortSignal): Promise<Place> {
    if (count === 0) return { piece, logprob, rank: null, top: [] };
    const ranked = await this.model.alternatives({ prompt: before }, MOST_ALTERNATIVES, signal);
    const rank = ranked.findIndex((alternative) => alternative.piece.id === piece.id) + 1;
    // Its own pass differs in the last digits, where a server has one value for one token in one place.
    const top = ranked.slice(0, count).map((other) => (other.piece.id === piece.id && logprob !== null ? { ...other, logprob } : other));
    return { piece, logprob, rank: rank === 0 ? null : rank, top };
  }

  private get model(): LanguageModel {
    return this.lease.model;
  }
}

/** The models of one server, by the names that clients ask for. */
export type ServedModels = ReadonlyMap<string, ServedModel>;
