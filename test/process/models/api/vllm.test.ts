import { beforeAll, describe, expect, it } from 'vitest';
import { FRAMINGS } from '../../../../src/audit/framing.js';
import type { LanguageModel } from '../../../../src/audit/language-model.js';
import { compareTokenizersOf, TOKENIZER_PROBE } from '../../../../src/audit/same-tokenizer.js';
import { TokenBudget } from '../../../../src/models/api/transport/token-budget.js';
import type { ModelServer } from '../../../peers/model-server.js';
import { ids, never, scoreAll, useLocalModels } from '../local-process.js';
import {
  at,
  BASE,
  baseSource,
  createApi,
  FINETUNED,
  finetunedSource,
  generateAlone,
  largestDifference,
  makeWave,
  open,
  PREFILLS,
  TEXTS,
  useServers,
} from './servers.js';

describe("a server of vLLM's kind", () => {
  const local = useLocalModels();
  const servers = useServers(local);
  const api = createApi();
  let server: ModelServer;
  let remote: LanguageModel;
  let file: LanguageModel;
  beforeAll(async () => {
    server = await servers.start({ dialect: 'vllm' });
    remote = (await open(api, at(server.url, FINETUNED))).model;
    file = (await local.open(finetunedSource, { waveSize: 1 })).model;
  });

  it('is found to be what it is, in about twenty requests', async () => {
    const before = server.requests.length;
    const profile = await api.probe(at(server.url, FINETUNED), never);
    expect(server.requests.length - before).toBeLessThanOrEqual(20);
    expect(profile).toMatchObject({
      server: { kind: 'vllm', version: '0.26.0' },
      servedAs: FINETUNED,
      textCompletions: true,
      chatCompletions: true,
      tokenPrompts: true,
      tokenizer: 'vllm',
      generatedIds: 'tokenIds',
      textLogprobs: 20,
      chatLogprobs: 20,
      givenLogprobs: 'promptLogprobs',
      seeds: 'honoured',
      contextLength: 256,
      concurrent: 4,
    });
    expect(remote.capabilities).toEqual({ generate: true, score: true, framings: FRAMINGS, tokenIds: true, alternatives: 20, independent: true });
  });

  it('tokenises as the file does', async () => {
    expect(await remote.tokenize(TOKENIZER_PROBE, never)).toEqual(await file.tokenize(TOKENIZER_PROBE, never));
    expect(await remote.tokenize(['a<|end|>b'], never, { parseSpecial: true })).toEqual(await file.tokenize(['a<|end|>b'], never, { parseSpecial: true }));
    expect(await compareTokenizersOf(remote, file, never)).toMatchObject({ same: true });
  });

  it('takes names of control tokens for text where it is to', async () => {
    const [pieces] = await remote.tokenize(['one<|end|>two<|end|>'], never);
    expect(pieces!.some(({ control }) => control)).toBe(false);
    expect(Buffer.concat(pieces!.map(({ bytes }) => bytes)).toString()).toBe('one<|end|>two<|end|>');
  });

  it('knows the pieces of ids that it has not met', async () => {
    const fresh = (await open(createApi(), at(server.url, FINETUNED))).model;
    const [text] = await file.tokenize(['The bridge: 東京 <|end|>🙂'], never, { parseSpecial: true });
    expect(await fresh.pieces(ids(text!), never)).toEqual(text);
    await expect(fresh.pieces([70_000], never)).rejects.toMatchObject({ code: 'endpointFailed' });
  });

  it.each(FRAMINGS)('renders the %s framing as the file does', async (framing) => {
    expect(await remote.frame({ framing, texts: TEXTS }, never)).toEqual(await file.frame({ framing, texts: TEXTS }, never));
  });

  it.each(FRAMINGS)('generates as the file does in the %s framing', async (framing) => {
    const wave = await makeWave(file, framing, { maxTokens: 30 });
    const [overHttp, here] = [await generateAlone(remote, wave), await generateAlone(file, wave)];
    expect(overHttp.map(({ tokens, end }) => [tokens, end?.piece])).toEqual(here.map(({ tokens, end }) => [tokens, end?.piece]));
    expect(
      largestDifference(
        overHttp.map(({ logprobs }) => logprobs),
        here.map(({ logprobs }) => logprobs),
      ),
    ).toBeLessThan(1e-3);
  });

  it('goes on behind the end of a turn in a raw text', async () => {
    const chat = await file.frame({ framing: 'chat', texts: TEXTS }, never);
    const frame = await file.frame({ framing: 'raw', texts: TEXTS }, never);
    const [prefill] = await file.tokenize(['Good question.'], never);
    const wave = [
      {
        id: 0,
        prompt: [...chat.tokens, ...ids(prefill!)],
        parts: { frame, prefill: prefill! },
        maxTokens: 60,
        temperature: 0,
        seed: 1,
        stop: 'endOfText' as const,
      },
    ];
    const [[overHttp], [here]] = [await generateAlone(remote, wave), await generateAlone(file, wave)];
    expect(here!.tokens.some(({ control }) => control)).toBe(true);
    expect(overHttp!.tokens).toEqual(here!.tokens);
  });

  it('repeats sampled completions', async () => {
    const wave = await makeWave(remote, 'raw', { maxTokens: 12, temperature: 1 }, PREFILLS.slice(0, 2));
    const once = await generateAlone(remote, wave);
    expect(await generateAlone(remote, wave)).toEqual(once);
    expect(
      await generateAlone(
        remote,
        wave.map((request) => ({ ...request, seed: request.seed + 1 })),
      ),
    ).not.toEqual(once);
  });

  it('scores as the file does', async () => {
    const base = (await open(api, at(server.url, BASE))).model;
    const baseFile = (await local.open(baseSource, { waveSize: 1 })).model;
    const wave = await makeWave(file, 'chat', { maxTokens: 20 });
    const completions = await generateAlone(file, wave);
    const requests = completions.map(({ id, tokens, end }) => ({ id, prompt: wave[id]!.prompt, continuation: ids([...tokens, ...(end ? [end.piece] : [])]) }));
    const overHttp = await scoreAll(base, requests);
    const here = [];
    for (const one of requests) here.push(...(await scoreAll(baseFile, [one])));
    expect(overHttp.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
    expect(
      largestDifference(
        overHttp.map(({ logprobs }) => logprobs),
        here.map(({ logprobs }) => logprobs),
      ),
    ).toBeLessThan(1e-3);
  });

  it('names the alternatives of the file', async () => {
    const prompt = (await makeWave(file, 'raw'))[0]!.prompt;
    const [overHttp, here] = [await remote.alternatives({ prompt }, 5, never), await file.alternatives({ prompt }, 5, never)];
    expect(overHttp.map(({ piece }) => piece)).toEqual(here.map(({ piece }) => piece));
    expect(largestDifference([overHttp.map(({ logprob }) => logprob)], [here.map(({ logprob }) => logprob)])).toBeLessThan(1e-3);
  });

  it('asks for nothing once its signal has aborted', async () => {
    const wave = await makeWave(remote, 'raw');
    const controller = new AbortController();
    const answers = remote.generate(wave, { signal: controller.signal })[Symbol.asyncIterator]();
    await answers.next();
    controller.abort();
    const count = server.requests.length;
    await expect(
      (async () => {
        for (;;) if ((await answers.next()).done) return;
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.requests.length).toBe(count);
  });

  it('keeps within a budget of tokens', async () => {
    const { model } = await open(api, at(server.url, FINETUNED), { budget: new TokenBudget(50) });
    const wave = await makeWave(model, 'raw', { maxTokens: 30 });
    await expect(generateAlone(model, wave)).rejects.toMatchObject({ code: 'spendingLimit' });
  });
});
