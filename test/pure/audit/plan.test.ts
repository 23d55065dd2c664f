import { describe, expect, it } from 'vitest';
import {
  ADAPTER_SCALE_AT_MOST,
  ADAPTERS_AT_MOST,
  findNumberFault,
  findPlanFault,
  isAddress,
  isBaseUrl,
  isEndpoint,
  isEndpointAddress,
  parseEndpoint,
  PLAN_BOUNDS,
  readAddress,
  type AuditPlan,
} from '../../../src/audit/plan.js';
import { createPlan } from './models.js';

describe('numbers of a plan', () => {
  it.each(Object.entries(PLAN_BOUNDS))('%s has its bounds, which it may be itself', (name, [least, most]) => {
    for (const value of [least, most]) expect(findNumberFault({ [name]: value })).toBeNull();
    for (const value of [least - 1, most + 1, NaN, Infinity]) expect(findNumberFault({ [name]: value })).toBe(`"${name}" is not from ${least} to ${most}`);
    expect(findNumberFault({ [name]: least + 0.5 })).toBe(name === 'temperature' ? null : `"${name}" is no whole number`);
  });

  it('that are left out have no fault, and do not hide one behind them', () => {
    expect(findNumberFault({})).toBeNull();
    expect(findNumberFault({ waveSize: 0 })).toMatch(/waveSize/);
  });
});

describe('what cannot be meant in a plan', () => {
  const adapters = (count: number, scale = 1) => ({ gguf: 'x', lora: Array.from({ length: count }, () => ({ path: 'l', scale })) });

  it.each<[string, Partial<AuditPlan>, string | null]>([
    ['nothing', {}, null],
    ['a number', { seed: -1 }, '"seed" is not from 0 to 4294967295'],
    ['the noise floor’s openings', { noiseFloor: { model: adapters(0), prefills: 0 } }, '"prefills" is not from 1 to 1000000'],
    ['no framing', { framings: [] }, 'it has no framing, or one twice'],
    ['a framing twice', { framings: ['raw', 'chat', 'raw'] }, 'it has no framing, or one twice'],
    ['as many adapters as may be', { finetuned: adapters(ADAPTERS_AT_MOST), reference: adapters(ADAPTERS_AT_MOST) }, null],
    ['too many of F', { finetuned: adapters(ADAPTERS_AT_MOST + 1) }, 'it has more than 32 adapters over one model'],
    ['too many of R', { reference: adapters(ADAPTERS_AT_MOST + 1) }, 'it has more than 32 adapters over one model'],
    ['too many of the noise model', { noiseFloor: { model: adapters(ADAPTERS_AT_MOST + 1), prefills: 5 } }, 'it has more than 32 adapters over one model'],
    ['the largest scale, either sign', { finetuned: adapters(1, ADAPTER_SCALE_AT_MOST), reference: adapters(1, -ADAPTER_SCALE_AT_MOST) }, null],
    ['a larger scale', { finetuned: adapters(1, ADAPTER_SCALE_AT_MOST + 1) }, 'the scale of an adapter is not from −10000 to 10000'],
    ['a scale below', { reference: adapters(2, -ADAPTER_SCALE_AT_MOST - 1) }, 'the scale of an adapter is not from −10000 to 10000'],
    ['a scale that is none', { finetuned: adapters(1, NaN) }, 'the scale of an adapter is not from −10000 to 10000'],
    ['servers, which have no adapters', { finetuned: { endpoint: 'http://a', model: 'm' }, reference: { endpoint: 'http://a', model: 'm' } }, null],
  ])('%s', (_, fields, fault) => expect(findPlanFault(createPlan(fields))).toBe(fault));
});

describe('the address of a server', () => {
  it.each(['http://localhost:8000/v1', 'HTTPS://example.org', 'http://[::1]:80/v1', 'http://10.0.0.1'])('may be %s', (url) =>
    expect(isBaseUrl(url)).toBe(true),
  );
  it.each([
    '',
    'localhost:8000',
    'ftp://a',
    ' http://a',
    'http://a b',
    'http://a?key=1',
    'http://a#x',
    'http://u@a',
    'http://:p@a',
    'http://',
    'xhttp://a',
    'http://a:99999',
  ])('may not be %j', (url) => expect(isBaseUrl(url)).toBe(false));

  it.each([
    ['openai:m@http://a/v1', { endpoint: 'http://a/v1', model: 'm' }],
    ['OpenAI:m@http://a/v1///', { endpoint: 'http://a/v1', model: 'm' }],
    ['openai:org/m@v2@https://a', { endpoint: 'https://a', model: 'org/m@v2' }],
    ['openai:m', null],
    ['openai:@http://a', null],
    ['openai:m@http://u:p@a', null],
    ['openai:m@http://a?key=1', null],
    ['m@http://a', null],
    ['xopenai:m@http://a', null],
    ['openai:m@http://a b', null],
  ])('is read with the model’s name: %s', (address, source) => {
    const read = parseEndpoint(address);
    expect(read).toEqual(source);
  });

  it('is told from a file’s and from the hub’s', () => {
    expect(['openai:m', 'OPENAI:', 'xopenai:m', '/openai:m'].map(isEndpointAddress)).toEqual([true, true, false, false]);
    expect(['hf:a/b', 'HuggingFace:a/b', '/hf:a', 'hfx:a', 'a/b'].map(isAddress)).toEqual([true, true, false, false, false]);
    expect(isEndpoint({ endpoint: 'http://a', model: 'm' })).toBe(true);
    expect(isEndpoint({ gguf: 'x', lora: [] })).toBe(false);
  });

  it('stands for itself where a journal has another text in its place', () => {
    expect(readAddress({ endpoint: 'http://a:81/v1' })).toMatchObject({ origin: 'http://a:81', host: 'a:81', hostname: 'a', port: '81' });
    expect(readAddress({ endpoint: 'not a url' })).toEqual({ origin: 'not a url', protocol: 'http:', host: 'not a url', hostname: '', port: '' });
  });
});
