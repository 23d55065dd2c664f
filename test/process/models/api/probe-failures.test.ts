/** What a probe makes of servers that fail, refuse or mislead while they are asked. */
import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../../src/audit/errors.js';
import type { EndpointProfile } from '../../../../src/models/api/endpoint-profile.js';
import { listRemarks } from '../../../../src/models/api/list-remarks.js';
import { never } from '../local-process.js';
import { serve, type TestServer } from './requests/http-server.js';
import { MODEL, refuse, serveScript, type Script } from './scripted-server.js';
import { at, createApi, open } from './servers.js';

const KEY = 'a-key-of-the-test';

const createKeyed = (options: Parameters<typeof createApi>[0] = {}) => createApi({ findKey: async () => KEY, ...options });

async function probe(server: TestServer, options: Parameters<typeof createApi>[0] = {}): Promise<EndpointProfile> {
  return createKeyed(options).probe(at(server.baseUrl, MODEL), never);
}

async function failureOf(work: Promise<unknown>): Promise<AuditError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AuditError);
  return error as AuditError;
}

const isEcho: (...request: Parameters<Script>) => boolean = ({ body }) => body['echo'] === true;
const isSampling: (...request: Parameters<Script>) => boolean = ({ body }) => body['temperature'] === 0 && body['top_p'] !== undefined;
const isText: (...request: Parameters<Script>) => boolean = ({ path }) => path === '/v1/completions';
const isBeside: (...request: Parameters<Script>) => boolean = ({ path }) => !path.startsWith('/v1/');

/** Refuses what is meant, and answers the rest as usual. */
function refusing(status: number, isMeant: (...request: Parameters<Script>) => boolean): Script {
  return (request, usual) => (isMeant(request, usual) ? refuse(status, 'not now') : undefined);
}

describe('a failure that passes is no inability', () => {
  it.each([
    ['503 at the echo', 503, isEcho],
    ['429 at a text', 429, isText],
    ['503 at sampling', 503, isSampling],
    ['504 at sampling', 504, isSampling],
  ])('%s', { timeout: 60_000 }, async (_what, status, isMeant) => {
    let isBusy = true;
    const server = await serveScript((request, usual) => (isBusy ? refusing(status, isMeant)(request, usual) : undefined));
    const api = createKeyed();
    const error = await failureOf(open(api, at(server.baseUrl, MODEL)));
    expect(error).toMatchObject({ code: 'endpointFailed', message: expect.stringContaining(`answered ${status}`) });
    isBusy = false;
    const { model } = await open(api, at(server.baseUrl, MODEL));
    expect(model.capabilities).toMatchObject({ generate: true, score: true, framings: ['raw', 'ask'] });
  });

  it('nor is a connection that is cut off', { timeout: 60_000 }, async () => {
    const server = await serve((response) => void response.socket!.destroy());
    expect(await failureOf(probe(server))).toMatchObject({ code: 'endpointFailed', message: expect.stringContaining('hung up') });
  });

  it('but a request that the server always fails at is', { timeout: 60_000 }, async () => {
    expect(await probe(await serveScript(refusing(500, isEcho)))).toMatchObject({ givenLogprobs: null, textLogprobs: 2 });
    expect(await probe(await serveScript(refusing(503, isBeside)))).toMatchObject({ givenLogprobs: 'echo', tokenizer: null });
  });

  it('and one of four requests that were too many says nothing of seeds', { timeout: 60_000 }, async () => {
    let [inFlight, turnedAway] = [0, 0];
    const server = await serve((response, _number, request, text) => {
      const body = JSON.parse(text || '{}') as Record<string, unknown>;
      const isDrawn = body['temperature'] === 1 && body['top_p'] === undefined;
      if (isDrawn && inFlight > 0) {
        turnedAway++;
        response.writeHead(429, { 'content-type': 'application/json' }).end('{}');
        return;
      }
      inFlight++;
      setTimeout(() => {
        inFlight--;
        if (request.url === '/v1/models') response.end('{"data": []}');
        else if (request.url !== '/v1/completions') response.writeHead(404).end('{}');
        else response.end(JSON.stringify({ model: MODEL, choices: [{ text: ` of ${String(body['seed'])}`, finish_reason: 'length', logprobs: null }] }));
      }, 5);
    });
    expect(await probe(server)).toMatchObject({ seeds: 'honoured' });
    expect(turnedAway).toBeGreaterThan(0);
  });
});

describe('a server that cannot say whether its logprobs are plain', () => {
  it('is remarked upon where no such question is answered, or too little is told', async () => {
    const profile = await probe(await serveScript(refusing(500, isSampling)));
    expect(profile).toMatchObject({ sampling: { text: null, chat: null }, textLogprobs: 2 });
    expect(listRemarks(profile, MODEL)).toContainEqual(expect.stringMatching(/does not show whether its logprobs are those before temperature.*taken to be/));
    expect(listRemarks(await probe(await serveScript()), MODEL)).not.toContainEqual(expect.stringContaining('before temperature'));
  }, 60_000);
});

describe('a key that may not do everything', () => {
  it('may not list models, and generates all the same', async () => {
    const server = await serveScript(({ path }) => (path === '/v1/models' ? refuse(403, 'Missing scopes: api.model.read') : undefined));
    expect(await probe(server)).toMatchObject({ textCompletions: true, chatCompletions: true, givenLogprobs: 'echo' });
  });

  it('is not to blame for addresses that a gateway does not have', async () => {
    expect(await probe(await serveScript(refusing(403, isBeside)))).toMatchObject({ textCompletions: true, tokenizer: null });
    expect(await probe(await serveScript(refusing(403, isText)))).toMatchObject({ textCompletions: false, chatCompletions: true });
  });

  it('is refused where neither texts nor turns are allowed', async () => {
    const server = await serveScript(({ path }) => (path.endsWith('/completions') ? refuse(403) : undefined));
    expect(await failureOf(probe(server))).toMatchObject({ code: 'keyRefused', message: expect.stringContaining('403') });
    const another = await serveScript(({ path }) =>
      path === '/v1/models' ? { body: { data: [{ id: 'other' }] } } : path.endsWith('/completions') ? refuse(403, 'no access to m') : undefined,
    );
    expect(await failureOf(probe(another))).toMatchObject({ code: 'modelNotServed', message: expect.stringMatching(/no access to m.*It serves other/) });
  });

  it('ends the probe at once where it is refused or without credit', async () => {
    for (const status of [401, 402]) {
      const server = await serveScript(() => refuse(status));
      expect(await failureOf(probe(server))).toMatchObject({ code: 'keyRefused' });
      expect(server.seen).toHaveLength(1);
    }
  });
});

describe('an address that leads nowhere', () => {
  it('says where it has moved, at the first question', async () => {
    const server = await serve((response) =>
      response.writeHead(301, { location: 'https://elsewhere.example/v1/models' }).end('<html><title>301 Moved</title></html>'),
    );
    const error = await failureOf(probe(server));
    expect(error).toMatchObject({
      code: 'endpointFailed',
      message: expect.stringMatching(/301 Moved Permanently: points to https:\/\/elsewhere\.example\/v1\/models; use that address if you trust it\.$/),
    });
    expect(server.seen).toHaveLength(1);
  });

  it('is no host, and nothing is said of models', async () => {
    const error = await failureOf(createKeyed().probe(at('http://no-such-host.invalid/v1', MODEL), never));
    expect(error).toMatchObject({
      code: 'endpointFailed',
      message: expect.stringMatching(/^no-such-host\.invalid is the name of no host.*Check the address \(ENOTFOUND\)\.$/),
    });
  });
});

describe('what a server says of itself', () => {
  it('is shown without secrets and not at length', async () => {
    const long = `${KEY}-${'x'.repeat(500)}`;
    const server = await serveScript(({ path }, usual) => {
      if (path === '/v1/models') return { body: { data: [{ id: MODEL, owned_by: 'vllm' }] } };
      if (path === '/version') return { body: { version: long } };
      return path.endsWith('/completions') ? { body: { ...(usual() as object), model: long } } : undefined;
    });
    const logged: string[] = [];
    const api = createKeyed({ log: (_level, text) => void logged.push(text) });
    const { model } = await open(api, at(server.baseUrl, MODEL));
    const shown = [JSON.stringify(model.identity), ...logged].join('\n');
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain('x'.repeat(81));
    expect(model.identity.servedAs).toMatch(/^\[hidden\]-x+…$/);
    const unserved = await serveScript(({ path }) => (path === '/v1/models' ? { body: { data: [{ id: long }] } } : refuse(404)));
    const { message } = await failureOf(probe(unserved));
    expect(message).toContain('It serves [hidden]-x');
    expect(message).not.toContain('x'.repeat(81));
  });

  it('may be different names for texts and turns, of which none is held against an answer', async () => {
    const server = await serveScript(({ path }, usual) => (path.endsWith('/completions') ? { body: { ...(usual() as object), model: path } } : undefined));
    expect(await probe(server)).toMatchObject({ servedAs: null });
    expect(await probe(await serveScript())).toMatchObject({ servedAs: MODEL });
    const onlyOne = await serveScript(({ path }, usual) => (path === '/v1/completions' ? { body: { ...(usual() as object), model: null } } : undefined));
    expect(await probe(onlyOne)).toMatchObject({ servedAs: MODEL });
  });
});

describe('a server that continues no turn', () => {
  it('is remarked upon where it answers turns', async () => {
    const remark = expect.stringContaining('the ask framing takes the chat framing');
    expect(listRemarks(await probe(await serveScript()), MODEL)).toContainEqual(remark);
    expect(listRemarks(await probe(await serveScript(({ path }) => (path.startsWith('/v1/chat') ? refuse(404) : undefined))), MODEL)).not.toContainEqual(
      remark,
    );
  });
});

describe('what a probe takes', () => {
  it('is written into the log, apart from the account of an audit', async () => {
    const server = await serveScript();
    const logged: string[] = [];
    const api = createKeyed({ log: (_level, text) => void logged.push(text) });
    const { account } = await open(api, at(server.baseUrl, MODEL));
    expect(account!()).toMatchObject({ asked: 0, promptTokens: 0 });
    const [line] = logged.filter((text) => text.includes('asking what it can do took'));
    const [, requests, read, written] = /took (\d+) requests, (\d+) tokens read, (\d+) written/.exec(line!)!.map(Number);
    expect(requests).toBe(server.seen.length);
    expect(read).toBeGreaterThan(50);
    expect(written).toBeGreaterThan(20);
    await open(api, at(server.baseUrl, MODEL));
    expect(logged.filter((text) => text.includes('took'))).toHaveLength(1);
  });
});
