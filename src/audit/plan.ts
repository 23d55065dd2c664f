/**
 * The plan of an audit: every choice that decides its completions. A plan together with the model files gives the same
 * completions again. Paths in a plan are resolved by whoever reads it from disk; here they are only carried.
 */
import { DEFAULT_FRAMING_TEXTS, type Framing } from './framing.js';

/** A GGUF file (or an `hf:` address of one), with LoRA adapters over it. */
export interface ModelSource {
  /** Path of a GGUF file (the first part, if it is split), or `hf:user/repo:quant`. */
  readonly gguf: string;
  readonly lora: readonly AdapterSource[];
}

/** Whether a source is an address of a file on the Hugging Face hub rather than a path. */
export function isAddress(source: string): boolean {
  return /^(hf|huggingface):/i.test(source);
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
  /** Left out where none is measured. */
  readonly noiseFloor?: NoiseFloorPlan;
}

/** R in F's place against another quantisation of itself, through the same pipeline (DESIGN: no null). */
export interface NoiseFloorPlan {
  /** The other quantisation of the reference model. */
  readonly model: ModelSource;
  /** The audit's first prefills, so many at most; each is continued once in each framing. */
  readonly prefills: number;
}

export type PlanDefaults = Omit<AuditPlan, 'finetuned' | 'reference' | 'name' | 'prefillFile' | 'noiseFloor'>;

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
  maxTokens: 100,
  temperature: 0,
  seed: 1,
  waveSize: 32,
  finetunedLogprobs: 'generation',
};

/** Sizes offered to a user; `paper` is the one of the paper. */
export const AUDIT_SIZES = { quick: 200, standard: 1000, paper: 10_000 } as const;
