/** Names of tensors: from a module of a Transformers model to llama.cpp's, for the architectures whose adapters are converted. */

interface Architecture {
  /** Hugging Face keeps the two halves of a rotary dimension apart, llama.cpp interleaves them in these: the rows of q and k change places. */
  readonly interleavesRotary: boolean;
  /** Linear layers of a block, by the end of the module's name. */
  readonly modules: Readonly<Record<string, string>>;
}

const ATTENTION = { 'self_attn.q_proj': 'attn_q', 'self_attn.k_proj': 'attn_k', 'self_attn.v_proj': 'attn_v', 'self_attn.o_proj': 'attn_output' };
const FEED_FORWARD = { 'mlp.gate_proj': 'ffn_gate', 'mlp.up_proj': 'ffn_up', 'mlp.down_proj': 'ffn_down' };
const SEPARATE = { ...ATTENTION, ...FEED_FORWARD };
/** Phi-3 has q, k and v in one matrix, and gate and up in another; llama.cpp keeps both as they are. */
const FUSED = { 'self_attn.qkv_proj': 'attn_qkv', 'self_attn.o_proj': 'attn_output', 'mlp.gate_up_proj': 'ffn_up', 'mlp.down_proj': 'ffn_down' };

/** By `general.architecture` of the base file. Mistral's models are `llama` there. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  llama: { interleavesRotary: true, modules: SEPARATE },
  qwen2: { interleavesRotary: false, modules: SEPARATE },
  qwen3: { interleavesRotary: false, modules: SEPARATE },
  gemma: { interleavesRotary: false, modules: SEPARATE },
  gemma2: { interleavesRotary: false, modules: SEPARATE },
  gemma3: { interleavesRotary: false, modules: SEPARATE },
  phi3: { interleavesRotary: false, modules: FUSED },
};

export const CONVERTED_ARCHITECTURES = Object.keys(ARCHITECTURES);

export interface TargetTensor {
  /** Name of the base's tensor. */
  readonly name: string;
  /** Whose heads decide how the rows change places; `null` where they stay. */
  readonly heads: 'query' | 'key' | null;
  /** Number of the block; `null` outside of the blocks. */
  readonly block: number | null;
}

/** Where a language model's blocks stand: in a model of text alone, and in one that has eyes beside. */
const BLOCK = /^(?:model\.|model\.language_model\.|language_model\.model\.)layers\.(\d{1,5})\.(.+)$/;
const OUTPUT = /^(?:language_model\.)?lm_head$/;

export function isConverted(architecture: string): boolean {
  return Object.hasOwn(ARCHITECTURES, architecture);
}

/**
 * @param module as PEFT names it, without `base_model.model.` before it
 * @returns `null` for a module that has no tensor of its own here
 */
export function findTensor(module: string, architecture: string): TargetTensor | null {
  const { interleavesRotary, modules } = ARCHITECTURES[architecture]!;
  if (OUTPUT.test(module)) return { name: 'output.weight', heads: null, block: null };
  const [, block, end] = BLOCK.exec(module) ?? [];
  if (end === undefined || !Object.hasOwn(modules, end)) return null;
  const tensor = modules[end]!;
  const heads = !interleavesRotary ? null : tensor === 'attn_q' ? 'query' : tensor === 'attn_k' ? 'key' : null;
  return { name: `blk.${Number(block)}.${tensor}.weight`, heads, block: Number(block) };
}

/**
 * Rows of a matrix from Hugging Face's order to llama.cpp's: within a head, row i and row i + half become neighbours
 * (`LlamaModel.permute` of llama.cpp's converter).
 * @param values of a matrix [rows, columns], a row after the other
 */
export function interleaveRows(values: Float32Array, rows: number, columns: number, heads: number): Float32Array {
  const size = rows / heads;
  const half = size / 2;
  const moved = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % size;
    const from = row - inHead + (inHead % 2) * half + Math.floor(inHead / 2);
    moved.set(values.subarray(from * columns, (from + 1) * columns), row * columns);
  }
  return moved;
}
