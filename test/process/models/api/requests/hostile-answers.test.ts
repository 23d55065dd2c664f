/** Servers that send too much, too slowly, or what no server sends. */
import { createServer as createRawServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { AccountBook } from '../../../../../src/models/api/transport/account.js';
import { boundAnswer } from '../../../../../src/models/api/transport/answer-bound.js';
import { readTextCompletion } from '../../../../../src/models/api/dialects/answers/text-completion.js';
import { describeFailedAnswer } from '../../../../../src/models/api/transport/describe-failure.js';
import { EndpointClient, type EndpointClientOptions } from '../../../../../src/models/api/transport/endpoint-client.js';
import { EndpointDesk } from '../../../../../src/models/api/endpoint-desk.js';
import { EndpointError } from '../../../../../src/models/api/transport/endpoint-error.js';
import { RequestPool } from '../../../../../src/models/api/transport/request-pool.js';
import { TokenBudget } from '../../../../../src/models/api/transport/token-budget.js';
import { fitTokens, nameToken } from '../../../../../src/models/api/dialects/token-bytes.js';
import { sendJson, serve } from './http-server.js';

const never = new AbortController().signal;
const MEGABYTE = 2 ** 20;
const ASKED = { prompt: 'The keeper', max_tokens: 4, logprobs: 1 };

function client(baseUrl: string, options: Partial<EndpointClientOptions> = {}): EndpointClient {
  return new EndpointClient({ baseUrl, apiKey: undefined, headers: {}, secrets: [], timeoutMs: 60_000, ...options });
}

async function failureOf(work: Promise<unknown>): Promise<EndpointError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EndpointError);
  return error as EndpointError;
}

/** Writes as fast as the other side reads, until it hangs up; resolves with the bytes that were taken. */
function flood(response: ServerResponse, chunk: Buffer): Promise<number> {
  let taken = 0;
  return new Promise((resolve) => {
    response.on('close', () => resolve(taken));
    const write = (): void => {
      while (!response.destroyed && response.write(chunk)) taken += chunk.length;
      if (!response.destroyed) response.once('drain', write);
    };
    write();
  });
}

describe('an answer without an end', () => {
  it.each([200, 500])(
    'is cut off where it is longer than can have been asked for: %i',
    async (status) => {
      let taken: Promise<number> | undefined;
      const server = await serve((response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        taken = flood(response, Buffer.alloc(65_536, 'a'));
      });
      const error = await failureOf(client(server.baseUrl).post('/completions', ASKED, never));
      // Beside what was read, what the system holds between the two ends.
      expect(await taken!).toBeLessThan(boundAnswer(ASKED, 60).bytes + 16 * MEGABYTE);
      if (status === 200) {
        expect(error).toMatchObject({ kind: 'badAnswer', mayCost: true });
        expect(error.message).toMatch(/more than 1\.\d MB, far more than/);
      } else {
        expect(error).toMatchObject({ kind: 'serverError', status: 500 });
        expect(error.message.length).toBeLessThanOrEqual(300);
      }
    },
    60_000,
  );

  it('of single bytes is read in one piece of memory, and ends at the time limit', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 2);
      response.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(client(server.baseUrl, { timeoutMs: 300 }).post('/completions', ASKED, never))).toMatchObject({ kind: 'timeout' });
  });

  it('ends when it is cancelled, in the middle of a flood', async () => {
    const controller = new AbortController();
    const server = await serve((response) => {
      response.writeHead(500, {});
      response.write('a');
      setTimeout(() => controller.abort(), 20);
    });
    await expect(client(server.baseUrl).post('/completions', ASKED, controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is as long as was asked for', () => {
    const few = boundAnswer({ prompt: 'x', max_tokens: 1 }, 30);
    const many = boundAnswer({ prompt: 'x', max_tokens: 1000, logprobs: 20 }, 30);
    expect(few.bytes).toBeLessThan(1.1 * MEGABYTE);
    expect(many.bytes).toBeGreaterThan(14 * MEGABYTE);
    expect([few.tokens, many.tokens]).toEqual([17, 1016]);
    expect(boundAnswer({ prompt: 'x', max_tokens: 1, echo: true }, 100).tokens).toBe(117);
    expect(boundAnswer({ content: 'x'.repeat(80) }, 100).tokens).toBe(116);
    // A template may write a page around the shortest turn that is to be cut into tokens.
    expect(boundAnswer({ messages: [{ role: 'user', content: 'x' }] }, 50).tokens).toBeGreaterThan(4000);
  });
});

describe('an answer to a question about a whole vocabulary', () => {
  /** As a server would be asked that claims to have as many tokens. */
  const ASKED_FOR_ALL = { prompt: 'x', n_predict: 1, n_probs: 2 ** 31 };

  it('has a bound, whatever vocabulary the server claims', async () => {
    expect(boundAnswer(ASKED_FOR_ALL, 60).bytes).toBe(64 * MEGABYTE);
    let taken: Promise<number> | undefined;
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      taken = flood(response, Buffer.alloc(65_536, 'a'));
    });
    const error = await failureOf(client(server.baseUrl).post('/completion', ASKED_FOR_ALL, never));
    expect(error).toMatchObject({ kind: 'badAnswer', mayCost: true });
    expect(error.message).toContain('more than 64.0 MB');
    expect(await taken!).toBeLessThan(80 * MEGABYTE);
  }, 60_000);

  it.each([
    ['of empty objects', `[${'{},'.repeat(20 * MEGABYTE)}{}]`, 'more than 2,500,000 lists, objects and strings'],
    ['of short texts', `["a"${',"a"'.repeat(15 * MEGABYTE)}]`, 'more than 2,500,000 lists, objects and strings'],
    ['of names', `{"a":1${',"a":1'.repeat(10 * MEGABYTE)}}`, 'more than 2,500,000 lists, objects and strings'],
    ['of numbers', `[1${',1'.repeat(31 * MEGABYTE)}]`, 'more than 8,000,000 values'],
    ['of lists in lists', '['.repeat(60 * MEGABYTE), 'more than 100 deep'],
    ['of objects in lists', `[${'{"":['.repeat(100)}`, 'more than 100 deep'],
  ])(
    '%s is refused before it is parsed',
    async (_what, body, reason) => {
      const server = await serve((response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
      const error = await failureOf(client(server.baseUrl).post('/completion', ASKED_FOR_ALL, never));
      expect(error).toMatchObject({ kind: 'badAnswer', mayCost: true });
      expect(error.message).toContain(reason);
    },
    60_000,
  );

  it('is read where it is one of 256,000 tokens', async () => {
    const probs = Array.from({ length: 256_000 }, (_, id) => ({ id, token: `token[${id}{`, bytes: [91, 92, 93, 94, 95, 96], logprob: -1.25 }));
    const server = await serve((response) => sendJson(response, 200, { completion_probabilities: [{ top_logprobs: probs }] }));
    expect(await client(server.baseUrl).post('/completion', ASKED_FOR_ALL, never)).toEqual({ completion_probabilities: [{ top_logprobs: probs }] });
  }, 60_000);
});

describe('headers', () => {
  const open = new Set<Socket>();
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const socket of open) socket.destroy();
    for (const stop of stops.splice(0)) stop();
  });

  async function serveRaw(talk: (socket: Socket) => void): Promise<string> {
    const server = createRawServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => talk(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  it('that never end are no answer', async () => {
    const url = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      let number = 0;
      const write = (): void => {
        while (!socket.destroyed && socket.write(`x-${number++}: ${'a'.repeat(1000)}\r\n`));
        if (!socket.destroyed) socket.once('drain', write);
      };
      write();
    });
    expect(await failureOf(client(url).get('/models', never))).toMatchObject({ kind: 'connection' });
  });

  it.each([
    ['that drip', 'x: y\r\n'],
    ['that announce an answer for ever', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('%s end at the time limit', async (_what, line) => {
    const url = await serveRaw((socket) => {
      if (line.startsWith('x')) socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write(line), 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(client(url, { timeoutMs: 300 }).get('/models', never))).toMatchObject({ kind: 'timeout' });
  });

  it('that ask for an endless wait ask for 30 days', async () => {
    for (const [name, value] of [
      ['retry-after', '9'.repeat(400)],
      ['retry-after-ms', '9'.repeat(400)],
      ['retry-after', 'Fri, 31 Dec 9999 23:59:59 GMT'],
    ] as const) {
      const server = await serve((response) => sendJson(response, 429, {}, { [name]: value }));
      expect((await failureOf(client(server.baseUrl).get('/models', never))).retryAfterMs).toBe(30 * 24 * 3_600_000);
    }
  });

  it('of a compressed answer are refused: what it unfolds to has no bound', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * MEGABYTE));
    const server = await serve((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const error = await failureOf(client(server.baseUrl).get('/models', never));
    expect(error).toMatchObject({ kind: 'badAnswer' });
    expect(error.message).toContain('encoding “gzip”');
  });
});

describe('small answers that would cost minutes', () => {
  const speaker = { host: 'h', secrets: ['a-long-secret'] };

  it.each([
    ['signs of tags that never close', '<'.repeat(300_000)],
    ['tags that never close', '<a '.repeat(100_000)],
    ['styles that never close', '<style>'.repeat(100_000)],
    ['scripts in one another', '<script><style>'.repeat(50_000)],
    ['blanks behind a word for a key', `<p>${'bearer '.repeat(3)}${' '.repeat(900_000)}`],
    ['half characters', `<p>${'\uFFFD'.repeat(300_000)}`],
  ])('a page of %s is described at once', (_what, body) => {
    const error = describeFailedAnswer({ status: 502, body }, speaker);
    expect(error.message.length).toBeLessThanOrEqual(300);
  });

  it('a page keeps its words', () => {
    const error = describeFailedAnswer({ status: 502, body: '<html><STYLE>a{}</Style ><b>Bad</b>İ<script>x</script> gateway' }, speaker);
    expect(error.said).toBe('Bad İ gateway');
  });

  it('more tokens than were asked for are refused before anything reads them', async () => {
    const tokens = Array.from({ length: 40 }, () => ' a');
    const answers = [
      { choices: [{ text: 'x', logprobs: { tokens, token_logprobs: tokens.map(() => -1) } }] },
      { choices: [{ message: { content: 'x' }, logprobs: { content: tokens.map((token) => ({ token, logprob: -1 })) } }] },
      { choices: [{ text: 'x', token_ids: tokens.map((_, k) => k) }] },
      { content: 'x', completion_probabilities: tokens },
      { prompt: [{ text: 'x', logprobs: { tokens } }], choices: [] },
      { choices: Array.from({ length: 40 }, () => ({})) },
    ];
    const server = await serve((response, number) => sendJson(response, 200, answers[number]));
    for (let number = 0; number < answers.length; number++) {
      const error = await failureOf(client(server.baseUrl).post('/completions', ASKED, never));
      expect(error).toMatchObject({ kind: 'badAnswer', mayCost: true });
      expect(error.message).toMatch(/has 40 tokens, where 20 are the most/);
    }
  });

  it('the prompt’s own tokens may be among them', async () => {
    const ids = Array.from({ length: 300 }, (_, k) => k);
    const server = await serve((response) => sendJson(response, 200, { choices: [{ text: 'x', prompt_token_ids: ids, token_ids: [1] }] }));
    expect(await client(server.baseUrl).post('/completions', { prompt: ids, max_tokens: 1 }, never)).toMatchObject({ choices: [{ text: 'x' }] });
    const many = await serve((response) => sendJson(response, 200, { choices: [{ text: 'x' }], prompt_token_ids: Array.from({ length: 6000 }, (_, k) => k) }));
    expect((await failureOf(client(many.baseUrl).post('/completions', { prompt: 'a', max_tokens: 1 }, never))).message).toMatch(/has 6,000 tokens/);
  });

  it('tokens that fit a text in countless ways, and in the end in none, are given up', () => {
    const size = 4000;
    const attacks: [string[], string][] = [
      // Each may have taken the blank before it, or not.
      [Array.from({ length: size }, () => ' '), `${' '.repeat(size * 1.5)}x`],
      [Array.from({ length: size }, (_, k) => (k % 2 === 0 ? 'a' : ' a')), `${' a'.repeat(size)}b`],
      // None is known.
      [Array.from({ length: size }, () => ''), `${'é'.repeat(size * 2)}b`],
      [Array.from({ length: size }, (_, k) => (k % 2 === 0 ? '\uFFFD' : 'a')), `${'éa'.repeat(size)}b`],
      [Array.from({ length: size }, () => '<|x|>'), 'x'.repeat(size)],
      [['a'.repeat(500_000), 'b'], 'a'.repeat(500_000)],
      [['a'], `${'\uFFFD'.repeat(500_000)}b`],
    ];
    for (const [tokens, text] of attacks) {
      expect(() =>
        fitTokens(
          tokens.map((token) => nameToken(token)),
          text,
        ),
      ).toThrow(expect.objectContaining({ kind: 'badAnswer' }));
    }
  }, 60_000);

  it('an ordinary text of thousands of characters that nobody names is fitted all the same', () => {
    const text = '守灯人每天晚上点灯。'.repeat(100);
    const tokens = [...text].flatMap(() => [nameToken('\uFFFD'), nameToken('')]);
    expect(fitTokens(tokens, text).reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(Buffer.byteLength(text));
  });
});

describe('what a server says was spent', () => {
  async function spendOn(usage: unknown, limit = Infinity) {
    const answer = { model: 'm', choices: [{ text: ' a b', logprobs: { tokens: [' a', ' b'], token_logprobs: [-1, -1] } }], usage };
    const server = await serve((response) => sendJson(response, 200, answer));
    const account = new AccountBook();
    const budget = new TokenBudget(limit);
    const options = { client: client(server.baseUrl), pool: new RequestPool({ host: 'h' }), account, budget, model: 'm', servedAs: 'm' };
    const desk = new EndpointDesk(options);
    const { text } = await desk.spend(
      { path: '/completions', body: ASKED, kind: 'generate', promptTokens: 10, maxTokens: 4, read: readTextCompletion },
      { signal: never },
    );
    expect(text).toBe(' a b');
    const { promptTokens, completionTokens } = account.snapshot();
    expect(budget.used).toBe(promptTokens + completionTokens);
    return [promptTokens, completionTokens];
  }

  it.each([
    [{ prompt_tokens: 1e300, completion_tokens: 2 }, [10, 2]],
    [{ prompt_tokens: -3e9, completion_tokens: -3e9 }, [10, 2]],
    [{ prompt_tokens: 12, completion_tokens: -3e9 }, [12, 2]],
    [{ prompt_tokens: 12.5, completion_tokens: 3 }, [10, 3]],
    [{ prompt_tokens: { toString: 1 }, completion_tokens: '7' }, [10, 2]],
    // It says less than it has given.
    [{ prompt_tokens: 12, completion_tokens: 0 }, [12, 2]],
    ['many', [10, 2]],
    [[], [10, 2]],
  ])('%j is a count, or nothing', async (usage, expected) => {
    expect(await spendOn(usage)).toEqual(expected);
  });

  it('never lets a run past its limit', async () => {
    const account = new AccountBook();
    const budget = new TokenBudget(30);
    const server = await serve((response) =>
      sendJson(response, 200, {
        choices: [{ text: ' a', logprobs: { tokens: [' a'], token_logprobs: [-1] } }],
        usage: { prompt_tokens: -3e9, completion_tokens: -1e300 },
      }),
    );
    const desk = new EndpointDesk({ client: client(server.baseUrl), pool: new RequestPool({ host: 'h' }), account, budget, model: 'm', servedAs: null });
    const spend = () =>
      desk.spend({ path: '/completions', body: ASKED, kind: 'generate', promptTokens: 10, maxTokens: 4, read: readTextCompletion }, { signal: never });
    await spend();
    await spend();
    await expect(spend()).rejects.toMatchObject({ code: 'spendingLimit' });
  });
});
