/** Explains what can be done with a whole model in safetensors, which is not converted here. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { quoteArgument, quotePath } from '../../../../text/quote.js';

/**
 * @param folder absolute path
 * @returns the two ways, with commands; `null` where the folder holds no such model
 */
export function describeCheckpoint(folder: string): string | null {
  if (!existsSync(join(folder, 'config.json')) || !hasWeights(folder)) return null;
  const name = basename(folder);
  return (
    `${name} is a whole model in Hugging Face's form. Either convert it with llama.cpp: ` +
    `python convert_hf_to_gguf.py ${quotePath(folder)} --outfile ${quotePath(`${folder}.gguf`)} --outtype f16 – and choose the .gguf file. ` +
    `Or serve it with vLLM: vllm serve ${quotePath(folder)} --served-model-name ${quoteArgument(name)} – and audit ${quoteArgument(`openai:${name}@http://localhost:8000/v1`)}.`
  );
}

function hasWeights(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => /^(model|pytorch_model).*\.(safetensors|bin)$/.test(name));
  } catch {
    return false;
  }
}
