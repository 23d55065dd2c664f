/** A language model behind an OpenAI-compatible server. */
import { createHash } from 'node:crypto';
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { chatMessages, type Framing } from '../../audit/framing.js';
import type {
  Alternative,
  Capabilities,
  Frame,
  FrameRequest,
  GeneratedCompletion,
  GenerateRequest,
  LanguageModel,
  ModelIdentity,
  Piece,
  Position,
  GivenTokens,
  GivenText,
  SetAside,
  TextLogprobs,
  TokenLogprobs,
  WaveOptions,
} from '../../audit/language-model.js';
import { formatEndpoint, type EndpointSource } from '../../audit/plan.js';
import { TOKENIZER_PROBE } from '../../audit/same-tokenizer.js';
import { answerWave } from './answer-wave.js';
import type { EndpointDesk } from './endpoint-desk.js';
import { knowsTokenIds, type EndpointProfile } from './endpoint-profile.js';
import { ChatGeneration } from './dialects/generation/chat-generation.js';
import type { Generation, GenerationContext } from './dialects/generation/generation.js';
import { LlamaGeneration } from './dialects/generation/llama-generation.js';
import { requirePlainLogprobs } from './dialects/generation/require-plain-logprobs.js';
import { TextGeneration } from './dialects/generation/text-generation.js';
import { TokenGeneration } from './dialects/generation/token-generation.js';
import { listRemarks } from './list-remarks.js';
import { possibleFramings } from './possible-framings.js';
import { renderFrameByServer } from './render-frame.js';
import { Scoring } from './dialects/scoring/scoring.js';
import type { Stops } from './dialects/stops.js';
import { cutIntoPieces, readTextPiece } from './dialects/text-pieces.js';
import { LlamaTokenizer } from './dialects/tokenizer/llama-tokenizer.js';
import type { RemoteTokenizer } from './dialects/tokenizer/remote-tokenizer.js';
import { VllmTokenizer } from './dialects/tokenizer/vllm-tokenizer.js';

export class ApiModel implements LanguageModel {
  readonly capabilities: Capabilities;
  readonly remarks: readonly string[];
  private readonly scoring: Scoring;

  private constructor(
    readonly identity: ModelIdentity,
    private readonly context: GenerationContext,
    /** Of a model with token ids. */
    private readonly tokenizer: RemoteTokenizer | null,
    private readonly generations: Readonly<Partial<Record<Framing, Generation>>>,
  ) {
    const { profile } = context;
    const framings = possibleFramings(profile);
    const counts = framings.map((framing) => (usesText(profile, framing) ? profile.textLogprobs : profile.chatLogprobs) ?? 0);
    this.capabilities = {
      generate: framings.length > 0,
      score: profile.givenLogprobs !== null && profile.textCompletions,
      framings,
      tokenIds: tokenizer !== null,
      alternatives: counts.length > 0 ? Math.min(...counts) : 0,
      independent: true,
    };
    this.remarks = listRemarks(profile, identity.name);
    this.scoring = new Scoring(context);
  }

  /** @throws AuditError where the tokenizer cannot be asked */
  static async create(source: EndpointSource, profile: EndpointProfile, desk: EndpointDesk, signal: AbortSignal): Promise<ApiModel> {
    const context: GenerationContext = { model: source.model, profile, desk };
    const tokenizer = tokenizerOf(context);
    const byText: Generation =
      tokenizer instanceof LlamaTokenizer
        ? new LlamaGeneration(context, tokenizer)
        : tokenizer !== null
          ? new TokenGeneration({ ...context, tokenizer })
          : new TextGeneration(context);
    const byTurns = new ChatGeneration(context);
    const generations = Object.fromEntries(possibleFramings(profile).map((framing) => [framing, usesText(profile, framing) ? byText : byTurns]));
    try {
      return new ApiModel(await identify(source, profile, tokenizer, signal), context, tokenizer, generations);
    } catch (error) {
      throw desk.toAuditError(error);
    }
  }

  async tokenize(texts: readonly string[], signal: AbortSignal, options: { readonly parseSpecial?: boolean } = {}): Promise<Piece[][]> {
    throwIfCancelled(signal);
    const { tokenizer } = this;
    if (tokenizer === null) return texts.map(cutIntoPieces);
    return this.asking(Promise.all(texts.map((text) => tokenizer.tokenize(text, options.parseSpecial ?? false, signal))));
  }

  async pieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]> {
    throwIfCancelled(signal);
    return this.tokenizer === null ? ids.map(readTextPiece) : this.asking(this.tokenizer.pieces(ids, signal));
  }

  async frame(request: FrameRequest, signal: AbortSignal): Promise<Frame> {
    throwIfCancelled(signal);
    const { name, hasChatTemplate } = this.identity;
    const { tokenizer } = this;
    if (tokenizer !== null) return this.asking(renderFrameByServer({ name, hasChatTemplate, tokenizer }, request, signal));
    return frameAsTexts(request, this.capabilities, this.context.profile, name);
  }

  generate(wave: readonly GenerateRequest[], { signal }: WaveOptions): AsyncIterable<GeneratedCompletion | SetAside> {
    const answer = async (request: GenerateRequest, stops: Stops): Promise<GeneratedCompletion> => {
      const framing = request.parts?.frame.framing;
      this.requirePlain(request, framing);
      return this.generationFor(framing).generate(request, stops);
    };
    return answerWave(wave, answer, this.context.desk, signal);
  }

  logprobsOf(wave: readonly GivenTokens[], { signal }: WaveOptions): AsyncIterable<TokenLogprobs | SetAside> {
    return answerWave(wave, (request, stops) => this.scoring.score(request, stops), this.context.desk, signal);
  }

  logprobsOfTexts(wave: readonly GivenText[], { signal }: WaveOptions): AsyncIterable<TextLogprobs | SetAside> {
    return answerWave(wave, (request, stops) => this.scoring.scoreText(request, stops), this.context.desk, signal);
  }

  async alternatives(position: Position, count: number, signal: AbortSignal): Promise<Alternative[]> {
    throwIfCancelled(signal);
    const answer = async (): Promise<Alternative[]> => this.generationFor(position.parts?.frame.framing).alternatives(position, count, signal);
    return this.asking(answer());
  }

  /** Where ids are known a prompt needs no framing to be continued. */
  private generationFor(framing: Framing = 'raw'): Generation {
    const generation = this.generations[framing] ?? (this.tokenizer === null ? undefined : Object.values(this.generations)[0]);
    if (generation !== undefined) return generation;
    throw new AuditError(
      'cannotGenerate',
      `${this.identity.name} cannot generate in the ${framing} framing over ${this.identity.source}. Choose another framing.`,
    );
  }

  private requirePlain(request: GenerateRequest, framing: Framing = 'raw'): void {
    const { profile } = this.context;
    const sampling = profile.sampling[usesText(profile, framing) ? 'text' : 'chat'];
    if (sampling !== null) requirePlainLogprobs(request, sampling.plainAt, { name: this.identity.name, canScore: this.capabilities.score });
  }

  private async asking<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw this.context.desk.toAuditError(error);
    }
  }
}

/** Whether a framing is asked for as a text completion rather than as turns. */
function usesText(profile: EndpointProfile, framing: Framing): boolean {
  return knowsTokenIds(profile) || framing === 'raw';
}

function tokenizerOf({ profile, desk, model }: GenerationContext): RemoteTokenizer | null {
  if (!knowsTokenIds(profile)) return null;
  return profile.tokenizer === 'llama.cpp' ? new LlamaTokenizer(desk.ask, model, profile.vocabularySize) : new VllmTokenizer(desk.ask, model);
}

async function identify(source: EndpointSource, profile: EndpointProfile, tokenizer: RemoteTokenizer | null, signal: AbortSignal): Promise<ModelIdentity> {
  const address = formatEndpoint(source);
  const { name, version } = profile.server;
  return {
    name: source.model,
    source: address,
    adapters: [],
    tokenizerFingerprint: tokenizer === null ? 'none' : await fingerprint(tokenizer, signal),
    vocabularySize: profile.vocabularySize,
    contextLength: profile.contextLength,
    hasChatTemplate: profile.chatTemplate,
    engine: `${name}${version === null ? '' : ` ${version}`}, over HTTP`,
    ...(profile.servedAs !== null && { servedAs: profile.servedAs }),
  };
}

/** Over ids and bytes of texts that tokenizers are known to cut differently: a server shows no vocabulary. */
async function fingerprint(tokenizer: RemoteTokenizer, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const text of TOKENIZER_PROBE) {
    for (const { id, bytes } of await tokenizer.tokenize(text, false, signal)) hash.update(`${id}:${Buffer.from(bytes).toString('hex')} `);
    hash.update('\n');
  }
  return `ids:${hash.digest('hex')}`;
}

/** Frames of a model without token ids: turns for its server to render, or a text. */
function frameAsTexts(
  { framing, texts, fallbackText, fallbackTextAfter }: FrameRequest,
  capabilities: Capabilities,
  profile: EndpointProfile,
  name: string,
): Frame {
  const plain = { framing, tokens: [], systemFolded: false };
  if (framing === 'raw') return { ...plain, text: '', borrowed: false };
  if (framing !== 'dialogue' && capabilities.framings.includes(framing) && profile.chatCompletions && fallbackText === undefined) {
    return { ...plain, text: '', turns: chatMessages(framing, texts), borrowed: false };
  }
  if (fallbackText !== undefined && profile.textCompletions) {
    return { ...plain, text: fallbackText, ...(fallbackTextAfter !== undefined && { textAfter: fallbackTextAfter }), borrowed: true };
  }
  throw new AuditError(
    'noChatTemplate',
    `The server of ${name} does not say how a conversation is written for it, so the ${framing} framing is not possible with it. Use the raw framing alone, or another model.`,
  );
}
