/** Makes the model files that a run wants and nobody has. */
import { basename, join } from 'node:path';
import type { GgufSource } from '../../../../audit/plan.js';
import { deriveSeed } from '../../../../audit/random.js';
import type { MakeSourceParams } from '../../../../messages/model-process.js';
import { checkAdapter } from '../adapter-check.js';
import type { Engine } from '../engine.js';
import { inspectGguf } from '../gguf-inspection.js';
import { inspectSource } from '../open-model.js';
import { writeControlAdapter } from './control-adapter.js';

/**
 * Writes the files into the folder and says how to open them.
 * @throws AuditError as opening the source does that they are made from; `diskFull`; `cancelled`
 */
export function makeSource(engine: Engine, params: MakeSourceParams, signal: AbortSignal): Promise<GgufSource> {
  return makeControl(engine, params, signal);
}

async function makeControl(engine: Engine, { recipe: { source, seed }, folder, downloadFolder }: MakeSourceParams, signal: AbortSignal): Promise<GgufSource> {
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
