import { expect, it } from 'vitest';
import { holdsSecret, isVariableName } from '../../../src/records/journal/header-secrets.js';

it.each([
  ['Authorization', 'Bearer abc', true],
  ['Authorization', 'Bearer ${TOKEN}', false],
  ['api-key', 'abc', true],
  ['api-key', '${KEY}', false],
  ['api-key', 'abc${KEY}', true],
  ['X-Auth', 'abc', true],
  ['X-Session-Id', 'abc', true],
  ['X-Api', 'abc', true],
  ['X-Team', 'red', false],
  ['X-Team', 'sk-1234567890ab', true],
  ['HTTP-Referer', 'https://example.org', false],
])('the header %s: %s holds a secret: %s', (name, value, expected) => {
  expect(holdsSecret(name, value)).toBe(expected);
});

it.each([
  ['OPENAI_API_KEY', true],
  ['KEY2', true],
  ['hf_AbCdEfGhIj', false],
  ['sk-abc', false],
  ['AKIAIOSFODNN7EXAMPLE', false],
  ['', false],
])('%s is the name of a variable: %s', (name, expected) => {
  expect(isVariableName(name)).toBe(expected);
});
