/** From a source in a plan to a model that can be asked. */
import { basename, resolve } from 'node:path';
import { AuditError, throwIfCancelled } from '../../../audit/errors.js';
import { FRAMINGS, type Framing } from '../../../audit/framing.js';
import type { AdapterIdentity, Capabilities, ModelIdentity } from '../../../audit/language-model.js';
import { isAddress, type GgufSource } from '../../../audit/plan.js';
import type { LoadProgress, OpenModelParams } from '../../../messages/model-process.js';
import { checkAdapter } from './adapter-check.js';
import { readAdapterConfig } from './adapter-config.js';
import { MAX_ALTERNATIVES } from './computing.js';
import type { FramingModel } from './chat-template.js';
import type { NamedTokenizer } from './compare-tokenizers.js';
import { resolveHubAddress } from './download.js';
import type { Engine, WriteLog } from './engine.js';
import { checkIsLanguageModel, inspectGguf, type GgufFile } from './gguf-inspection.js';
import { checkMemory } from './memory-estimate.js';
import type { FittedAdapter, LoadedModel, ModelStore } from './model-store.js';
import { keepConversion } from './peft/kept-conversions.js';
import { findPeftFiles, nameDownload, peftAddresses, type PeftFiles } from './peft/peft-files.js';
import { hashParts } from './sha256.js';
import { fingerprintTokenizer } from './tokenizer-fingerprint.js';

export interface UsedModel extends LoadedModel {
  readonly identity: ModelIdentity;
  readonly capabilities: Capabilities;
  readonly framing: FramingModel;
  readonly tokenizer: NamedTokenizer;
  /** What an auditor should know of the files. */
  readonly remarks: readonly string[];
}

export interface InspectedSource {
  readonly file: GgufFile;
  readonly adapters: readonly FittedAdapter[];
  readonly adapterBytes: number;
}

/** Path of the file at an address, fetched where that is allowed; under this name in the folder of downloads. */
type Locate = (address: string, fileName?: string) => Promise<string>;

export type Report = (progress: Omit<LoadProgress, 'progressToken'>) => void;

/** Resolves, reads and checks all files of a source, without loading anything. */
export async function inspectSource(
  engine: Engine,
  source: GgufSource,
  options: { readonly downloadFolder: string; readonly allowDownload: boolean; readonly huggingFaceToken?: string },
  report: Report,
  signal: AbortSignal,
): Promise<InspectedSource> {
  const locate: Locate = async (address, fileName) => {
    if (!isAddress(address)) return resolve(address);
    return resolveHubAddress(address, engine.library, {
      ...(fileName !== undefined && { fileName }),
      folder: options.downloadFolder,
      allowDownload: options.allowDownload,
      huggingFaceToken: options.huggingFaceToken,
      signal,
      onProgress: (downloadedBytes, totalBytes) =>
        report({ stage: 'downloading', fraction: totalBytes > 0 ? downloadedBytes / totalBytes : 0, downloadedBytes, totalBytes }),
    });
  };
  const file = await inspectGguf(await locate(source.gguf), engine.library);
  checkIsLanguageModel(file);
  await checkArchitecture(engine, file);
  const adapters: FittedAdapter[] = [];
  let adapterBytes = 0;
  for (const { path, scale } of source.lora) {
    const given = await findAdapter(path, locate);
    const made = typeof given === 'string' ? given : await keepConversion(given, file, options.downloadFolder, signal);
    const adapter = await inspectGguf(made, engine.library);
    if (adapter.parts.length > 1)
      throw new AuditError('adapterDoesNotFit', `The adapter ${basename(path)} is split into several files. Convert it again into one.`);
    adapters.push({ ...checkAdapter(adapter, file, scale, made === given ? readAdapterConfig(adapter.path) : null), file: adapter.parts[0]! });
    adapterBytes += adapter.sizeBytes;
  }
  return { file, adapters, adapterBytes };
}

/** Path of a GGUF file, or of the files that PEFT saved. */
async function findAdapter(address: string, locate: Locate): Promise<string | PeftFiles> {
  if (!isAddress(address)) return findPeftFiles(address) ?? locate(address);
  const peft = peftAddresses(address);
  if (peft === null) return locate(address);
  try {
    // The small file first: a repository without it may hold a GGUF adapter.
    const config = await locate(peft.config, nameDownload(peft.config));
    return { name: peft.name, config, weights: await locate(peft.weights, nameDownload(peft.weights)) };
  } catch (error) {
    const isElsewhere = error instanceof AuditError && (error.code === 'downloadFailed' || error.code === 'networkForbidden');
    if (!isElsewhere || peft.weights === address || peft.config === address) throw error;
    return locate(address).catch(() => {
      throw error;
    });
  }
}

/**
 * Checks, hashes and loads a source.
 * @throws AuditError with the reason; nothing stays loaded then.
 */
export async function openModel(
  engine: Engine,
  store: ModelStore,
  params: OpenModelParams,
  report: Report,
  log: WriteLog,
  signal: AbortSignal,
): Promise<UsedModel> {
  const { file, adapters, adapterBytes } = await inspectSource(engine, params.source, params, report, signal);
  throwIfCancelled(signal);
  const shape = { waveSize: params.waveSize, contextTokens: params.contextTokens };
  const held = store.holds(file, adapters, shape);
  await checkMemory(engine, { file, contexts: held.context ? [] : [shape], adapterBytes, loaded: held.weights });
  const sha256 = await hashParts(file.parts, (fraction) => report({ stage: 'hashing', fraction }), signal);
  const adapterIdentities: AdapterIdentity[] = [];
  for (const [i, adapter] of adapters.entries()) {
    adapterIdentities.push({
      source: params.source.lora[i]!.path,
      sha256: await hashParts([adapter.file], () => undefined, signal),
      scale: adapter.scale,
      rank: adapter.rank,
      ...(adapter.alpha === undefined ? {} : { alpha: adapter.alpha }),
    });
    for (const remark of adapter.remarks) log('info', remark);
  }
  throwIfCancelled(signal);
  const threads = engine.threads.setUserThreads(params.compute.threads);
  if (threads < params.compute.threads)
    log('warn', `Computing with ${threads} threads, one per logical core, not ${params.compute.threads}: more would only wait for each other.`);
  const loaded = await store.load(file, adapters, shape, (fraction) => report({ stage: 'loading', fraction }), signal);
  const name = nameOf(file, adapters);
  return {
    ...loaded,
    identity: identify(engine, file, loaded, { name, source: params.source.gguf, sha256, adapters: adapterIdentities }),
    capabilities: {
      generate: true,
      score: true,
      framings: framingsOf(file),
      tokenIds: true,
      alternatives: MAX_ALTERNATIVES,
      independent: false,
      distributions: loaded.context.divergence !== undefined,
    },
    framing: framingOf(name, file, loaded),
    tokenizer: { name, value: file.value },
    remarks: [...(engine.fallback === undefined ? [] : [engine.fallback]), ...describeVocabulary(file), ...adapters.flatMap(({ remarks }) => remarks)],
  };
}

/** llama.cpp then cuts text in its default way, which is that of few models. */
function describeVocabulary(file: GgufFile): string[] {
  const pre = file.value('tokenizer.ggml.pre');
  if (file.value('tokenizer.ggml.model') !== 'gpt2' || (typeof pre === 'string' && pre !== '')) return [];
  return [
    `${basename(file.path)} does not name its pre-tokenizer: text may be cut into other tokens than the model was trained on. A newer conversion of the model names it.`,
  ];
}

async function checkArchitecture({ library, llama }: Engine, file: GgufFile): Promise<void> {
  const insights = await library.GgufInsights.from(file.info, llama);
  if (insights.isSupportedByLlamaCpp) return;
  throw new AuditError(
    'unsupportedModel',
    `${basename(file.path)} has the architecture ${file.architecture}, which this version of llama.cpp does not know.` +
      ' Update the extension, or serve the model from a program that knows it.',
  );
}

function identify(
  engine: Engine,
  file: GgufFile,
  { weights }: LoadedModel,
  known: Pick<ModelIdentity, 'name' | 'source' | 'adapters'> & { sha256: string },
): ModelIdentity {
  const fileType = file.value('general.file_type');
  const quantisation = typeof fileType === 'number' ? engine.library.GgufFileType[fileType] : undefined;
  return {
    ...known,
    sizeBytes: file.sizeBytes,
    architecture: file.architecture,
    ...(quantisation === undefined ? {} : { quantisation: quantisation.replace(/^(MOSTLY|ALL)_/, '') }),
    parameters: weights.model.fileInsights.totalParameters,
    tokenizerFingerprint: fingerprintTokenizer(file),
    vocabularySize: weights.vocabulary.size,
    contextLength: weights.trainContextTokens,
    hasChatTemplate: chatTemplateOf(file) !== undefined,
    engine: engine.description,
  };
}

/** With a chat template all of them. */
function framingsOf(file: GgufFile): readonly Framing[] {
  return chatTemplateOf(file) === undefined ? ['raw'] : FRAMINGS;
}

function framingOf(name: string, file: GgufFile, { weights }: LoadedModel): FramingModel {
  const { tokens } = weights.model;
  return {
    name,
    chatTemplate: chatTemplateOf(file),
    bos: tokens.bos === null ? undefined : { id: tokens.bos, text: tokens.bosString ?? '' },
    eosText: tokens.eosString ?? '',
    wantsBos: tokens.shouldPrependBosToken,
    ids: (text, parseSpecial) => weights.vocabulary.ids(text, parseSpecial),
  };
}

function chatTemplateOf(file: GgufFile): string | undefined {
  const template = file.value('tokenizer.chat_template');
  return typeof template === 'string' && template.trim() !== '' ? template : undefined;
}

function nameOf(file: GgufFile, adapters: readonly FittedAdapter[]): string {
  return [file.path, ...adapters.map((adapter) => adapter.file.path)].map((path) => basename(path).replace(/\.gguf$/i, '')).join(' + ');
}
