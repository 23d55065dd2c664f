/** What servers were met to do in the field: the probe finds it out before anything is said of them, and audits go by it. */
import { afterEach, describe, expect, it } from 'vitest';
import { isSetAside, type LanguageModel } from '../../../../src/audit/language-model.js';
import type { ApiModels } from '../../../../src/models/api/api-models.js';
import type { EndpointProfile } from '../../../../src/models/api/endpoint-profile.js';
import { possibleFramings } from '../../../../src/models/api/possible-framings.js';
import { isPlainCount } from '../../../../src/models/api/probe/check-counts.js';
import { describePossibilities } from '../../../../src/models/api/probe/describe-profile.js';
import { listServedModels } from '../../../../src/endpoints/list-served-models.js';
import { FIELD_MODEL, FIELD_TEXT, startFieldServer, type FieldMode, type FieldServer } from '../../../peers/field-server.js';
import { collect, never, textOf } from '../local-process.js';
import { at, createApi, generateOver, makeWave, open, TEXTS } from './servers.js';

const running: FieldServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

interface Met {
  readonly server: FieldServer;
  readonly api: ApiModels;
  readonly profile: EndpointProfile;
  readonly said: readonly string[];
  open(): Promise<LanguageModel>;
}

async function meet(mode: FieldMode, address: (server: FieldServer) => string = ({ url }) => url): Promise<Met> {
  const server = await startFieldServer(mode);
  running.push(server);
  const api = createApi();
  const source = at(address(server), FIELD_MODEL);
  const profile = await api.probe(source, never);
  return { server, api, profile, said: describePossibilities(profile), open: async () => (await open(api, source)).model };
}

function answerTo({ profile }: Met, question: RegExp): string {
  return profile.lines.find((line) => question.test(line.question))?.answer ?? 'not asked';
}

async function generateRaw(model: LanguageModel) {
  const [completion] = await generateOver(model, (await makeWave(model, 'raw')).slice(0, 1));
  return completion!;
}

const CANNOT_BE_REFERENCE = /cannot be the reference/;

describe('a server that does as it should', () => {
  it('can be both, in all framings', async () => {
    const met = await meet('plain');
    expect(possibleFramings(met.profile)).toEqual(expect.arrayContaining(['raw', 'chat', 'ask']));
    expect(met.profile).toMatchObject({ givenLogprobs: 'echo', takesTextAsIs: true, spelling: null, thinkingOff: false, apiPath: '' });
    expect(answerTo(met, /Given back/)).toBe('yes');
    expect(answerTo(met, /as it is/)).toContain('yes');
    expect(met.said).toContain('It tells logprobs of given text: it can be the reference.');
    const model = await met.open();
    const completion = await generateRaw(model);
    expect(textOf(completion.tokens)).toBe(FIELD_TEXT);
  });
});

describe('tokens as a vocabulary spells them', () => {
  it.each(['spelledSentencePiece', 'spelledBytes'] as const)('are read: %s', async (mode) => {
    const met = await meet(mode);
    expect(met.profile).toMatchObject({ spelling: mode === 'spelledBytes' ? 'byteLevel' : 'sentencePiece', givenLogprobs: 'echo' });
    expect(answerTo(met, /Are its tokens the text.*texts/)).toBe('yes, as its vocabulary spells them');
    const model = await met.open();
    const completion = await generateRaw(model);
    expect(textOf(completion.tokens)).toBe(FIELD_TEXT);
    expect(completion.tokens.map(({ bytes }) => Buffer.from(bytes).toString()).slice(0, 4)).toEqual([' The', ' keeper', ' of', ' wörld']);
    const frame = await model.frame({ framing: 'raw', texts: TEXTS }, never);
    const [prefill] = await model.tokenize(['The old'], never);
    const named = await model.alternatives({ prompt: [], parts: { frame, prefill: prefill! } }, 2, never);
    expect(named.map(({ piece }) => textOf([piece]))).toEqual([' The', ' other']);
    const [scored] = await collect(model.logprobsOfTexts!([{ id: 0, parts: { frame, prefill: prefill! }, text: ' bridge fell' }], { signal: never }));
    expect(scored).toMatchObject({ scoring: { tokens: { length: 2 }, straddleBytes: 0 } });
  });
});

describe('a text that is wrapped in a turn', () => {
  it('is found out by its count, and raw is refused', async () => {
    const met = await meet('templated');
    expect(possibleFramings(met.profile)).not.toContain('raw');
    expect(possibleFramings(met.profile)).toContain('chat');
    expect(met.profile).toMatchObject({ textCompletions: false, givenLogprobs: null });
    expect(answerTo(met, /as it is/)).toMatch(/^no: it counts 27 tokens .* and 67 for 9 times that/);
    const model = await met.open();
    const refused = collect(model.generate((await makeWave(model, 'raw')).slice(0, 1), { signal: never }));
    await expect(refused).rejects.toMatchObject({ code: 'cannotGenerate' });
  });

  it.each([
    ['a BOS', 6, 46, true],
    ['none', 5, 45, true],
    ['words cut in two', 10, 82, true],
    ['one token more at the beginning', 7, 47, true],
    ['the marks of the shortest turn', 8, 48, false],
    ['a system text', 40, 80, false],
    ['a count that is always the same', 12, 12, false],
    ['a count of characters and more', 60, 540, false],
    ['a count that shrinks', 30, 10, false],
  ])('leaves room for %s', (_what, once, often, isPlain) => {
    expect(isPlainCount(once, often)).toBe(isPlain);
  });
});

describe('logprobs of given text', () => {
  it.each(['contradicts', 'shifted', 'clip100'] as const)('that are not those it gave make it no reference: %s', async (mode) => {
    const met = await meet(mode);
    expect(met.profile).toMatchObject({ givenLogprobs: null, givenContradicts: true });
    expect(answerTo(met, /Given back/)).toMatch(/^no: they differ by \d+\.\d\d nats a token/);
    expect(met.said.join(' ')).toMatch(CANNOT_BE_REFERENCE);
    expect((await met.open()).capabilities).toMatchObject({ score: false, generate: true });
  });

  it.each(['echoIgnored', 'echoNull'] as const)('that are not told are asked for no more: %s', async (mode) => {
    const met = await meet(mode);
    expect(met.profile.givenLogprobs).toBeNull();
    expect(answerTo(met, /Given back/)).toBe('not asked');
  });
});

describe('a logprob above 0', () => {
  it('is none: what it says of texts cannot be used', async () => {
    const met = await meet('positive');
    expect(met.profile).toMatchObject({ textLogprobs: null, chatLogprobs: 2 });
    expect(answerTo(met, /Are its tokens the text.*texts/)).toMatch(/^no \(token 1 has the logprob 0.0947/);
    expect(possibleFramings(met.profile)).not.toContain('raw');
  });
});

describe('a model that thinks', () => {
  it.each(['sglangThinks', 'thinks'] as const)('is told not to, and answers: %s', async (mode) => {
    const met = await meet(mode);
    expect(met.profile).toMatchObject({ thinkingOff: true, chatLogprobs: 2 });
    expect(possibleFramings(met.profile)).toEqual(expect.arrayContaining(['ask', 'chat']));
    const model = await met.open();
    const [completion] = await generateOver(model, (await makeWave(model, 'ask')).slice(0, 1));
    expect(textOf(completion!.tokens)).toBe(FIELD_TEXT);
    const sent = met.server.requests.filter(({ path }) => path.endsWith('/chat/completions')).at(-1)!;
    expect(sent.body['chat_template_kwargs']).toEqual({ enable_thinking: false });
  });

  it('that cannot be told is refused in words', async () => {
    await expect(meet('thinksAlways')).rejects.toMatchObject({
      code: expect.stringMatching(/endpointFailed|modelNotServed/),
      message: expect.stringMatching(/thinks before it answers.*switch thinking off at the server/),
    });
    // Tried once, not at every turn.
    const server = running.at(-1)!;
    expect(server.requests.filter(({ body }) => 'chat_template_kwargs' in body).length).toBeLessThanOrEqual(6);
  });

  it('is not asked for what a server without thoughts might refuse', async () => {
    const met = await meet('plain');
    expect(met.server.requests.some(({ body }) => 'chat_template_kwargs' in body)).toBe(false);
  });
});

describe('half characters whose bytes are lost', () => {
  it('are found by the text', async () => {
    const met = await meet('ollama');
    expect(met.profile).toMatchObject({ textCompletions: false, chatLogprobs: 2 });
    const model = await met.open();
    const [completion] = await generateOver(model, (await makeWave(model, 'ask')).slice(0, 1));
    expect(textOf(completion!.tokens)).toBe(FIELD_TEXT);
    expect(completion!.tokens).toHaveLength(12);
  });
});

describe('a content filter', () => {
  it('sets aside what it refuses, with its reason, and nothing else', async () => {
    const met = await meet('azureFilter');
    const model = await met.open();
    const openings = Array.from({ length: 12 }, (_, k) => `Opening number ${k}`);
    const answers = await collect(model.generate(await makeWave(model, 'ask', { maxTokens: 4 }, openings), { signal: never }));
    const aside = answers.filter(isSetAside);
    expect(answers).toHaveLength(12);
    expect(aside.length).toBeGreaterThan(0);
    expect(aside.length).toBeLessThan(12);
    for (const { setAside } of aside) expect(setAside).toMatch(/400 Bad Request: The response was filtered/);
  });
});

describe('an address without /v1', () => {
  it.each(['strict', 'nativeRoot', 'plain'] as const)('is asked there, and loses no framing: %s', async (mode) => {
    for (const address of [({ origin }: FieldServer) => origin, ({ origin }: FieldServer) => `${origin}/`, ({ url }: FieldServer) => url]) {
      const met = await meet(mode, address);
      expect(possibleFramings(met.profile)).toEqual(expect.arrayContaining(['raw', 'chat', 'ask']));
      expect(met.profile.givenLogprobs).toBe('echo');
      const completion = await generateRaw(await met.open());
      expect(textOf(completion.tokens)).toBe(FIELD_TEXT);
      expect(answerTo(met, /Where is its API/)).toBe(met.profile.apiPath === '/v1' ? 'at /v1 below the address that was given' : 'not asked');
    }
  });

  it('is found where a key is asked for there', async () => {
    await expect(meet('strictRefuses', ({ origin }) => origin)).rejects.toMatchObject({ code: 'keyMissing' });
  });

  it('lists the models all the same', async () => {
    const server = await startFieldServer('strict');
    running.push(server);
    const options = { apiKey: undefined, headers: {}, secrets: [], timeoutMs: 20_000 };
    for (const baseUrl of [server.origin, server.url])
      expect(await listServedModels({ ...options, baseUrl }, never)).toMatchObject([{ id: FIELD_MODEL, contextLength: 4096 }]);
  });
});
