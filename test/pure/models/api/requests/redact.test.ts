import { describe, expect, it } from 'vitest';
import { redact } from '../../../../../src/models/api/transport/redact.js';

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

describe('a secret that is said back in another form', () => {
  const key = 'a-key-of-this-test-0123456789';
  it.each([0, 1, 2, 3])('is hidden in base64, wherever it stood (%i bytes in)', (before) => {
    const packed = Buffer.from(`${'u'.repeat(before)}${key}:and more`).toString('base64');
    const shown = redact(`you sent ${packed}`, [key]);
    expect(shown).toContain('[hidden]');
    const left = Buffer.from(shown.replace('you sent ', '').replace('[hidden]', ''), 'base64').toString('latin1');
    expect(left).not.toContain(key.slice(4, 20));
  });

  it('is hidden in hexadecimal digits, and decoded where it is base64 itself', () => {
    expect(redact(Buffer.from(key).toString('hex'), [key])).toBe('[hidden]');
    const basic = Buffer.from('someone:pass-of-this-test').toString('base64');
    expect(redact('user someone:pass-of-this-test is unknown, pass-of-this-test too', [basic])).toBe('user [hidden] is unknown, [hidden] too');
  });
});
