/** Reads what PEFT saved beside an adapter's weights. llama.cpp's converter keeps only the alpha of it. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { checkShape } from '../../../text/check-shape.js';
import { readSmallFile } from './model-file.js';

export const ADAPTER_CONFIG = 'adapter_config.json';

/** Real ones have a few kilobytes. */
const MAX_BYTES = 1 << 20;

const configSchema = z.object({
  r: z.number(),
  lora_alpha: z.number(),
  use_rslora: z.boolean().nullish(),
  use_dora: z.boolean().nullish(),
  bias: z.string().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
  alpha_pattern: z.record(z.string(), z.number()).nullish(),
  rank_pattern: z.record(z.string(), z.number()).nullish(),
});

export type AdapterConfig = z.infer<typeof configSchema>;

/** The configuration beside an adapter; `null` where there is none that can be read. */
export function readAdapterConfig(adapterPath: string): AdapterConfig | null {
  const path = join(dirname(adapterPath), ADAPTER_CONFIG);
  try {
    return checkShape(configSchema, JSON.parse(readSmallFile(path, MAX_BYTES))).data ?? null;
  } catch {
    return null;
  }
}

/** Whether it can be that adapter's: a folder may hold several, and the configuration of one. */
export function isConfigOf(config: AdapterConfig, ranks: ReadonlySet<number>, alpha: number | undefined): boolean {
  const known = new Set([config.r, ...Object.values(config.rank_pattern ?? {})]);
  const sameAlpha = alpha === undefined || Math.abs(config.lora_alpha - alpha) <= 1e-3 * Math.abs(alpha);
  return sameAlpha && [...ranks].every((rank) => known.has(rank));
}

/** What the finetune has that an adapter in llama.cpp's form has not, in words; `null` where that is nothing. */
export function missingFromGguf(config: AdapterConfig): string | null {
  if (config.use_dora === true) return 'it was trained with DoRA, whose magnitudes no GGUF adapter holds';
  if ((config.modules_to_save ?? []).length > 0)
    return `it goes with modules that were trained whole (${config.modules_to_save!.slice(0, 5).join(', ')}) and are in no GGUF adapter`;
  if (typeof config.bias === 'string' && config.bias !== 'none') return 'it goes with trained biases, which no GGUF adapter holds';
  if (Object.keys(config.alpha_pattern ?? {}).length > 0) return 'its alpha differs from module to module, which a GGUF adapter cannot say';
  return null;
}
