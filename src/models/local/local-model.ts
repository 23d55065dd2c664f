/** A language model in the model process. */
import { randomUUID } from 'node:crypto';
import type { NotificationType, RequestType } from 'vscode-jsonrpc';
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
  GivenTokens,
  TokenizerComparison,
  TokenDivergences,
  TokenLogprobs,
  WaveOptions,
} from '../../audit/language-model.js';
import { AuditError } from '../../audit/errors.js';
import { streamEvents } from '../../audit/event-stream.js';
import {
  Alternatives,
  CompareTokenizers,
  Divergence,
  Generate,
  Pieces,
  RenderFrame,
  LogprobsOf,
  StreamCompletion,
  StreamDivergences,
  StreamLogprobs,
  StreamTokens,
  Tokenize,
  type OpenedModel,
} from '../../messages/model-process.js';
import type { ErrorData } from '../../messages/answer-request.js';
import type { ModelProcess } from './model-process.js';

export class LocalModel implements LanguageModel {
  readonly identity: ModelIdentity;
  readonly capabilities: Capabilities;
  readonly remarks: readonly string[];
  private readonly handle: number;
  /** The channel makes every piece anew; an audit says the same few thousand over and over, and keeps them all. */
  private readonly knownPieces = new Map<number, Piece>();

  constructor(
    private readonly process: ModelProcess,
    opened: OpenedModel,
  ) {
    this.handle = opened.handle;
    this.identity = opened.identity;
    this.capabilities = opened.capabilities;
    this.remarks = opened.remarks;
  }

  async tokenize(texts: readonly string[], signal: AbortSignal, options: { readonly parseSpecial?: boolean } = {}): Promise<Piece[][]> {
    const answer = await this.process.request(Tokenize, { handle: this.handle, texts: [...texts], parseSpecial: options.parseSpecial ?? false }, signal);
    return answer.map((pieces) => pieces.map(this.share));
  }

  async pieces(ids: readonly number[], signal: AbortSignal): Promise<Piece[]> {
    return (await this.process.request(Pieces, { handle: this.handle, ids: [...ids] }, signal)).map(this.share);
  }

  async compareTokenizer(other: LanguageModel, signal: AbortSignal): Promise<TokenizerComparison | null> {
    if (!(other instanceof LocalModel) || other.process !== this.process) return null;
    return this.process.request(CompareTokenizers, { handle: this.handle, other: other.handle }, signal);
  }

  frame(request: FrameRequest, signal: AbortSignal): Promise<Frame> {
    return this.process.request(RenderFrame, { handle: this.handle, request }, signal);
  }

  generate(wave: readonly GenerateRequest[], options: WaveOptions): AsyncIterable<GeneratedCompletion> {
    return this.stream(Generate, { wave: wave.map(withoutParts) }, StreamCompletion, ({ completion }) => this.shareTokens(completion), options);
  }

  /** @throws AuditError `cannotGenerate` where the two have different tokenizers, or run in different processes */
  generateAway(wave: readonly GenerateRequest[], other: LanguageModel, strength: number, options: WaveOptions): AsyncIterable<GeneratedCompletion> {
    if (!(other instanceof LocalModel) || other.process !== this.process) {
      throw new AuditError(
        'cannotGenerate',
        `${other.identity.name} does not run in the process that computes ${this.identity.name}: to write away from it needs both models as GGUF files.`,
      );
    }
    const params: { wave: GenerateRequest[]; away?: { other: number; strength: number } } = {
      wave: wave.map(withoutParts),
      away: { other: other.handle, strength },
    };
    return this.stream(Generate, params, StreamCompletion, ({ completion }) => this.shareTokens(completion), options);
  }

  logprobsOf(wave: readonly GivenTokens[], options: WaveOptions): AsyncIterable<TokenLogprobs> {
    return this.stream(LogprobsOf, { wave: [...wave] }, StreamLogprobs, ({ logprobs }) => logprobs, options);
  }

  /** @throws AuditError `cannotScore` where the two have different tokenizers, or the engine gives no distributions */
  divergence(wave: readonly GivenTokens[], other: LanguageModel, { contributions, ...options }: DivergenceOptions): AsyncIterable<TokenDivergences> {
    if (!(other instanceof LocalModel) || other.process !== this.process) {
      throw new AuditError(
        'cannotScore',
        `${other.identity.name} does not run in the process that computes ${this.identity.name}: divergence needs both models as GGUF files.`,
      );
    }
    return this.stream(
      Divergence,
      { wave: [...wave], other: other.handle, contributions },
      StreamDivergences,
      ({ divergences }) => this.shareTop(divergences),
      options,
    );
  }

  alternatives({ prompt }: Position, count: number, signal: AbortSignal): Promise<Alternative[]> {
    return this.process.request(Alternatives, { handle: this.handle, prompt: [...prompt], count }, signal);
  }

  private readonly share = (piece: Piece): Piece => {
    const known = this.knownPieces.get(piece.id);
    // At the beginning of a text some tokenizers leave the blank out that the piece has everywhere else.
    if (known !== undefined && known.bytes.length === piece.bytes.length) return known;
    if (known === undefined) this.knownPieces.set(piece.id, piece);
    return piece;
  };

  private shareTokens(completion: GeneratedCompletion): GeneratedCompletion {
    const { tokens, end } = completion;
    return { ...completion, tokens: tokens.map(this.share), end: end && { ...end, piece: this.share(end.piece) } };
  }

  private shareTop({ id, positions }: TokenDivergences): TokenDivergences {
    return {
      id,
      positions: positions.map((position) => ({
        ...position,
        top: position.top.map(({ piece, contribution }) => ({ piece: this.share(piece), contribution })),
      })),
    };
  }

  /** Hands on what the process streams. Leaving the loop early cancels the request. */
  private stream<Params extends object, Part extends { readonly streamToken: string }, Result>(
    type: RequestType<Params & { handle: number; streamToken: string }, null, ErrorData>,
    params: Params,
    partType: NotificationType<Part>,
    resultOf: (part: Part) => Result,
    { signal, onTokens }: WaveOptions,
  ): AsyncGenerator<Result, void, undefined> {
    const streamToken = randomUUID();
    return streamEvents(async (emit, stop) => {
      const parts = this.process.subscribe(partType, (part) => {
        if (part.streamToken === streamToken) emit(resultOf(part));
      });
      const counts = this.process.subscribe(StreamTokens, (part) => {
        if (part.streamToken === streamToken) onTokens?.(part.tokens);
      });
      try {
        await this.process.request(type, { ...params, handle: this.handle, streamToken }, stop);
      } finally {
        parts.dispose();
        counts.dispose();
      }
    }, signal);
  }
}

/** The process takes ids; the parts that they were made of would only be copied for nothing. */
function withoutParts({ parts: _parts, ...request }: GenerateRequest): GenerateRequest {
  return request;
}
