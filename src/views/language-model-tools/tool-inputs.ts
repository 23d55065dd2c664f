/** Inputs of the tools for language models. The manifest says the same to them; a test compares the two. */
import { AuditError } from '../../audit/errors.js';
import { z } from 'zod';
import { FRAMINGS } from '../../audit/framing.js';
import { SCORE_NAMES } from '../../audit/scores.js';
import { checkShape } from '../../text/check-shape.js';

export const MOST_COMPLETIONS = 50;
const LONGEST_QUERY = 200;

const audit = z.string().min(1).max(300);
const framing = z.enum(FRAMINGS).optional();
const limit = z.int().min(1).max(MOST_COMPLETIONS).optional();

export const TOOL_INPUTS = {
  finetuneAuditor_listAudits: z.strictObject({}),
  finetuneAuditor_topCompletions: z.strictObject({ audit, score: z.enum(SCORE_NAMES).optional(), framing, limit }),
  finetuneAuditor_searchCompletions: z.strictObject({ audit, query: z.string().min(1).max(LONGEST_QUERY), regex: z.boolean().optional(), framing, limit }),
  finetuneAuditor_tokenGaps: z.strictObject({ audit, completion: z.int().min(0) }),
};

export type ToolName = keyof typeof TOOL_INPUTS;
export type ToolInput<N extends ToolName> = z.infer<(typeof TOOL_INPUTS)[N]>;

/** @throws Error that tells the model what is wrong with its question */
export function checkInput<N extends ToolName>(name: N, input: unknown): ToolInput<N> {
  const result = checkShape(TOOL_INPUTS[name], input ?? {});
  if (result.success) return result.data as ToolInput<N>;
  const faults = result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new AuditError('refused', `The input of ${name} is not what it takes. ${faults.join('; ')}`);
}
