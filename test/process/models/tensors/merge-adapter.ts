/** A full model of an adapter and its base. */
import { decodeValues, encodeValues, TensorType } from '../../../../src/models/local/process/tensors/tensor-values.js';
import { readGguf, rewriteGguf } from '../../../pure/models/gguf-file.js';

/** Writes the base with the adapter merged into it, what it changes in F32. */
export function mergeAdapter(base: string, adapterPath: string, to: string): string {
  const adapter = readGguf(adapterPath);
  const factor = Number(adapter.entries.get('adapter.lora.alpha')!.value);
  const values = (name: string) => {
    const { type, data, shape } = adapter.tensors.find((one) => one.name === name)!;
    return { values: decodeValues(type as 1, data), shape };
  };
  return rewriteGguf(base, to, (gguf) => {
    for (const tensor of gguf.tensors) {
      if (!adapter.tensors.some(({ name }) => name === `${tensor.name}.lora_a`)) continue;
      const [a, b] = [values(`${tensor.name}.lora_a`), values(`${tensor.name}.lora_b`)];
      const [columns, rank] = a.shape as [number, number];
      const weights = decodeValues(tensor.type as 1, tensor.data);
      for (let i = 0; i < weights.length; i++) {
        const [row, column] = [Math.floor(i / columns), i % columns];
        let sum = 0;
        for (let r = 0; r < rank; r++) sum += b.values[row * rank + r]! * a.values[r * columns + column]!;
        weights[i] = weights[i]! + (factor / rank) * sum;
      }
      tensor.type = TensorType.F32;
      tensor.data = encodeValues(TensorType.F32, weights);
    }
  });
}
