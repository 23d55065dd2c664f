/**
 * Whether a LoRA adapter belongs to a model, and how strongly it is to be applied. llama.cpp looks at two of four dimensions, stops
 * the whole process for some of what it meets later, and leaves out in silence what it has no place for: all of that is refused here.
 */
import { basename } from 'node:path';
import type { GgufTensorInfo } from 'node-llama-cpp';
import { AuditError } from '../../../audit/errors.js';
import { ADAPTER_CONFIG, isConfigOf, missingFromGguf, type AdapterConfig } from './adapter-config.js';
import { isAdapter, type GgufFile } from './gguf-inspection.js';

export interface CheckedAdapter {
  /** Factor on top of alpha/rank: the user's, times √rank where the adapter was trained with rsLoRA. */
  readonly scale: number;
  readonly rank: number;
  readonly alpha: number | undefined;
  readonly rankStabilised: boolean;
  /** What an auditor should know of how it is applied. */
  readonly remarks: readonly string[];
}

/** Ends the check. Without a way out of its own, the one is to choose the right model. */
type Reject = (difference: string, wayOut?: string) => never;

const MERGE = 'Merge it into its model instead, and audit that.';
const CONVERT = 'Convert the adapter again.';

/** A larger factor on B·A has only ever come from a damaged file. */
export const LARGEST_FACTOR = 1e4;

/**
 * @param userScale the factor that the user asked for.
 * @param config what PEFT saved beside the adapter.
 * @throws AuditError `adapterDoesNotFit` naming what differs.
 */
export function checkAdapter(adapter: GgufFile, base: GgufFile, userScale: number, config: AdapterConfig | null): CheckedAdapter {
  const name = basename(adapter.path);
  const reject: Reject = (difference, wayOut = `Choose the model that ${name} was trained on.`) => {
    throw new AuditError('adapterDoesNotFit', `The adapter ${name} does not fit ${basename(base.path)}: ${difference}. ${wayOut}`);
  };
  checkKind(adapter, base, reject);
  const ranks = checkTensors(adapter, base, reject);
  const rank = Math.max(...ranks);
  const alpha = readAlpha(adapter, reject);
  const own = config !== null && isConfigOf(config, ranks, alpha) ? config : null;
  const missing = own && missingFromGguf(own);
  if (missing !== null) reject(`${ADAPTER_CONFIG} beside it says that ${missing}`, MERGE);
  const told = toldRankStabilised(adapter) ?? own?.use_rslora ?? (own === null ? null : false);
  const rankStabilised = told === true;
  if (rankStabilised && ranks.size > 1) reject('it uses rsLoRA with several ranks, which one scale cannot express', MERGE);
  const scale = rankStabilised ? userScale * Math.sqrt(rank) : userScale;
  const factor = Math.abs((scale * (alpha ?? rank)) / Math.min(...ranks));
  if (!(factor <= LARGEST_FACTOR))
    reject(`it would be applied ${factor.toPrecision(2)}-fold (alpha ${alpha ?? rank}, rank ${rank}, scale ${scale})`, `${CONVERT} A scale is about 1.`);
  const remarks: string[] = [];
  if (rankStabilised) remarks.push(`${name} was trained with rsLoRA: its scale is multiplied by √${rank} to ${scale.toFixed(3)}.`);
  else if (told === null && userScale === 1) remarks.push(describeUnknownScaling(name, rank));
  return { scale, rank, alpha, rankStabilised, remarks };
}

function describeUnknownScaling(name: string, rank: number): string {
  return (
    `${name} does not say whether it was trained with rsLoRA, and is scaled by alpha/r. If it was, give it the scale √${rank}` +
    ` (${name}:${Math.sqrt(rank).toFixed(4)}), or put PEFT's ${ADAPTER_CONFIG} beside it.`
  );
}

function checkKind(adapter: GgufFile, base: GgufFile, reject: Reject): void {
  if (!isAdapter(adapter)) reject('it is a whole model, not an adapter', 'Choose it as a model file of its own.');
  const type = adapter.value('adapter.type');
  if (adapter.value('general.type') !== 'adapter') reject('it does not say that it is an adapter (general.type)', CONVERT);
  if (type !== 'lora') reject(`it is an adapter of the kind ${String(type)}, and only LoRA is supported`, MERGE);
  if (adapter.architecture !== base.architecture) {
    reject(`it was made for the architecture ${adapter.architecture}, the model is ${base.architecture}`);
  }
  if (adapter.entries.has('adapter.alora.invocation_tokens')) {
    reject(
      'it is an activated LoRA (aLoRA), which acts only behind certain tokens, and here would act on all of the text',
      "Serve it with a program that activates it, such as llama.cpp's server, and audit it there.",
    );
  }
}

/** llama.cpp takes an alpha of 0 for none. */
function readAlpha(adapter: GgufFile, reject: Reject): number | undefined {
  const alpha = adapter.entries.get('adapter.lora.alpha')?.number;
  if (alpha === undefined) return undefined;
  if (!Number.isFinite(alpha) || alpha <= 0) reject(`its alpha is ${alpha}`, CONVERT);
  return alpha;
}

/** Every tensor against the model's. Returns the ranks that occur. */
function checkTensors(adapter: GgufFile, base: GgufFile, reject: Reject): ReadonlySet<number> {
  const baseTensors = tensorsOf(base);
  const ranks = new Set<number>();
  for (const [target, { a, b }] of pairTensors(adapter, reject)) {
    if (a === undefined || b === undefined) reject(`its tensor ${target} has only one of its two halves`, CONVERT);
    else ranks.add(checkPair(target, a, b, baseTensors, base.architecture, reject));
  }
  if (ranks.size === 0) reject('it changes no tensor', CONVERT);
  return ranks;
}

const TOKEN_EMBEDDING = 'token_embd.weight';
const OUTPUT = 'output.weight';

/** ggml's types that the converter writes: F32, F16, Q8_0, BF16. */
const ADAPTER_TYPES: ReadonlySet<number> = new Set([0, 1, 8, 30]);
const NVFP4 = 40;

/**
 * Tensors that llama.cpp multiplies with without asking for adapters: the low-rank attention of DeepSeek's kind, the
 * state mixing of RWKV's.
 */
const WITHOUT_ADAPTERS = /\.(attn_(q_a|q_b|kv_a_mqa|kv_b|k_b|v_b)|time_mix_(decay_)?[a-z]+\d|ssm_[fg]_[ab])\.weight$/;
/** It does ask there. */
const ASKS_EVERYWHERE: ReadonlySet<string> = new Set(['deepseek4']);

/**
 * Shapes as in ggml, fastest dimension first: W is [in, out], A [in, rank], B [rank, out], each with as many matrices as the model
 * has experts. For the token embedding A and B are transposed. Returns the rank.
 */
function checkPair(
  target: string,
  a: GgufTensorInfo,
  b: GgufTensorInfo,
  base: ReadonlyMap<string, GgufTensorInfo>,
  architecture: string,
  reject: Reject,
): number {
  const tensor = base.get(target);
  if (tensor === undefined) {
    if (target === OUTPUT && base.has(TOKEN_EMBEDDING)) {
      return reject(`it changes ${target}, and the model has none of its own: it shares the one of ${TOKEN_EMBEDDING}`, MERGE);
    }
    return reject(`the model has no tensor ${target}`);
  }
  const type = [a, b].map((half) => Number(half.ggmlType)).find((one) => !ADAPTER_TYPES.has(one));
  if (type !== undefined) reject(`its tensor ${target} has the type ${type}, and adapters are F32, F16, BF16 or Q8_0`, CONVERT);
  const [in_, out, experts, more] = shapeOf(tensor);
  const embedding = target === TOKEN_EMBEDDING;
  if (embedding && !base.has(OUTPUT)) {
    reject(`it changes ${target}, which the model uses for its output, too (tied embeddings), and llama.cpp cannot apply one adapter to both`, MERGE);
  }
  const takesAdapters =
    tensor.dimensions.length > 1 &&
    more === 1 &&
    (experts === 1 || target.includes('_exps.')) &&
    (ASKS_EVERYWHERE.has(architecture) || !WITHOUT_ADAPTERS.test(target));
  if (!takesAdapters) reject(`it changes ${target}, to which llama.cpp applies no adapter`, MERGE);
  if (Number(tensor.ggmlType) === NVFP4)
    reject(`it changes ${target}, which is NVFP4 in the model, and llama.cpp applies no adapter to that`, 'Choose another quantisation of the model.');
  const [a0, a1, ...aRest] = shapeOf(a);
  const [b0, b1, ...bRest] = shapeOf(b);
  const made = embedding ? [b1, a1] : [a0, b1];
  const ranks = embedding ? [a0, b0] : [a1, b0];
  const matrices = [aRest, bRest].map(([n]) => n!);
  const isFlat = [aRest, bRest].every(([, fourth]) => fourth === 1);
  const fits = in_ === made[0] && out === made[1] && ranks[0] === ranks[1] && b0 > 0 && isFlat && matrices.every((count) => count === experts);
  if (fits) return b0;
  if (!isFlat) reject(`its tensor ${target} has four dimensions, and no adapter has`, CONVERT);
  const inner = ranks[0] === ranks[1] ? '' : ` with inner sizes ${ranks.join(' and ')}`;
  const times = (count: number): string => (count === 1 ? '' : `×${count}`);
  return reject(`its tensor ${target} is for a ${made.join('×')}${times(Math.max(...matrices))} matrix${inner}, the model's is ${in_}×${out}${times(experts)}`);
}

function pairTensors(adapter: GgufFile, reject: Reject): Map<string, { a?: GgufTensorInfo; b?: GgufTensorInfo }> {
  const pairs = new Map<string, { a?: GgufTensorInfo; b?: GgufTensorInfo }>();
  for (const tensor of tensorsOf(adapter).values()) {
    const half = /^(.+)\.lora_([ab])$/.exec(tensor.name);
    if (half === null) return reject(`it brings the tensor ${tensor.name}, which llama.cpp would leave out`, MERGE);
    const pair = pairs.get(half[1]!) ?? {};
    pair[half[2] as 'a' | 'b'] = tensor;
    pairs.set(half[1]!, pair);
  }
  return pairs;
}

function tensorsOf(file: GgufFile): Map<string, GgufTensorInfo> {
  return new Map((file.info.fullTensorInfo ?? []).map((tensor) => [tensor.name, tensor]));
}

type Shape = readonly [number, number, number, number];

/** Dimensions that are not written are 1. */
function shapeOf(tensor: GgufTensorInfo): Shape {
  const [a = 1, b = 1, c = 1, d = 1] = tensor.dimensions.map(Number);
  return [a, b, c, d];
}

/** rsLoRA scales by alpha/√rank where llama.cpp scales by alpha/rank. `null` where the adapter does not say. */
function toldRankStabilised(adapter: GgufFile): boolean | null {
  const told = ['adapter.lora.use_rslora', 'adapter.lora.rslora', 'adapter.use_rslora']
    .map((key) => adapter.value(key))
    .filter((value) => typeof value === 'boolean');
  return told.length === 0 ? null : told.includes(true);
}
