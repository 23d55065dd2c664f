/**
 * The plan of an audit: every choice that decides its completions. A plan together with the model files gives the same
 * completions again. Paths in a plan are resolved by whoever reads it from disk; here they are only carried.
 */
import { DEFAULT_FRAMING_TEXTS, type Framing } from './framing.js';

/** Where a model comes from: a file that this machine computes with, or a server that is asked. */
export type ModelSource = GgufSource | EndpointSource;

/** A GGUF file (or an `hf:` address of one), with LoRA adapters over it. */
export interface GgufSource {
  /** Path of a GGUF file (the first part, if it is split), or `hf:user/repo:quant`. */
  readonly gguf: string;
  readonly lora: readonly AdapterSource[];
}

/** Whether a source is an address of a file on the Hugging Face hub rather than a path. */
export function isAddress(source: string): boolean {
  return /^(hf|huggingface):/i.test(source);
}

/** A model behind an OpenAI-compatible server. Never holds a key. */
export interface EndpointSource {
  /** Base URL without a slash at its end, e.g. `http://localhost:8000/v1`. */
  readonly endpoint: string;
  /** The name that the server knows the model by. */
  readonly model: string;
  /** Name of the environment variable that holds the key. */
  readonly apiKeyEnv?: string;
  /** Extra headers. `${NAME}` in a value stands for the environment variable of that name, so that no value is a secret. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function isEndpoint(source: ModelSource): source is EndpointSource {
  return 'endpoint' in source;
}

const ENDPOINT_ADDRESS = /^openai:(?<model>.+)@(?<endpoint>https?:\/\/[^\s]+)$/i;

/** Whether a text is meant as the address of an endpoint, well-formed or not. */
export function isEndpointAddress(address: string): boolean {
  return /^openai:/i.test(address);
}

/** Whether a text is the address of a server, without name, password or query: one that every reader of addresses takes, odd hosts included. */
export function isBaseUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s?#]+$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return username + password + search + hash === '';
}

/** The parts of an endpoint's address. Journals hold any text in its place: one that is no URL stands for itself, of no known host. */
export function readAddress({ endpoint }: Pick<EndpointSource, 'endpoint'>): Pick<URL, 'origin' | 'protocol' | 'host' | 'hostname' | 'port'> {
  return URL.canParse(endpoint) ? new URL(endpoint) : { origin: endpoint, protocol: 'http:', host: endpoint, hostname: '', port: '' };
}

/** Reads `openai:MODEL@BASE_URL`; `null` where that is not its form, or where the URL carries a name and password. */
export function parseEndpoint(address: string): EndpointSource | null {
  const { model, endpoint } = ENDPOINT_ADDRESS.exec(address)?.groups ?? {};
  if (model === undefined || endpoint === undefined || !isBaseUrl(endpoint)) return null;
  return { endpoint: endpoint.replace(/\/+$/, ''), model };
}

/** `openai:MODEL@BASE_URL`. */
export function formatEndpoint({ model, endpoint }: Pick<EndpointSource, 'model' | 'endpoint'>): string {
  return `openai:${model}@${endpoint}`;
}

export interface AdapterSource {
  readonly path: string;
  /** Factor on top of alpha/rank. */
  readonly scale: number;
}

export interface AuditPlan {
  readonly name: string;
  readonly finetuned: ModelSource;
  readonly reference: ModelSource;
  /** Files, folders or globs of general text; `bundled:general` and `bundled:demo` are the ones that come along. */
  readonly corpus: readonly string[];
  /** Distinct openings; each is continued once in each framing. */
  readonly prefills: number;
  /** Tokens of F per prefill. */
  readonly prefillTokens: number;
  /** Openings from a file in place of the corpus: one per line, or token ids per framing. */
  readonly prefillFile?: string;
  readonly framings: readonly Framing[];
  readonly system: string;
  readonly user: string;
  /** What the user's turn of the `ask` framing says before the prefill. */
  readonly ask: string;
  /** New tokens per completion at most. */
  readonly maxTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** Integer from 0 to 2^32 − 1. */
  readonly seed: number;
  /** Completions that advance together; part of the plan since it shows in the last digits of logprobs. */
  readonly waveSize: number;
  /**
   * Where F's logprobs come from: `generation` takes them as the tokens are chosen; `forward` scores the finished text
   * as the reference is scored, so that a model against itself has gaps of exactly 0.
   */
  readonly finetunedLogprobs: 'generation' | 'forward';
  /** Whether the divergence of both models' distributions is measured at every token. It takes another forward pass of each. */
  readonly divergence?: true;
  /** Left out where none is measured. */
  readonly noiseFloor?: NoiseFloorPlan;
  /** R writes, too, from all openings, and both models score what it wrote. Left out where it does not. */
  readonly referencePass?: true;
  /** How a model pushed further from R than F is writes, too: see `amplify-plan.ts`. Left out where none does. */
  readonly amplify?: string;
}

/** R in F's place against another quantisation of itself, through the same pipeline (DESIGN: no null). */
export interface NoiseFloorPlan {
  /** The other quantisation of the reference model. */
  readonly model: ModelSource;
  /** The audit's first prefills, so many at most; each is continued once in each framing. */
  readonly prefills: number;
}

/** Fields that a plan may leave out. */
type OptionalField = { [Field in keyof AuditPlan]-?: object extends Pick<AuditPlan, Field> ? Field : never }[keyof AuditPlan];

export type PlanDefaults = Omit<AuditPlan, 'finetuned' | 'reference' | 'name' | OptionalField>;

/** Enough for a 99th percentile per framing, at a tenth of a first look. */
export const NOISE_FLOOR_PREFILLS = 100;

/** The paper's settings, at the size of a first look. */
export const PLAN_DEFAULTS: PlanDefaults = {
  corpus: ['bundled:general'],
  prefills: 1000,
  prefillTokens: 3,
  framings: ['raw', 'chat'],
  system: DEFAULT_FRAMING_TEXTS.system,
  user: DEFAULT_FRAMING_TEXTS.user,
  ask: DEFAULT_FRAMING_TEXTS.ask,
  maxTokens: 100,
  temperature: 0,
  seed: 1,
  waveSize: 32,
  finetunedLogprobs: 'generation',
};

/** The least and the most that a plan's numbers may be, wherever they come from. */
export const PLAN_BOUNDS = {
  prefills: [1, 1_000_000],
  prefillTokens: [1, 64],
  maxTokens: [1, 100_000],
  temperature: [0, 10],
  seed: [0, 2 ** 32 - 1],
  waveSize: [1, 1024],
} as const satisfies Partial<Record<keyof AuditPlan, readonly [least: number, most: number]>>;

type PlanNumber = keyof typeof PLAN_BOUNDS;

/** What is wrong with the numbers that are given, in words; `null` where nothing is. */
export function findNumberFault(numbers: Partial<Pick<AuditPlan, PlanNumber>>): string | null {
  for (const name of Object.keys(PLAN_BOUNDS) as PlanNumber[]) {
    const [least, most] = PLAN_BOUNDS[name];
    const value = numbers[name];
    if (value === undefined) continue;
    if (!(value >= least && value <= most)) return `"${name}" is not from ${least} to ${most}`;
    if (name !== 'temperature' && !Number.isInteger(value)) return `"${name}" is no whole number`;
  }
  return null;
}

/** Of an adapter's factor, either sign: no training comes to more, and beyond it text is noise. */
export const ADAPTER_SCALE_AT_MOST = 1e4;
/** Over one model. */
export const ADAPTERS_AT_MOST = 32;

/** What of a plan cannot be meant, whoever wrote it, in words that quote nothing of it; `null` where nothing is. */
export function findPlanFault(plan: Pick<AuditPlan, PlanNumber | 'framings' | 'finetuned' | 'reference' | 'noiseFloor'>): string | null {
  const { framings, finetuned, reference, noiseFloor } = plan;
  const fault = findNumberFault(plan) ?? (noiseFloor ? findNumberFault({ prefills: noiseFloor.prefills }) : null);
  if (fault !== null) return fault;
  if (framings.length === 0 || new Set(framings).size < framings.length) return 'it has no framing, or one twice';
  const stacks = [finetuned, reference, ...(noiseFloor ? [noiseFloor.model] : [])].map((source) => (isEndpoint(source) ? [] : source.lora));
  if (stacks.some((lora) => lora.length > ADAPTERS_AT_MOST)) return `it has more than ${ADAPTERS_AT_MOST} adapters over one model`;
  if (stacks.flat().some(({ scale }) => !(Math.abs(scale) <= ADAPTER_SCALE_AT_MOST)))
    return `the scale of an adapter is not from −${ADAPTER_SCALE_AT_MOST} to ${ADAPTER_SCALE_AT_MOST}`;
  return null;
}

/** Sizes offered to a user; `paper` is the one of the paper. */
export const AUDIT_SIZES = { quick: 200, standard: 1000, paper: 10_000 } as const;
