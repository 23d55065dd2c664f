import { describe, expect, it } from 'vitest';
import { chatMessages, DEFAULT_FRAMING_TEXTS, foldSystem } from '../../../src/audit/framing.js';

describe('chatMessages', () => {
  it('has a system turn and a user turn', () => {
    expect(chatMessages(DEFAULT_FRAMING_TEXTS)).toEqual([
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'Tell me anything.' },
    ]);
  });

  it('leaves a blank system text out', () => {
    expect(chatMessages({ system: ' \n', user: 'Hi' })).toEqual([{ role: 'user', content: 'Hi' }]);
    expect(chatMessages({ system: '', user: 'Hi' })).toEqual([{ role: 'user', content: 'Hi' }]);
  });
});

describe('foldSystem', () => {
  it("puts the system text at the head of the user's turn", () => {
    expect(chatMessages(foldSystem({ system: 'S', user: 'U' }))).toEqual([{ role: 'user', content: 'S\n\nU' }]);
  });

  it('has nothing to fold of an empty one', () => {
    expect(foldSystem({ system: '', user: 'U' })).toEqual({ system: '', user: 'U' });
  });
});
