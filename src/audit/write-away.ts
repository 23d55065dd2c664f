/** A writer for amplified passes in the logit form: F, but what it generates is written away from R. */
import { AuditError } from './errors.js';
import type { LanguageModel } from './language-model.js';

/**
 * The model with `generate` in the logit form; everything else is its own.
 * @param strength a, of ln P_F + a(ln P_F − ln P_R); 0 is the model itself
 * @throws AuditError `cannotGenerate` where the model cannot be computed together with another
 */
export function writeAway(model: LanguageModel, other: LanguageModel, strength: number): LanguageModel {
  if (model.generateAway === undefined) {
    throw new AuditError(
      'cannotGenerate',
      `${model.identity.name} cannot be amplified by logits: both models must be GGUF files on this machine, with one tokenizer.`,
    );
  }
  const away = model.generateAway.bind(model);
  return {
    identity: model.identity,
    capabilities: model.capabilities,
    ...(model.remarks && { remarks: model.remarks }),
    tokenize: (texts, signal, options) => model.tokenize(texts, signal, options),
    pieces: (list, signal) => model.pieces(list, signal),
    frame: (request, signal) => model.frame(request, signal),
    generate: (wave, options) => away(wave, other, strength, options),
    logprobsOf: (wave, options) => model.logprobsOf(wave, options),
    alternatives: (position, count, signal) => model.alternatives(position, count, signal),
  };
}
