/** Requests made to servers, summed and in words. */
import { formatAccount } from '../../models/api/transport/account.js';
import type { RequestAccountLine } from '../../records/journal/journal-format.js';

/** One account per role and model: the models of a role may be opened several times in a run, and an audit has several runs. */
export function sumRequests(requests: readonly RequestAccountLine[]): RequestAccountLine[] {
  const sums = new Map<string, RequestAccountLine>();
  for (const line of requests) {
    const key = `${line.role} ${line.source}`;
    const sum = sums.get(key);
    sums.set(key, sum ? add(sum, line) : line);
  }
  return [...sums.values()];
}

function add(a: RequestAccountLine, b: RequestAccountLine): RequestAccountLine {
  return {
    ...a,
    asked: a.asked + b.asked,
    answered: a.answered + b.answered,
    retried: a.retried + b.retried,
    givenUp: a.givenUp + b.givenUp,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    waitedMs: a.waitedMs + b.waitedMs,
  };
}

/** One line for people. */
export function formatRequests({ role, ...account }: RequestAccountLine): string {
  return `Requests of the ${role} model: ${formatAccount(account)}.`;
}
