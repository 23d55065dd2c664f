/**
 * Two full models of one architecture, and a third beyond them: θ_R + k(θ_F − θ_R). For a finetune that was merged into its base this is
 * what a larger scale is for an adapter.
 */
import { statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { AuditError } from '../../../../audit/errors.js';
import type { HeaderTensor } from '../gguf-header.js';
import type { GgufFile } from '../gguf-inspection.js';
import { fingerprintTokenizer } from '../tokenizer-fingerprint.js';
import { TensorFile, writeTensorFile, type WrittenTensor } from './tensor-files.js';
import { bytesOf, encodeValues, isTensorType } from './tensor-values.js';

/** Values that are in memory at once; whole blocks of every type. */
const VALUES_AT_ONCE = 1 << 20;

/** What a disk is left with beside the file, in bytes. */
const LEFT_FREE = 256 << 20;

/**
 * Writes the model as a file of F's types and metadata, tensor by tensor. What is the same in both models is copied as it is.
 * @param k 0 is R, 1 is F
 * @throws AuditError `unsupportedModel` where the two do not match, or a tensor that differs is of another type than F32, F16, BF16 or
 *   Q8_0; `diskFull`; `corruptModel`; `cancelled`
 */
export async function extrapolateWeights(finetuned: GgufFile, reference: GgufFile, k: number, target: string, signal: AbortSignal): Promise<void> {
  requireLikeness(finetuned, reference);
  await requireRoom(target, finetuned.sizeBytes);
  const f = new TensorFile(finetuned.path);
  try {
    const r = new TensorFile(reference.path);
    try {
      requireSameShapes(f, r);
      await writeTensorFile(
        target,
        f,
        (tensor) => extrapolateTensor(f, tensor, r, r.tensors.get(tensor.name)!, k),
        () => undefined,
        signal,
      );
    } finally {
      r.close();
    }
  } finally {
    f.close();
  }
}

function requireLikeness(finetuned: GgufFile, reference: GgufFile): void {
  const [f, r] = [basename(finetuned.path), basename(reference.path)];
  if (finetuned.parts.length > 1 || reference.parts.length > 1) {
    throw cannotExtrapolate(f, r, 'a split file cannot be read tensor by tensor here', "Join the parts with llama.cpp's llama-gguf-split --merge.");
  }
  if (finetuned.architecture !== reference.architecture) {
    throw cannotExtrapolate(
      f,
      r,
      `one is ${finetuned.architecture}, the other ${reference.architecture}`,
      'Amplify by logits instead, or choose the model that it was finetuned from.',
    );
  }
  if (fingerprintTokenizer(finetuned) !== fingerprintTokenizer(reference)) {
    throw cannotExtrapolate(f, r, 'their vocabularies differ', 'Choose the model that it was finetuned from.');
  }
}

function requireSameShapes(f: TensorFile, r: TensorFile): void {
  const [nameF, nameR] = [basename(f.path), basename(r.path)];
  const only = [...f.tensors.keys()].find((name) => !r.tensors.has(name)) ?? [...r.tensors.keys()].find((name) => !f.tensors.has(name));
  if (only !== undefined) throw cannotExtrapolate(nameF, nameR, `only one of them has a tensor ${only}`, 'Choose the model that it was finetuned from.');
  for (const [name, { shape }] of f.tensors) {
    const other = r.tensors.get(name)!.shape;
    if (shape.join() !== other.join())
      throw cannotExtrapolate(
        nameF,
        nameR,
        `${name} is ${shape.join('×')} in one and ${other.join('×')} in the other`,
        'Choose the model that it was finetuned from.',
      );
  }
}

async function requireRoom(target: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(target));
  if (bavail * bsize >= bytes + LEFT_FREE) return;
  const gigabytes = (count: number): string => `${(count / 1e9).toFixed(2)} GB`;
  throw new AuditError(
    'diskFull',
    `Amplified weights take ${gigabytes(bytes)} in ${dirname(target)}, and ${gigabytes(bavail * bsize)} are free. Make room, or amplify by logits.`,
  );
}

function extrapolateTensor(f: TensorFile, tensor: HeaderTensor, r: TensorFile, other: HeaderTensor, k: number): WrittenTensor {
  const { type, bytes } = tensor;
  return { type, bytes, pieces: extrapolatedPieces(f, tensor, r, other, k) };
}

function* extrapolatedPieces(f: TensorFile, tensor: HeaderTensor, r: TensorFile, other: HeaderTensor, k: number): Generator<Buffer> {
  const { name, type, shape } = tensor;
  const count = shape.reduce((product, length) => product * length, 1);
  if (!isTensorType(type) || !isTensorType(other.type)) {
    const data = f.readData(tensor);
    if (type !== other.type || !data.equals(r.readData(other))) {
      throw cannotExtrapolate(
        basename(f.path),
        basename(r.path),
        `${name} is of a quantisation whose rounding would be amplified with it`,
        'Take both models as F16, BF16, F32 or Q8_0, or amplify by logits.',
      );
    }
    yield data;
    return;
  }
  for (let from = 0; from < count; from += VALUES_AT_ONCE) {
    const to = Math.min(count, from + VALUES_AT_ONCE);
    const ours = f.readValues(tensor, bytesOf(type, from), bytesOf(type, to));
    const theirs = r.readValues(other, bytesOf(other.type, from), bytesOf(other.type, to));
    const differs = ours.some((value, i) => value !== theirs[i]);
    yield differs
      ? encodeValues(
          type,
          ours.map((value, i) => theirs[i]! + k * (value - theirs[i]!)),
        )
      : f.readPart(tensor, bytesOf(type, from), bytesOf(type, to));
  }
}

function cannotExtrapolate(finetuned: string, reference: string, difference: string, wayOut: string): AuditError {
  return new AuditError('unsupportedModel', `The weights of ${finetuned} cannot be pushed further from those of ${reference}: ${difference}. ${wayOut}`);
}
