/** What requests cost, whatever becomes of them, and what is left of a wave when one of them ends it. */
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { AccountBook } from '../../../../../src/models/api/transport/account.js';
import { answerWave } from '../../../../../src/models/api/answer-wave.js';
import { badAnswer } from '../../../../../src/models/api/dialects/answers/bad-answer.js';
import { readTextCompletion } from '../../../../../src/models/api/dialects/answers/text-completion.js';
import { EndpointClient, type EndpointClientOptions } from '../../../../../src/models/api/transport/endpoint-client.js';
import { EndpointDesk, type SpendingRequest } from '../../../../../src/models/api/endpoint-desk.js';
import { RequestPool } from '../../../../../src/models/api/transport/request-pool.js';
import { TokenBudget } from '../../../../../src/models/api/transport/token-budget.js';
import { sendJson, serve, unusedAddress, type TestServer } from './http-server.js';
import { settle } from '../../../../pure/models/api/requests/test-clock.js';

const never = new AbortController().signal;
const KEY = 'a-secret-key';

const ANSWER = {
  model: 'm',
  choices: [{ text: ' a', logprobs: { tokens: [' a'], token_logprobs: [-1] } }],
  usage: { prompt_tokens: 12, completion_tokens: 1 },
};

function setUp(server: TestServer, { limit = Infinity, ...options }: Partial<EndpointClientOptions> & { limit?: number } = {}) {
  const client = new EndpointClient({ baseUrl: server.baseUrl, apiKey: KEY, headers: {}, secrets: [], timeoutMs: 20_000, ...options });
  const account = new AccountBook();
  const budget = new TokenBudget(limit);
  const pool = new RequestPool({ host: client.host, random: () => 0 });
  return { desk: new EndpointDesk({ client, pool, account, budget, model: 'm', servedAs: 'm' }), account, budget };
}

/** Ten tokens of prompt, twenty to be written. */
function request(read = readTextCompletion): SpendingRequest<ReturnType<typeof readTextCompletion>> {
  return { path: '/completions', body: {}, kind: 'generate', promptTokens: 10, maxTokens: 20, read };
}

const unreadable = (): never => {
  throw badAnswer('a logprob is null');
};

describe('a request is paid for', () => {
  it('as the server counts, or as is counted here', async () => {
    const server = await serve((response, number) => sendJson(response, 200, number === 0 ? ANSWER : { ...ANSWER, usage: null }));
    const { desk, account, budget } = setUp(server);
    await desk.spend(request(), { signal: never });
    expect([budget.used, account.snapshot()]).toMatchObject([13, { promptTokens: 12, completionTokens: 1 }]);
    await desk.spend(request(), { signal: never });
    expect([budget.used, account.snapshot()]).toMatchObject([24, { promptTokens: 22, completionTokens: 2 }]);
  });

  it('at every try, where its answers cannot be used', async () => {
    const server = await serve((response) => sendJson(response, 200, ANSWER));
    const { desk, account, budget } = setUp(server);
    await expect(desk.spend(request(unreadable), { signal: never })).rejects.toMatchObject({ kind: 'badAnswer' });
    expect([budget.used, account.snapshot()]).toMatchObject([39, { promptTokens: 36, completionTokens: 3, retried: 2 }]);
  });

  it('in full where an answer that cannot be used counts nothing', async () => {
    const server = await serve((response) => sendJson(response, 200, { choices: [] }));
    const { desk, account, budget } = setUp(server);
    await expect(desk.spend(request(), { signal: never })).rejects.toMatchObject({ kind: 'badAnswer' });
    expect([budget.used, account.snapshot()]).toMatchObject([90, { promptTokens: 30, completionTokens: 60 }]);
  });

  it('in full where it takes too long, breaks off, or is no JSON: the server may have done all of it', async () => {
    const server = await serve((response, number) => {
      if (number === 1) {
        response.writeHead(200, { 'content-length': '100' }).write('{"a"');
        setTimeout(() => response.socket!.destroy(), 20);
      } else if (number === 2) response.end('{"model": ');
      else if (number > 2) sendJson(response, 200, ANSWER);
    });
    const { desk, account, budget } = setUp(server, { timeoutMs: 200 });
    await desk.spend(request(), { signal: never });
    expect(server.seen).toHaveLength(4);
    expect([budget.used, account.snapshot()]).toMatchObject([103, { promptTokens: 42, completionTokens: 61, retried: 3 }]);
  });

  it('in full where a gateway hangs up before it answers, and not where nobody takes it', async () => {
    const server = await serve((response, number) => (number === 0 ? void response.socket!.destroy() : sendJson(response, 200, ANSWER)));
    const { desk, account, budget } = setUp(server);
    await desk.spend(request(), { signal: never });
    expect([budget.used, account.snapshot()]).toMatchObject([43, { promptTokens: 22, completionTokens: 21, retried: 1 }]);
    const nobody = setUp({ ...server, baseUrl: await unusedAddress() });
    const controller = new AbortController();
    const work = nobody.desk.spend(request(), { signal: controller.signal });
    while (nobody.account.snapshot().retried < 1) await settle();
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    await settle();
    expect(nobody.budget.used).toBeLessThanOrEqual(10);
  });

  it('so far where it is cancelled, and not where it never came to be or was refused', async () => {
    const server = await serve((response, number) => (number === 0 ? sendJson(response, 400, {}) : undefined));
    const { desk, account, budget } = setUp(server);
    await expect(desk.spend(request(), { signal: never })).rejects.toMatchObject({ kind: 'badRequest' });
    expect(budget.used).toBe(0);
    const controller = new AbortController();
    const work = desk.spend(request(), { signal: controller.signal });
    while (server.seen.length < 2) await settle();
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    await settle();
    expect([budget.used, account.snapshot()]).toMatchObject([10, { promptTokens: 10, completionTokens: 0 }]);
  });
});

describe('a wave that one request ends', () => {
  /** Answers when it is told to. */
  async function serveSlowly(): Promise<{ server: TestServer; answerAll: () => void }> {
    const held: ServerResponse[] = [];
    const server = await serve((response) => void held.push(response));
    return { server, answerAll: () => held.splice(0).forEach((response) => sendJson(response, 200, ANSWER)) };
  }

  function ask(desk: EndpointDesk, count: number, signal = never): AsyncGenerator<object, void, void> {
    const wave = Array.from({ length: count }, (_, id) => ({ id }));
    return answerWave(wave, async ({ id }, stops) => ({ id, text: (await desk.spend(request(), stops)).text }), desk, signal);
  }

  async function gather(answers: AsyncIterable<object>): Promise<{ given: object[]; error: unknown }> {
    const given: object[] = [];
    try {
      for await (const answer of answers) given.push(answer);
      return { given, error: undefined };
    } catch (error) {
      return { given, error };
    }
  }

  it('by the spending limit has the answers that are paid for', async () => {
    const { server, answerAll } = await serveSlowly();
    const { desk, budget, account } = setUp(server, { limit: 100 });
    const outcome = gather(ask(desk, 8));
    while (server.seen.length < 3) await settle();
    await settle();
    answerAll();
    const { given, error } = await outcome;
    expect(error).toMatchObject({ code: 'spendingLimit' });
    expect(given).toEqual([0, 1, 2].map((id) => ({ id, text: ' a' })));
    expect(server.seen).toHaveLength(3);
    expect([budget.used, account.snapshot()]).toMatchObject([39, { promptTokens: 36, completionTokens: 3 }]);
  });

  it('by a refused key asks no more, and has what was under way', async () => {
    const held: ServerResponse[] = [];
    const server = await serve((response, number) => (number === 0 ? void setTimeout(() => sendJson(response, 401, {}), 50) : void held.push(response)));
    const { desk } = setUp(server);
    const outcome = gather(ask(desk, 20));
    while (server.seen.length < 4) await settle();
    await new Promise((resolve) => setTimeout(resolve, 150));
    held.forEach((response) => sendJson(response, 200, ANSWER));
    const { given, error } = await outcome;
    expect(error).toMatchObject({ code: 'keyRefused' });
    expect(given).toHaveLength(3);
    expect(server.seen).toHaveLength(4);
  });

  it('gives up what is under way where it is cancelled, or nobody takes the answers', async () => {
    const { server } = await serveSlowly();
    const { desk } = setUp(server);
    const controller = new AbortController();
    const outcome = gather(ask(desk, 4, controller.signal));
    while (server.seen.length < 4) await settle();
    controller.abort();
    expect((await outcome).error).toMatchObject({ code: 'cancelled' });

    const mixed = await serve((response, number) => (number === 0 ? sendJson(response, 200, ANSWER) : undefined));
    const answers = ask(setUp(mixed).desk, 4);
    await answers.next();
    await answers.return();
    expect(await answers.next()).toMatchObject({ done: true });
  });
});

describe('what a server says', () => {
  it('is told shortened and without secrets, its model name too', async () => {
    const server = await serve((response) => sendJson(response, 200, { ...ANSWER, model: `${KEY}-${'x'.repeat(5000)}` }));
    const { desk } = setUp(server);
    const error: unknown = await desk.spend(request(), { signal: never }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'badAnswer', message: expect.stringContaining('another model, [hidden]-x') });
    expect((error as Error).message.length).toBeLessThan(300);
    const { setAside } = desk.setAside(3, badAnswer(`at ${KEY}.${'y'.repeat(5000)}`));
    expect(setAside).toMatch(/^at \[hidden\]/);
    expect(setAside.length).toBeLessThanOrEqual(300);
  });

  it('is not asked for once the network is forbidden', async () => {
    const server = await serve((response) => sendJson(response, 200, ANSWER));
    let forbidden = false;
    const { desk, budget } = setUp(server, { forbidNetwork: () => forbidden });
    await desk.spend(request(), { signal: never });
    forbidden = true;
    await expect(desk.spend(request(), { signal: never })).rejects.toMatchObject({ code: 'networkForbidden', message: expect.stringContaining(server.host) });
    await expect(desk.ask('/tokenize', {}, () => null, never)).rejects.toMatchObject({ code: 'networkForbidden' });
    expect(server.seen).toHaveLength(1);
    expect(budget.used).toBe(13);
  });
});
