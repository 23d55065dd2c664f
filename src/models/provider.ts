/** Opens language models and keeps them loaded between audits. The command line and the extension see models only here. */
import type { LanguageModel } from '../audit/language-model.js';
import type { GgufSource, ModelSource } from '../audit/plan.js';
import type { LoadProgress, MemoryEstimate, SourceRecipe } from '../messages/model-process.js';
import type { RequestAccount } from './api/transport/account.js';
import type { Standstill } from './api/transport/request-pool.js';
import type { TokenBudget } from './api/transport/token-budget.js';

export interface OpenOptions {
  /** Sequences of one wave, and tokens that each needs: frame, prefill and completion. */
  readonly waveSize: number;
  readonly contextTokens: number;
  /** The user has confirmed that `hf:` addresses may be downloaded. */
  readonly allowDownload: boolean;
  /** It will not be needed again soon: with its lease it is unloaded at once, not after a while. */
  readonly unloadOnRelease?: boolean;
  readonly onProgress?: (progress: Omit<LoadProgress, 'progressToken'>) => void;
  /** What a run may spend on servers; files on this machine cost nothing. */
  readonly budget?: TokenBudget;
}

/** A model in use. It may be unloaded when every lease on it is released, or some time after. */
export interface ModelLease {
  readonly model: LanguageModel;
  /** Of a model behind a server: what was asked of it under this lease. */
  readonly account?: () => RequestAccount;
  /** Likewise: why nothing comes from it at the moment, if so. */
  readonly standstill?: () => Standstill | null;
  release(): void;
}

/** Files that were made for one run, opened like any others. */
export interface MadeSource {
  readonly source: GgufSource;
  /** Removes the files. Leases on models of them must be released before (with `unloadOnRelease`). */
  remove(): Promise<void>;
}

export interface ModelProvider {
  /** Rejects with an `AuditError` that names the file and the way out; nothing stays loaded then. */
  open(source: ModelSource, options: OpenOptions, signal: AbortSignal): Promise<ModelLease>;
  /** What these models together would need, without loading them; a base shared by two sources counts once. */
  estimateMemory(sources: readonly ModelSource[], options: Pick<OpenOptions, 'waveSize' | 'contextTokens'>): Promise<MemoryEstimate>;
  /**
   * Makes files of this machine's that are wanted for one run, such as a control's random adapters; of a provider that computes with files.
   * @throws AuditError as opening the files does that they are made from; `diskFull`; `cancelled`
   */
  makeSource?(recipe: SourceRecipe, signal: AbortSignal): Promise<MadeSource>;
  /** Unloads everything and ends the model process. */
  dispose(): Promise<void>;
}
