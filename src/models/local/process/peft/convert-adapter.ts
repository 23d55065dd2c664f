/** Turns a LoRA adapter as PEFT saves it into the form that llama.cpp takes. */
import { AuditError } from '../../../../audit/errors.js';
import { LARGEST_FACTOR } from '../adapter-check.js';
import { isConverted, CONVERTED_ARCHITECTURES, findTensor, interleaveRows, type TargetTensor } from './module-names.js';
import { readPeftConfig, scalingOf, type PeftConfig } from './peft-config.js';
import type { PeftFiles } from './peft-files.js';
import { SafetensorsFile, type SafeTensor } from './safetensors.js';
import { writeGguf, type NewTensor } from './write-gguf.js';
import { bytesOf, encodeValues, TensorType } from '../tensors/tensor-values.js';

/** Written into the name of what is kept: another version converts anew. */
export const CONVERTER_VERSION = 1;

/** What the conversion has to know of the base. */
export interface BaseFacts {
  /** `general.architecture` of the base file. */
  readonly architecture: string;
  /** Heads of a block's query and key, from the base's metadata. */
  readonly headsOf: (kind: 'query' | 'key', block: number) => number;
}

/** A module's two matrices: A [rank, in], B [out, rank]. */
interface Pair {
  readonly module: string;
  readonly target: TargetTensor;
  readonly a: SafeTensor;
  readonly b: SafeTensor;
  readonly rank: number;
  /** Factor on B·A. */
  readonly scaling: number;
}

/** A smaller factor on B·A has only ever come from a damaged file, and what the others are multiplied by would leave F32. */
const SMALLEST_FACTOR = 1e-9;

/** PEFT's prefix, the module's name, which half, and the adapter's name in the middle where it was saved with one. */
const TENSOR = /^base_model\.model\.(.+)\.lora_([AB])(?:\.[\w-]+)?\.weight$/;

/**
 * Writes the adapter as GGUF. The same files and base give the same bytes. A GGUF adapter has one alpha for all modules: what differs from the
 * first module's scaling is multiplied into B, in F32; all else keeps its numbers and, but for BF16, its type.
 * @param target path of a file that does not exist yet
 * @throws AuditError `corruptModel`, `unsupportedModel`, `adapterDoesNotFit` with the reason, `diskFull`, `cancelled`
 */
export async function convertAdapter(files: PeftFiles, base: BaseFacts, target: string, signal: AbortSignal): Promise<void> {
  const config = readPeftConfig(files.config, files.name);
  if (!isConverted(base.architecture)) {
    throw new AuditError(
      'adapterDoesNotFit',
      `The adapter ${files.name} cannot be converted for a model of the architecture ${base.architecture}: that is done for ${CONVERTED_ARCHITECTURES.join(', ')}. Use llama.cpp's convert_lora_to_gguf.py, and give the .gguf file.`,
    );
  }
  const file = new SafetensorsFile(files.weights);
  try {
    const pairs = pairTensors(file.tensors, config, base, files.name);
    const [first] = pairs;
    // llama.cpp multiplies by alpha/rank, with the rank of each tensor.
    const alpha = Math.fround(first!.scaling * first!.rank);
    const tensors = pairs.flatMap((pair) => makeTensors(file, pair, pair.scaling / (alpha / pair.rank), base));
    await writeGguf(target, metadataOf(base, alpha), tensors, signal);
  } finally {
    file.close();
  }
}

function metadataOf({ architecture }: BaseFacts, alpha: number) {
  return {
    'general.architecture': architecture,
    'general.type': 'adapter',
    'adapter.type': 'lora',
    'adapter.lora.alpha': { float32: alpha },
    // All scaling is in alpha and B.
    'adapter.lora.use_rslora': false,
  };
}

function pairTensors(tensors: readonly SafeTensor[], config: PeftConfig, base: BaseFacts, name: string): Pair[] {
  const reject = (reason: string): never => {
    throw new AuditError(
      'adapterDoesNotFit',
      `The adapter ${name} cannot be converted: ${reason}. Merge it into its model (PEFT: merge_and_unload), convert the whole to GGUF, and audit that.`,
    );
  };
  const halves = new Map<string, { a?: SafeTensor; b?: SafeTensor }>();
  for (const tensor of tensors) {
    const [, module, half] = TENSOR.exec(tensor.name) ?? [];
    if (module === undefined) return reject(`its tensor ${tensor.name.slice(0, 200)} belongs to no LoRA of a linear layer`);
    const pair = halves.get(module) ?? {};
    const key = half === 'A' ? 'a' : 'b';
    if (pair[key]) reject(`it holds several adapters (${module.slice(0, 200)} has two)`);
    pair[key] = tensor;
    halves.set(module, pair);
  }
  if (halves.size === 0) reject('it changes nothing');
  const pairs = [...halves].map(([module, { a, b }]): Pair => {
    const shown = module.slice(0, 200);
    const target = findTensor(module, base.architecture) ?? reject(`${shown} is no layer of a ${base.architecture} model that an adapter can be put over`);
    if (!a || !b) return reject(`${shown} has only one of its two matrices`);
    const [rank, inner] = [a.shape[0], b.shape[1]];
    if (a.shape.length !== 2 || b.shape.length !== 2 || rank !== inner || !rank)
      return reject(`the matrices of ${shown} are ${a.shape.join('×')} and ${b.shape.join('×')}`);
    const scaling = scalingOf(config, module, rank) ?? reject(`${shown} has the rank ${rank}, and its configuration says another`);
    if (!(scaling >= SMALLEST_FACTOR && scaling <= LARGEST_FACTOR)) return reject(`${shown} would be applied ${scaling.toPrecision(2)}-fold`);
    return { module, target, a, b, rank, scaling };
  });
  if (new Set(pairs.map(({ target }) => target.name)).size < pairs.length) reject('two of its modules are one tensor of the model');
  return pairs.sort((one, other) => (one.target.name < other.target.name ? -1 : 1));
}

/** @param factor on B */
function makeTensors(file: SafetensorsFile, { module, target, a, b, rank }: Pair, factor: number, base: BaseFacts): NewTensor[] {
  const rows = b.shape[0]!;
  const heads = target.heads === null ? 0 : base.headsOf(target.heads, target.block!);
  if (target.heads !== null && !(Number.isInteger(heads) && heads > 0 && rows % heads === 0 && (rows / heads) % 2 === 0)) {
    throw new AuditError(
      'adapterDoesNotFit',
      `${module.slice(0, 200)} has ${rows} rows, which are no ${heads} heads. Choose the model that the adapter was trained on.`,
    );
  }
  // A factor that is 1 but for the rounding of alpha.
  const isScaled = Math.abs(factor - 1) > 1e-6;
  const made = (name: string, { type, shape, ...tensor }: SafeTensor, toType: TensorType, change: (values: Float32Array) => Float32Array): NewTensor => ({
    name: `${target.name}.${name}`,
    type: toType,
    shape: [...shape].reverse(),
    bytes: bytesOf(
      toType,
      shape.reduce((product, dimension) => product * dimension, 1),
    ),
    data: () => encodeValues(toType, change(file.readValues({ type, shape, ...tensor }))),
  });
  return [
    made('lora_a', a, keptType(a.type), (values) => values),
    made('lora_b', b, isScaled ? TensorType.F32 : keptType(b.type), (values) => {
      const scaled = isScaled ? values.map((value) => value * factor) : values;
      if (!scaled.every(Number.isFinite))
        throw new AuditError('adapterDoesNotFit', `${module.slice(0, 200)} has values that are too large for its scale. Save the adapter again.`);
      return heads === 0 ? scaled : interleaveRows(scaled, rows, rank, heads);
    }),
  ];
}

/** F32 holds every number of BF16, with which llama.cpp multiplies by a way of its own. */
function keptType(type: TensorType): TensorType {
  return type === TensorType.BF16 ? TensorType.F32 : type;
}
