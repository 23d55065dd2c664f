/** Makes the model files that a run wants and nobody has. */
import { basename, join } from 'node:path';
import { AuditError } from '../../../../audit/errors.js';
import type { GgufSource } from '../../../../audit/plan.js';
import { deriveSeed } from '../../../../audit/random.js';
import type { AdapterRecipe, ControlRecipe, MakeSourceParams, WeightsRecipe } from '../../../../messages/model-process.js';
import { checkAdapter } from '../adapter-check.js';
import type { Engine } from '../engine.js';
import { inspectGguf } from '../gguf-inspection.js';
import { inspectSource } from '../open-model.js';
import { writeControlAdapter } from './control-adapter.js';
import { extrapolateWeights } from './extrapolate-weights.js';

/**
 * Writes the files into the folder and says how to open them.
 * @throws AuditError as opening the source does that they are made from; `diskFull`; `cancelled`
 */
export function makeSource(engine: Engine, params: MakeSourceParams, signal: AbortSignal): Promise<GgufSource> {
  const { recipe } = params;
  switch (recipe.kind) {
    case 'adapter':
      return findConverted(engine, recipe, params, signal);
    case 'control':
      return makeControl(engine, recipe, params, signal);
    case 'weights':
      return makeExtrapolated(engine, recipe, params, signal);
  }
}

type Place = Pick<MakeSourceParams, 'folder' | 'downloadFolder'>;

/** What is made here is kept beside the downloaded models, not in the folder. */
async function findConverted(engine: Engine, { source }: AdapterRecipe, { downloadFolder }: Place, signal: AbortSignal): Promise<GgufSource> {
  const { file, adapters } = await inspectSource(engine, source, { downloadFolder, allowDownload: false }, () => undefined, signal);
  return { gguf: file.path, lora: adapters.map(({ file: { path } }, index) => ({ path, scale: source.lora[index]!.scale })) };
}

async function makeExtrapolated(
  engine: Engine,
  { finetuned, reference, strength }: WeightsRecipe,
  { folder, downloadFolder }: Place,
  signal: AbortSignal,
): Promise<GgufSource> {
  if (finetuned.lora.length > 0 || reference.lora.length > 0) {
    throw new AuditError('internal', 'Weights are amplified of two full models. A finetune that is an adapter is amplified by its scale.');
  }
  const inspect = async (source: GgufSource) => (await inspectSource(engine, source, { downloadFolder, allowDownload: false }, () => undefined, signal)).file;
  const [f, r] = [await inspect(finetuned), await inspect(reference)];
  const path = join(folder, `${basename(f.path).replace(/\.gguf$/i, '')}-x${strength}.gguf`);
  await extrapolateWeights(f, r, strength, path, signal);
  return { gguf: path, lora: [] };
}

async function makeControl(engine: Engine, { source, seed }: ControlRecipe, { folder, downloadFolder }: Place, signal: AbortSignal): Promise<GgufSource> {
  const { file, adapters } = await inspectSource(engine, source, { downloadFolder, allowDownload: false }, () => undefined, signal);
  const lora = [];
  for (const [index, adapter] of adapters.entries()) {
    const path = join(folder, `control-${seed}-${index}-${basename(adapter.file.path)}`);
    await writeControlAdapter(adapter.file.path, path, deriveSeed(seed, index), signal);
    // What stands beside the audited adapter may have decided its scale, and does not stand beside this one.
    const alone = checkAdapter(await inspectGguf(path, engine.library), file, 1, null);
    lora.push({ path, scale: adapter.scale / alone.scale });
  }
  return { gguf: source.gguf, lora };
}
