/** Why the divergence of two models cannot be measured. */
import { AuditError } from '../../../audit/errors.js';
import type { ModelIdentity } from '../../../audit/language-model.js';

/** @throws AuditError `cannotScore` where a token's id is not the same token to both */
export function requireComparable(model: ModelIdentity, other: ModelIdentity): void {
  if (model.tokenizerFingerprint === other.tokenizerFingerprint && model.vocabularySize === other.vocabularySize) return;
  throw new AuditError(
    'cannotScore',
    `${model.name} and ${other.name} have different tokenizers: their distributions are over different tokens, and have no divergence. Choose a reference with the same tokenizer.`,
  );
}

/** Of a backend that gives none. */
export function givesNoDistributions({ engine }: ModelIdentity): AuditError {
  return new AuditError(
    'cannotScore',
    `The engine in use (${engine}) gives no distributions, and divergence is a sum over all of one. Choose the engine “native”; where that does not work here, it says why.`,
  );
}
