/** Whether a LoRA adapter belongs to a model, and how strongly it is to be applied. */
import { basename } from 'node:path';
import type { GgufTensorInfo } from 'node-llama-cpp';
import { AuditError } from '../../../audit/errors.js';
import { isAdapter, type GgufFile } from './gguf-inspection.js';

export interface CheckedAdapter {
  /** Factor on top of alpha/rank: the user's, times √rank where the adapter was trained with rsLoRA. */
  readonly scale: number;
  readonly rank: number;
  readonly alpha: number | undefined;
  readonly rankStabilised: boolean;
}

/**
 * @param userScale the factor that the user asked for.
 * @throws AuditError `adapterDoesNotFit` naming what differs.
 */
export function checkAdapter(adapter: GgufFile, base: GgufFile, userScale: number): CheckedAdapter {
  const name = basename(adapter.path);
  const baseName = basename(base.path);
  const reject = (difference: string, wayOut = `Choose the model that ${name} was trained on.`): never => {
    throw new AuditError('adapterDoesNotFit', `The adapter ${name} does not fit ${baseName}: ${difference}. ${wayOut}`);
  };
  if (!isAdapter(adapter)) reject('it is a whole model, not an adapter', 'Choose it as a model file of its own.');
  const type = adapter.value('adapter.type');
  if (type !== 'lora') reject(`it is an adapter of the kind ${String(type)}, and only LoRA is supported`, 'Merge it into its model instead.');
  if (adapter.architecture !== base.architecture) {
    reject(`it was made for the architecture ${adapter.architecture}, the model is ${base.architecture}`);
  }
  const baseTensors = tensorsOf(base);
  const ranks = new Set<number>();
  for (const [target, { a, b }] of pairTensors(adapter)) {
    if (a === undefined || b === undefined) reject(`its tensor ${target} has only one of its two halves`, 'Convert the adapter again.');
    else ranks.add(checkPair(target, a, b, baseTensors.get(target), reject));
  }
  if (ranks.size === 0) reject('it changes no tensor', 'Convert the adapter again.');
  const rank = Math.max(...ranks);
  const rankStabilised = isRankStabilised(adapter);
  if (rankStabilised && ranks.size > 1) reject('it uses rsLoRA with several ranks, which one scale cannot express', 'Merge it into its model instead.');
  const alpha = adapter.value('adapter.lora.alpha');
  return {
    scale: rankStabilised ? userScale * Math.sqrt(rank) : userScale,
    rank,
    alpha: typeof alpha === 'number' ? alpha : undefined,
    rankStabilised,
  };
}

type Reject = (difference: string) => never;

/**
 * Shapes as in ggml, fastest dimension first: W is [in, out], A [in, rank], B [rank, out]. For the token embedding the
 * roles of A and B are exchanged. Returns the rank.
 */
function checkPair(target: string, a: GgufTensorInfo, b: GgufTensorInfo, base: GgufTensorInfo | undefined, reject: Reject): number {
  if (base === undefined) return reject(`the model has no tensor ${target}`);
  const [a0, a1] = shapeOf(a);
  const [b0, b1] = shapeOf(b);
  const [in_, out] = shapeOf(base);
  const embedding = target === 'token_embd.weight';
  const fits = embedding ? in_ === b1 && out === a1 : in_ === a0 && out === b1 && a1 === b0;
  if (!fits) {
    const made = embedding ? [b1, a1] : [a0, b1];
    const inner = embedding || a1 === b0 ? '' : ` with inner sizes ${a1} and ${b0}`;
    return reject(`its tensor ${target} is for a ${made.join('×')} matrix${inner}, the model's is ${in_}×${out}`);
  }
  return b0!;
}

function pairTensors(adapter: GgufFile): Map<string, { a?: GgufTensorInfo; b?: GgufTensorInfo }> {
  const pairs = new Map<string, { a?: GgufTensorInfo; b?: GgufTensorInfo }>();
  for (const tensor of tensorsOf(adapter).values()) {
    const half = /^(.*)\.lora_([ab])$/.exec(tensor.name);
    if (half === null) continue;
    const pair = pairs.get(half[1]!) ?? {};
    pair[half[2] as 'a' | 'b'] = tensor;
    pairs.set(half[1]!, pair);
  }
  return pairs;
}

function tensorsOf(file: GgufFile): Map<string, GgufTensorInfo> {
  return new Map((file.info.fullTensorInfo ?? []).map((tensor) => [tensor.name, tensor]));
}

function shapeOf(tensor: GgufTensorInfo): number[] {
  return tensor.dimensions.map(Number);
}

/** rsLoRA scales by alpha/√rank where llama.cpp scales by alpha/rank. */
function isRankStabilised(adapter: GgufFile): boolean {
  return ['adapter.lora.use_rslora', 'adapter.lora.rslora', 'adapter.use_rslora'].some((key) => adapter.value(key) === true);
}
