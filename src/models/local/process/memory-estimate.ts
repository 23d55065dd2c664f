/** Estimates the memory that models would take, without loading them. */
import { basename } from 'node:path';
import { AuditError } from '../../../audit/errors.js';
import type { MemoryEstimate } from '../../../messages/model-process.js';
import type { Engine } from './engine.js';
import type { GgufFile } from './gguf-inspection.js';

/** Tokens in one decode; also bounds the compute buffers. */
export const BATCH_TOKENS = 512;

/** llama.cpp's flash attention sums in half precision on CPUs: logprobs come out up to three times as far off. */
export const FLASH_ATTENTION = false;

export interface ContextShape {
  readonly waveSize: number;
  /** Tokens per sequence. */
  readonly contextTokens: number;
}

/** One model file, the contexts wanted over it, and the adapters' bytes. */
export interface MemoryDemand {
  readonly file: GgufFile;
  readonly contexts: readonly ContextShape[];
  readonly adapterBytes: number;
  /** Its weights are in memory already. */
  readonly loaded: boolean;
}

/** Bytes needed beyond what is loaded, in main memory and on the device together, and bytes free in both. */
export async function estimateMemory(engine: Engine, demands: readonly MemoryDemand[]): Promise<MemoryEstimate> {
  let neededBytes = 0;
  for (const demand of demands) neededBytes += await estimateDemand(engine, demand);
  return { neededBytes: Math.ceil(neededBytes), availableBytes: await measureAvailable(engine) };
}

/** Throws `tooLargeForMemory`, naming what is needed, what is there and the ways out. */
export async function checkMemory(engine: Engine, demand: MemoryDemand): Promise<void> {
  const { neededBytes, availableBytes } = await estimateMemory(engine, [demand]);
  if (neededBytes > availableBytes) throw tooLarge(demand.file, neededBytes, availableBytes);
}

/** Without sizes: the library found out while loading. */
export function tooLarge(file: GgufFile, neededBytes?: number, availableBytes?: number): AuditError {
  const sizes =
    neededBytes === undefined || availableBytes === undefined
      ? 'needs more memory than is free.'
      : `needs ${gigabytes(neededBytes)} of memory to run and ${gigabytes(availableBytes)} are free.`;
  return new AuditError(
    'tooLargeForMemory',
    `${basename(file.path)} ${sizes}` +
      ' Close other programs, choose a smaller quantisation of the model, or lower the number of completions that advance together.',
  );
}

async function estimateDemand(engine: Engine, { file, contexts, adapterBytes, loaded }: MemoryDemand): Promise<number> {
  const insights = await engine.library.GgufInsights.from(file.info, engine.llama);
  // Weights take their size wherever they lie; how the layers are divided changes little in the sum.
  const gpuLayers = engine.llama.gpu === false ? 0 : insights.totalLayers;
  let bytes = adapterBytes;
  if (!loaded) {
    const weights = await insights.estimateModelResourceRequirementsV2({ gpuLayers });
    bytes += weights.cpuRam + weights.gpuVram;
  }
  for (const { waveSize, contextTokens } of contexts) {
    const context = await insights.estimateContextResourceRequirementsV2({
      contextSize: contextTokens,
      sequences: waveSize,
      batchSize: BATCH_TOKENS,
      modelGpuLayers: gpuLayers,
      flashAttention: FLASH_ATTENTION,
    });
    bytes += context.cpuRam + context.gpuVram;
  }
  return bytes;
}

async function measureAvailable({ llama }: Engine): Promise<number> {
  const ram = await llama.getRamState();
  // In a container the limit is lower than the machine's memory; without one the answer is 0 or beyond any memory.
  const limit = process.constrainedMemory();
  const limited = limit > 0 && limit < ram.total ? Math.min(ram.free, limit - process.memoryUsage.rss()) : ram.free;
  if (llama.gpu === false) return limited;
  const vram = await llama.getVramState();
  return limited + vram.free - Math.min(vram.free, vram.unifiedSize);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0)} GB`;
}
