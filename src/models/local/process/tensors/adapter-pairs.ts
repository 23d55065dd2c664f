/** The pairs of matrices that a LoRA adapter in GGUF form is made of, and how large a change each pair is. */
import { basename } from 'node:path';
import { AuditError } from '../../../../audit/errors.js';
import type { HeaderTensor } from '../gguf-header.js';
import type { TensorFile } from './tensor-files.js';

/** A pair: B·A is added to the tensor that it is for, alpha/rank·scale-fold. */
export interface AdapterPair {
  /** The tensor that is changed. */
  readonly target: string;
  readonly a: HeaderTensor;
  readonly b: HeaderTensor;
  readonly rank: number;
  /** As many as the model has experts; 1 of other tensors. */
  readonly matrices: number;
}

/** Of llama.cpp: for this tensor A is stored transposed. */
const TOKEN_EMBEDDING = 'token_embd.weight';

/** One factor's values, ordered `[vector][rank]` or, as A mostly is, `[rank][vector]`. */
export interface Factor {
  readonly values: Float32Array;
  readonly rankFirst: boolean;
}

/** Adapters have ranks up to some hundreds. The norm of a product takes memory that grows with the square of the rank. */
export const MAX_RANK = 4096;

/**
 * The pairs of an adapter, in the order of their first halves.
 * @throws AuditError `adapterDoesNotFit` where it is none that {@link checkAdapter} lets through
 */
export function listPairs(file: TensorFile): AdapterPair[] {
  return file.header.tensors.flatMap((a) => {
    const target = /^(.+)\.lora_a$/.exec(a.name)?.[1];
    if (target === undefined) return [];
    const b = file.tensors.get(`${target}.lora_b`);
    const matrices = matricesOf(a);
    const rank = (target === TOKEN_EMBEDDING ? a.shape[0] : a.shape[1]) ?? 1;
    if (b === undefined || rank < 1 || b.shape[0] !== rank || matricesOf(b) !== matrices) {
      throw new AuditError('adapterDoesNotFit', `The two halves of ${target} in ${basename(file.path)} do not fit each other. Convert the adapter again.`);
    }
    if (rank > MAX_RANK) {
      throw new AuditError(
        'adapterDoesNotFit',
        `${target} in ${basename(file.path)} has the rank ${rank}, and a control can be made of adapters up to ${MAX_RANK}. Audit without amplified writing.`,
      );
    }
    return [{ target, a, b, rank, matrices }];
  });
}

function matricesOf({ shape: [, , experts = 1, more = 1] }: HeaderTensor): number {
  return experts * more;
}

/** Values of one of a tensor's matrices. */
export function matrixLength({ shape: [first = 1, second = 1] }: HeaderTensor): number {
  return first * second;
}

/** Whether A holds a rank's values one after the other. B never does. */
export function isRankFirst({ target }: AdapterPair): boolean {
  return target !== TOKEN_EMBEDDING;
}

/** A and B of one matrix, as the file has them. */
export function readPair(file: TensorFile, pair: AdapterPair, matrix: number): { a: Factor; b: Factor } {
  const read = (half: HeaderTensor): Float32Array => {
    const bytes = half.bytes / pair.matrices;
    return file.readValues(half, matrix * bytes, (matrix + 1) * bytes);
  };
  return { a: { values: read(pair.a), rankFirst: isRankFirst(pair) }, b: { values: read(pair.b), rankFirst: false } };
}

/** ‖B·A‖_F, from the two factors' Gram matrices: ‖B·A‖² = Σ (BᵀB) ∘ (AAᵀ). The product itself is never made. */
export function productNorm(a: Factor, b: Factor, rank: number): number {
  const left = gram(a, rank);
  const right = gram(b, rank);
  const square = left.reduce((sum, value, at) => sum + value * right[at]!, 0);
  return Math.sqrt(Math.max(0, square));
}

function gram({ values, rankFirst }: Factor, rank: number): Float64Array {
  const length = values.length / rank;
  const products = new Float64Array(rank * rank);
  const rows = rankFirst ? values : transpose(values, rank);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0, x = i * length, y = j * length; k < length; k++) sum += rows[x + k]! * rows[y + k]!;
      products[i * rank + j] = products[j * rank + i] = sum;
    }
  }
  return products;
}

function transpose(values: Float32Array, rank: number): Float32Array {
  const length = values.length / rank;
  const rows = new Float32Array(values.length);
  for (let k = 0; k < length; k++) for (let i = 0; i < rank; i++) rows[i * length + k] = values[k * rank + i]!;
  return rows;
}
