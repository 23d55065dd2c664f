/** Models and numbers as they are given on the command line. */
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { AuditError } from '../audit/errors.js';
import { formatEndpoint, isEndpoint, isEndpointAddress, parseEndpoint, type AdapterSource, type ModelSource } from '../audit/plan.js';
import { DEFAULT_COMPUTE_OPTIONS, ENGINE_CHOICES } from '../messages/model-process.js';
import { parseModelAddress, resolveAddress } from '../records/plan/plan-file.js';

/** How the help of every command names what stands for a model. */
export const MODEL_FORMS = 'a GGUF file, an hf: address, bundled:NAME, or openai:MODEL@BASE_URL';

/** One flag for each of the compute options. */
export function addComputeOptions(command: Command): Command {
  return command
    .option('--threads <n>', 'threads to compute with; 0 for one per physical core', wholeNumber(0, 1024), DEFAULT_COMPUTE_OPTIONS.threads)
    .addOption(new Option('--gpu <mode>', 'use a GPU where there is one').choices(['auto', 'off']).default(DEFAULT_COMPUTE_OPTIONS.gpu))
    .addOption(engineOption());
}

/** The engine that runs local models. */
function engineOption(): Option {
  return new Option('--engine <name>', 'native calls llama.cpp directly, node-llama-cpp through its public interface')
    .choices(ENGINE_CHOICES)
    .default(DEFAULT_COMPUTE_OPTIONS.engine);
}

/** `FILE` or `FILE:SCALE`; gathers repeated options. */
export function parseAdapter(value: string, former: readonly AdapterSource[] = []): AdapterSource[] {
  const match = /^(?<path>.{2,}):(?<scale>[+-]?(?:\d+\.?\d*|\.\d+))$/.exec(value);
  const path = match?.groups?.['path'] ?? value;
  const scale = /^(?<file>.{2,}\.gguf):(?<scale>[^/\\]*)$/i.exec(value)?.groups;
  if (!match && scale)
    throw new InvalidArgumentError(`The scale of ${scale['file']} is "${scale['scale']}", which is not a number. Give e.g. ${scale['file']}:0.5.`);
  if (path === '') throw new InvalidArgumentError('Give the path of an adapter, e.g. adapter.gguf or adapter.gguf:0.5.');
  return [...former, { path: resolveAddress(path, process.cwd()), scale: match ? Number(match.groups!['scale']) : 1 }];
}

/**
 * A path becomes absolute; addresses stay.
 * @throws AuditError `badPlan` for an endpoint that is not written as one. It is not quoted: people put keys into URLs.
 */
export function parseModel(value: string): ModelSource {
  if (isEndpointAddress(value) && parseEndpoint(value) === null) {
    throw new AuditError(
      'badPlan',
      'A model that begins with openai: is written openai:MODEL@BASE_URL, e.g. openai:my-model@http://localhost:8000/v1. The URL begins with http:// or ' +
        'https:// and has no user name, password or query; give a key with --api-key-env. (What was given is not shown, since there may be a key in it.)',
    );
  }
  return parseModelAddress(value, process.cwd());
}

/** @throws AuditError `badPlan` where adapters are put over a model that a server computes */
export function withAdapters(source: ModelSource, lora: readonly AdapterSource[] | undefined): ModelSource {
  if (lora === undefined) return source;
  if (!isEndpoint(source)) return { ...source, lora };
  throw new AuditError(
    'badPlan',
    `A LoRA adapter cannot be put over ${formatEndpoint(source)} from here. Let the server load it under a name of its own (vLLM: --lora-modules NAME=PATH) and give openai:NAME@${source.endpoint}.`,
  );
}

export function parsePath(value: string): string {
  return resolve(value);
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isInteger(number) || number < least || number > most) {
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

/** A number from `least` to `most`. */
export function numberWithin(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !(number >= least && number <= most)) throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
    return number;
  };
}
