/** A plan may come from somebody else's journal: what it says is checked before any server is asked, or any file read. */
import { AuditError } from '../../audit/errors.js';
import { findPlanFault, formatEndpoint, isEndpoint, parseEndpoint, type AuditPlan, type EndpointSource } from '../../audit/plan.js';
import { holdsSecret } from '../../records/journal/header-secrets.js';
import { listEndpoints } from './destinations.js';

const VARIABLE_NAME = /^[A-Za-z_]\w{0,99}$/;
/** Longer than any server's names, and short enough to be read in a question. */
const MODEL_CHARACTERS = 256;
/** What would put words of the plan's own into a question: line breaks, other control characters, marks of direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * What a journal's plan is held to before it is run, as a plan file's is when it is read. (To be looked at, a journal need not be.)
 * @throws AuditError `badPlan`
 */
export function checkPlan(plan: AuditPlan): void {
  const fault = findPlanFault(plan);
  if (fault !== null) throw new AuditError('badPlan', `This plan cannot be meant: ${fault}. Correct it, or start an audit of your own.`);
  checkReferencePass(plan);
  checkEndpoints(plan);
}

/** Each model must take the other's token ids, which servers do not. */
function checkReferencePass({ finetuned, reference, referencePass }: AuditPlan): void {
  if (!referencePass || (!isEndpoint(finetuned) && !isEndpoint(reference))) return;
  throw new AuditError(
    'badPlan',
    'The reference can write only where both models are GGUF files. Leave the reference pass out, or audit the reference by itself and compare the two audits.',
  );
}

/** @throws AuditError `badPlan`, which quotes nothing of the plan but a header's name */
export function checkEndpoints(plan: Pick<AuditPlan, 'finetuned' | 'reference' | 'noiseFloor'>): void {
  for (const source of listEndpoints(plan)) {
    const fault = findFault(source);
    if (fault !== null) throw new AuditError('badPlan', `${fault} No server is asked. Correct the plan, or start an audit of your own.`);
  }
}

function findFault(source: EndpointSource): string | null {
  const { endpoint, model, apiKeyEnv, headers = {} } = source;
  if (UNSEEN.test(model) || model.length > MODEL_CHARACTERS) return 'A model of this plan has a name that no server gives a model.';
  if (parseEndpoint(formatEndpoint(source))?.endpoint !== endpoint.replace(/\/+$/, '')) return 'A server of this plan has an address that is no base URL.';
  if (apiKeyEnv !== undefined && !VARIABLE_NAME.test(apiKeyEnv)) return 'This plan names an environment variable for a key that can be none.';
  for (const [name, value] of Object.entries(headers)) {
    if (UNSEEN.test(name + value)) return 'A header of this plan has characters that no header has.';
    if (holdsSecret(name, value)) return `The header ${name} of this plan carries a secret rather than the name of an environment variable.`;
  }
  return null;
}
