import { expect, test } from 'vitest';
import { findBaseUrlFault, formatHeaders, makeEndpointSource, normaliseBaseUrl, parseHeaders } from '../../../src/endpoints/endpoint-address.js';
import { ENDPOINT_PRESETS } from '../../../src/models/api/dialects/presets.js';

test.each([
  ['http://localhost:8000/v1', undefined],
  ['https://api.example.com', undefined],
  ['localhost:8000/v1', 'notHttp'],
  ['http:8000/v1', 'notHttp'],
  ['ftp://host/v1', 'notHttp'],
  ['', 'notHttp'],
  ['http://', 'notHttp'],
  ['https://me:secret@host/v1', 'credentials'],
  ['https://me@host/v1', 'credentials'],
  ['https://host/v1?key=secret', 'query'],
  ['https://host/v1#part', 'query'],
  ['https://RESOURCE.openai.azure.com/openai/v1', 'placeholder'],
])('the base URL %j: %s', (text, fault) => {
  expect(findBaseUrlFault(text)).toBe(fault);
});

test('every preset has a base URL that can be taken, but for the part that is the user’s own', () => {
  for (const { baseUrl } of ENDPOINT_PRESETS) expect([undefined, 'placeholder']).toContain(findBaseUrlFault(baseUrl));
});

test('one server has one spelling', () => {
  for (const text of ['HTTP://LocalHost:8000/v1/', ' http://localhost:8000/v1 ', 'http://localhost:8000/v1//']) {
    expect(normaliseBaseUrl(text)).toBe('http://localhost:8000/v1');
  }
  expect(normaliseBaseUrl('https://API.example.com:443/V1')).toBe('https://api.example.com/V1');
  expect(normaliseBaseUrl('https://api.example.com/')).toBe('https://api.example.com');
});

test('the environment variable of a key is named for its own host only', () => {
  expect(makeEndpointSource('https://api.openai.com/v1', 'gpt-4o-mini')).toEqual({
    endpoint: 'https://api.openai.com/v1',
    model: 'gpt-4o-mini',
    apiKeyEnv: 'OPENAI_API_KEY',
  });
  expect(makeEndpointSource('https://api.openai.com.example.org/v1', 'gpt-4o-mini')).toEqual({
    endpoint: 'https://api.openai.com.example.org/v1',
    model: 'gpt-4o-mini',
  });
  expect(makeEndpointSource('http://api.openai.com/v1', 'gpt-4o-mini')).toEqual({ endpoint: 'http://api.openai.com/v1', model: 'gpt-4o-mini' });
  // It wants no key unless it is told to.
  expect(makeEndpointSource('http://localhost:8000/v1', 'm')).toEqual({ endpoint: 'http://localhost:8000/v1', model: 'm' });
});

test('headers are read as they are written', () => {
  const headers = { 'X-Project': 'audits', 'X-Key': 'a;b: c' };
  expect(parseHeaders(' X-Project:audits ;X-Key: a\\;b: c; ')).toEqual(headers);
  expect(parseHeaders(formatHeaders(headers))).toEqual(headers);
  expect(parseHeaders('')).toEqual({});
});

test.each(['X-Project', 'X Project: audits', ': audits', 'X-Project:', 'X-Project: a\u0007', 'X-Project: …'])('%j is no header', (text) => {
  expect(parseHeaders(text)).toBeUndefined();
});
