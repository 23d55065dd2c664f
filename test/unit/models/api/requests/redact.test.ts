import { describe, expect, it } from 'vitest';
import { redact } from '../../../../../src/models/api/redact.js';

describe('what is taken out of texts', () => {
  it('is every given secret, however it is spelled', () => {
    const secret = 'a"b/c+D$1';
    const text = [secret, secret.toUpperCase(), encodeURIComponent(secret), JSON.stringify({ key: secret }), `x${secret}${secret}y`].join(' | ');
    const shown = redact(text, [` ${secret}\n`]);
    expect(shown.toLowerCase()).not.toContain('b/c+d');
    expect(shown.toLowerCase()).not.toContain('b%2fc');
    expect(shown).toContain('{"key":"[hidden]"}');
    expect(shown).toContain('x[hidden][hidden]y');
  });

  it('is the longer secret where one contains the other', () => {
    expect(redact('abcdefgh', ['abcd', 'abcdefgh'])).toBe('[hidden]');
  });

  it('is whatever looks like a credential', () => {
    expect(redact('Authorization: Bearer abc.def-123, x', [])).toBe('Authorization: Bearer [hidden], x');
    expect(redact('basic dXNlcjpwYXNz', [])).toBe('basic [hidden]');
    expect(redact('key sk-proj-abc_DEF123 and sk-ab****yz.', [])).toBe('key [hidden] and [hidden]');
  });

  it('is nothing else', () => {
    const text = 'The model "risk-free" takes at most 4096 tokens; ask for less.';
    expect(redact(text, ['', 'x', 'EMPTY'])).toBe(text);
  });
});
