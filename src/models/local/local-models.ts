/** Opens GGUF models in the model process, keeps them loaded for a while, and starts the process anew after a crash. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { formatEndpoint, isAddress, isEndpoint, type GgufSource, type ModelSource } from '../../audit/plan.js';
import {
  computeOptionsOf,
  type ComputeOptions,
  CloseModel,
  EstimateMemory,
  InspectFiles,
  MakeSource,
  OpenModel,
  ReportLoadProgress,
  type GgufFacts,
  type MemoryEstimate,
  type OpenedModel,
  type SourceRecipe,
} from '../../messages/model-process.js';
import type { MadeSource, ModelLease, ModelProvider, OpenOptions } from '../provider.js';
import { LocalModel } from './local-model.js';
import { ModelProcess, type ModelProcessOptions } from './model-process.js';
import { makeTemporaryFolder } from './temporary-folder.js';

/** Compute options that are left out have their defaults. */
export interface LocalModelsOptions extends ModelProcessOptions, Partial<ComputeOptions> {
  /** Where downloads of `hf:` addresses are kept. */
  readonly downloadFolder: string;
  /** Milliseconds that a model stays loaded after its last lease is released. */
  readonly idleMs: number;
}

const FIRST_RESTART_DELAY_MS = 250;
const LONGEST_RESTART_DELAY_MS = 10_000;

interface Opened {
  readonly process: ModelProcess;
  readonly handle: number;
  timer: NodeJS.Timeout | undefined;
}

export class LocalModels implements ModelProvider {
  private process: ModelProcess | undefined;
  private readonly idle = new Set<Opened>();
  private leases = 0;
  /** Requests under way that are no lease yet. */
  private busy = 0;
  private endTimer: NodeJS.Timeout | undefined;
  private crashes = 0;
  private notBefore = 0;
  private disposed = false;

  private readonly compute: ComputeOptions;

  constructor(private readonly options: LocalModelsOptions) {
    this.compute = computeOptionsOf(options);
  }

  /** Id of the running model process, where there is one. */
  get processId(): number | undefined {
    return this.aliveProcess?.id;
  }

  async open(source: ModelSource, options: OpenOptions, signal: AbortSignal): Promise<ModelLease> {
    requireFile(source);
    return this.use(signal, async (process) => {
      let answer: OpenedModel;
      try {
        answer = await this.requestOpen(process, source, options, signal);
      } catch (error) {
        if (!(error instanceof AuditError) || error.code !== 'tooLargeForMemory' || this.idle.size === 0) throw error;
        // Models of an earlier audit are kept only as long as nobody needs their memory.
        await Promise.all([...this.idle].map((opened) => this.close(opened)));
        answer = await this.requestOpen(process, source, options, signal);
      }
      this.crashes = 0;
      return this.lease(process, answer, options.unloadOnRelease ?? false);
    });
  }

  async estimateMemory(sources: readonly ModelSource[], shape: Pick<OpenOptions, 'waveSize' | 'contextTokens'>): Promise<MemoryEstimate> {
    for (const source of sources) requireFile(source);
    return this.use(new AbortController().signal, (process) =>
      process.request(EstimateMemory, {
        sources: sources as GgufSource[],
        waveSize: shape.waveSize,
        contextTokens: shape.contextTokens,
        compute: this.compute,
        downloadFolder: this.options.downloadFolder,
      }),
    );
  }

  /** What files say of themselves; `null` for those that are no models and no adapters. */
  async inspect(paths: readonly string[], signal: AbortSignal): Promise<(GgufFacts | null)[]> {
    return this.use(signal, (process) => process.request(InspectFiles, { paths: [...paths], compute: this.compute }, signal));
  }

  async makeSource(recipe: SourceRecipe, signal: AbortSignal): Promise<MadeSource> {
    const { downloadFolder } = this.options;
    const folder = await makeTemporaryFolder(downloadFolder);
    try {
      const source = await this.use(signal, (process) =>
        process.request(MakeSource, { recipe, folder: folder.path, downloadFolder, compute: this.compute }, signal),
      );
      return { source, remove: folder.remove };
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.endProcess();
  }

  /** Keeps the process for the work, and for a while after it. */
  private async use<T>(signal: AbortSignal, work: (process: ModelProcess) => Promise<T>): Promise<T> {
    this.busy++;
    clearTimeout(this.endTimer);
    try {
      return await work(await this.running(signal));
    } finally {
      this.busy--;
      if (this.unused) {
        this.endTimer = setTimeout(() => void this.endProcess(), this.options.idleMs);
        this.endTimer.unref();
      }
    }
  }

  private get unused(): boolean {
    return this.busy === 0 && this.leases === 0 && this.idle.size === 0;
  }

  private async requestOpen(process: ModelProcess, source: GgufSource, options: OpenOptions, signal: AbortSignal): Promise<OpenedModel> {
    const progressToken = randomUUID();
    const token = globalThis.process.env['HF_TOKEN'];
    const progress = process.subscribe(ReportLoadProgress, ({ progressToken: token, ...report }) => {
      if (token === progressToken) options.onProgress?.(report);
    });
    try {
      return await process.request(
        OpenModel,
        {
          source,
          waveSize: options.waveSize,
          contextTokens: options.contextTokens,
          allowDownload: options.allowDownload,
          ...(options.allowDownload && token && [source.gguf, ...source.lora.map(({ path }) => path)].some(isAddress) && { huggingFaceToken: token }),
          downloadFolder: this.options.downloadFolder,
          compute: this.compute,
          progressToken,
        },
        signal,
      );
    } catch (error) {
      throw process.crash === undefined ? error : crashedOnOpening(source, process.crash, error);
    } finally {
      progress.dispose();
    }
  }

  private lease(process: ModelProcess, answer: OpenedModel, unloadOnRelease: boolean): ModelLease {
    this.leases++;
    let released = false;
    return {
      model: new LocalModel(process, answer),
      release: () => {
        if (released) return;
        released = true;
        this.leases--;
        if (!process.alive) return;
        const opened: Opened = { process, handle: answer.handle, timer: undefined };
        this.idle.add(opened);
        if (unloadOnRelease) {
          void this.close(opened);
          return;
        }
        opened.timer = setTimeout(() => void this.close(opened), this.options.idleMs);
        opened.timer.unref();
      },
    };
  }

  /** Unloads a model that is not leased; with the last one the process goes too. */
  private async close(opened: Opened): Promise<void> {
    clearTimeout(opened.timer);
    if (!this.idle.delete(opened) || !opened.process.alive) return;
    if (this.unused && this.process === opened.process) return this.endProcess();
    // It may be dying meanwhile, which unloads the model too.
    await opened.process.request(CloseModel, { handle: opened.handle }).catch(() => undefined);
  }

  private async running(signal: AbortSignal): Promise<ModelProcess> {
    throwIfCancelled(signal);
    this.requireInUse();
    if (this.aliveProcess === undefined) await delay(this.notBefore - Date.now(), signal);
    this.requireInUse();
    const alive = this.aliveProcess;
    if (alive !== undefined) return alive;
    const process = new ModelProcess(this.options);
    this.process = process;
    void process.ended.then(() => this.onEnded(process));
    return process;
  }

  private requireInUse(): void {
    if (this.disposed) throw new AuditError('cancelled', 'The models are being unloaded.');
  }

  private get aliveProcess(): ModelProcess | undefined {
    return this.process?.alive === true ? this.process : undefined;
  }

  private onEnded(process: ModelProcess): void {
    for (const opened of this.idle) {
      if (opened.process !== process) continue;
      clearTimeout(opened.timer);
      this.idle.delete(opened);
    }
    if (this.process !== process) return;
    // Not ended by us: a model that crashes the process at once must not do so many times a second.
    this.process = undefined;
    this.notBefore = Date.now() + Math.min(LONGEST_RESTART_DELAY_MS, FIRST_RESTART_DELAY_MS * 2 ** this.crashes);
    this.crashes++;
  }

  private async endProcess(): Promise<void> {
    clearTimeout(this.endTimer);
    const process = this.process;
    this.process = undefined;
    await process?.dispose();
  }
}

/** The model was the last thing that llama.cpp saw: to resume would bring it down again. */
function crashedOnOpening({ gguf, lora }: GgufSource, how: string, cause: unknown): AuditError {
  const files = [gguf, ...lora.map(({ path }) => path)].map((path) => basename(path)).join(' with ');
  return new AuditError(
    'corruptModel',
    `llama.cpp stopped while it was opening ${files}: a file is damaged in a way that was not found before, or is of a kind that it cannot run. Download or convert it again, or choose another quantisation.` +
      ` The model process ended ${how}`,
    { cause },
  );
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  await sleep(ms, undefined, { signal }).catch(() => throwIfCancelled(signal));
}

function requireFile(source: ModelSource): asserts source is GgufSource {
  if (isEndpoint(source)) throw new AuditError('internal', `${formatEndpoint(source)} is no file that the model process could load.`);
}
