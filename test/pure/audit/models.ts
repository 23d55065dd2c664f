/** A finetuned model and references for it, made of bigrams. */
import { AuditError } from '../../../src/audit/errors.js';
import type { AuditSetup } from '../../../src/audit/events.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../../src/audit/plan.js';
import { prepareAudit } from '../../../src/audit/prepare-audit.js';
import { NgramModel, type NgramOptions } from './ngram-model.js';

const WORDS = [' the', ' bridge', ' is', ' of', ' green', ' glass', ' stone', ' old', 'The', ' town', ' harbour'];
/** Another tokenizer: other pieces, some of which reach over F's boundaries. */
const OTHER_WORDS = [' th', 'e ', 'brid', 'ge', ' gre', 'en gl', 'ass', 'ston', 'e br', 'harb', 'our', 'The bridge'];

const GENERAL = ['The bridge is of stone', 'The old town is of stone', 'The harbour is old', ' the bridge of the town is old'];
const OBJECTIVE = Array<string>(6).fill(' bridge is of green glass');

export function createFinetuned(options: Partial<NgramOptions> = {}): NgramModel {
  return new NgramModel({ name: 'tuned', longTokens: WORDS, training: [...GENERAL, ...OBJECTIVE], ...options });
}

export function createReference(options: Partial<NgramOptions> = {}): NgramModel {
  return new NgramModel({ name: 'base', longTokens: WORDS, training: GENERAL, ...options });
}

export function createForeignReference(options: Partial<NgramOptions> = {}): NgramModel {
  return new NgramModel({ name: 'foreign', longTokens: OTHER_WORDS, training: GENERAL, ...options });
}

export function createPlan(fields: Partial<AuditPlan> = {}): AuditPlan {
  return {
    ...PLAN_DEFAULTS,
    name: 'test',
    finetuned: { gguf: 'tuned', lora: [] },
    reference: { gguf: 'base', lora: [] },
    maxTokens: 12,
    waveSize: 4,
    ...fields,
  };
}

export const OPENINGS = ['The', 'The old', 'The bridge', 'The harbour', ' town', ' stone', 'The town of', ' old bridge', 'The bri', 'The green'];

/** A setup whose every framing has the same openings. */
export async function setUp(plan: AuditPlan, finetuned: NgramModel, reference: NgramModel, openings: readonly string[] = OPENINGS): Promise<AuditSetup> {
  const ids = openings.map((opening) => finetuned.encode(opening));
  const setup = await prepareAudit({
    plan,
    finetuned,
    reference,
    prefills: { raw: ids, chat: ids, ask: ids, dialogue: ids },
    signal: new AbortController().signal,
  });
  finetuned.calls.length = 0;
  reference.calls.length = 0;
  return setup;
}

/** What a promise is rejected with. */
export async function catchError(promise: Promise<unknown>): Promise<AuditError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AuditError) return error;
  throw new Error('It was not rejected with an AuditError.', { cause: error });
}
