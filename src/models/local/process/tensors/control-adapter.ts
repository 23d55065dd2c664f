/**
 * The control of an amplified pass: an adapter of random numbers that changes each tensor as much as the audited one does, so that what
 * an amplified model writes can be told from what any change of that size would make it write.
 */
import { deriveSeed, Random } from '../../../../audit/random.js';
import { isRankFirst, listPairs, matrixLength, productNorm, readPair, type AdapterPair, type Factor } from './adapter-pairs.js';
import { writeTensorFile, TensorFile, type WrittenTensor } from './tensor-files.js';
import { bytesOf, encodeValues, TensorType } from './tensor-values.js';

/**
 * Writes a control adapter in F32: A and B of normal numbers, B scaled so that ‖B·A‖_F of each tensor pair (of each expert's) is the
 * audited adapter's. Alpha, ranks, shapes and all other metadata are the audited one's too, hence scale·alpha/rank·‖B·A‖_F is the same at
 * any scale. The same seed gives the same bytes on every machine.
 * @param adapterPath a file that `checkAdapter` has let through
 * @param seed integer from 0 to 2^32 − 1
 * @throws AuditError `corruptModel`, `adapterDoesNotFit`, `diskFull` or `cancelled`
 */
export async function writeControlAdapter(adapterPath: string, target: string, seed: number, signal: AbortSignal): Promise<void> {
  const file = new TensorFile(adapterPath);
  try {
    const halves = new Map<string, WrittenTensor>();
    for (const [index, pair] of listPairs(file).entries()) {
      const make = makeOnce((matrix) => makePair(file, pair, matrix, deriveSeed(deriveSeed(seed, index), matrix)));
      for (const half of ['a', 'b'] as const) {
        halves.set(pair[half].name, {
          type: TensorType.F32,
          bytes: bytesOf(TensorType.F32, pair.matrices * matrixLength(pair[half])),
          pieces: piecesOf(pair.matrices, (matrix) => make(matrix)[half].values),
        });
      }
    }
    await writeTensorFile(
      target,
      file,
      ({ name }) => halves.get(name)!,
      () => undefined,
      signal,
    );
  } finally {
    file.close();
  }
}

function* piecesOf(matrices: number, valuesOf: (matrix: number) => Float32Array): Generator<Buffer> {
  for (let matrix = 0; matrix < matrices; matrix++) yield encodeValues(TensorType.F32, valuesOf(matrix));
}

/** The two halves of a pair mostly follow each other in the file. */
function makeOnce<T>(make: (matrix: number) => T): (matrix: number) => T {
  let last: { readonly matrix: number; readonly made: T } | undefined;
  return (matrix) => (last?.matrix === matrix ? last : (last = { matrix, made: make(matrix) })).made;
}

function makePair(file: TensorFile, pair: AdapterPair, matrix: number, seed: number): { a: Factor; b: Factor } {
  const audited = readPair(file, pair, matrix);
  const random = new Random(seed);
  const a: Factor = { values: normalValues(random, matrixLength(pair.a), 1 / Math.sqrt(matrixLength(pair.a) / pair.rank)), rankFirst: isRankFirst(pair) };
  const b: Factor = { values: normalValues(random, matrixLength(pair.b), 1), rankFirst: false };
  const norm = productNorm(audited.a, audited.b, pair.rank);
  const factor = norm / productNorm(a, b, pair.rank);
  return { a, b: { ...b, values: b.values.map((value) => value * factor) } };
}

/** Box and Muller's transform of uniform numbers. */
function normalValues(random: Random, count: number, deviation: number): Float32Array {
  const uniform = (): number => (random.nextUint32() + 0.5) / 2 ** 32;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}
