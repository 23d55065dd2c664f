/**
 * The conversation between a host (extension or command line) and the model process, over the child's channel with
 * `serialization: 'advanced'`, so that byte arrays arrive as byte arrays. Declared once, here.
 */
import { NotificationType, ParameterStructures, RequestType } from 'vscode-jsonrpc';
import type {
  Alternative,
  Capabilities,
  Frame,
  FrameRequest,
  GeneratedCompletion,
  GenerateRequest,
  ModelIdentity,
  Piece,
  GivenTokens,
  TokenizerComparison,
  TokenDivergences,
  TokenLogprobs,
} from '../audit/language-model.js';
import type { GgufSource } from '../audit/plan.js';
import type { ErrorData } from './answer-request.js';

/**
 * What computes: `native` calls llama.cpp's libraries directly, `node-llama-cpp` goes through its public interface, `auto` is
 * the first where it works here.
 */
export type EngineChoice = 'auto' | 'native' | 'node-llama-cpp';
export const ENGINE_CHOICES: readonly EngineChoice[] = ['auto', 'native', 'node-llama-cpp'];

/** How local models compute. One value holds for a model process; it goes whole from settings and flags to there. */
export interface ComputeOptions {
  /** Threads; 0 leaves the choice to the process (physical cores). */
  readonly threads: number;
  readonly gpu: 'auto' | 'off';
  readonly engine: EngineChoice;
}

export const DEFAULT_COMPUTE_OPTIONS: ComputeOptions = { threads: 0, gpu: 'auto', engine: 'auto' };

/** The compute options among others; what is left out has its default. */
export function computeOptionsOf(options: Partial<ComputeOptions>): ComputeOptions {
  const names = Object.keys(DEFAULT_COMPUTE_OPTIONS) as (keyof ComputeOptions)[];
  const given = names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  return { ...DEFAULT_COMPUTE_OPTIONS, ...Object.fromEntries(given) };
}

export interface OpenModelParams {
  readonly source: GgufSource;
  /** Sequences that a wave may hold, and tokens that each may need. */
  readonly waveSize: number;
  readonly contextTokens: number;
  /** Where downloads of `hf:` addresses are kept. */
  readonly downloadFolder: string;
  /** `hf:` addresses may be fetched: the user has confirmed it. */
  readonly allowDownload: boolean;
  /** The user's token for the hub, where one is set and the download was confirmed; the process knows it from nowhere else. */
  readonly huggingFaceToken?: string;
  readonly compute: ComputeOptions;
  readonly progressToken: string;
}

export interface OpenedModel {
  readonly handle: number;
  readonly identity: ModelIdentity;
  readonly capabilities: Capabilities;
  /** What an auditor should know of the files: how an adapter is scaled, what they do not say. */
  readonly remarks: readonly string[];
}

/** What loading and running would take, found without loading. */
export interface MemoryEstimate {
  /** Bytes for weights that are not loaded yet and for the contexts. */
  readonly neededBytes: number;
  readonly availableBytes: number;
}

export interface LoadProgress {
  readonly progressToken: string;
  readonly stage: 'downloading' | 'hashing' | 'loading';
  /** 0 to 1. */
  readonly fraction: number;
  readonly downloadedBytes?: number;
  readonly totalBytes?: number;
}

/** How to make model files that a run wants and nobody has. */
export type SourceRecipe = AdapterRecipe | ControlRecipe | WeightsRecipe;

/** An adapter as llama.cpp takes it, of one that PEFT saved; one that is a GGUF file already is checked and stays as it is. */
export interface AdapterRecipe {
  readonly kind: 'adapter';
  /** The base, with the adapter over it. */
  readonly source: GgufSource;
}

/** The control of amplified writing: random adapters of the same norm per tensor in place of all of a source's. */
export interface ControlRecipe {
  readonly kind: 'control';
  readonly source: GgufSource;
  /** Integer from 0 to 2^32 − 1; the same gives the same bytes. */
  readonly seed: number;
}

/** One full model pushed further away from another: θ_R + k(θ_F − θ_R). */
export interface WeightsRecipe {
  readonly kind: 'weights';
  /** Neither has adapters: with one, its scale does the same. */
  readonly finetuned: GgufSource;
  readonly reference: GgufSource;
  /** k: 0 is the reference, 1 the finetuned model. */
  readonly strength: number;
}

export interface MakeSourceParams {
  readonly recipe: SourceRecipe;
  /** Where to write the files. */
  readonly folder: string;
  readonly downloadFolder: string;
  readonly compute: ComputeOptions;
}

/** What a model file says of itself, found without loading it. */
export interface GgufFacts {
  /** Absolute path; of the first part, if the file is split. */
  readonly path: string;
  readonly isAdapter: boolean;
  /** `null` where it is not told: PEFT's adapters do not say. */
  readonly architecture: string | null;
  /** `general.name`, where it is given. */
  readonly name: string | null;
  /** Names of the models that it was made of, as its metadata gives them. */
  readonly bases: readonly string[];
  /** Equal where every text becomes the same ids; `null` of an adapter. */
  readonly tokenizerFingerprint: string | null;
}

const byName = ParameterStructures.byName;

export const OpenModel = new RequestType<OpenModelParams, OpenedModel, ErrorData>('model/open', byName);
export const CloseModel = new RequestType<{ handle: number }, null, ErrorData>('model/close', byName);
export const EstimateMemory = new RequestType<
  { sources: GgufSource[]; waveSize: number; contextTokens: number; compute: ComputeOptions; downloadFolder: string },
  MemoryEstimate,
  ErrorData
>('model/estimateMemory', byName);
/** One answer per file; `null` for what is no GGUF file, is damaged, or generates no text. */
export const InspectFiles = new RequestType<{ paths: string[]; compute: ComputeOptions }, (GgufFacts | null)[], ErrorData>('model/inspect', byName);
/** Answers with how to open what was made. */
export const MakeSource = new RequestType<MakeSourceParams, GgufSource, ErrorData>('model/make', byName);
export const Tokenize = new RequestType<{ handle: number; texts: string[]; parseSpecial: boolean }, Piece[][], ErrorData>('model/tokenize', byName);
export const Pieces = new RequestType<{ handle: number; ids: number[] }, Piece[], ErrorData>('model/pieces', byName);
/** The first model's ids against the other's. */
export const CompareTokenizers = new RequestType<{ handle: number; other: number }, TokenizerComparison, ErrorData>('model/compareTokenizers', byName);
export const RenderFrame = new RequestType<{ handle: number; request: FrameRequest }, Frame, ErrorData>('model/frame', byName);
export const Generate = new RequestType<
  { handle: number; wave: GenerateRequest[]; away?: { other: number; strength: number }; streamToken: string },
  null,
  ErrorData
>('model/generate', byName);
export const LogprobsOf = new RequestType<{ handle: number; wave: GivenTokens[]; streamToken: string }, null, ErrorData>('model/logprobsOf', byName);
/** The divergence of the model from `other`, which is open in the same process. */
export const Divergence = new RequestType<{ handle: number; other: number; wave: GivenTokens[]; contributions: number; streamToken: string }, null, ErrorData>(
  'model/divergence',
  byName,
);
export const Alternatives = new RequestType<{ handle: number; prompt: number[]; count: number }, Alternative[], ErrorData>('model/alternatives', byName);

/** Parts of a Generate, LogprobsOf or Divergence answer, in the order in which they are ready; all arrive before the response. */
export const StreamCompletion = new NotificationType<{ streamToken: string; completion: GeneratedCompletion }>('stream/completion', byName);
export const StreamLogprobs = new NotificationType<{ streamToken: string; logprobs: TokenLogprobs }>('stream/logprobs', byName);
export const StreamDivergences = new NotificationType<{ streamToken: string; divergences: TokenDivergences }>('stream/divergences', byName);
/** Tokens computed since the last such notification. */
export const StreamTokens = new NotificationType<{ streamToken: string; tokens: number }>('stream/tokens', byName);
export const ReportLoadProgress = new NotificationType<LoadProgress>('model/loadProgress', byName);
/** A line of the native library's log, for the output channel. */
export const LogLine = new NotificationType<{ level: 'info' | 'warn' | 'error'; text: string }>('log', byName);
