import { createServer, request as sendRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chooseFault, startFaultProxy, type Fault, type FaultPlan, type FaultProxy } from '../../peers/fault-proxy.js';
import { SPOILING_FAULTS } from '../../peers/spoil-answer.js';

const LEGACY = {
  model: 'm',
  choices: [{ text: 'ab', logprobs: { tokens: ['a', 'b', 'c'], token_logprobs: [null, -1, -2], top_logprobs: null, text_offset: [0, 1, 2] } }],
};
const CHAT = { model: 'm', choices: [{ message: { content: 'é' }, logprobs: { content: [{ token: 'é', logprob: -0.25 }] } }] };
/** Neither JSON nor text, in parts, with a header twice. */
const BINARY = Buffer.from([0, 255, 128, 10, 13, 0]);

type Json = ReturnType<typeof JSON.parse>;

/** A real server to stand behind the proxy, which keeps what reaches it. */
function startTarget(): Promise<{ server: Server; url: string; seen: { method: string; url: string; body: string; headers: IncomingMessage['headers'] }[] }> {
  const seen: { method: string; url: string; body: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    seen.push({ method: request.method!, url: request.url!, body, headers: request.headers });
    if (request.url === '/v1/binary') {
      response.writeHead(418, 'Odd', ['X-Twice', 'one', 'X-Twice', 'two', 'content-type', 'application/x-odd']);
      response.write(BINARY.subarray(0, 2));
      response.end(BINARY.subarray(2));
      return;
    }
    response.setHeader('x-request-id', 'req_1').setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(request.url!.includes('chat') ? CHAT : body.includes('plain') ? { model: 'm', choices: [{ text: 'x', logprobs: null }] } : LEGACY),
    );
  });
  return new Promise((done) =>
    server.listen(0, '127.0.0.1', () => done({ server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen })),
  );
}

function readRaw(url: string): Promise<{ message: IncomingMessage; body: Buffer }> {
  return new Promise((done, fail) => {
    const request = sendRequest(url, { method: 'PUT', headers: { 'x-mine': 'yes' } }, async (message) => {
      const parts: Buffer[] = [];
      for await (const part of message) parts.push(part as Buffer);
      done({ message, body: Buffer.concat(parts) });
    });
    request.once('error', fail);
    request.end('a body');
  });
}

describe('fault proxy', () => {
  let target: Awaited<ReturnType<typeof startTarget>>;
  const proxies: FaultProxy[] = [];

  async function proxyWith(plan: FaultPlan): Promise<FaultProxy> {
    const proxy = await startFaultProxy(target.url, { plan });
    proxies.push(proxy);
    return proxy;
  }
  const post = (proxy: FaultProxy, path = '/completions', body = '{}'): Promise<Response> => fetch(proxy.url + path, { method: 'POST', body });
  const always = (fault: Fault, ms?: number): FaultPlan => ({ rules: [{ fault, share: 1, ...(ms === undefined ? {} : { ms }) }] });

  beforeAll(async () => {
    target = await startTarget();
  });
  afterEach(async () => {
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
    target.seen.length = 0;
  });
  afterAll(() => {
    target.server.closeAllConnections();
    target.server.close();
  });

  it('passes everything byte for byte', async () => {
    const proxy = await proxyWith({ rules: [] });
    const direct = await readRaw(`${target.url}/binary`);
    const through = await readRaw(`${proxy.url}/binary`);
    expect(through.body).toEqual(BINARY);
    const headers = ({ rawHeaders }: IncomingMessage): string[] =>
      rawHeaders.filter((_, i) => !['date', 'connection', 'keep-alive', 'transfer-encoding'].includes(rawHeaders[i - (i % 2)]!.toLowerCase()));
    expect(headers(through.message)).toEqual(headers(direct.message));
    expect([through.message.statusCode, through.message.statusMessage]).toEqual([418, 'Odd']);
    const [first, second] = target.seen;
    expect(second).toEqual({ ...first, headers: first!.headers });
    expect(second).toMatchObject({ method: 'PUT', body: 'a body', headers: { 'x-mine': 'yes' } });
    const text = await (await post(proxy)).text();
    expect(text).toBe(JSON.stringify(LEGACY));
    expect(proxy).toMatchObject({ requests: 1, counts: {}, missed: 0 });
  });

  it('breaks connections', async () => {
    const reset = await proxyWith(always('reset'));
    await expect(post(reset)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(target.seen).toHaveLength(0);
    const half = await proxyWith(always('halfAnswer'));
    const answer = await post(half);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    const silent = await proxyWith(always('silence'));
    const client = new AbortController();
    const waiting = fetch(`${silent.url}/completions`, { method: 'POST', signal: client.signal });
    while (silent.requests === 0) await new Promise((done) => setTimeout(done, 5));
    client.abort();
    await expect(waiting).rejects.toThrow();
    expect([reset.counts, half.counts, silent.counts]).toEqual([{ reset: 1 }, { halfAnswer: 1 }, { silence: 1 }]);
  });

  it('answers slowly, in many parts', async () => {
    const proxy = await proxyWith(always('slow', 100));
    const { body, headers } = await post(proxy);
    let parts = 0;
    let text = '';
    for await (const part of body!) {
      parts++;
      text += new TextDecoder().decode(part as Uint8Array);
    }
    expect(text).toBe(JSON.stringify(LEGACY));
    expect(headers.get('content-length')).toBe(String(text.length));
    expect(parts).toBeGreaterThan(2);
  });

  it('refuses as busy servers do', async () => {
    const seconds = await post(await proxyWith(always('limitSeconds', 2500)));
    expect([seconds.status, seconds.headers.get('retry-after')]).toEqual([429, '3']);
    expect(((await seconds.json()) as Json).error.code).toBe('rate_limit_exceeded');
    const date = await post(await proxyWith(always('limitDate', 60_000)));
    expect(Date.parse(date.headers.get('retry-after')!)).toBeGreaterThan(Date.now() + 30_000);
    const ms = await post(await proxyWith(always('limitMs', 250)));
    expect([ms.status, ms.headers.get('retry-after-ms'), ms.headers.get('retry-after')]).toEqual([429, '250', null]);
    const bare = await post(await proxyWith(always('limitBare')));
    expect([bare.status, bare.headers.get('retry-after')]).toEqual([429, null]);
    expect((await post(await proxyWith(always('serverError')))).status).toBe(500);
    const unavailable = await post(await proxyWith(always('unavailable')));
    expect([unavailable.status, unavailable.headers.get('content-type')]).toEqual([503, 'text/html']);
    expect(target.seen).toHaveLength(0);
  });

  it('spoils answers of both forms', async () => {
    const read = async (fault: Fault, path?: string): Promise<string> => (await post(await proxyWith(always(fault)), path)).text();
    const logprobs = async (fault: Fault): Promise<unknown[]> => {
      const legacy = JSON.parse(await read(fault)) as Json;
      const chat = JSON.parse(await read(fault, '/chat/completions')) as Json;
      return [legacy.choices[0].logprobs.token_logprobs, chat.choices[0].logprobs.content[0].logprob];
    };
    expect(() => JSON.parse('')).toThrow();
    const cut = await read('wrongJson');
    expect(JSON.stringify(LEGACY).startsWith(cut)).toBe(true);
    expect(() => JSON.parse(cut) as unknown).toThrow();
    expect(await logprobs('nullLogprob')).toEqual([[null, null, -2], null]);
    expect(await logprobs('lowestLogprob')).toEqual([[null, -9999, -2], -9999]);
    expect(await logprobs('positiveLogprob')).toEqual([[null, 0.5, -2], 0.5]);
    expect(await read('nanLogprob')).toContain('"token_logprobs":[null,NaN,-2]');
    expect(await read('nanLogprob', '/chat/completions')).toContain('"logprob":NaN');
    expect(JSON.parse(await read('emptyChoices'))).toEqual({ ...LEGACY, choices: [] });
    expect(JSON.parse(await read('changedModel'))).toEqual({ ...LEGACY, model: 'm-other' });
    expect((JSON.parse(await read('lostToken')) as Json).choices[0].logprobs).toEqual({
      tokens: ['a', 'c'],
      token_logprobs: [null, -2],
      top_logprobs: null,
      text_offset: [0, 2],
    });
  });

  it('counts what it did, and what it could not do', async () => {
    for (const fault of SPOILING_FAULTS.filter((one) => one !== 'underflow')) {
      const proxy = await proxyWith(always(fault));
      await (await post(proxy)).arrayBuffer();
      expect(proxy).toMatchObject({ requests: 1, counts: { [fault]: 1 }, missed: 0 });
    }
    // No answer here names alternatives.
    expect(await (await post(await proxyWith(always('underflow')))).json()).toEqual(LEGACY);
    const proxy = await proxyWith(always('nullLogprob'));
    expect(await (await post(proxy, '/completions', 'plain')).json()).toMatchObject({ choices: [{ logprobs: null }] });
    expect(proxy).toMatchObject({ counts: {}, missed: 1 });
  });

  it('chooses by number, by seeded share, and by path', async () => {
    const plan: FaultPlan = {
      rules: [
        { fault: 'reset', at: [2] },
        { fault: 'serverError', share: 0.2 },
        { fault: 'unavailable', share: 0.1 },
      ],
      seed: 7,
    };
    const chosen = Array.from({ length: 4000 }, (_, i) => chooseFault(plan, i)?.fault);
    expect(chosen[2]).toBe('reset');
    expect(chosen.filter((fault) => fault === 'reset')).toHaveLength(1);
    expect(chosen.filter((fault) => fault === 'serverError').length / 4000).toBeCloseTo(0.2, 1);
    expect(chosen.filter((fault) => fault === 'unavailable').length / 4000).toBeCloseTo(0.1, 1);
    expect(Array.from({ length: 4000 }, (_, i) => chooseFault(plan, i)?.fault)).toEqual(chosen);
    expect(Array.from({ length: 4000 }, (_, i) => chooseFault({ ...plan, seed: 8 }, i)?.fault)).not.toEqual(chosen);

    const proxy = await proxyWith({ rules: [{ fault: 'serverError', at: [1] }] });
    const statuses: number[] = [];
    for (const path of ['/models', '/completions', '/tokenize', '/completions', '/completions']) statuses.push((await post(proxy, path)).status);
    expect(statuses).toEqual([200, 200, 200, 500, 200]);
    proxy.setPlan({ rules: [{ fault: 'unavailable', at: [0] }], paths: /models/ });
    expect([(await post(proxy)).status, (await post(proxy, '/models')).status]).toEqual([200, 503]);
  });
});
