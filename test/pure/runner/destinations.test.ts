import { describe, expect, it, test } from 'vitest';
import { PLAN_DEFAULTS, type AuditPlan, type EndpointSource } from '../../../src/audit/plan.js';
import { isUnencrypted, listHeaderVariables } from '../../../src/models/api/transport/server-access.js';
import { estimateServerTokens, listDestinations, listEndpoints } from '../../../src/runner/servers/destinations.js';

const at = (endpoint: string, fields: Partial<EndpointSource> = {}): EndpointSource => ({ endpoint, model: 'm', ...fields });
const plan = (fields: Partial<AuditPlan>): AuditPlan => ({
  ...PLAN_DEFAULTS,
  name: 'x',
  finetuned: { gguf: 'f', lora: [] },
  reference: { gguf: 'r', lora: [] },
  ...fields,
});

describe('listDestinations', () => {
  it('has none for files, one per host otherwise, with what each receives', () => {
    expect(listDestinations(plan({}))).toEqual([]);
    const both = listDestinations(plan({ finetuned: at('http://gpu:8000/v1'), reference: { ...at('http://gpu:8000/v1'), model: 'base' } }));
    expect(both).toEqual([
      { host: 'gpu:8000', isLocal: false, receives: [expect.stringMatching(/^m: the prefills/), expect.stringMatching(/^base: .*all completions/)] },
    ]);
    expect(listDestinations(plan({ finetuned: at('http://h/v1'), framings: ['raw'] }))[0]!.receives[0]).not.toContain('system');
  });

  it.each([
    ['http://localhost:1/v1', true],
    ['http://127.0.0.1:1/v1', true],
    ['http://127.3.2.1/v1', true],
    ['http://[::1]:1/v1', true],
    ['http://127.example.com/v1', false],
    ['http://127.0.0.1.example.com/v1', false],
    ['http://localhost.example.com/v1', false],
    ['http://192.168.0.2/v1', false],
  ])('%s is this machine: %s', (endpoint, isLocal) => {
    expect(listDestinations(plan({ finetuned: at(endpoint) }))[0]!.isLocal).toBe(isLocal);
  });
});

describe('listEndpoints', () => {
  it('does not hide a header behind the same model without it', () => {
    const endpoints = listEndpoints(plan({ finetuned: at('http://h/v1'), reference: at('http://h/v1', { headers: { 'X-A': 'v ${SECRET_A}' } }) }));
    expect(endpoints.flatMap(listHeaderVariables)).toEqual(['SECRET_A']);
    expect(listEndpoints(plan({ finetuned: at('http://h/v1'), reference: at('http://h/v1') }))).toHaveLength(1);
  });
});

test('what goes to another machine by http: is unencrypted', () => {
  expect(isUnencrypted({ endpoint: 'http://api.openai.com/v1' })).toBe(true);
  expect(isUnencrypted({ endpoint: 'https://api.openai.com/v1' })).toBe(false);
  expect(isUnencrypted({ endpoint: 'http://localhost:8000/v1' })).toBe(false);
});

describe('estimateServerTokens', () => {
  it('counts what servers read and write, not files', () => {
    expect(estimateServerTokens(plan({}))).toBe(0);
    const one = estimateServerTokens(plan({ finetuned: at('http://h/v1'), prefills: 10, framings: ['raw'] }));
    expect(one).toBe(10 * (3 + 1 + 100));
    expect(estimateServerTokens(plan({ finetuned: at('http://h/v1'), reference: at('http://h/v1'), prefills: 10, framings: ['raw'] }))).toBe(2 * one);
  });
});
