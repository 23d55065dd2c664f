/** Opens the model that writes amplified, in each of the three forms; and finds out, before a run, which form its models allow. */
import { formatStrength, type AmplificationForm } from '../../audit/amplification.js';
import { amplifySource, type AmplifiedPlan } from '../../audit/amplify-plan.js';
import { AuditError } from '../../audit/errors.js';
import type { LanguageModel } from '../../audit/language-model.js';
import { isEndpoint, type ModelSource } from '../../audit/plan.js';
import { writeAway } from '../../audit/write-away.js';
import type { ModelProvider } from '../../models/provider.js';
import type { OpenModels } from './open-models.js';

export interface WriterShape {
  readonly form: AmplificationForm;
  /** What is amplified, away from what; both open, as `models`. */
  readonly finetuned: ModelSource;
  readonly reference: ModelSource;
  readonly models: OpenModels;
  readonly provider: ModelProvider;
}

export interface AmplifiedWriter {
  readonly model: LanguageModel;
  /** Unloads it and removes the files that were made for it. */
  release(): Promise<void>;
}

/**
 * Nothing is left when this rejects.
 * @throws AuditError as opening and making a model do; `cannotGenerate` where the two have no common tokenizer and logits are pushed
 */
export async function openAmplified(
  { form, finetuned, reference, models, provider }: WriterShape,
  strength: number,
  signal: AbortSignal,
): Promise<AmplifiedWriter> {
  switch (form) {
    case 'adapter': {
      const lease = await models.openWriter(amplifySource(finetuned, reference, strength), signal);
      return { model: lease.model, release: async () => lease.release() };
    }
    case 'weights': {
      if (isEndpoint(finetuned) || isEndpoint(reference)) throw new AuditError('internal', 'A server cannot be amplified.');
      if (!provider.makeSource)
        throw new AuditError('cannotGenerate', 'Weights cannot be pushed here: no model files are made. Use --amplify a=1, which pushes logits.');
      const made = await provider.makeSource({ kind: 'weights', finetuned, reference, strength }, signal);
      try {
        const lease = await models.openWriter(made.source, signal);
        return {
          model: lease.model,
          release: async () => {
            lease.release();
            await made.remove();
          },
        };
      } catch (error) {
        await made.remove();
        throw error;
      }
    }
    case 'logit':
      requireCommonTokens(models);
      return { model: writeAway(models.finetuned, models.reference, strength), release: async () => undefined };
  }
}

export interface SettledForm {
  readonly plan: AmplifiedPlan;
  /** For the audit's remarks: which form, why, and what it takes. */
  readonly remark: string;
}

/**
 * Tries the strongest writer of the plan's form: what is wrong with it, or with the memory or disk for it, must not show hours later.
 * Where the plan leaves another form, that is tried next.
 * @throws AuditError `badPlan` where no form is possible, with each one's reason; the reason itself where the plan fixes the form
 */
export async function settleForm(plan: AmplifiedPlan, shape: Omit<WriterShape, 'form'>, signal: AbortSignal): Promise<SettledForm> {
  const reasons: string[] = [];
  for (let next: AmplifiedPlan | null = plan; next !== null; next = next.otherwise) {
    try {
      const writer = await openAmplified({ ...shape, form: next.form }, next.strengths.at(-1)!, signal);
      await writer.release();
      return { plan: next, remark: describeForm(next, shape.models, reasons) };
    } catch (error) {
      if (plan.otherwise === null || !isImpossible(error)) throw error;
      // Folders of this machine have no place in an audit that is handed on.
      reasons.push(error.code === 'diskFull' ? "There is no room for a file of the finetuned model's size in the folder of downloaded models." : error.message);
    }
  }
  throw new AuditError(
    'badPlan',
    `Amplified writing is not possible with these two models. ${reasons.join(' ')} Leave --amplify out, or, where the finetune is an adapter, give it as --finetuned BASE.gguf --lora ADAPTER.gguf.`,
  );
}

/** Reasons of the two models, or of this machine, for which another form may do. */
function isImpossible(error: unknown): error is AuditError {
  return error instanceof AuditError && ['unsupportedModel', 'diskFull', 'tooLargeForMemory', 'cannotGenerate'].includes(error.code);
}

/** Each token id must be the same token to both; a finetune that only added pieces does not do. */
function requireCommonTokens({ finetuned: { identity: f }, reference: { identity: r } }: OpenModels): void {
  if (f.tokenizerFingerprint === r.tokenizerFingerprint && f.vocabularySize === r.vocabularySize) return;
  throw new AuditError(
    'cannotGenerate',
    `Logits of ${f.name} cannot be pushed away from those of ${r.name}: their tokenizers differ. Choose a reference with the same tokenizer, such as the model that it was finetuned from.`,
  );
}

function describeForm({ form, strengths }: AmplifiedPlan, { finetuned: { identity } }: OpenModels, reasons: readonly string[]): string {
  const at = strengths.map((strength) => formatStrength(form, strength)).join(', ');
  switch (form) {
    case 'adapter':
      return `Amplified text is written with the finetuned model's own adapter at a larger scale (${at}).`;
    case 'weights': {
      const size = identity.sizeBytes === undefined ? 'as large as the finetuned model' : `of ${formatGigabytes(identity.sizeBytes)}`;
      return `Amplified text is written by weights pushed beyond the finetuned model's (${at}), since it has no adapter of its own: for each strength a temporary file ${size} is made in the folder of downloaded models, one at a time, and removed afterwards. There is no control, so what it finds stays undetermined.`;
    }
    case 'logit': {
      const why = reasons.length === 0 ? '' : ` Weights could not be pushed. ${reasons.join(' ')}`;
      const slow = identity.engine.includes('called directly') ? '' : ` With the engine in use (${identity.engine}) this is slow.`;
      return `Amplified text is written greedily by logits pushed away from the reference's (${at}): on faint finetunes this form is far weaker than the other two, and it has no control.${why}${slow}`;
    }
  }
}

function formatGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`;
}
