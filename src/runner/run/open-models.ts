/** Opens the two models of a plan with room for its longest text. */
import { basename } from 'node:path';
import { AuditError } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import type { LanguageModel } from '../../audit/language-model.js';
import { mayNeedOwnTokens } from '../../audit/same-tokenizer.js';
import { findNumberFault, isEndpoint, type AuditPlan, type ModelSource } from '../../audit/plan.js';
import type { LoadProgress } from '../../messages/model-process.js';
import type { RequestAccount } from '../../models/api/transport/account.js';
import type { TokenBudget } from '../../models/api/transport/token-budget.js';
import { describeStandstill } from '../../models/api/transport/describe-standstill.js';
import type { ModelLease, ModelProvider } from '../../models/provider.js';
import { checkEndpoints } from '../servers/check-endpoints.js';

/** Tokens that a chat template with short texts takes at most; one that takes more makes the models be opened again. */
const FRAME_ALLOWANCE = 192;
/** Another tokenizer may need more tokens for the same text; where it needs more than this, see {@link OpenModels.growReference}. */
const FOREIGN_TOKENS_FACTOR = 2;

export interface OpenRequest {
  /** With paths or `hf:` addresses for models. */
  readonly plan: Pick<AuditPlan, 'finetuned' | 'reference' | 'waveSize' | 'prefillTokens' | 'maxTokens'>;
  readonly allowDownload: boolean;
  /** What the run may spend on servers. */
  readonly budget?: TokenBudget;
  /** The reference makes room as soon as it is released. */
  readonly unloadReference?: boolean;
  readonly onProgress?: (model: string, progress: Omit<LoadProgress, 'progressToken'>) => void;
}

export class OpenModels {
  readonly #provider: ModelProvider;
  readonly #request: OpenRequest;
  #finetuned!: ModelLease;
  #reference!: ModelLease;
  #finetunedTokens: number;
  #referenceTokens: number;

  private constructor(provider: ModelProvider, request: OpenRequest) {
    this.#provider = provider;
    this.#request = request;
    this.#finetunedTokens = contextTokensFor(request.plan, request.plan.prefillTokens);
    this.#referenceTokens = this.#finetunedTokens;
  }

  /**
   * Nothing stays open when this rejects.
   * @throws AuditError `badPlan` where what the plan says of servers cannot be meant; whatever opening a model rejects with
   */
  static async open(provider: ModelProvider, request: OpenRequest, signal: AbortSignal): Promise<OpenModels> {
    checkEndpoints(request.plan);
    const { waveSize, maxTokens, prefillTokens } = request.plan;
    // Contexts are as long as these say.
    const fault = findNumberFault({ waveSize, maxTokens, ...(prefillTokens > 0 && { prefillTokens }) });
    if (fault !== null) throw new AuditError('badPlan', `This plan cannot be meant: ${fault}.`);
    const models = new OpenModels(provider, request);
    const { finetuned, reference } = request.plan;
    models.#finetuned = await models.#open(finetuned, models.#finetunedTokens, signal);
    try {
      models.#reference = await models.#open(reference, models.#referenceTokens, signal, request.unloadReference);
    } catch (error) {
      models.#finetuned.release();
      throw error;
    }
    return models;
  }

  get finetuned(): LanguageModel {
    return this.#finetuned.model;
  }

  get reference(): LanguageModel {
    return this.#reference.model;
  }

  /** Another model that writes in F's place, with as much room; unloaded with its lease. */
  openWriter(source: ModelSource, signal: AbortSignal): Promise<ModelLease> {
    return this.#open(source, this.#finetunedTokens, signal, true);
  }

  /** Makes room where frames or prefills turned out longer than was thought, or the tokenizers differ. */
  async fit(setup: AuditSetup, signal: AbortSignal): Promise<void> {
    const { maxTokens } = this.#request.plan;
    const needed = (who: 'finetuned' | 'reference', factor: number) =>
      Math.max(
        ...Object.entries(setup.frames).map(([framing, frames]) => {
          const longest = setup.prefills[framing as keyof typeof setup.prefills]?.reduce((most, ids) => Math.max(most, ids.length), 0) ?? 0;
          // One more for the end-of-turn token, which is scored too.
          return (
            frames[who].tokens.length +
            (frames[who].after?.length ?? 0) +
            (frames[who].reply?.tokens.length ?? 0) +
            factor * (longest + partsOf([framing]) * maxTokens) +
            1
          );
        }),
      );
    const finetunedTokens = Math.max(this.#finetunedTokens, roundUp(needed('finetuned', 1)));
    const factor = mayNeedOwnTokens(setup) ? FOREIGN_TOKENS_FACTOR : 1;
    const referenceTokens = Math.max(this.#referenceTokens, roundUp(needed('reference', factor)));
    if (finetunedTokens > this.#finetunedTokens && hasRoom(this.finetuned, this.#finetunedTokens)) {
      this.#finetuned.release();
      this.#finetunedTokens = finetunedTokens;
      this.#finetuned = await this.#open(this.#request.plan.finetuned, finetunedTokens, signal);
    }
    await this.#resizeReference(referenceTokens, signal);
  }

  /**
   * Doubles the reference's room. A tokenizer that is much coarser than F's shows only when a completion is there.
   * Resolves to false where the reference cannot hold more.
   */
  async growReference(signal: AbortSignal): Promise<boolean> {
    if (!hasRoom(this.reference, this.#referenceTokens)) return false;
    await this.#resizeReference(2 * this.#referenceTokens, signal);
    return true;
  }

  /** What was asked of each model that is behind a server. */
  get accounts(): readonly { readonly role: 'finetuned' | 'reference'; readonly source: ModelSource; readonly account: RequestAccount }[] {
    const { finetuned, reference } = this.#request.plan;
    return [
      { role: 'finetuned' as const, source: finetuned, account: this.#finetuned.account?.() },
      { role: 'reference' as const, source: reference, account: this.#reference.account?.() },
    ].flatMap(({ account, ...entry }) => (account ? [{ ...entry, account }] : []));
  }

  /** Both models are computed by the model process on this machine, and nothing waits for a server. */
  get areLocal(): boolean {
    const { finetuned, reference } = this.#request.plan;
    return !isEndpoint(finetuned) && !isEndpoint(reference);
  }

  /** Why nothing comes from servers at the moment, one line each; none where all is as it should be. */
  get standstills(): readonly string[] {
    const standstills = [this.#finetuned, this.#reference].flatMap((lease) => lease.standstill?.() ?? []);
    return [...new Map(standstills.map((one) => [one.host, describeStandstill(one)])).values()];
  }

  release(): void {
    this.#finetuned.release();
    this.#reference.release();
  }

  async #resizeReference(tokens: number, signal: AbortSignal): Promise<void> {
    if (tokens <= this.#referenceTokens || !hasRoom(this.reference, this.#referenceTokens)) return;
    this.#reference.release();
    this.#referenceTokens = tokens;
    this.#reference = await this.#open(this.#request.plan.reference, tokens, signal, this.#request.unloadReference);
  }

  #open(source: ModelSource, contextTokens: number, signal: AbortSignal, unloadOnRelease = false): Promise<ModelLease> {
    const { plan, allowDownload, budget, onProgress } = this.#request;
    const name = nameModelFiles(source);
    return this.#provider.open(
      source,
      {
        waveSize: plan.waveSize,
        contextTokens,
        allowDownload,
        unloadOnRelease,
        ...(budget && { budget }),
        ...(onProgress && { onProgress: (progress) => onProgress(name, progress) }),
      },
      signal,
    );
  }
}

/** Tokens that each sequence is given room for, before the frames are known. */
export function contextTokensFor(
  { maxTokens, framings = [] }: Pick<AuditPlan, 'maxTokens'> & Partial<Pick<AuditPlan, 'framings'>>,
  prefillTokens: number,
): number {
  return roundUp(FRAME_ALLOWANCE + prefillTokens + partsOf(framings) * maxTokens + 1);
}

/** A dialogue is a question and an answer, each as long as a completion may be. */
function partsOf(framings: readonly string[]): 1 | 2 {
  return framings.includes('dialogue') ? 2 : 1;
}

/** A model's room can be made larger on this machine only; a server gives what it gives. */
function hasRoom({ identity, capabilities }: LanguageModel, tokens: number): boolean {
  return !capabilities.independent && tokens < (identity.contextLength ?? 0);
}

/** File names of a model and its adapters, or an endpoint's model and host, for people. */
export function nameModelFiles(source: ModelSource): string {
  if (isEndpoint(source)) return `${source.model} at ${new URL(source.endpoint).host}`;
  const { gguf, lora } = source;
  return [gguf, ...lora.map((adapter) => adapter.path)].map((path) => basename(path).replace(/\.gguf$/i, '')).join(' + ');
}

function roundUp(tokens: number): number {
  return Math.ceil(tokens / 32) * 32;
}
