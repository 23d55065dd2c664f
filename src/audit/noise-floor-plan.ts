/** The noise floor's plan: what R is given where it writes, and whether another model can stand for another quantisation of it. */
import { AuditError } from './errors.js';
import type { AuditSetup } from './events.js';
import { FRAMINGS, type Framing } from './framing.js';
import type { LanguageModel, ModelIdentity } from './language-model.js';
import type { Preparation } from './prepare-audit.js';
import { canShareIds } from './same-tokenizer.js';
import { bytesOfTokens, decodeUtf8, isValidUtf8 } from '../text/utf8.js';

/**
 * @returns what a reader must know of the pair, or `null`
 * @throws AuditError `badPlan` where the two are one and the same model, which would make a noise floor of nothing
 */
export function checkNoiseModel(reference: ModelIdentity, noise: ModelIdentity): string | null {
  const contents = ({ sha256, adapters }: ModelIdentity): string => JSON.stringify([sha256, ...adapters.map((adapter) => [adapter.sha256, adapter.scale])]);
  if (reference.sha256 !== undefined && contents(reference) === contents(noise)) {
    throw new AuditError(
      'badPlan',
      `${noise.source} is the reference model itself: its noise floor would be nothing. Give another quantisation of it, or leave the noise floor out.`,
    );
  }
  if (reference.tokenizerFingerprint === noise.tokenizerFingerprint) return null;
  return `${noise.name} and ${reference.name} have different tokenizers: make sure that the one is another quantisation of the other, or the noise floor is too high.`;
}

/**
 * What R is given when it generates: the frames that it was given in the audit, and the audit's first prefills. With
 * another tokenizer than F's these are R's own tokens of the prefills' text; a prefill that is no text is left out.
 * @param limit prefills per framing at most
 * @throws AuditError `badPrefillFile` where no prefill is left; `cancelled`
 */
export async function openingsOfReference(
  setup: AuditSetup,
  limit: number,
  { finetuned, reference }: { readonly finetuned: LanguageModel; readonly reference: LanguageModel },
  signal: AbortSignal,
): Promise<Required<Pick<Preparation, 'prefills' | 'frames'>>> {
  const prefills: Partial<Record<Framing, readonly (readonly number[])[]>> = {};
  const frames: NonNullable<Preparation['frames']> = Object.fromEntries(
    FRAMINGS.flatMap((framing) => (setup.frames[framing] ? [[framing, setup.frames[framing].reference]] : [])),
  );
  for (const framing of FRAMINGS) {
    const first = setup.prefills[framing]?.slice(0, limit);
    if (first) prefills[framing] = canShareIds(setup, first.flat()) ? first : await translate(first, finetuned, reference, signal);
  }
  return { prefills, frames };
}

async function translate(
  prefills: readonly (readonly number[])[],
  from: LanguageModel,
  to: LanguageModel,
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const pieces = await from.pieces(prefills.flat(), signal);
  let offset = 0;
  const texts = prefills.flatMap(({ length }) => {
    const own = pieces.slice(offset, (offset += length));
    const bytes = bytesOfTokens(own);
    return own.some((piece) => piece.control) || bytes.length === 0 || !isValidUtf8(bytes) ? [] : [decodeUtf8(bytes)];
  });
  if (texts.length === 0) {
    throw new AuditError(
      'badPrefillFile',
      `No prefill of the noise floor is text that ${to.identity.name} could be given. Use other prefills, or leave the noise floor out.`,
    );
  }
  const tokenised = await to.tokenize(texts, signal);
  return tokenised.map((list) => list.map((piece) => piece.id));
}
