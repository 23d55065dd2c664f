/** One request at a time, against real servers. */
import { readFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AuditError } from '../../../../../src/audit/errors.js';
import { judgeConnection } from '../../../../../src/models/api/transport/connection-trouble.js';
import { EndpointClient, type EndpointClientOptions } from '../../../../../src/models/api/transport/endpoint-client.js';
import { EndpointError } from '../../../../../src/models/api/transport/endpoint-error.js';
import { sendJson, serve, unusedAddress } from './http-server.js';

const KEY = 'tok-3f9c/A+b==verySecretKey';
const never = new AbortController().signal;

function client(baseUrl: string, options: Partial<EndpointClientOptions> = {}): EndpointClient {
  return new EndpointClient({ baseUrl, apiKey: KEY, headers: {}, secrets: [], timeoutMs: 20_000, ...options });
}

async function failureOf(work: Promise<unknown>): Promise<EndpointError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EndpointError);
  return error as EndpointError;
}

/** Everything of an error that somebody could log. */
function everyTrace(error: EndpointError): string {
  return [error.message, error.stack, String(error), JSON.stringify(error), inspect(error, { depth: 20, showHidden: true, getters: true })].join('\n');
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe('what is sent', () => {
  it('is the body, the key and the given headers, below the base URL', async () => {
    const server = await serve((response) => sendJson(response, 200, { ok: 1 }));
    const answer = await client(server.baseUrl, { headers: { 'X-Team': 'red' } }).post('/chat/completions', { model: 'm', n: 1 }, never);
    expect(answer).toEqual({ ok: 1 });
    const [request] = server.seen;
    expect(request).toMatchObject({ method: 'POST', url: '/v1/chat/completions', body: '{"model":"m","n":1}' });
    expect(request!.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'x-team': 'red' });
  });

  it('goes beside /v1 where the server has paths of its own', async () => {
    const server = await serve((response) => sendJson(response, 200, {}));
    await client(`${server.baseUrl}/`).get({ fromRoot: '/tokenize' }, never);
    await client(server.baseUrl.replace('/v1', '/openai/v1')).get('/models', never);
    await client(server.baseUrl.replace('/v1', '/api')).get({ fromRoot: '/props' }, never);
    expect(server.seen.map(({ url }) => url)).toEqual(['/tokenize', '/openai/v1/models', '/api/props']);
  });

  it('has no Authorization without a key', async () => {
    const server = await serve((response) => sendJson(response, 200, {}));
    for (const apiKey of [undefined, '', '  ']) await client(server.baseUrl, { apiKey }).post('/completions', {}, never);
    expect(server.seen).toHaveLength(3);
    for (const request of server.seen) expect(request.headers).not.toHaveProperty('authorization');
  });

  it('holds nothing from the environment and nothing about this machine', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-from-the-environment');
    vi.stubEnv('OPENAI_ADMIN_KEY', 'sk-admin-from-the-environment');
    vi.stubEnv('OPENAI_ORG_ID', 'org-from-the-environment');
    vi.stubEnv('OPENAI_PROJECT_ID', 'project-from-the-environment');
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/environment');
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'X-Environment: from-the-environment\nAuthorization: Bearer from-the-environment');
    const server = await serve((response) => sendJson(response, 200, {}));
    await client(server.baseUrl, { apiKey: undefined }).post('/completions', {}, never);
    const sent = JSON.stringify(server.seen);
    expect(server.seen).toHaveLength(1);
    expect(sent).not.toMatch(/environment/i);
    expect(sent).not.toMatch(/stainless/i);
    expect(server.seen[0]!.headers).not.toHaveProperty('authorization');
  });

  it('is refused before anything is sent where a header or an address cannot be', () => {
    expect(() => client('http://localhost:8000/v1', { apiKey: 'two\nlines-of-secret' })).toThrow(/The key for localhost:8000/);
    let refusal: unknown;
    try {
      client('http://localhost:8000/v1', { headers: { 'X-Key': 'secret\nvalue' } });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(AuditError);
    expect(inspect(refusal, { depth: 9 })).not.toContain('secret');
    expect(() => client('localhost:8000/v1')).toThrow(/begins with http/);
    expect(() => client('http://me:pass@localhost/v1')).toThrow(/user name or password/);
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'no header: x');
    expect(() => client('http://localhost:8000/v1')).toThrow(/OPENAI_CUSTOM_HEADERS is malformed/);
  });
});

describe('what comes back', () => {
  it.each([
    [400, {}, 'badRequest', false],
    [413, {}, 'badRequest', false],
    [422, {}, 'badRequest', false],
    [401, {}, 'keyRefused', false],
    [402, {}, 'keyRefused', false],
    [403, {}, 'keyRefused', false],
    [403, { error: { message: 'flagged', metadata: { reasons: ['x'] } } }, 'badRequest', false],
    [404, {}, 'notFound', false],
    [405, {}, 'notFound', false],
    [408, {}, 'timeout', true],
    [409, {}, 'overloaded', true],
    [429, {}, 'rateLimited', true],
    [429, { error: { code: 'insufficient_quota' } }, 'keyRefused', false],
    [500, {}, 'serverError', true],
    [502, {}, 'serverError', true],
    [503, {}, 'overloaded', true],
    [504, {}, 'timeout', true],
  ])('%i %j is %s', async (status, body, kind, isTransient) => {
    const server = await serve((response) => sendJson(response, status, body));
    const error = await failureOf(client(server.baseUrl).get('/models', never));
    expect(error).toMatchObject({ kind, status, isTransient });
    expect(error.message).toContain(server.host);
    expect(error.message).toContain(String(status));
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['error.message', { error: { message: 'the prompt is too long', code: 'context_length_exceeded' } }],
    ['error', { error: 'the prompt is too long' }],
    ['message', { object: 'error', message: 'the prompt is too long' }],
    ['detail', { detail: [{ msg: 'the prompt is too long' }] }],
  ])('a reason in %s is said', async (_place, body) => {
    const server = await serve((response) => sendJson(response, 400, body));
    const error = await failureOf(client(server.baseUrl).post('/completions', {}, never));
    expect(error.message).toContain('the prompt is too long');
    expect(error.said).toContain('the prompt is too long');
  });

  it('a long page of HTML becomes a short line without tags or control characters', async () => {
    const page = `<html><style>p{}</style><h1>502 Bad\u001b[31m Gateway</h1>${'<p>nginx 😀</p>'.repeat(500)}</html>`;
    const server = await serve((response) => response.writeHead(502, { 'content-type': 'text/html' }).end(page));
    const error = await failureOf(client(server.baseUrl).get('/models', never));
    expect(error.message).toMatch(/502 Bad Gateway: 502 Bad \[31m Gateway nginx/);
    expect(error.message).not.toMatch(/[<>\p{Cc}]|p\{\}/u);
    expect(error.message.length).toBeLessThanOrEqual(300);
    expect(error.message).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  });

  it.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a fraction of seconds', { 'retry-after': '0.25' }, 250],
    ['a date, by the server’s own clock', { 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' }, 30_000],
    ['a date that has passed', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0],
    ['milliseconds', { 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
  ])('Retry-After as %s', async (_form, headers, expected) => {
    const server = await serve((response) => sendJson(response, 429, {}, headers as Record<string, string>));
    const error = await failureOf(client(server.baseUrl).get('/models', never));
    expect(error.retryAfterMs).toBe(expected);
  });

  it('a certificate that nobody vouches for, a port without TLS and a name that no host has are not tried again', async () => {
    const secure = createSecureServer(
      { key: readFileSync('test/fixtures/tls/key.pem'), cert: readFileSync('test/fixtures/tls/certificate.pem') },
      (_, response) => response.end('{}'),
    );
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = secure.address() as AddressInfo;
      const untrusted = await failureOf(client(`https://127.0.0.1:${port}/v1`).get('/models', never));
      expect(untrusted).toMatchObject({ kind: 'unreachable', isTransient: false, mayCost: false });
      expect(untrusted.message).toMatch(/certificate that is not trusted here.*NODE_EXTRA_CA_CERTS \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    } finally {
      secure.close();
      secure.closeAllConnections();
    }
    const plain = await serve((response) => sendJson(response, 200, {}));
    const noTls = await failureOf(client(plain.baseUrl.replace('http:', 'https:')).get('/models', never));
    expect(noTls).toMatchObject({ kind: 'unreachable', isTransient: false, mayCost: false });
    expect(noTls.message).toMatch(/no TLS connection came about.*http:/);
    const nowhere = await failureOf(client('http://no-such-host.invalid/v1').get('/models', never));
    expect(nowhere).toMatchObject({ kind: 'unreachable', isTransient: false, mayCost: false });
    expect(nowhere.message).toMatch(/name of no host.*\(ENOTFOUND\)/);
  });

  it('a name or a TLS that was right once is passing trouble, whichever client found it right', async () => {
    const server = await serve((response) => sendJson(response, 200, {}));
    const answered = new Set<string>();
    await client(server.baseUrl, { answered }).get('/models', never);
    expect([...answered]).toEqual([server.host]);
    // The other client speaks TLS to the same host, which no longer does so.
    const lost = await failureOf(client(server.baseUrl.replace('http:', 'https:'), { answered }).get('/models', never));
    expect(lost).toMatchObject({ kind: 'connection', isTransient: true });
    const fault = { code: 'ENOTFOUND', syscall: 'getaddrinfo' };
    expect(judgeConnection(fault, false)).toMatchObject({ kind: 'final' });
    expect(judgeConnection(fault, true)).toEqual({ kind: 'passing', sent: false });
    expect(judgeConnection({ code: 'CERT_HAS_EXPIRED', syscall: undefined }, true)).toMatchObject({ kind: 'final' });
  });

  it.each([
    ['ECONNREFUSED', 'connect', false],
    ['EHOSTUNREACH', 'connect', false],
    ['EAI_AGAIN', 'getaddrinfo', false],
    ['ETIMEDOUT', 'connect', false],
    ['ETIMEDOUT', 'read', true],
    ['ECONNRESET', 'read', true],
    ['EPIPE', 'write', true],
    [undefined, undefined, true],
  ])('%s of %s may have cost something: %s', (code, syscall, sent) => {
    expect(judgeConnection({ code, syscall }, false)).toEqual({ kind: 'passing', sent });
  });

  it('a server that is not there, one that hangs up and one that stops in the middle are connections', async () => {
    const gone = await failureOf(client(await unusedAddress()).get('/models', never));
    expect(gone).toMatchObject({ kind: 'connection', isTransient: true, mayCost: false });
    expect(gone.message).toMatch(/127\.0\.0\.1:\d+ could not be reached.*\(ECONNREFUSED\)/);

    const resetting = await serve((response) => response.socket!.resetAndDestroy());
    const reset = await failureOf(client(resetting.baseUrl).get('/models', never));
    expect(reset).toMatchObject({ kind: 'connection', mayCost: true });
    expect(reset.message).toMatch(/could not be reached or hung up/);

    const stopping = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"choices": [');
      setTimeout(() => response.socket!.destroy(), 20);
    });
    const half = await failureOf(client(stopping.baseUrl).get('/models', never));
    expect(half).toMatchObject({ kind: 'connection', mayCost: true });
    expect(half.message).toContain('broke off in the middle of its answer');
  });

  it('an answer that is cut off between two pieces is no answer', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"a": 1}');
      setTimeout(() => response.socket!.destroy(), 20);
    });
    expect(await failureOf(client(server.baseUrl).get('/models', never))).toMatchObject({ kind: 'connection', mayCost: true });
  });

  it('nothing goes out by fetch, which waits five minutes at most for an answer to begin and knows forbidden ports', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('asked by fetch')));
    const server = await serve((response) => sendJson(response, 200, { ok: 1 }));
    expect(await client(server.baseUrl).get('/models', never)).toEqual({ ok: 1 });
    expect(await failureOf(client('http://127.0.0.1:6000/v1').get('/models', never))).toMatchObject({ kind: 'connection' });
  });

  it('an answer without a body is nothing', async () => {
    const server = await serve((response) => response.writeHead(204).end());
    expect((await failureOf(client(server.baseUrl).get('/models', never))).message).toMatch(/answered 204 with something that is no JSON: nothing/);
  });

  it.each([
    ['half a JSON text', '{"choices": [{"text": "a"', /no JSON/],
    ['nothing', '', /nothing/],
    ['a web page', '<html>Sign in</html>', /Sign in/],
  ])('%s is unreadable', async (_what, body, said) => {
    const server = await serve((response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
    const error = await failureOf(client(server.baseUrl).get('/models', never));
    expect(error).toMatchObject({ kind: 'unreadable', status: 200, isTransient: true });
    expect(error.message).toMatch(said);
  });

  it.each(['{"choices": [{"logprob": NaN}]}', '{"token_logprobs": [-0.5, -Infinity]}'])('%s is a bad answer, not one that was cut off', async (body) => {
    const server = await serve((response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
    const error = await failureOf(client(server.baseUrl).get('/models', never));
    expect(error).toMatchObject({ kind: 'badAnswer', status: 200, isTransient: false, mayCost: true });
    expect(error.message).toMatch(/contains NaN or Infinity/);
  });

  it('JSON is JSON whatever the server calls it', async () => {
    const server = await serve((response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('[1, 2]'));
    expect(await client(server.baseUrl).get('/models', never)).toEqual([1, 2]);
  });

  it('an error that comes with a success status is an error', async () => {
    const server = await serve((response, number) =>
      sendJson(response, 200, number === 0 ? { error: { code: 429, message: 'upstream is busy' } } : { error: null, data: [] }),
    );
    const error = await failureOf(client(server.baseUrl).get('/models', never));
    expect(error).toMatchObject({ kind: 'rateLimited', status: 429, said: 'upstream is busy' });
    expect(await client(server.baseUrl).get('/models', never)).toEqual({ error: null, data: [] });
  });

  it('a server that never ends its answer is timed out', async () => {
    const server = await serve((response, number) => {
      if (number === 1) response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    for (let time = 0; time < 2; time++) {
      const error = await failureOf(client(server.baseUrl, { timeoutMs: 100 }).get('/models', never));
      expect(error).toMatchObject({ kind: 'timeout', isTransient: true });
    }
    expect(server.seen).toHaveLength(2);
  });

  it('a redirect is not followed: neither key nor headers reach the other host', async () => {
    const other = await serve((response) => sendJson(response, 200, {}));
    const server = await serve((response) => response.writeHead(307, { location: `${other.baseUrl}/models?key=${KEY}` }).end());
    const error = await failureOf(client(server.baseUrl, { headers: { 'x-api-key': 'abcdef' } }).post('/models', {}, never));
    expect(error).toMatchObject({ kind: 'unreachable', status: 307, isTransient: false });
    expect(error.said).toContain(`points to ${other.baseUrl}`);
    expect(error.message).toContain(`points to ${other.baseUrl}`);
    expect(everyTrace(error)).not.toContain(KEY);
    expect(other.seen).toEqual([]);
  });

  it.each(
    [301, 302, 303, 307, 308].flatMap((status) =>
      ['another host', 'this host', 'a file', 'a command'].flatMap((where) => [
        [status, 'GET', where],
        [status, 'POST', where],
      ]),
    ),
  )('a %i in answer to %s is not followed to %s', async (status, method, where) => {
    const other = await serve((response) => sendJson(response, 200, {}));
    const location = {
      'another host': other.baseUrl,
      'this host': '/v1/elsewhere',
      'a file': 'file:///etc/passwd',
      'a command': 'command:workbench.action.quit',
    }[where]!;
    const server = await serve((response) => response.writeHead(status as number, { location }).end('{}'));
    const asked = client(server.baseUrl);
    const error = await failureOf(method === 'GET' ? asked.get('/models', never) : asked.post('/completions', {}, never));
    expect(error).toMatchObject({ kind: 'unreachable', status, isTransient: false });
    expect([server.seen.length, other.seen.length]).toEqual([1, 0]);
  });
});

describe('keys', () => {
  it('that the server echoes are in no part of the error', async () => {
    const header = 'value-of-a-variable';
    const echoes = [KEY, KEY.toUpperCase(), encodeURIComponent(KEY), `Bearer ${KEY}`, 'sk-abcd****************wxyz', header, 'Bearer other-token'];
    const bodies = [
      JSON.stringify({ error: { message: `Incorrect API key: ${echoes.join(' ')}`, code: KEY } }),
      JSON.stringify({ detail: echoes }),
      `<p>${echoes.join('</p><p>')}</p>`,
      // Where a careless cut would leave most of a key standing.
      `${'x'.repeat(190)} ${KEY}`,
      JSON.stringify({ error: { message: `${'x'.repeat(190)}${KEY}` } }),
    ];
    for (const status of [401, 200]) {
      const server = await serve((response, number) => {
        const body = bodies[number]!;
        // The reason phrase and the headers echo it too.
        response.writeHead(status, `no ${KEY}`, { 'x-echo': KEY, 'www-authenticate': `Bearer ${KEY}` }).end(body);
      });
      for (let number = 0; number < bodies.length; number++) {
        const work = client(server.baseUrl, { headers: { 'X-Other': header }, secrets: [header] }).post('/completions', {}, never);
        if (status === 200 && number === 1) {
          // Readable JSON without an error.
          await work;
          continue;
        }
        const error = await failureOf(work);
        const trace = everyTrace(error).toLowerCase();
        for (const secret of ['verysecretkey', 'tok-3f9c', 'wxyz', header, 'other-token']) expect(trace).not.toContain(secret);
        expect(error.cause).toBeUndefined();
        if (status === 401) expect(error.message).toContain('401');
      }
    }
  });
});

describe('cancelling', () => {
  it('ends the request with the error of a cancelled audit', async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort());
    await expect(client(server.baseUrl).get('/models', controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(client(server.baseUrl).get('/models', controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.seen).toHaveLength(1);
  });
});
