/** How requests are tried again, held back and given up; time is the test's own. */
import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../../../src/audit/errors.js';
import { AccountBook } from '../../../../../src/models/api/transport/account.js';
import { EndpointClient } from '../../../../../src/models/api/transport/endpoint-client.js';
import { EndpointError, type EndpointErrorKind } from '../../../../../src/models/api/transport/endpoint-error.js';
import { RequestPool, type RequestPoolOptions } from '../../../../../src/models/api/transport/request-pool.js';
import { sendJson, serve, type TestServer } from './http-server.js';
import { settle, TestClock } from '../../../../pure/models/api/requests/test-clock.js';

const never = new AbortController().signal;

function setUp(options: Partial<RequestPoolOptions> = {}): { clock: TestClock; pool: RequestPool; book: AccountBook } {
  const clock = new TestClock();
  return { clock, book: new AccountBook(clock), pool: new RequestPool({ host: 'server:8000', clock, random: () => 0.5, ...options }) };
}

function asking(server: TestServer): (signal: AbortSignal) => Promise<unknown> {
  const client = new EndpointClient({ baseUrl: server.baseUrl, apiKey: 'a-key', headers: {}, secrets: [], timeoutMs: 20_000 });
  return (signal) => client.post('/completions', {}, signal);
}

function failing(kind: EndpointErrorKind, retryAfterMs?: number): () => Promise<never> {
  return () => Promise.reject(new EndpointError({ kind, message: `server:8000: ${kind}`, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }));
}

const succeed = (): Promise<string> => Promise.resolve('answer');

/** Work that ends when the test says so. */
function gate(): { readonly attempt: () => Promise<void>; readonly open: () => void; readonly fail: (kind: EndpointErrorKind) => void } {
  let open!: () => void;
  let fail!: (kind: EndpointErrorKind) => void;
  const work = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = (kind) => reject(new EndpointError({ kind, message: kind }));
  });
  work.catch(() => undefined);
  return { attempt: () => work, open, fail };
}

describe('trying again', () => {
  it('answers after 500s, a reset, half an answer and wrong JSON, waiting longer each time', async () => {
    const { clock, pool, book } = setUp();
    const server = await serve((response, number) => {
      if (number === 0) sendJson(response, 500, { error: { message: 'out of memory' } });
      else if (number === 1) response.socket!.resetAndDestroy();
      else if (number === 2) {
        response.writeHead(200, { 'content-length': '100' }).write('{"a"');
        setTimeout(() => response.socket!.destroy(), 20);
      } else if (number === 3) response.end('{"a": NaN}');
      else sendJson(response, 200, { done: true });
    });
    const answer = await clock.drive(pool.run(asking(server), { signal: never, account: book }));
    expect(answer).toEqual({ done: true });
    expect(clock.sleeps).toEqual([250, 500, 1000, 2000]);
    expect(book.snapshot()).toMatchObject({ asked: 1, answered: 1, retried: 4, givenUp: 0, waitedMs: 3750 });
    expect(pool.inFlight).toBe(0);
  });

  it('draws each wait from the whole interval, which grows to a minute', async () => {
    const draws = [0, 0.999, 0.5];
    let draw = 0;
    const { clock, pool } = setUp({ random: () => draws[draw++ % draws.length]!, patienceMs: Infinity });
    let tries = 0;
    await clock.drive(pool.run(() => (++tries < 13 ? failing('connection')() : succeed()), { signal: never }));
    expect(clock.sleeps.slice(0, 3)).toEqual([0, 999, 1000]);
    expect(clock.sleeps.at(-2)).toBeCloseTo(59_940);
    expect(clock.sleeps.at(-1)).toBe(30_000);
  });

  it.each([
    ['seconds', { 'retry-after': '20' }, 20_000],
    ['a date', { 'retry-after': 'Wed, 21 Oct 2015 07:28:20 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' }, 20_000],
    ['milliseconds', { 'retry-after-ms': '1234' }, 1234],
  ])('waits as long as Retry-After says, in %s', async (_form, headers, expected) => {
    const { clock, pool, book } = setUp();
    const server = await serve((response, number) =>
      number === 0 ? sendJson(response, 429, {}, headers as Record<string, string>) : sendJson(response, 200, 'ok'),
    );
    expect(await clock.drive(pool.run(asking(server), { signal: never, account: book }))).toBe('ok');
    expect(clock.sleeps).toEqual([expected]);
    expect(book.snapshot()).toMatchObject({ retried: 1, waitedMs: expected });
  });

  it('holds back every other request until then', async () => {
    const { clock, pool } = setUp();
    let tries = 0;
    const first = pool.run(() => (++tries === 1 ? failing('rateLimited', 9000)() : succeed()), { signal: never });
    await settle();
    const begunAt: number[] = [];
    const others = [1, 2, 3].map(() =>
      pool.run(
        () => {
          begunAt.push(clock.now());
          return succeed();
        },
        { signal: never },
      ),
    );
    await settle();
    expect(begunAt).toEqual([]);
    expect(pool.inFlight).toBe(0);
    await clock.drive(Promise.all([first, ...others]));
    expect(begunAt).toEqual([9000, 9000, 9000]);
  });

  it.each(['rateLimited', 'overloaded'] as const)('holds back every other request after a refusal that names no time: %s', async (kind) => {
    const { clock, pool } = setUp();
    let tries = 0;
    const first = pool.run(() => (++tries === 1 ? failing(kind)() : succeed()), { signal: never });
    await settle();
    const begunAt: number[] = [];
    const other = pool.run(() => (begunAt.push(clock.now()), succeed()), { signal: never });
    await settle();
    expect(begunAt).toEqual([]);
    // Half a second, of which one half is drawn.
    await clock.drive(Promise.all([first, other]));
    expect(begunAt).toEqual([375]);
  });

  it('lets through what completes a paid answer, unless the server itself asks for the pause', async () => {
    const { clock, pool } = setUp();
    const refused = (retryAfterMs?: number) => {
      let tries = 0;
      return pool.run(() => (++tries === 1 ? failing('overloaded', retryAfterMs)() : succeed()), { signal: never });
    };
    const first = refused();
    await settle();
    expect(await pool.run(succeed, { signal: never, isFollowUp: true })).toBe('answer');
    expect(clock.now()).toBe(0);
    await clock.drive(first);
    const second = refused(9000);
    await settle();
    const begunAt = clock.now();
    await clock.drive(Promise.all([second, pool.run(succeed, { signal: never, isFollowUp: true })]));
    expect(clock.now() - begunAt).toBe(9000);
  });

  it('gives a bad answer three tries, then throws it as it is', async () => {
    const { clock, pool, book } = setUp();
    let tries = 0;
    const error = new EndpointError({ kind: 'badAnswer', message: 'a logprob is null' });
    const work = pool.run(() => (tries++, Promise.reject(error)), { signal: never, account: book });
    await expect(clock.drive(work)).rejects.toBe(error);
    expect(tries).toBe(3);
    expect(book.snapshot()).toMatchObject({ asked: 1, answered: 0, retried: 2, givenUp: 1 });
  });

  it.each(['badRequest', 'keyRefused', 'notFound'] as const)('does not try %s again', async (kind) => {
    const { clock, pool } = setUp();
    await expect(pool.run(failing(kind), { signal: never })).rejects.toMatchObject({ kind });
    expect(clock.sleeps).toEqual([]);
  });

  it('lets every other error through', async () => {
    const { pool, book } = setUp();
    const limit = new AuditError('spendingLimit', 'enough');
    await expect(pool.run(() => Promise.reject(limit), { signal: never, account: book })).rejects.toBe(limit);
    expect(book.snapshot()).toMatchObject({ asked: 1, givenUp: 1 });
    expect(pool.inFlight).toBe(0);
  });

  it('stops after as many tries as somebody is willing to wait for', async () => {
    const { clock, pool } = setUp();
    let tries = 0;
    const work = pool.run(() => (tries++, failing('connection')()), { signal: never, maxAttempts: 2 });
    await expect(clock.drive(work)).rejects.toMatchObject({ kind: 'connection' });
    expect(tries).toBe(2);
  });
});

describe('giving up', () => {
  it('one request at its eighth failure while others succeed', async () => {
    const { clock, pool, book } = setUp();
    let tries = 0;
    const bad = pool.run(() => (tries++, failing('serverError')()), { signal: never, account: book });
    const outcome = expect(clock.drive(bad)).rejects.toMatchObject({ kind: 'serverError' });
    let stop = false;
    const others = (async () => {
      while (!stop) {
        await pool.run(succeed, { signal: never });
        await settle();
      }
    })();
    await outcome;
    stop = true;
    await others;
    // The first failure may have come before the first success.
    expect(tries).toBeGreaterThanOrEqual(8);
    expect(tries).toBeLessThanOrEqual(9);
    expect(book.snapshot()).toMatchObject({ asked: 1, givenUp: 1 });
  });

  it('none where a server takes fewer requests than are asked, though it does not say when', async () => {
    const { clock, pool, book } = setUp({ random: Math.random });
    let next = 0;
    let refused = 0;
    const server = await serve((response) => {
      const isRefused = clock.now() < next;
      if (isRefused) refused++;
      else next = clock.now() + 3000;
      sendJson(response, isRefused ? 429 : 200, {});
    });
    const ask = asking(server);
    await clock.drive(Promise.all(Array.from({ length: 60 }, () => pool.run(ask, { signal: never, account: book }))));
    expect(book.snapshot()).toMatchObject({ asked: 60, answered: 60, givenUp: 0, retried: refused });
    expect(refused).toBeLessThan(60 * 8);
  });

  it('one that is refused for want of room long after all others have succeeded', async () => {
    const { clock, pool } = setUp();
    let tries = 0;
    const bad = pool.run(() => (tries++, failing('overloaded')()), { signal: never });
    const outcome = expect(clock.drive(bad)).rejects.toMatchObject({ kind: 'overloaded' });
    let stop = false;
    const others = (async () => {
      while (!stop) await pool.run(succeed, { signal: never }).then(settle);
    })();
    await outcome;
    stop = true;
    await others;
    expect(tries).toBeGreaterThanOrEqual(64);
  });

  it('the last request of a run too, though nothing else is asked any more', async () => {
    const { clock, pool } = setUp();
    const other = gate();
    const otherDone = pool.run(other.attempt, { signal: never });
    let tries = 0;
    const bad = pool.run(
      () => {
        if (++tries === 2) other.open();
        return failing('serverError')();
      },
      { signal: never },
    );
    await expect(clock.drive(bad)).rejects.toMatchObject({ kind: 'serverError' });
    await otherDone;
    expect(tries).toBeLessThan(12);
  });

  it('none in an outage of the server, however often they fail', async () => {
    const { clock, pool, book } = setUp();
    let down = true;
    let tries = 0;
    const work = Array.from({ length: 12 }, () => pool.run(() => (tries++, down ? failing('connection')() : succeed()), { signal: never, account: book }));
    // Something succeeds after all of them were tried: the server has been well in their time.
    while (pool.inFlight > 0 || tries < 12) await settle();
    await pool.run(succeed, { signal: never });
    const all = clock.drive(Promise.all(work));
    while (tries < 12 * 12) await settle();
    down = false;
    expect(await all).toHaveLength(12);
    expect(book.snapshot()).toMatchObject({ asked: 12, answered: 12, givenUp: 0 });
  });

  it('everything that waits, when nothing has succeeded for as long as patience lasts', async () => {
    const { clock, pool, book } = setUp({ patienceMs: 60_000 });
    const server = await serve((response) => sendJson(response, 503, { error: { message: 'loading the model' } }));
    const work = Array.from({ length: 9 }, () => pool.run(asking(server), { signal: never, account: book }));
    await clock.drive(Promise.race(work.map((one) => one.catch(() => undefined))));
    // No time passes any more: whoever still waits for a next try is not waited for.
    const outcomes = await Promise.allSettled(work);
    for (const outcome of outcomes) {
      expect(outcome.status).toBe('rejected');
      const error = (outcome as PromiseRejectedResult).reason as AuditError;
      expect(error).toBeInstanceOf(AuditError);
      expect(error.code).toBe('endpointFailed');
      expect(error.message).toContain('server:8000');
      expect(error.message).toContain('loading the model');
      expect(error.message).toMatch(/resume/);
    }
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
    expect(clock.sleeping).toBe(0);
    expect(book.snapshot()).toMatchObject({ asked: 9, givenUp: 9 });
    // Whoever resumes later is heard again.
    expect(await clock.drive(pool.run(succeed, { signal: never }))).toBe('answer');
  });

  it('also what has long to wait for its next try', async () => {
    const { clock, pool } = setUp({ patienceMs: 1000 });
    const waiting = pool.run(failing('serverError'), { signal: never });
    const hold = gate();
    const inFlight = pool.run(hold.attempt, { signal: never });
    // The third try is at 750, the fourth would be at 1750.
    for (let tries = 1; tries < 3; tries++) {
      await settle();
      clock.skip();
    }
    await settle();
    const passed = clock.sleep(450, never);
    clock.skip();
    await passed;
    expect(clock.now()).toBe(1200);
    hold.fail('connection');
    await expect(inFlight).rejects.toMatchObject({ code: 'endpointFailed' });
    await expect(waiting).rejects.toMatchObject({ code: 'endpointFailed', message: expect.stringContaining('server:8000') });
    expect(clock.sleeping).toBe(0);
  });

  it('not while anything succeeds, and not for time in which nothing was asked', async () => {
    const { clock, pool } = setUp({ patienceMs: 10_000 });
    await clock.drive(Promise.all([clock.sleep(50_000, never)]));
    let tries = 0;
    const first = pool.run(() => (++tries < 4 ? failing('serverError')() : succeed()), { signal: never });
    expect(await clock.drive(first)).toBe('answer');
  });

  it('at once where the server asks for more time than patience lasts', async () => {
    const { clock, pool } = setUp();
    const work = pool.run(failing('rateLimited', 3_600_000), { signal: never });
    await expect(clock.drive(work)).rejects.toMatchObject({ code: 'endpointFailed', message: expect.stringContaining('asks to wait for 1 h') });
    expect(clock.sleeps).toEqual([]);
  });

  it('and then hears whoever asks later, without the pause that nobody would wait for', async () => {
    const { clock, pool } = setUp();
    const day = 86_400_000;
    for (const options of [{ maxAttempts: 1 }, {}]) {
      await expect(pool.run(failing('overloaded', day), { signal: never, ...options })).rejects.toMatchObject({ code: 'endpointFailed' });
      expect(await pool.run(succeed, { signal: never })).toBe('answer');
    }
    expect(clock.sleeping).toBe(0);
    expect(clock.now()).toBe(0);
  });

  it('without holding others back for what is refused for good', async () => {
    const { clock, pool } = setUp();
    const server = await serve((response, number) =>
      number === 0 ? sendJson(response, 429, { error: { code: 'insufficient_quota' } }, { 'retry-after': '600' }) : sendJson(response, 200, 'ok'),
    );
    await expect(pool.run(asking(server), { signal: never })).rejects.toMatchObject({ kind: 'keyRefused' });
    expect(await pool.run(asking(server), { signal: never })).toBe('ok');
    expect(clock.sleeps).toEqual([]);
  });
});

describe('closing', () => {
  it('ends what waits, and lets what is in flight have its answer', async () => {
    const { clock, pool } = setUp({ maxConcurrency: 2 });
    const closing = new AbortController();
    const stops = { signal: never, closing: closing.signal };
    const hold = gate();
    let tries = 0;
    const answering = pool.run(() => hold.attempt().then(succeed), stops);
    const waiting = pool.run(() => (tries++, failing('connection')()), stops);
    await settle();
    const other = gate();
    const others = pool.run(other.attempt, { signal: never });
    const queued = pool.run(() => (tries++, succeed()), stops);
    await settle();
    expect(pool.inFlight).toBe(2);
    closing.abort();
    for (const outcome of await Promise.allSettled([waiting, queued, pool.run(succeed, stops)])) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
    }
    hold.open();
    expect(await answering).toBe('answer');
    other.open();
    await others;
    expect([tries, clock.sleeping, pool.inFlight]).toEqual([1, 0, 0]);
  });

  it('does not try again what fails afterwards', async () => {
    const { clock, pool } = setUp();
    const closing = new AbortController();
    const hold = gate();
    const work = pool.run(hold.attempt, { signal: never, closing: closing.signal });
    await settle();
    closing.abort();
    hold.fail('serverError');
    await expect(work).rejects.toMatchObject({ kind: 'serverError' });
    expect(clock.sleeps).toEqual([]);
  });
});

describe('cancelling', () => {
  it('ends requests that wait in the queue, for their next try, or for an answer, at once', async () => {
    const { clock, pool, book } = setUp({ maxConcurrency: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = pool.run(failing('connection'), { signal, account: book });
    await settle();
    const answering = pool.run(() => new Promise(() => undefined), { signal, account: book });
    await settle();
    const queued = pool.run(succeed, { signal, account: book });
    await settle();
    expect(pool.inFlight).toBe(1);
    expect(clock.sleeping).toBe(1);
    controller.abort();
    for (const outcome of await Promise.allSettled([waiting, answering, queued])) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
    }
    await expect(pool.run(succeed, { signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(clock.sleeping).toBe(0);
    expect(pool.inFlight).toBe(0);
    expect(book.snapshot()).toMatchObject({ asked: 3, answered: 0, givenUp: 0 });
    expect(await pool.run(succeed, { signal: never })).toBe('answer');
  });

  it('is not missed between the end of a wait and the next try', async () => {
    const { clock, pool } = setUp({ maxConcurrency: 1 });
    const controller = new AbortController();
    const work = pool.run(failing('connection'), { signal: controller.signal });
    await settle();
    const hold = gate();
    const other = pool.run(hold.attempt, { signal: never });
    await settle();
    clock.skip();
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    hold.open();
    await other;
    expect(pool.inFlight).toBe(0);
  });

  it('leaves nothing behind that keeps the process waiting for a Retry-After', async () => {
    const { clock, pool } = setUp();
    const controller = new AbortController();
    const work = Promise.allSettled([
      pool.run(failing('rateLimited', 5000), { signal: controller.signal }),
      settle().then(() => pool.run(succeed, { signal: controller.signal })),
    ]);
    await settle();
    await settle();
    expect(clock.sleeping).toBe(2);
    controller.abort();
    await work;
    expect(clock.sleeping).toBe(0);
    // The pause itself still holds for whoever comes next.
    expect(await clock.drive(pool.run(succeed, { signal: never }))).toBe('answer');
    expect(clock.now()).toBe(5000);
  });

  it('of many requests by one signal raises no warning', async () => {
    const { pool } = setUp();
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on('warning', note);
    const controller = new AbortController();
    const work = Array.from({ length: 50 }, () => pool.run(() => new Promise(() => undefined), { signal: controller.signal }));
    controller.abort();
    const outcomes = await Promise.allSettled(work);
    await settle();
    process.off('warning', note);
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('tells the attempt', async () => {
    const { pool } = setUp();
    const controller = new AbortController();
    let told: AbortSignal | undefined;
    const work = pool.run((signal) => ((told = signal), new Promise(() => undefined)), { signal: controller.signal });
    await settle();
    expect(told?.aborted).toBe(false);
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    expect(told?.aborted).toBe(true);
  });
});

describe('how many at once', () => {
  it('never exceeds the limit, grows while answers come, and halves on a 429', async () => {
    const { clock, pool } = setUp({ maxConcurrency: 8 });
    expect(pool.concurrency).toBe(4);
    let inFlight = 0;
    let mostAtServer = 0;
    let most = 0;
    let refuse = false;
    const server = await serve((response) => {
      mostAtServer = Math.max(mostAtServer, ++inFlight);
      setTimeout(() => {
        inFlight--;
        sendJson(response, refuse ? 429 : 200, {});
      }, 3);
    });
    const ask = asking(server);
    const start = (count: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, () =>
          pool.run(
            (signal) => {
              most = Math.max(most, pool.inFlight);
              return ask(signal);
            },
            { signal: never },
          ),
        ),
      );

    await clock.drive(start(40));
    expect(pool.concurrency).toBe(8);
    expect(most).toBe(8);
    expect(mostAtServer).toBeLessThanOrEqual(8);

    refuse = true;
    const refused = start(8);
    while (clock.sleeping < 8) await settle();
    // Eight refusals of one window are one sign.
    expect(pool.concurrency).toBe(4);
    refuse = false;
    await clock.drive(refused);

    const before = pool.concurrency;
    await clock.drive(start(60));
    expect(pool.concurrency).toBeGreaterThan(before);
  });

  it('falls to one at the least', async () => {
    const { clock, pool } = setUp({ patienceMs: Infinity });
    const limits: number[] = [];
    await clock.drive(pool.run(() => (limits.push(pool.concurrency) < 6 ? failing('overloaded')() : succeed()), { signal: never }));
    expect(limits).toEqual([4, 2, 1, 1, 1, 1]);
  });

  it('does not grow where nothing waits', async () => {
    const { pool } = setUp();
    for (let time = 0; time < 50; time++) await pool.run(succeed, { signal: never });
    expect(pool.concurrency).toBe(4);
  });

  it('begins requests in order, a second try before later first ones', async () => {
    const { clock, pool } = setUp({ maxConcurrency: 1 });
    const begun: string[] = [];
    const hold = gate();
    let tries = 0;
    const work = [
      pool.run(() => (begun.push('a'), ++tries === 1 ? failing('connection')() : succeed()), { signal: never }),
      pool.run(() => (begun.push('b'), hold.attempt()), { signal: never }),
      pool.run(() => (begun.push('c'), succeed()), { signal: never }),
    ];
    await settle();
    clock.skip();
    await settle();
    expect(begun).toEqual(['a', 'b']);
    hold.open();
    await clock.drive(Promise.all(work));
    expect(begun).toEqual(['a', 'b', 'a', 'c']);
  });
});

describe('with the real clock', () => {
  it('waits, goes on, and can be cancelled in a wait too long for a timer', async () => {
    const pool = new RequestPool({ host: 'server:8000', random: () => 0, patienceMs: Infinity });
    let tries = 0;
    expect(await pool.run(() => (++tries === 1 ? failing('rateLimited', 5)() : succeed()), { signal: never })).toBe('answer');
    const controller = new AbortController();
    const work = Promise.allSettled([
      pool.run(() => (tries++, failing('rateLimited', 2 ** 40)()), { signal: controller.signal }),
      settle().then(() => pool.run(succeed, { signal: controller.signal })),
    ]);
    await settle();
    await settle();
    expect(tries).toBe(3);
    controller.abort();
    for (const outcome of await work) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
  });
});
