/** Checks before a resume that the models and the plan are those that the audit began with. */
import { isDeepStrictEqual } from 'node:util';
import { AuditError } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import type { LanguageModel, ModelIdentity } from '../../audit/language-model.js';
import type { AuditPlan } from '../../audit/plan.js';
import type { RunRequest } from './types.js';

/**
 * A journal may change between the question that its plan was shown in and the run (somebody pulls): the run goes by what was agreed.
 * Where the models are is taken from the request, and checked by their hashes.
 * @throws AuditError `badJournal`
 */
export function requireAgreedPlan(kept: AuditPlan, { plan, folder }: Pick<RunRequest, 'plan' | 'folder'>): void {
  // How many completions advance together may have been fitted to memory when the audit began; it changes nothing that is asked for.
  const withoutPlaces = ({ finetuned: _f, reference: _r, waveSize: _w, noiseFloor, ...rest }: AuditPlan): unknown =>
    JSON.parse(JSON.stringify({ ...rest, noiseFloor: noiseFloor?.prefills ?? null }));
  if (isDeepStrictEqual(withoutPlaces(kept), withoutPlaces(plan))) return;
  throw new AuditError(
    'badJournal',
    `The journal in ${folder} has another plan now than the one that was agreed to. Open the audit again, and look at what it would do.`,
  );
}

const NO_MIXTURE = 'Completions of different models must not be mixed: put the former file back, or start a new audit.';

/**
 * @returns what differs without being another model, e.g. the library's version; `null` where nothing does
 * @throws AuditError `badJournal`, naming the file that is another one now
 */
export function checkSameModels(setup: AuditSetup, finetuned: LanguageModel, reference: LanguageModel, noiseModel: ModelIdentity | null): string | null {
  requireSameModel('finetuned', setup.finetuned, finetuned.identity, NO_MIXTURE);
  requireSameModel('reference', setup.reference, reference.identity, NO_MIXTURE);
  if (setup.noiseModel && noiseModel) requireSameModel("noise floor's", setup.noiseModel, noiseModel, NO_MIXTURE);
  const was = setup.finetuned.engine;
  const is = finetuned.identity.engine;
  return was === is ? null : `Computed with ${is} from here on, with ${was} before: last digits may differ.`;
}

/**
 * @param role of the model in its audit, for people
 * @param was in the audit's header
 * @param consequence the message's last sentence: why it matters, and what to do
 * @throws AuditError `badJournal`, naming what differs
 */
export function requireSameModel(role: string, was: ModelIdentity, is: ModelIdentity, consequence: string): void {
  const otherFile = (what: string, before?: string, now?: string) => {
    const hashes = before !== undefined && now !== undefined ? ` (SHA-256 ${now.slice(0, 12)}…, was ${before.slice(0, 12)}…)` : '';
    return new AuditError('badJournal', `${what}${hashes}. ${consequence}`);
  };
  if (was.sha256 !== is.sha256) {
    throw otherFile(`${is.source} is not the file that this audit's ${role} model was loaded from`, was.sha256, is.sha256);
  }
  // Behind a server nothing but names tells one model from another.
  if (was.sha256 === undefined && was.name !== is.name) {
    throw otherFile(`The ${role} model is ${is.name} now and was ${was.name} when this audit began`);
  }
  if (was.servedAs !== is.servedAs) {
    throw otherFile(`${is.source} is served as "${is.servedAs ?? '?'}" now and was as "${was.servedAs ?? '?'}" when this audit began`);
  }
  if (was.adapters.length !== is.adapters.length) {
    throw otherFile(`The ${role} model had ${was.adapters.length} adapters when this audit began and has ${is.adapters.length} now`);
  }
  for (const [index, adapter] of was.adapters.entries()) {
    const now = is.adapters[index]!;
    if (adapter.sha256 !== now.sha256) {
      throw otherFile(`${now.source} is not the adapter that this audit began with`, adapter.sha256, now.sha256);
    }
    if (adapter.scale !== now.scale) {
      throw otherFile(`The adapter ${now.source} had the scale ${adapter.scale} when this audit began and has ${now.scale} now`);
    }
  }
  if (was.tokenizerFingerprint !== is.tokenizerFingerprint) {
    throw otherFile(`${is.source} has another tokenizer than when this audit began`);
  }
}
