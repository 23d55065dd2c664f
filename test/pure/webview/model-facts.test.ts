import { describe, expect, it } from 'vitest';
import type { ModelIdentity } from '../../../src/audit/language-model.js';
import { factsOf, serverOf } from '../../../webview/header/facts-of-model.js';

const FILE: ModelIdentity = {
  name: 'base-a',
  source: '/models/base-a.gguf',
  sha256: 'ab',
  quantisation: 'F16',
  adapters: [],
  tokenizerFingerprint: 'f',
  vocabularySize: 2048,
  contextLength: 256,
  hasChatTemplate: true,
  engine: 'node-llama-cpp 3.22.1, CPU',
};

const SERVED: ModelIdentity = {
  name: 'my-lora',
  source: 'openai:my-lora@http://localhost:8000/v1',
  servedAs: 'my-lora-v3',
  adapters: [],
  tokenizerFingerprint: 'f',
  vocabularySize: null,
  contextLength: null,
  hasChatTemplate: true,
  engine: '',
};

describe('the facts of a model', () => {
  it('name the file and what is in it', () => {
    const facts = new Map(factsOf(FILE).map(([name, value]) => [name, value]));
    expect(facts.get('Source')).toBe('/models/base-a.gguf');
    expect(facts.get('Context')).toBe('256 tokens');
    expect(facts.get('Vocabulary')).toBe('2,048 tokens');
    expect(facts.has('Server')).toBe(false);
    expect(facts.has('Served as')).toBe(false);
  });

  it('name the server, and say what it does not tell', () => {
    const facts = new Map(factsOf(SERVED).map(([name, value]) => [name, value]));
    expect(facts.get('Server')).toBe('http://localhost:8000/v1');
    expect(facts.get('Model')).toBe('my-lora');
    expect(facts.get('Served as')).toBe('my-lora-v3');
    expect(facts.get('Context')).toBe('not told by the server');
    expect(facts.get('Vocabulary')).toBe('not told by the server');
    expect(facts.has('Source')).toBe(false);
    expect([...facts.keys()]).not.toContain('SHA-256');
  });

  it('leave out what nobody knows of a model that something else ran', () => {
    expect(factsOf({ name: 'theirs' })).toEqual([['Name', 'theirs', false]]);
  });

  it('tell a model behind a server from one in a file', () => {
    expect(serverOf(SERVED)).toBe('localhost:8000');
    expect(serverOf(FILE)).toBeNull();
    expect(serverOf({ name: 'theirs' })).toBeNull();
  });

  it('are never empty, nor said in the words of a program', () => {
    for (const [, value] of [...factsOf(FILE), ...factsOf(SERVED)]) expect(value).not.toMatch(/^$|null|undefined|NaN/);
  });
});
