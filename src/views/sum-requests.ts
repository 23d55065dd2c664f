/** What was asked of servers over all runs of an audit. */
import type { RequestAccountLine } from '../records/journal-format.js';

/** One account per role and model. */
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
