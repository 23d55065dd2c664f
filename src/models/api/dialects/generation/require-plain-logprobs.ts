/** Refuses what a server would answer with logprobs of another distribution than the method compares. */
import { AuditError } from '../../../../audit/errors.js';
import type { GenerateRequest } from '../../../../audit/language-model.js';
import type { PlainAt } from '../../endpoint-profile.js';

/** Whether logprobs told at a temperature are those of the untruncated distribution at temperature 1; `null` where nobody knows. */
export function isPlainAt({ greedy, one, other }: PlainAt, temperature: number): boolean | null {
  return temperature === 0 ? greedy : temperature === 1 ? one : other;
}

/**
 * @param canScore the model's logprobs can be computed by a forward pass
 * @throws AuditError `cannotGenerate` with the ways out
 */
export function requirePlainLogprobs(
  { temperature, logprobs }: Pick<GenerateRequest, 'temperature' | 'logprobs'>,
  plainAt: PlainAt,
  model: { readonly name: string; readonly canScore: boolean },
): void {
  if (logprobs === 'none' || isPlainAt(plainAt, temperature) !== false) return;
  const better = [0, 1].filter((other) => other !== temperature && isPlainAt(plainAt, other));
  const ways = [
    ...(better.length > 0 ? [`use temperature ${better.map((other) => (other === 0 ? '0 (greedy)' : other)).join(' or ')}`] : []),
    ...(model.canScore ? ['have its logprobs computed by a forward pass (“forward” in the plan, --rescore on the command line)'] : []),
  ];
  throw new AuditError(
    'cannotGenerate',
    `At temperature ${temperature} the server of ${model.name} tells logprobs of what temperature and truncation have made of the distribution, which cannot be compared. ` +
      (ways.length > 0
        ? `To go on, ${ways.join(', or ')}.`
        : 'Let its server tell the raw ones (in vLLM, --logprobs-mode raw_logprobs), or use another model.'),
  );
}
