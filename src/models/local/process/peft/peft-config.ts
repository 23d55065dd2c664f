/** Reads PEFT's adapter_config.json (https://huggingface.co/docs/peft, `LoraConfig`), and refuses what no GGUF adapter can express. */
import { basename } from 'node:path';
import { z } from 'zod';
import { AuditError } from '../../../../audit/errors.js';
import { checkShape } from '../../../../text/check-shape.js';
import { readSmallFile } from '../model-file.js';

/** Real ones have a few kilobytes. */
const MAX_BYTES = 1 << 20;
const MAX_RANK = 65_536;
const MAX_PATTERNS = 10_000;

const rank = z.number().int().min(1).max(MAX_RANK);
const alpha = z.number().positive().max(1e6);
const patterns = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string().max(1000), value)
    .refine((all) => Object.keys(all).length <= MAX_PATTERNS)
    .nullish();

const configSchema = z.object({
  peft_type: z.string(),
  r: rank,
  lora_alpha: alpha,
  use_rslora: z.boolean().nullish(),
  rank_pattern: patterns(rank),
  alpha_pattern: patterns(alpha),
  base_model_name_or_path: z.string().max(1000).nullish(),
  use_dora: z.boolean().nullish(),
  bias: z.string().nullish(),
  lora_bias: z.boolean().nullish(),
  fan_in_fan_out: z.boolean().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
  trainable_token_indices: z.unknown().optional(),
  target_parameters: z.array(z.string()).nullish(),
  layer_replication: z.array(z.unknown()).nullish(),
  alora_invocation_tokens: z.array(z.unknown()).nullish(),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
});

export type PeftConfig = z.infer<typeof configSchema>;

/** Ways to begin that take something out of the base's weights: the adapter goes with what is left of them, not with the base. */
const CHANGES_BASE = /^(pissa|olora|loftq|corda)/;

/**
 * @throws AuditError `corruptModel` where it is no such configuration, `adapterDoesNotFit` for what cannot be converted, with the reason
 */
export function readPeftConfig(path: string, name: string): PeftConfig {
  const config = parse(path);
  const reason = findObstacle(config);
  if (reason !== null)
    throw new AuditError(
      'adapterDoesNotFit',
      `The adapter ${name} cannot be converted: ${reason}. Merge it into its model (PEFT: merge_and_unload), convert the whole to GGUF, and audit that.`,
    );
  return config;
}

function parse(path: string): PeftConfig {
  const broken = (detail: string, cause?: unknown) =>
    new AuditError('corruptModel', `${basename(path)} is no configuration of a LoRA adapter: ${detail}. Copy it again from where the adapter comes.`, {
      cause,
    });
  let json: unknown;
  try {
    json = JSON.parse(readSmallFile(path, MAX_BYTES));
  } catch (error) {
    throw error instanceof AuditError ? error : broken('it cannot be read as JSON', error);
  }
  const { data, error } = checkShape(configSchema, json);
  if (data) return data;
  const [issue] = error.issues;
  throw broken(issue && issue.path.length > 0 ? `${issue.path.map(String).join('.').slice(0, 100)} is not what PEFT writes` : 'it is no JSON object');
}

/** What a GGUF adapter cannot say, in words; `null` where there is nothing. */
function findObstacle(config: PeftConfig): string | null {
  const { peft_type, init_lora_weights: start } = config;
  if (peft_type !== 'LORA') return `it is of the kind ${peft_type.slice(0, 40)}, and only LORA is supported`;
  if (config.use_dora === true) return 'it was trained with DoRA, whose magnitudes no GGUF adapter holds';
  if (config.modules_to_save?.length)
    return `it goes with modules that were trained whole (modules_to_save: ${config.modules_to_save.slice(0, 5).join(', ').slice(0, 200)})`;
  if (config.trainable_token_indices !== undefined && config.trainable_token_indices !== null)
    return 'it goes with trained token embeddings (trainable_token_indices)';
  if (config.bias && config.bias !== 'none') return 'it goes with trained biases';
  if (config.lora_bias === true) return 'it has biases of its own (lora_bias)';
  if (config.fan_in_fan_out === true) return 'its matrices are transposed (fan_in_fan_out), as those of GPT-2 are';
  if (config.target_parameters?.length) return 'it changes parameters that are no linear layers (target_parameters), such as experts';
  if (config.layer_replication?.length) return 'it repeats layers of its model (layer_replication)';
  if (config.alora_invocation_tokens?.length) return 'it is an activated LoRA, which acts only behind certain tokens';
  if (hasExpressions(config)) return 'ranks or alphas are given by regular expressions (rank_pattern, alpha_pattern), which are not run here';
  if (typeof start === 'string' && CHANGES_BASE.test(start.toLowerCase()))
    return `its training began with ${start.slice(0, 40)}, which changes the weights of the base, too`;
  return null;
}

/**
 * The factor on B·A of a module, as PEFT computes it: alpha/r, or alpha/√r with rsLoRA, each from the patterns where one fits.
 * @param module full name, e.g. `model.layers.0.self_attn.q_proj`
 * @param tensorRank rank of the module's tensors
 * @returns `null` where the tensors have another rank than the configuration says
 */
export function scalingOf({ r, lora_alpha, rank_pattern, alpha_pattern, use_rslora }: PeftConfig, module: string, tensorRank: number): number | null {
  if ((findPattern(rank_pattern, module) ?? r) !== tensorRank) return null;
  const moduleAlpha = findPattern(alpha_pattern, module) ?? lora_alpha;
  return moduleAlpha / (use_rslora === true ? Math.sqrt(tensorRank) : tensorRank);
}

/** PEFT takes the first key that is the module's name, or its end behind a dot. */
function findPattern(all: Readonly<Record<string, number>> | null | undefined, module: string): number | undefined {
  return Object.entries(all ?? {}).find(([key]) => (key.startsWith('^') ? module === key.slice(1) : module === key || module.endsWith(`.${key}`)))?.[1];
}

/** Whether a key of a pattern is more than a name: PEFT runs it as a regular expression, and what somebody sent is not run here. */
function hasExpressions({ rank_pattern, alpha_pattern }: PeftConfig): boolean {
  return [rank_pattern, alpha_pattern].some((all) => Object.keys(all ?? {}).some((key) => !/^\^?[\w.]+$/.test(key)));
}
