import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLAN_DEFAULTS, type AuditPlan, type EndpointSource, type ModelSource } from '../../../src/audit/plan.js';
import { giveAccess, parseHeader, parseVariableName, readNetwork } from '../../../src/cli/endpoint-options.js';
import { findKey, keyVariable } from '../../../src/cli/endpoint-keys.js';
import { parseModel, withAdapters } from '../../../src/cli/model-options.js';
import { describeServers, describeSetAside, summariseSetAside } from '../../../src/cli/server-notices.js';

const GGUF: ModelSource = { gguf: '/models/base.gguf', lora: [] };
const at = (endpoint: string, model = 'm'): EndpointSource => ({ endpoint, model });
const planOf = (finetuned: ModelSource, reference: ModelSource, more: Partial<AuditPlan> = {}): AuditPlan => ({
  ...PLAN_DEFAULTS,
  name: 'n',
  finetuned,
  reference,
  ...more,
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('Nothing was thrown.');
}

describe('a model on the command line', () => {
  it.each([
    ['openai:my-lora@http://localhost:8000/v1', { model: 'my-lora', endpoint: 'http://localhost:8000/v1' }],
    ['openai:org/model@revision@https://api.example.com/v1/', { model: 'org/model@revision', endpoint: 'https://api.example.com/v1' }],
    ['hf:user/repo:Q8_0', { gguf: 'hf:user/repo:Q8_0', lora: [] }],
    ['bundled:base-a', { gguf: 'bundled:base-a', lora: [] }],
  ])('is read from %s', (text, source) => {
    expect(parseModel(text)).toEqual(source);
  });

  it.each([
    'openai:m',
    'openai:m@localhost:8000/v1',
    'openai:@http://h/v1',
    'openai:m@https://user:sk-test-1@h/v1',
    'openai:m@https://h/v1?api_key=sk-test-1',
    'openai:m@http://',
  ])('is refused without its secrets: %s', (text) => {
    const message = messageOf(() => parseModel(text));
    expect(message).toContain('openai:MODEL@BASE_URL');
    expect(message).not.toContain('sk-test-1');
  });

  it('has adapters only where this machine computes it', () => {
    const lora = [{ path: '/l.gguf', scale: 1 }];
    expect(withAdapters(GGUF, lora)).toEqual({ ...GGUF, lora });
    expect(withAdapters(at('http://h/v1'), undefined)).toEqual(at('http://h/v1'));
    expect(messageOf(() => withAdapters(at('http://h/v1'), lora))).toMatch(
      /LoRA adapter cannot be put over openai:m@http:\/\/h\/v1.*name of its own.*openai:NAME@http:\/\/h\/v1/,
    );
  });
});

describe('the name of a variable', () => {
  beforeEach(() => void vi.stubEnv('lower_case_name', 'x'));
  afterEach(() => void vi.unstubAllEnvs());

  it.each(['OPENAI_API_KEY', 'MY_KEY_2', 'lower_case_name'])('may be %s', (name) => {
    expect(parseVariableName(name)).toBe(name);
  });

  it.each(['sk-test-abcdef', 'hf_aBcDeFgHiJkLmNoPqR', 'gsk_0123456789abcdef', '0a1b2c3d', 'AKIAIOSFODNN7EXAMPLE', 'Bearer sk-test', '', '$KEY'])(
    'is not %s, which is not quoted',
    (value) => {
      const message = messageOf(() => parseVariableName(value));
      expect(message).toContain('NAME of the environment variable');
      if (value !== '') expect(message).not.toContain(value);
    },
  );
});

describe('a header', () => {
  it('is a name and a value, several are gathered, the last of a name wins', () => {
    const first = parseHeader('X-Title: my audit: the second');
    expect(first).toEqual({ 'X-Title': 'my audit: the second' });
    expect(parseHeader('Helicone-Cache:off', first)).toEqual({ 'X-Title': 'my audit: the second', 'Helicone-Cache': 'off' });
    expect(parseHeader('X-Title: other', first)).toEqual({ 'X-Title': 'other' });
  });

  it.each(['Authorization: Bearer ${MY_TOKEN}', 'api-key: ${AZURE_KEY}', 'Cookie: ${SESSION}', 'X-Auth-Token: ${A}${B}', 'x-api-key:  ${K} '])(
    'may carry a variable: %s',
    (text) => {
      const [, value] = text.split(/:\s*(.*?)\s*$/);
      expect(Object.values(parseHeader(text))).toEqual([value]);
    },
  );

  it.each([
    'Authorization: Bearer pasted-1',
    'api-key: pasted-1',
    'X-Api-Key: pasted-1 ${NAME}',
    'Cookie: session=pasted-1',
    'X-My-Secret: pasted-1',
    'X-Access-Token: pasted-1',
    'Proxy-Authorization: Basic pasted-1',
    'X-Forwarded: Bearer pasted-1',
    'X-Whatever: sk-pasted-1-abc',
    'X-Api-Key: $NAME pasted-1',
  ])('is refused with a literal secret, which is not quoted: %s', (text) => {
    const message = messageOf(() => parseHeader(text));
    expect(message).toContain('environment variable');
    expect(message).not.toContain('pasted-1');
  });

  it.each(['no colon pasted-1', ': pasted-1', 'Two Words: pasted-1', 'Empty:', 'X: a\r\nY: pasted-1'])('is refused where it is none: %j', (text) => {
    const message = messageOf(() => parseHeader(text));
    expect(message).toContain('Name: value');
    expect(message).not.toContain('pasted-1');
  });
});

describe('the way requests are made', () => {
  it('is as the flags say, in milliseconds, and nothing is said where they say nothing', () => {
    expect(readNetwork({ offline: true, maxConcurrency: 4, requestTimeout: 20 })).toEqual({ offline: true, maxConcurrency: 4, timeoutMs: 20_000 });
    expect(readNetwork({})).toEqual({});
  });
});

describe('keys and headers', () => {
  const flags = { apiKeyEnv: 'MAIN_KEY', header: { 'X-Title': 'a' } };

  it('go to all models of one host, whatever the port', () => {
    const plan = planOf(at('http://gpu:8000/v1'), at('http://gpu:8001/v1'), { noiseFloor: { model: at('http://gpu:8002/v1'), prefills: 3 } });
    const given = giveAccess(plan, flags);
    for (const source of [given.finetuned, given.reference, given.noiseFloor!.model])
      expect(source).toMatchObject({ apiKeyEnv: 'MAIN_KEY', headers: { 'X-Title': 'a' } });
  });

  it('of one provider do not go to another', () => {
    const plan = planOf(at('https://api.one.example/v1'), at('https://api.two.example/v1'));
    expect(giveAccess(plan, flags).reference).toEqual(plan.reference);
    const both = giveAccess(plan, { ...flags, referenceApiKeyEnv: 'OTHER_KEY' });
    expect(both.finetuned).toMatchObject({ apiKeyEnv: 'MAIN_KEY' });
    expect(both.reference).toEqual({ ...plan.reference, apiKeyEnv: 'OTHER_KEY' });
  });

  it('of the reference are not those of the finetuned model at the same host', () => {
    const given = giveAccess(planOf(at('http://gpu/v1', 'f'), at('http://gpu/v1', 'r')), { ...flags, referenceApiKeyEnv: 'OTHER_KEY' });
    expect(given.finetuned).toMatchObject({ apiKeyEnv: 'MAIN_KEY' });
    expect(given.reference).toMatchObject({ apiKeyEnv: 'OTHER_KEY', headers: { 'X-Title': 'a' } });
  });

  it('go to the reference where only that is behind a server, and leave files alone', () => {
    const given = giveAccess(planOf(GGUF, at('http://gpu/v1')), flags);
    expect(given.finetuned).toEqual(GGUF);
    expect(given.reference).toMatchObject({ apiKeyEnv: 'MAIN_KEY' });
  });

  it('stand beside those of the plan, and win', () => {
    const planned = { ...at('http://gpu/v1'), apiKeyEnv: 'OLD', headers: { 'X-Old': 'b', 'X-Title': 'c' } };
    expect(giveAccess(planOf(planned, GGUF), flags).finetuned).toMatchObject({ apiKeyEnv: 'MAIN_KEY', headers: { 'X-Old': 'b', 'X-Title': 'a' } });
    expect(giveAccess(planOf(planned, GGUF), {}).finetuned).toEqual(planned);
  });

  it('are refused where no server is, and plans with secrets in headers too', () => {
    expect(messageOf(() => giveAccess(planOf(GGUF, GGUF), flags))).toContain('--api-key-env has nothing to go to');
    expect(messageOf(() => giveAccess(planOf(at('http://gpu/v1'), GGUF), { referenceApiKeyEnv: 'K' }))).toContain('The reference is not behind a server');
    const careless = { ...at('http://gpu/v1'), headers: { 'api-key': 'pasted-1' } };
    const message = messageOf(() => giveAccess(planOf(at('http://gpu/v1'), careless), {}));
    expect(message).toContain('The header api-key carries a secret');
    expect(message).not.toContain('pasted-1');
  });
});

describe('the key of a server', () => {
  beforeEach(() => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-test-openai');
    vi.stubEnv('MY_KEY', ' sk-test-mine\n');
    vi.stubEnv('UNSET_KEY', undefined);
    vi.stubEnv('TOGETHER_API_KEY', '');
  });
  afterEach(() => void vi.unstubAllEnvs());

  it('is the one that is named, without what surrounds it', () => {
    expect(findKey({ ...at('https://api.openai.com/v1'), apiKeyEnv: 'MY_KEY' })).toBe('sk-test-mine');
  });

  it('is the customary one of a known provider, and goes nowhere else', () => {
    expect(findKey(at('https://api.openai.com/v1'))).toBe('sk-test-openai');
    for (const elsewhere of [
      'https://api.openai.com.evil.example/v1',
      'http://api.openai.com/v1',
      'http://localhost:8000/v1',
      'https://example.com/api.openai.com/v1',
    ]) {
      expect(findKey(at(elsewhere))).toBeUndefined();
    }
    expect(keyVariable(at('https://api.together.ai/v1'))).toBeUndefined();
  });

  it('is missed where it was named, without quoting what may be a key', () => {
    expect(messageOf(() => findKey({ ...at('http://gpu:8000/v1'), apiKeyEnv: 'UNSET_KEY' }))).toMatch(/variable UNSET_KEY .*gpu:8000 is not set/);
    expect(messageOf(() => findKey({ ...at('http://gpu:8000/v1'), apiKeyEnv: 'gsk_0123456789abcdef' }))).not.toContain('gsk_');
  });
});

describe('what a user is told about servers', () => {
  beforeEach(() => void vi.stubEnv('GPU_KEY', 'sk-test-gpu'));
  afterEach(() => void vi.unstubAllEnvs());

  it('is who receives which texts with which key, and how much that is', () => {
    const plan = planOf({ ...at('http://gpu:8000/v1', 'f'), apiKeyEnv: 'GPU_KEY' }, at('http://127.0.0.1:8080/v1', 'r'), {
      prefills: 10,
      maxTokens: 50,
      framings: ['raw'],
    });
    const text = describeServers(plan, 2000).join('\n');
    expect(text).toMatch(
      /^gpu:8000 receives, with the key in GPU_KEY \(unencrypted[^)]*\):\n {2}f: the prefills; it writes the completions\n127\.0\.0\.1:8080 \(this machine\) receives, without a key:\n {2}r: the prefills and all completions/,
    );
    expect(text).toContain('about 1,080 tokens');
    expect(text).toContain('This run pauses at 2,000.');
    expect(text).not.toContain('sk-test');
    expect(describeServers(planOf(GGUF, GGUF), undefined)).toEqual([]);
  });

  it('says where a header with a variable goes unencrypted, too', () => {
    const withHeader = (endpoint: string) => describeServers(planOf({ ...at(endpoint, 'f'), headers: { 'X-A': 'v ${GPU_KEY}' } }, GGUF), undefined)[0];
    expect(withHeader('http://gpu:8000/v1')).toMatch(/without a key and GPU_KEY in headers \(unencrypted/);
    expect(withHeader('https://gpu:8000/v1')).toMatch(/without a key and GPU_KEY in headers:$/);
    expect(withHeader('http://localhost:8000/v1')).toMatch(/without a key and GPU_KEY in headers:$/);
  });

  it('is why completions were set aside, most frequent reason first, as harmless text', () => {
    const reasons = ['b', 'a\u001b[2J', 'a\u001b[2J', 'c', 'd', 'e', 'f', 'g'];
    expect(describeSetAside(reasons)).toEqual([
      '8 completions were set aside, since no usable answer came:',
      '  2 × a⟦ESC⟧[2J',
      '  1 × b',
      '  1 × c',
      '  1 × d',
      '  1 × e',
      '  and 2 more reasons',
    ]);
    expect(summariseSetAside(['x', 'y', 'y'])).toBe('3 completions are set aside and not in this report (2 of them: y)');
    expect(summariseSetAside(['x'])).toBe('1 completion is set aside and not in this report (x)');
    expect(describeSetAside([])).toEqual([]);
    expect(summariseSetAside([])).toBeNull();
  });
});
