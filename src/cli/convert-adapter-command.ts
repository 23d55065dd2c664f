/** `convert-adapter`: a LoRA adapter as PEFT saves it, as the GGUF file that llama.cpp takes. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { AuditError } from '../audit/errors.js';
import { isEndpoint, type GgufSource, type ModelSource } from '../audit/plan.js';
import { resolveBundledModel } from '../records/plan/bundled.js';
import { resolveAddress } from '../records/plan/plan-file.js';
import { createModels, MEDIA_FOLDER } from './environment.js';
import { listenForStop } from './exit.js';
import { parseModel, parsePath } from './model-options.js';
import { writeOutput } from './write-output.js';

interface ConvertFlags {
  readonly base: ModelSource;
  readonly out: string;
}

export function addConvertAdapterCommand(program: Command): void {
  program
    .command('convert-adapter')
    .description('Convert a LoRA adapter that PEFT saved into a GGUF file. Audits and scores take it without that, too: --lora FOLDER.')
    .argument('<adapter>', 'folder with adapter_config.json and adapter_model.safetensors, or one of the two files')
    .requiredOption('--base <model>', 'the model that it was trained on: a GGUF file, or bundled:NAME', parseModel)
    .requiredOption('--out <file>', 'the adapter to write (.gguf)', parsePath)
    .action(convert);
}

async function convert(adapter: string, { base, out }: ConvertFlags): Promise<void> {
  if (isEndpoint(base)) throw new AuditError('badPlan', 'The base is a model behind a server, and its heads are not known. Give its GGUF file.');
  const models = createModels({ gpu: 'off' });
  const stop = listenForStop();
  try {
    const source = await resolveBundledModel({ ...base, lora: [{ path: resolveAddress(adapter, process.cwd()), scale: 1 }] }, MEDIA_FOLDER);
    if (isEndpoint(source)) throw new AuditError('internal', 'A file became a server.');
    const made = await models.makeSource({ kind: 'adapter', source }, stop.signal);
    await made.remove();
    await writeOutput(await readFile((made.source as GgufSource).lora[0]!.path), out, 'programs');
  } finally {
    stop.dispose();
    await models.dispose();
  }
}
