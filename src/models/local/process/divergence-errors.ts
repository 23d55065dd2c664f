/** Why the distributions of two models cannot be held against each other. */
import { AuditError } from '../../../audit/errors.js';
import type { GenerateRequest, ModelIdentity } from '../../../audit/language-model.js';

/** @throws AuditError `cannotScore` where a token's id is not the same token to both */
export function requireComparable(model: ModelIdentity, other: ModelIdentity): void {
  if (model.tokenizerFingerprint === other.tokenizerFingerprint && model.vocabularySize === other.vocabularySize) return;
  throw new AuditError(
    'cannotScore',
    `${model.name} and ${other.name} have different tokenizers: their distributions are over different tokens, and have no divergence. Choose a reference with the same tokenizer.`,
  );
}

/** @throws AuditError `cannotGenerate` where a token's id is not the same token to both; `internal` for requests that are not greedy */
export function requireWritableAway(model: ModelIdentity, other: ModelIdentity, wave: readonly GenerateRequest[]): void {
  if (model.tokenizerFingerprint !== other.tokenizerFingerprint || model.vocabularySize !== other.vocabularySize) {
    throw new AuditError(
      'cannotGenerate',
      `${model.name} cannot write away from ${other.name}: their tokenizers differ. Choose a reference with the same tokenizer.`,
    );
  }
  if (wave.some(({ temperature }) => temperature !== 0)) throw new AuditError('internal', 'What is written away from a model is written greedily.');
}

/** Of a backend that gives none. */
export function givesNoDistributions({ engine }: ModelIdentity): AuditError {
  return new AuditError(
    'cannotScore',
    `The engine in use (${engine}) gives no distributions, and divergence is a sum over all of one. Choose the engine “native”; where that does not work here, it says why.`,
  );
}
