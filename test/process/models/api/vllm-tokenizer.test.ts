/** Servers that spell no tokens, with tokens that have no text of their own. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../../../src/audit/language-model.js';
import { EndpointClient } from '../../../../src/models/api/transport/endpoint-client.js';
import type { Ask } from '../../../../src/models/api/dialects/tokenizer/remote-tokenizer.js';
import { LlamaTokenizer } from '../../../../src/models/api/dialects/tokenizer/llama-tokenizer.js';
import { VllmTokenizer } from '../../../../src/models/api/dialects/tokenizer/vllm-tokenizer.js';
import { findLlamaServer, startLlamaServer } from '../../../peers/llama-server.mjs';
import type { ModelServer } from '../../../peers/model-server.js';
import { demo, ids, never, useLocalModels } from '../local-process.js';
import { finetunedSource, FINETUNED, generateAlone, makeWave, useServers, open, createApi, at } from './servers.js';

function asking(baseUrl: string): Ask {
  const client = new EndpointClient({ baseUrl, apiKey: undefined, headers: {}, secrets: [], timeoutMs: 20_000 });
  return async (path, body, read, signal) => read(await client.post(path, body, signal));
}

describe("a tokenizer of vLLM's kind that spells nothing", () => {
  const local = useLocalModels();
  const servers = useServers(local);
  let server: ModelServer;
  let file: LanguageModel;
  /** Tokens of one byte each. */
  let alphabet: Map<number, number>;
  beforeAll(async () => {
    server = await servers.start({ dialect: 'vllm', quirks: ['noTokenStrs', 'dropBlank'] });
    file = (await local.open(finetunedSource, { waveSize: 1 })).model;
    const pieces = await file.pieces(
      Array.from({ length: 260 }, (_, id) => id),
      never,
    );
    alphabet = new Map(pieces.filter(({ bytes, control }) => !control && bytes.length === 1).map(({ id, bytes }) => [bytes[0]!, id]));
  });
  const tokenizer = () => new VllmTokenizer(asking(server.url), FINETUNED);
  const detokenized = () => server.requests.filter(({ path }) => path === '/detokenize').length;

  it('is asked once for what a token is by itself', async () => {
    const one = tokenizer();
    const text = 'The old bridge crosses the old river';
    const pieces = await one.tokenize(text, false, never);
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).toBe(text);
    const asked = detokenized();
    expect(await one.tokenize(text, false, never)).toEqual(pieces);
    expect(await one.tokenize('The old river', false, never)).toHaveLength(3);
    expect(detokenized()).toBe(asked);
  });

  it('knows a blank, which is nothing by itself', async () => {
    const blank = alphabet.get(0x20)!;
    const expected = [{ id: blank, bytes: Uint8Array.of(0x20), control: false }];
    expect(await tokenizer().pieces([blank], never)).toEqual(expected);
    expect(await tokenizer().generatedPieces([blank], never)).toEqual(expected);
  });

  it('keeps a half character that a model ends with, without the bytes that nobody tells', async () => {
    const [word] = await file.tokenize(['The'], never);
    const said = [...ids(word!), alphabet.get(0xe6)!, alphabet.get(0x9d)!];
    const pieces = await tokenizer().generatedPieces(said, never);
    expect(ids(pieces)).toEqual(said);
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).toBe('The');
    // One that was named by somebody is not guessed.
    await expect(tokenizer().pieces(said, never)).rejects.toMatchObject({ kind: 'badAnswer' });
  });

  it('keeps broken characters within a text too', async () => {
    const [word] = await file.tokenize([' old'], never);
    const said = [alphabet.get(0xe6)!, ...ids(word!)];
    const pieces = await tokenizer().generatedPieces(said, never);
    expect(ids(pieces)).toEqual(said);
    expect(Buffer.from(pieces.at(-1)!.bytes).toString()).toBe(' old');
  });

  it('is good enough to generate with', async () => {
    const older = await servers.start({ dialect: 'vllm', quirks: ['noTokenStrs'] });
    const { model } = await open(createApi(), at(older.url, FINETUNED));
    expect(model.capabilities.tokenIds).toBe(true);
    const wave = await makeWave(file, 'raw', { maxTokens: 12 });
    expect((await generateAlone(model, wave)).map(({ tokens }) => tokens)).toEqual((await generateAlone(file, wave)).map(({ tokens }) => tokens));
  });
});

describe.skipIf(findLlamaServer() === null)("llama.cpp's tokenizer", () => {
  it('keeps a half character where the size of its vocabulary is not known', async () => {
    const server = await startLlamaServer({ model: demo('base-a.f16.gguf'), name: 'base' });
    try {
      const all = await new LlamaTokenizer(asking(server.url), 'base', 2048).pieces(
        Array.from({ length: 260 }, (_, id) => id),
        never,
      );
      const half = all.find(({ bytes, control }) => !control && bytes.length === 1 && bytes[0] === 0xe6)!.id;
      const word = all.find(({ bytes }) => bytes.length === 1 && bytes[0] === 0x41)!.id;
      const blind = () => new LlamaTokenizer(asking(server.url), 'base', null);
      expect(await blind().generatedPieces([word, half], never)).toEqual([
        all.find(({ id }) => id === word),
        { id: half, bytes: new Uint8Array(), control: false },
      ]);
      await expect(blind().pieces([word, half], never)).rejects.toMatchObject({ code: 'badPrefillFile' });
    } finally {
      await server.close();
    }
  });
});
