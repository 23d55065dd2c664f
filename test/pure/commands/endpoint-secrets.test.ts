import { beforeEach, expect, test } from 'vitest';
import { EndpointSecrets } from '../../../src/endpoints/endpoint-secrets.js';
import { MapBox, MapMemory } from './map-memory.js';

const SERVER = 'http://localhost:8000/v1';
let box: MapBox;
let memory: MapMemory;
let environment: Record<string, string>;
let secrets: EndpointSecrets;

beforeEach(() => {
  [box, memory, environment] = [new MapBox(), new MapMemory(), {}];
  secrets = new EndpointSecrets(box, memory, (name) => environment[name]);
});

test('a key is found by its base URL, however that is written, and by no other', async () => {
  await secrets.setKey(SERVER, 'sk-local');
  expect(await secrets.findKey({ endpoint: 'HTTP://localhost:8000/v1/' })).toBe('sk-local');
  expect(await secrets.findKey({ endpoint: 'http://localhost:8001/v1' })).toBeUndefined();
  expect(await secrets.findKey({ endpoint: 'http://localhost:8000/other' })).toBeUndefined();
});

test('the environment variable that a source names goes first, where it is set', async () => {
  await secrets.setKey(SERVER, 'sk-kept');
  const source = { endpoint: SERVER, apiKeyEnv: 'SOME_KEY' };
  expect(await secrets.findKey(source)).toBe('sk-kept');
  expect(await secrets.locateKey(source)).toBe('storage');
  environment['SOME_KEY'] = 'sk-environment';
  expect(await secrets.findKey(source)).toBe('sk-environment');
  expect(await secrets.locateKey(source)).toBe('environment');
  expect(await secrets.findKey({ endpoint: SERVER })).toBe('sk-kept');
});

test('an empty key takes the former one away', async () => {
  await secrets.setKey(SERVER, 'sk-local');
  await secrets.setKey(SERVER, '');
  expect(await secrets.locateKey({ endpoint: SERVER })).toBe('nowhere');
  expect(secrets.list()).toEqual([]);
});

test('what is remembered beside the storage has nothing of the secrets in it', async () => {
  await secrets.setKey(SERVER, 'sk-local');
  await secrets.setHeaders('https://gateway.example.com/v1', { 'X-Gateway-Key': 'gw-secret' });
  expect(secrets.list()).toEqual(['https://gateway.example.com/v1', SERVER]);
  const remembered = [...memory.values.values()].join();
  expect(remembered).not.toMatch(/sk-local|gw-secret|X-Gateway/);
});

test('headers are kept by base URL, and none take the former ones away', async () => {
  await secrets.setHeaders('HTTP://localhost:8000/v1/', { 'X-Gateway-Key': 'gw-secret' });
  expect(await secrets.findHeaders(SERVER)).toEqual({ 'X-Gateway-Key': 'gw-secret' });
  await secrets.setKey(SERVER, 'sk-local');
  await secrets.setHeaders(SERVER, {});
  expect(await secrets.findHeaders(SERVER)).toEqual({});
  expect(secrets.list()).toEqual([SERVER]);
});

test('forgetting leaves nothing in the storage', async () => {
  await secrets.setKey(SERVER, 'sk-local');
  await secrets.setHeaders(SERVER, { 'X-Key': 'secret' });
  await secrets.setKey('https://api.example.com/v1', 'sk-other');
  await secrets.forgetAll();
  expect(box.values.size).toBe(0);
  expect(secrets.list()).toEqual([]);
});
