import { expect, test } from 'vitest';
import type { RequestAccountLine } from '../../../src/records/journal/journal-format.js';
import { sumRequests } from '../../../src/runner/servers/server-requests.js';

const line = (role: RequestAccountLine['role'], asked: number): RequestAccountLine => ({
  role,
  source: 'openai:m@http://localhost:8000/v1',
  asked,
  answered: asked - 1,
  retried: 2,
  givenUp: 1,
  promptTokens: 10 * asked,
  completionTokens: 100 * asked,
  waitedMs: 5,
});

test('runs are summed role by role, and the lines themselves stay as they are', () => {
  const lines = [line('finetuned', 10), line('reference', 3), line('finetuned', 20)];
  expect(sumRequests(lines)).toEqual([{ ...line('finetuned', 30), answered: 28, retried: 4, givenUp: 2, waitedMs: 10 }, line('reference', 3)]);
  expect(lines[0]).toEqual(line('finetuned', 10));
  expect(sumRequests([])).toEqual([]);
});
