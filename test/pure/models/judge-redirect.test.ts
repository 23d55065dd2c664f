/** Where the hub may send a download. */
import { describe, expect, it } from 'vitest';
import { judgeRedirect } from '../../../src/models/local/process/hub-fetch.js';

const HUB = new URL('https://huggingface.co/someone/model/resolve/main/m.gguf');

describe('a redirect of a download', () => {
  it.each(['https://cdn.example/m?Signature=1', '/api/resolve-cache/m', '//cdn.example/m'])('is followed to %s', (location) => {
    expect(judgeRedirect(HUB, location)).toEqual(new URL(location, HUB));
  });

  it.each([
    ['http://cdn.example/m', 'encrypted'],
    ['http://huggingface.co/m', 'encrypted'],
    ['https://localhost/m', 'this machine'],
    ['https://127.0.0.1:8000/m', 'this machine'],
    ['https://0x7f.1/m', 'this machine'],
    ['https://2130706433/m', 'this machine'],
    ['https://[::1]/m', 'this machine'],
    ['https://[::ffff:127.0.0.1]/m', 'this machine'],
    ['https://0/m', 'this machine'],
    ['https://name:word@cdn.example/m', 'user name'],
    ['file:///etc/passwd', 'no web address'],
    ['data:text/plain,x', 'no web address'],
    ['ftp://cdn.example/m', 'no web address'],
    ['https://', 'no web address'],
  ])('is not followed to %s, and says why', (location, why) => {
    expect(judgeRedirect(HUB, location)).toEqual(expect.stringContaining(why));
  });

  it('stays on this machine where the hub is one of one’s own', () => {
    expect(judgeRedirect(new URL('http://localhost:9000/m'), 'http://127.0.0.1:9001/m')).toBeInstanceOf(URL);
  });
});
