import { describe, expect, it, test } from 'vitest';
import type { EndpointSource } from '../../../src/audit/plan.js';
import type { ModelProvider } from '../../../src/models/provider.js';
import { checkEndpoints } from '../../../src/runner/servers/check-endpoints.js';
import { OpenModels } from '../../../src/runner/run/open-models.js';

const file = { gguf: 'r.gguf', lora: [] };
const sound: EndpointSource = {
  endpoint: 'https://h.example/v1',
  model: 'org/model:7b',
  apiKeyEnv: 'MY_KEY',
  headers: { Authorization: 'Bearer ${TOKEN}', 'X-Title': 'audits' },
};
const plan = (fields: Partial<EndpointSource>) => ({ finetuned: file, reference: { ...sound, ...fields } });

const FAULTS: readonly (readonly [string, Partial<EndpointSource>])[] = [
  ['a key in place of a variable’s name', { apiKeyEnv: 'sk-proj-12345678' }],
  ['a variable’s name of two lines', { apiKeyEnv: 'KEY\nNothing else' }],
  ['a secret in a header', { headers: { Authorization: 'Bearer abcdefghijk' } }],
  ['a header of two lines', { headers: { 'X-A': 'a\nNothing else' } }],
  ['a model’s name that turns the text around', { model: 'm\u202e' }],
  ['an address of a file', { endpoint: 'file:///etc/passwd' }],
  ['a password in the address', { endpoint: 'https://me:word@h.example/v1' }],
  ['no address at all', { endpoint: 'https://' }],
];

describe('what a plan says of servers', () => {
  test('passes where it can be meant', () => {
    expect(() => checkEndpoints(plan({}))).not.toThrow();
    expect(() => checkEndpoints(plan({ endpoint: 'http://localhost:8000/v1/', apiKeyEnv: 'my_key' }))).not.toThrow();
    expect(() => checkEndpoints({ finetuned: file, reference: file })).not.toThrow();
  });

  it.each(FAULTS)('is refused with %s, which is not quoted', (_name, fields) => {
    expect(() => checkEndpoints(plan(fields))).toThrow(expect.objectContaining({ code: 'badPlan' }));
    expect(() => checkEndpoints(plan(fields))).not.toThrow(/Nothing else|sk-proj|abcdefghijk|word/);
  });

  it('is checked before any model is opened', async () => {
    const opened: unknown[] = [];
    const provider = { open: async (source: unknown) => opened.push(source) } as unknown as ModelProvider;
    const request = { plan: { ...plan({ apiKeyEnv: 'sk-proj-12345678' }), waveSize: 1, prefillTokens: 1, maxTokens: 1 }, allowDownload: false };
    await expect(OpenModels.open(provider, request, new AbortController().signal)).rejects.toMatchObject({ code: 'badPlan' });
    expect(opened).toEqual([]);
  });
});
