import { beforeAll, describe, expect, it } from 'vitest';
import { isSetAside, type LanguageModel } from '../../../../src/audit/language-model.js';
import { cutAtCompletion, placeTokens, textForReference } from '../../../../src/audit/reference-text.js';
import { decodeUtf8 } from '../../../../src/text/utf8.js';
import { describePossibilities } from '../../../../src/models/api/probe/describe-profile.js';
import type { ModelServerOptions } from '../../../peers/model-server.js';
import { collect, ids, never, scoreAll, textOf, useLocalModels } from '../local-process.js';
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

describe('servers that take text', () => {
  const local = useLocalModels();
  const servers = useServers(local);
  const api = createApi();
  let file: LanguageModel;
  let baseFile: LanguageModel;
  beforeAll(async () => {
    file = (await local.open(finetunedSource, { waveSize: 1 })).model;
    baseFile = (await local.open(baseSource, { waveSize: 1 })).model;
  });

  async function serve(options: Partial<ModelServerOptions> & Pick<ModelServerOptions, 'dialect'>, name = FINETUNED): Promise<LanguageModel> {
    const server = await servers.start(options);
    return (await open(api, at(server.url, name))).model;
  }

  /** Greedy completions of the same openings, over HTTP in pieces of text, here in tokens. */
  async function expectSameTexts(model: LanguageModel, framing: 'raw' | 'chat' | 'ask'): Promise<void> {
    const wave = await makeWave(model, framing, { maxTokens: 25 });
    const overHttp = await generateAlone(model, wave);
    const here = await generateAlone(
      file,
      (await makeWave(file, framing, { maxTokens: 25 })).map((request) => ({ ...request, stop: 'endOfTurn' as const })),
    );
    expect(overHttp.map(({ tokens }) => textOf(tokens))).toEqual(here.map(({ tokens }) => textOf(tokens)));
    expect(overHttp.map(({ tokens }) => tokens.length)).toEqual(here.map(({ tokens }) => tokens.length));
    expect(
      largestDifference(
        overHttp.map(({ logprobs }) => logprobs),
        here.map(({ logprobs }) => logprobs),
      ),
    ).toBeLessThan(1e-3);
    expect(overHttp.flatMap(({ tokens }) => tokens).every(({ control }) => !control)).toBe(true);
  }

  /** Sums over the text, as a reference that tokenises by itself gives them. */
  async function expectSameScores(model: LanguageModel): Promise<void> {
    const frame = await model.frame({ framing: 'raw', texts: TEXTS }, never);
    const here = await baseFile.frame({ framing: 'raw', texts: TEXTS }, never);
    const texts = [' crosses the river.', ' at 東京 station', '-keeper went home', ' 1911,'];
    const prefills = await model.tokenize(PREFILLS, never);
    const asked = prefills.map((prefill, id) => ({ id, parts: { frame, prefill }, text: texts[id]! }));
    const answers = await collect(model.logprobsOfTexts!(asked, { signal: never }));
    expect(answers.filter(isSetAside)).toEqual([]);
    for (const answer of answers) {
      if (isSetAside(answer)) continue;
      const completion = await model.tokenize([texts[answer.id]!], never);
      const joint = textForReference(prefills[answer.id]!, completion[0]!)!;
      const [pieces] = await baseFile.tokenize([decodeUtf8(joint.stretches[0]!.bytes)], never);
      const cut = cutAtCompletion(placeTokens(joint.stretches[0]!, pieces!).tokens, joint.controls)!;
      const [scored] = await scoreAll(baseFile, [{ id: 0, prompt: [...here.tokens, ...cut.prefillTokens], continuation: ids(cut.tokens) }]);
      const own = answer.scoring!;
      expect(own.tokens.map(({ bytes }) => decodeUtf8(bytes)).join('')).toBe(cut.tokens.map(({ bytes }) => decodeUtf8(bytes)).join(''));
      expect([own.tokens.length, own.straddleBytes, own.bytes]).toEqual([cut.tokens.length, cut.straddleBytes, cut.bytes]);
      expect(largestDifference([own.logprobs], [scored!.logprobs])).toBeLessThan(1e-3);
    }
  }

  describe("OpenAI's chat", () => {
    it('is found to continue no turn and to know no tokens', async () => {
      const server = await servers.start({ dialect: 'openai' });
      const profile = await api.probe(at(server.url, FINETUNED), never);
      expect(profile).toMatchObject({
        server: { kind: 'unknown' },
        textCompletions: false,
        chatCompletions: true,
        tokenizer: null,
        generatedIds: null,
        textLogprobs: null,
        chatLogprobs: 20,
        sampling: { text: null, chat: { fields: { top_p: 1, presence_penalty: 0, frequency_penalty: 0 }, plainAt: { greedy: true, one: true, other: true } } },
        givenLogprobs: null,
        continuesTurn: null,
        seeds: 'honoured',
        maxTokensField: 'max_tokens',
      });
      expect(server.requests.length).toBeLessThanOrEqual(20);
      expect(describePossibilities(profile)).toContain('No logprobs of given text: it can be the finetuned model, not the reference.');
      const { model } = await open(api, at(server.url, FINETUNED));
      expect(model.capabilities).toMatchObject({ generate: true, score: false, framings: ['ask'], tokenIds: false });
      expect(model.identity.tokenizerFingerprint).toBe('none');
    });

    it.each([[[]], [['noBytes']], [['nullBytes']], [['brokenText']]] as const)('gives the tokens of its answers: %j', async (quirks) => {
      await expectSameTexts(await serve({ dialect: 'openai', quirks }), 'ask');
    });

    it('is asked without a seed, or with another field for the length, where it wants that', async () => {
      const server = await servers.start({ dialect: 'openai', quirks: ['noSeed', 'onlyMaxCompletionTokens', 'noUsage'] });
      const profile = await api.probe(at(server.url, FINETUNED), never);
      expect(profile).toMatchObject({ seeds: 'refused', maxTokensField: 'max_completion_tokens', continuesTurn: null });
      await expectSameTexts((await open(api, at(server.url, FINETUNED))).model, 'ask');
    });

    it('has no logprobs to give where it gives none', async () => {
      const model = await serve({ dialect: 'openai', quirks: ['noLogprobs'] });
      expect(model.capabilities).toMatchObject({ generate: false, score: false, framings: [] });
    });

    it('sets aside what the server refuses, with its words', async () => {
      const model = await serve({ dialect: 'openai' });
      const [request] = await makeWave(model, 'ask', { maxTokens: 500 }, ['The old bridge']);
      const [answer] = await collect(model.generate([request!], { signal: never }));
      expect(answer).toMatchObject({ id: 0, setAside: expect.stringContaining('maximum context length is 256') });
    });

    it('refuses turns to a model that has none', async () => {
      const model = await serve({ dialect: 'openai' });
      await expect(model.frame({ framing: 'chat', texts: TEXTS }, never)).rejects.toMatchObject({ code: 'noChatTemplate' });
    });
  });

  describe('older text completions', () => {
    it('are found to echo', async () => {
      const server = await servers.start({ dialect: 'openaiLegacy' });
      const profile = await api.probe(at(server.url, BASE), never);
      expect(profile).toMatchObject({
        textCompletions: true,
        chatCompletions: false,
        textLogprobs: 5,
        chatLogprobs: null,
        givenLogprobs: 'echo',
        tokenizer: null,
        seeds: 'honoured',
      });
      const { model } = await open(api, at(server.url, BASE));
      expect(model.capabilities).toMatchObject({ generate: true, score: true, framings: ['raw'], tokenIds: false });
      expect(model.identity.hasChatTemplate).toBe(false);
    });

    it.each([[[]], [['brokenText']], [['hideEnd']]] as const)('give the tokens of their completions: %j', async (quirks) => {
      await expectSameTexts(await serve({ dialect: 'openaiLegacy', quirks }), 'raw');
    });

    it.each([[[]], [['brokenText']], [['echoBos']], [['noUsage']], [['hideEnd']], [['promptApart']]] as const)('score texts: %j', async (quirks) => {
      await expectSameScores(await serve({ dialect: 'openaiLegacy', quirks }, BASE));
    });

    it('borrow a turn as text, and name alternatives', async () => {
      const model = await serve({ dialect: 'openaiLegacy' }, BASE);
      const frame = await model.frame({ framing: 'chat', texts: TEXTS, fallbackText: '<|user|>\nHi<|end|>\n<|assistant|>\n' }, never);
      expect(frame).toMatchObject({ borrowed: true, text: '<|user|>\nHi<|end|>\n<|assistant|>\n', tokens: [] });
      const raw = await model.frame({ framing: 'raw', texts: TEXTS }, never);
      const [prefill] = await model.tokenize(['The old bridge'], never);
      const named = await model.alternatives({ prompt: [], parts: { frame: raw, prefill: prefill! } }, 5, never);
      const [tokens] = await baseFile.tokenize(['The old bridge'], never);
      const here = await baseFile.alternatives(
        { prompt: [...(await baseFile.frame({ framing: 'raw', texts: TEXTS }, never)).tokens, ...ids(tokens!)] },
        5,
        never,
      );
      expect(named.map(({ piece }) => textOf([piece]))).toEqual(here.map(({ piece }) => textOf([piece])));
    });
  });

  describe('vLLM behind a proxy that hides its tokenizer', () => {
    it('continues turns by its own field', async () => {
      const server = await servers.start({ dialect: 'vllm', quirks: ['hideTokenize'] });
      const profile = await api.probe(at(server.url, FINETUNED), never);
      expect(profile).toMatchObject({ tokenizer: null, givenLogprobs: 'promptLogprobs', continuesTurn: 'continueFinalMessage' });
      const { model } = await open(api, at(server.url, FINETUNED));
      expect(model.capabilities).toMatchObject({ framings: ['raw', 'chat', 'ask'], tokenIds: false, score: true });
      await expectSameTexts(model, 'chat');
    });

    it('is not taken to continue turns where the field is dropped', async () => {
      const server = await servers.start({ dialect: 'vllm', quirks: ['hideTokenize', 'ignoreContinue'] });
      expect(await api.probe(at(server.url, FINETUNED), never)).toMatchObject({ continuesTurn: null });
    });

    it.each([[['hideTokenize']], [['hideTokenize', 'brokenText']]] as const)('scores texts: %j', async (quirks) => {
      await expectSameScores(await serve({ dialect: 'vllm', quirks }, BASE));
    });
  });
});
