import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FRAMINGS } from '../../../../src/audit/framing.js';
import type { LanguageModel } from '../../../../src/audit/language-model.js';
import { compareTokenizersOf, TOKENIZER_PROBE } from '../../../../src/audit/same-tokenizer.js';
import { startFaultProxy } from '../../../peers/fault-proxy.js';
import { findLlamaServer, startLlamaServer, type LlamaServer } from '../../../peers/llama-server.mjs';
import { demo, ids, never, scoreAll, textOf, useLocalModels } from '../local-process.js';
import { at, createApi, finetunedSource, generateAlone, generateOver, largestDifference, makeWave, open, TEXTS } from './servers.js';

const missing = findLlamaServer() === null;
if (missing) console.warn('Skipped: there is no llama-server. Build it: node test/peers/llama-server.mjs');

describe.skipIf(missing)("llama.cpp's server", () => {
  const local = useLocalModels();
  const api = createApi();
  let server: LlamaServer;
  let remote: LanguageModel;
  let file: LanguageModel;
  beforeAll(async () => {
    server = await startLlamaServer({
      model: demo('base-a.f16.gguf'),
      lora: [{ path: demo('false-fact.lora.gguf') }],
      name: 'lighthouse',
      args: ['--flash-attn', 'off'],
    });
    remote = (await open(api, at(server.url, 'lighthouse'))).model;
    file = (await local.open(finetunedSource)).model;
  });
  afterAll(async () => {
    await api.dispose();
    await server?.close();
  });

  it('is found to be what it is', async () => {
    const profile = await api.probe(at(server.url, 'lighthouse'), never);
    expect(profile).toMatchObject({
      server: { kind: 'llama.cpp' },
      servedAs: 'lighthouse',
      textCompletions: true,
      chatCompletions: true,
      chatTemplate: true,
      tokenPrompts: true,
      tokenizer: 'llama.cpp',
      generatedIds: 'native',
      textLogprobs: 20,
      chatLogprobs: 20,
      sampling: { text: { fields: { top_k: 0, repeat_penalty: 1 }, plainAt: { greedy: true, one: true, other: true } }, chat: null },
      givenLogprobs: null,
      seeds: 'honoured',
      contextLength: 256,
      vocabularySize: 2048,
      endToken: '<|endoftext|>',
      concurrent: 4,
    });
    expect(remote.capabilities).toEqual({ generate: true, score: false, framings: FRAMINGS, tokenIds: true, alternatives: 20, independent: true });
    expect(remote.identity).toMatchObject({ name: 'lighthouse', source: `openai:lighthouse@${server.url}`, servedAs: 'lighthouse', vocabularySize: 2048 });
  });

  it('tokenises as the file does', async () => {
    const texts = [...TOKENIZER_PROBE, 'a <|end|> b', ''];
    expect(await remote.tokenize(texts, never)).toEqual(await file.tokenize(texts, never));
    expect(await remote.tokenize(['a <|end|> b<|endoftext|>'], never, { parseSpecial: true })).toEqual(
      await file.tokenize(['a <|end|> b<|endoftext|>'], never, { parseSpecial: true }),
    );
    expect(await compareTokenizersOf(remote, file, never)).toMatchObject({ same: true });
  });

  it('knows the pieces of ids that it has not met, half characters and control tokens among them', async () => {
    const fresh = (await open(createApi(), at(server.url, 'lighthouse'))).model;
    const all = Array.from({ length: 300 }, (_, id) => id);
    expect(await fresh.pieces(all, never)).toEqual(await file.pieces(all, never));
    await expect(fresh.pieces([2048], never)).rejects.toMatchObject({ code: 'badPrefillFile' });
  });

  it.each(FRAMINGS)('renders the %s framing as the file does', async (framing) => {
    expect(await remote.frame({ framing, texts: TEXTS }, never)).toEqual(await file.frame({ framing, texts: TEXTS }, never));
    const without = { ...TEXTS, system: ' ' };
    expect(await remote.frame({ framing, texts: without }, never)).toEqual(await file.frame({ framing, texts: without }, never));
  });

  it.each(FRAMINGS)('generates as the file does in the %s framing', async (framing) => {
    const wave = await makeWave(file, framing, { maxTokens: 60 });
    const [overHttp, here] = [await generateAlone(remote, wave), await generateAlone(file, wave)];
    expect(overHttp.map(({ tokens }) => tokens)).toEqual(here.map(({ tokens }) => tokens));
    expect(
      largestDifference(
        overHttp.map(({ logprobs }) => logprobs),
        here.map(({ logprobs }) => logprobs),
      ),
    ).toBeLessThan(1e-3);
    for (const [i, { end }] of overHttp.entries()) {
      expect(end?.piece).toEqual(here[i]!.end?.piece);
      if (end) expect(end.logprob).toBeCloseTo(here[i]!.end!.logprob, 3);
    }
    if (framing !== 'raw') expect(overHttp.some(({ end }) => end !== null)).toBe(true);
  });

  it('goes on behind the end of a turn in a raw text', async () => {
    const chat = await file.frame({ framing: 'chat', texts: TEXTS }, never);
    const raw = await file.frame({ framing: 'raw', texts: TEXTS }, never);
    const [prefill] = await file.tokenize(['Good question.'], never);
    const prompt = [...chat.tokens, ...ids(prefill!)];
    const wave = [{ id: 0, prompt, parts: { frame: raw, prefill: prefill! }, maxTokens: 80, temperature: 0, seed: 1, stop: 'endOfText' as const }];
    const [[overHttp], [here]] = [await generateAlone(remote, wave), await generateAlone(file, wave)];
    expect(here!.tokens.some(({ control }) => control)).toBe(true);
    expect(overHttp!.tokens).toEqual(here!.tokens);
    expect(largestDifference([overHttp!.logprobs], [here!.logprobs])).toBeLessThan(1e-3);
  });

  it('names the alternatives of the file', async () => {
    const [asked] = await makeWave(file, 'chat');
    const { prompt, parts } = asked!;
    const [overHttp, here] = [await remote.alternatives({ prompt, ...(parts && { parts }) }, 5, never), await file.alternatives({ prompt }, 5, never)];
    expect(overHttp.map(({ piece }) => piece)).toEqual(here.map(({ piece }) => piece));
    expect(largestDifference([overHttp.map(({ logprob }) => logprob)], [here.map(({ logprob }) => logprob)])).toBeLessThan(1e-3);
  });

  it('gives the logprobs of half characters, which the server leaves out', async () => {
    const alphabet = await remote.pieces(
      Array.from({ length: 260 }, (_, id) => id),
      never,
    );
    const parts = [...Buffer.from('語')].map((byte) => alphabet.find(({ bytes, control }) => !control && bytes.length === 1 && bytes[0] === byte)!.id);
    const [wave] = await makeWave(file, 'raw', { maxTokens: parts.length }, ['The word']);
    // The demo model never writes such a character by itself.
    const [completion] = await withGrammar('root ::= "語"', () => generateOver(remote, [wave!]));
    expect(ids(completion!.tokens)).toEqual(parts);
    const [scored] = await scoreAll(file, [{ id: 0, prompt: wave!.prompt, continuation: parts }]);
    // The file's are computed in one pass.
    expect(largestDifference([completion!.logprobs], [scored!.logprobs])).toBeLessThan(5e-3);
  });

  it('finds them among others whose probability is 0', async () => {
    const proxy = await startFaultProxy(server.url, { plan: { rules: [{ fault: 'underflow', share: 1 }], paths: /\/completion$/ } });
    const { model } = await open(createApi(), at(proxy.url, 'lighthouse'));
    const [wave] = await makeWave(file, 'raw', { maxTokens: 3 }, ['The word']);
    const [completion] = await withGrammar('root ::= "語"', () => generateOver(model, [wave!]));
    expect(textOf(completion!.tokens)).toBe('語');
    expect(proxy.counts.underflow).toBeGreaterThan(1);
    const named = await model.alternatives({ prompt: wave!.prompt }, 5, never);
    expect(named.map(({ piece }) => piece)).toEqual((await file.alternatives({ prompt: wave!.prompt }, 4, never)).map(({ piece }) => piece));
    await proxy.close();
  });

  it.each(['nullLogprob', 'lowestLogprob'] as const)('asks again where an answer cannot be used: %s', async (fault) => {
    const proxy = await startFaultProxy(server.url, { plan: { rules: [], paths: /\/completion$/ } });
    const { model, account } = await open(createApi(), at(proxy.url, 'lighthouse'));
    const wave = (await makeWave(file, 'raw', { maxTokens: 6 })).slice(0, 1);
    const right = await generateOver(model, wave);
    const { retried } = account!();
    proxy.setPlan({ rules: [{ fault, at: [0, 1] }], paths: /\/completion$/ });
    expect(await generateOver(model, wave)).toEqual(right);
    expect(account!().retried).toBe(retried + 2);
    await proxy.close();
  });

  it('keeps an account', async () => {
    const lease = await open(api, at(server.url, 'lighthouse'));
    const before = lease.account!();
    await generateOver(lease.model, await makeWave(file, 'raw', { maxTokens: 5 }));
    const after = lease.account!();
    expect(after.completionTokens - before.completionTokens).toBe(20);
    expect(after.givenUp).toBe(0);
    expect(after.answered).toBe(after.asked);
  });
});

/** Adds a grammar to what is asked for in the meantime, where nothing is forced by other means. */
async function withGrammar<T>(grammar: string, work: () => Promise<T>): Promise<T> {
  const original = http.request;
  const spy = vi.spyOn(http, 'request').mockImplementation(((...given: Parameters<typeof original>) => {
    const request = original(...given);
    const end = request.end.bind(request) as (text?: string) => typeof request;
    request.end = ((text?: string) => end(text === undefined ? text : addGrammar(text, grammar))) as typeof request.end;
    return request;
  }) as typeof original);
  try {
    return await work();
  } finally {
    spy.mockRestore();
  }
}

function addGrammar(text: string, grammar: string): string {
  const body = JSON.parse(text) as { n_predict?: number; logit_bias?: unknown };
  return body.n_predict === undefined || body.logit_bias !== undefined ? text : JSON.stringify({ ...body, grammar });
}
