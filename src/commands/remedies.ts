/** The ways out that fit a failure. Pure: what each does is decided where it is shown. */
import type { AuditErrorCode } from '../audit/errors.js';

/** `notTrusted`: the workspace is in Restricted Mode. */
export type FailureCode = AuditErrorCode | 'notTrusted';

export type Remedy = 'rawOnly' | 'resume' | 'tryAgain' | 'chooseAnother' | 'enterKey' | 'openSettings' | 'revealFolder' | 'manageTrust' | 'showLog';

const REMEDIES: Readonly<Record<FailureCode, readonly Remedy[]>> = {
  cancelled: [],
  fileNotFound: ['chooseAnother'],
  notGguf: ['chooseAnother'],
  corruptModel: ['chooseAnother', 'showLog'],
  unsupportedModel: ['chooseAnother', 'showLog'],
  tooLargeForMemory: ['chooseAnother', 'tryAgain'],
  adapterDoesNotFit: ['chooseAnother'],
  noChatTemplate: ['rawOnly', 'chooseAnother'],
  cannotGenerate: ['chooseAnother', 'showLog'],
  cannotScore: ['chooseAnother', 'showLog'],
  contextTooShort: ['chooseAnother'],
  emptyCorpus: ['chooseAnother'],
  badCorpusFile: ['chooseAnother'],
  badPrefillFile: ['chooseAnother'],
  badPlan: [],
  badJournal: ['revealFolder'],
  journalLocked: ['tryAgain', 'revealFolder'],
  diskFull: ['resume', 'revealFolder'],
  modelProcessEnded: ['resume', 'showLog'],
  downloadFailed: ['tryAgain', 'showLog'],
  networkForbidden: ['openSettings', 'chooseAnother'],
  notAgreed: ['resume'],
  endpointFailed: ['resume', 'showLog'],
  keyMissing: ['enterKey', 'resume'],
  keyRefused: ['enterKey', 'resume'],
  modelNotServed: ['chooseAnother', 'resume'],
  spendingLimit: ['resume', 'openSettings'],
  refused: [],
  notTrusted: ['manageTrust'],
  internal: ['showLog'],
};

/** Ways that need an audit to apply to. */
const NEEDS_AUDIT: ReadonlySet<Remedy> = new Set(['rawOnly', 'resume', 'tryAgain', 'revealFolder']);

/** Best first. `hasAudit`: the failure was of an audit whose plan and folder are known. */
export function listRemedies(code: FailureCode, hasAudit: boolean): readonly Remedy[] {
  return REMEDIES[code].filter((remedy) => hasAudit || !NEEDS_AUDIT.has(remedy));
}
