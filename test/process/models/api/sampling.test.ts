/** What servers make of a distribution before they sample from it, and before they tell it. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../../../src/audit/language-model.js';
import { requirePlainLogprobs } from '../../../../src/models/api/dialects/generation/require-plain-logprobs.js';
import { describePossibilities } from '../../../../src/models/api/probe/describe-profile.js';
import { judgeTemperatures } from '../../../../src/models/api/probe/judge-temperatures.js';
import type { ModelServer } from '../../../peers/model-server.js';
import { collect, never, useLocalModels } from '../local-process.js';
import { at, createApi, FINETUNED, finetunedSource, generateAlone, largestDifference, makeWave, open, useServers } from './servers.js';

/** Logprobs of four tokens whose logits these are, at a temperature, with only the `k` likeliest left. */
function distribution(logits: readonly number[], temperature: number, k = 4): Map<string, number> {
  const kept = logits.slice(0, k).map((logit) => logit / temperature);
  const total = Math.log(kept.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return new Map(kept.map((logit, i) => [`token ${i}`, logit - total]));
}

describe('logprobs of one place at several temperatures', () => {
  const logits = [4, 3.5, 2, 1];
  const plain = distribution(logits, 1);
  const half = distribution(logits, 0.5);
  const oneHot = new Map([...plain.keys()].map((name, i) => [name, i === 0 ? 0 : -9999]));

  it.each([
    ['as they are', plain, plain, { greedy: true, one: true, other: true }],
    ['after the temperature, where it draws', plain, half, { greedy: true, one: true, other: false }],
    ['after the temperature, always', oneHot, half, { greedy: false, one: true, other: false }],
    ['all of it for the one that is chosen, where it does not draw', oneHot, plain, { greedy: false, one: true, other: true }],
    ['near temperature 0 in place of it', distribution(logits, 0.01), half, { greedy: false, one: true, other: false }],
    ['only the best token where it does not draw', new Map([['token 0', 0]]), half, { greedy: false, one: true, other: false }],
  ])('are found out: %s', (_how, greedy, other, expected) => {
    expect(judgeTemperatures(greedy, plain, other)).toEqual(expected);
  });

  it('are found out where a server cuts off the less likely ones when it draws', () => {
    expect(judgeTemperatures(plain, distribution(logits, 1, 2), distribution(logits, 0.5, 2))).toEqual({ greedy: true, one: false, other: false });
  });

  it('tell nothing where too little is told', () => {
    expect(judgeTemperatures(new Map(), new Map(), new Map())).toEqual({ greedy: null, one: null, other: null });
    const certain = new Map([['token 0', 0]]);
    expect(judgeTemperatures(certain, certain, certain)).toEqual({ greedy: null, one: null, other: null });
  });

  it('are refused with the ways out there are', () => {
    const model = { name: 'm', canScore: true };
    const tempered = { greedy: true, one: true, other: false };
    const ask =
      (temperature: number, plainAt = tempered, canScore = true, logprobs?: 'none') =>
      () =>
        requirePlainLogprobs({ temperature, ...(logprobs && { logprobs }) }, plainAt, { ...model, canScore });
    for (const temperature of [0, 1]) expect(ask(temperature)).not.toThrow();
    expect(ask(0.7)).toThrow(
      expect.objectContaining({ code: 'cannotGenerate', message: expect.stringMatching(/temperature 0\.7 .* temperature 0 \(greedy\) or 1, or .*forward/) }),
    );
    expect(ask(0.7, tempered, true, 'none')).not.toThrow();
    expect(ask(0.7, tempered, false)).not.toThrow(/forward/);
    expect(ask(0, { greedy: false, one: false, other: false }, false)).toThrow(expect.objectContaining({ message: expect.stringContaining('another model') }));
  });
});

describe('servers that tell what temperature has left', () => {
  const local = useLocalModels();
  const servers = useServers(local);

  it.each([
    ['ids', { dialect: 'vllm', quirks: ['tempered'] }, 'raw'],
    ['text', { dialect: 'vllm', quirks: ['hideTokenize', 'tempered'] }, 'raw'],
    ['turns', { dialect: 'openai', quirks: ['tempered'] }, 'ask'],
  ] as const)('are refused at other temperatures than 0 and 1: %s', async (_what, options, framing) => {
    const server = await servers.start(options);
    const api = createApi();
    const profile = await api.probe(at(server.url, FINETUNED), never);
    expect(profile.sampling[framing === 'ask' ? 'chat' : 'text']?.plainAt).toEqual({ greedy: true, one: true, other: false });
    expect(describePossibilities(profile).join(' ')).toContain('others than 0 and 1');
    expect(profile.lines.find(({ question }) => question.includes('before temperature'))).toMatchObject({
      good: false,
      answer: expect.stringContaining('others'),
    });
    const { model } = await open(api, at(server.url, FINETUNED));
    const count = server.requests.length;
    await expect(generateAlone(model, await makeWave(model, framing, { maxTokens: 2, temperature: 0.7 }))).rejects.toMatchObject({ code: 'cannotGenerate' });
    expect(server.requests.slice(count).filter(({ path }) => path.endsWith('/completions'))).toEqual([]);
    expect(await generateAlone(model, (await makeWave(model, framing, { maxTokens: 2 })).slice(0, 1))).toHaveLength(1);
    const unscored = await makeWave(model, framing, { maxTokens: 2, temperature: 0.7, logprobs: 'none' });
    expect(await generateAlone(model, unscored.slice(0, 1))).toHaveLength(1);
  });

  it('are refused at temperature 0 where the chosen token takes everything', async () => {
    const server = await servers.start({ dialect: 'vllm', quirks: ['oneHot'] });
    const { model } = await open(createApi(), at(server.url, FINETUNED));
    const greedy = await makeWave(model, 'raw', { maxTokens: 2 });
    await expect(collect(model.generate(greedy, { signal: never }))).rejects.toMatchObject({
      code: 'cannotGenerate',
      message: expect.stringContaining('temperature 1'),
    });
    expect(
      await generateAlone(
        model,
        greedy.slice(0, 1).map((request) => ({ ...request, temperature: 1 })),
      ),
    ).toHaveLength(1);
  });
});

describe('sampling is switched off', () => {
  const local = useLocalModels();
  const servers = useServers(local);
  let file: LanguageModel;
  beforeAll(async () => {
    file = (await local.open(finetunedSource, { waveSize: 1 })).model;
  });

  const ALL = { top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1, presence_penalty: 0, frequency_penalty: 0 };
  const completions = (server: ModelServer) =>
    server.requests.filter(({ path }) => path.endsWith('/completions')).map(({ body }) => body as Record<string, unknown>);

  it.each([
    ['ids', ['anonymous'], 'raw'],
    ['text', ['hideTokenize'], 'raw'],
    ['text of a server that does not say what it is', ['hideTokenize', 'anonymous'], 'raw'],
    ['turns', ['hideTokenize'], 'chat'],
    ['turns of a server that does not say what it is', ['hideTokenize', 'anonymous'], 'ask'],
  ] as const)('in every way of asking: %s', async (_what, quirks, framing) => {
    const server = await servers.start({ dialect: 'vllm', quirks });
    const { model } = await open(createApi(), at(server.url, FINETUNED));
    const [request] = await makeWave(model, framing, { maxTokens: 2 });
    await generateAlone(model, [request!]);
    expect(completions(server).at(-1)).toMatchObject({ ...ALL, temperature: 0 });
    await model.alternatives({ prompt: request!.prompt, parts: request!.parts! }, 3, never);
    expect(completions(server).at(-1)).toMatchObject(ALL);
  });

  it('as far as a server takes it', async () => {
    const server = await servers.start({ dialect: 'openaiLegacy' });
    const profile = await createApi().probe(at(server.url, FINETUNED), never);
    expect(profile.sampling.text?.fields).toEqual({ top_p: 1, presence_penalty: 0, frequency_penalty: 0 });
    expect(profile.lines.find(({ question }) => question.includes('sampling settings'))).toMatchObject({ answer: 'not all of them', good: false });
  });

  it.each(['repeatOpening', 'repeatOpeningTokens'] as const)('and what a turn was opened with is no part of the completion: %s', async (quirk) => {
    const server = await servers.start({ dialect: 'vllm', quirks: ['hideTokenize', quirk] });
    const api = createApi();
    expect(await api.probe(at(server.url, FINETUNED), never)).toMatchObject({ repeatsOpening: true, continuesTurn: 'continueFinalMessage' });
    const { model } = await open(api, at(server.url, FINETUNED));
    const overHttp = await generateAlone(model, await makeWave(model, 'chat', { maxTokens: 12 }));
    const here = await generateAlone(file, await makeWave(file, 'chat', { maxTokens: 12 }));
    expect(overHttp.map(({ tokens }) => Buffer.concat(tokens.map(({ bytes }) => bytes)).toString())).toEqual(
      here.map(({ tokens }) => Buffer.concat(tokens.map(({ bytes }) => bytes)).toString()),
    );
    expect(
      largestDifference(
        overHttp.map(({ logprobs }) => logprobs),
        here.map(({ logprobs }) => logprobs),
      ),
    ).toBeLessThan(1e-3);
    const [asked] = await makeWave(model, 'chat');
    const [askedHere] = await makeWave(file, 'chat');
    const named = await model.alternatives({ prompt: asked!.prompt, parts: asked!.parts! }, 3, never);
    const expected = await file.alternatives({ prompt: askedHere!.prompt }, 3, never);
    expect(named.map(({ piece }) => Buffer.from(piece.bytes).toString())).toEqual(expected.map(({ piece }) => Buffer.from(piece.bytes).toString()));
  });
});

describe('seeds', () => {
  const local = useLocalModels();
  const servers = useServers(local);

  it('that a server does not take are remarked upon', async () => {
    const remarksOf = async (quirks: readonly 'noSeed'[]) =>
      (await open(createApi(), at((await servers.start({ dialect: 'vllm', quirks })).url, FINETUNED))).model.remarks;
    expect(await remarksOf([])).toEqual([]);
    expect(await remarksOf(['noSeed'])).toEqual([expect.stringContaining('refuses seeds')]);
  });
});
