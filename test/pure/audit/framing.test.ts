import { describe, expect, it } from 'vitest';
import { chatMessages, continuesPrefill, DEFAULT_FRAMING_TEXTS, foldSystem } from '../../../src/audit/framing.js';

const TEXTS = { system: 'S', user: 'U', ask: 'A' };

describe('chatMessages', () => {
  it('has a system turn and a user turn', () => {
    expect(chatMessages('chat', DEFAULT_FRAMING_TEXTS)).toEqual([
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'Tell me anything.' },
    ]);
  });

  it('asks for a continuation in the ask framing', () => {
    expect(chatMessages('ask', TEXTS)).toEqual([
      { role: 'system', content: 'S' },
      { role: 'user', content: 'A' },
    ]);
    expect(DEFAULT_FRAMING_TEXTS.ask).toMatch(/Continue this text.*\n\n$/s);
  });

  it('leaves a blank system text out', () => {
    expect(chatMessages('chat', { ...TEXTS, system: ' \n' })).toEqual([{ role: 'user', content: 'U' }]);
    expect(chatMessages('ask', { ...TEXTS, system: '' })).toEqual([{ role: 'user', content: 'A' }]);
  });
});

describe('foldSystem', () => {
  it("puts the system text at the head of the user's turn", () => {
    expect(chatMessages('chat', foldSystem(TEXTS))).toEqual([{ role: 'user', content: 'S\n\nU' }]);
    expect(chatMessages('ask', foldSystem(TEXTS))).toEqual([{ role: 'user', content: 'S\n\nA' }]);
  });

  it('has nothing to fold of an empty one', () => {
    expect(foldSystem({ ...TEXTS, system: '' })).toEqual({ ...TEXTS, system: '' });
  });
});

describe('continuesPrefill', () => {
  it('is not so where the prefill stands in the user’s turn', () => {
    expect([continuesPrefill('raw'), continuesPrefill('chat'), continuesPrefill('ask')]).toEqual([true, true, false]);
  });
});
