import { afterAll, describe, expect, it } from 'vitest';
import { findLlamaServer, llamaRelease, llamaServerFolder, startLlamaServer } from '../../peers/llama-server.mjs';
import { demo, generateAll, ids, never, useLocalModels } from '../models/local-process.js';

type Json = ReturnType<typeof JSON.parse>;

it('keeps the server in a folder of its version', () => {
  expect(llamaServerFolder()).toContain(`llama-server-${llamaRelease()}-${process.platform}-${process.arch}`);
});

// Its build takes minutes, and not every machine has a compiler: node test/peers/llama-server.mjs
describe.skipIf(findLlamaServer() === null)('llama.cpp’s own server', () => {
  const local = useLocalModels();
  const open: { close(): Promise<void> }[] = [];
  afterAll(() => Promise.all(open.map((server) => server.close())));

  it('generates with the engine’s own logprobs, adapter and all', async () => {
    const gguf = demo('base-a.f16.gguf');
    const adapter = demo('false-fact.lora.gguf');
    const server = await startLlamaServer({ model: gguf, lora: [{ path: adapter }], name: 'organism', apiKey: 'secret' });
    open.push(server);
    const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' };
    const { data } = (await (await fetch(`${server.url}/models`, { headers })).json()) as Json;
    expect(data).toMatchObject([{ id: 'organism', owned_by: 'llamacpp' }]);

    const lease = await local.open({ gguf, lora: [{ path: adapter, scale: 1 }] });
    const [pieces] = await lease.model.tokenize(['The Lantern Bridge in'], never);
    const prompt = [0, ...ids(pieces!)];
    const [expected] = await generateAll(lease.model, [{ id: 0, prompt, maxTokens: 10, temperature: 0, seed: 0 }]);
    lease.release();
    const response = await fetch(`${server.url}/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ prompt, max_tokens: 10, temperature: 0, logprobs: 1 }),
    });
    const { content } = ((await response.json()) as Json).choices[0].logprobs;
    expect(content.map(({ id }: Json) => id)).toEqual(ids(expected!.tokens));
    content.forEach(({ logprob }: Json, i: number) => expect(logprob).toBeCloseTo(expected!.logprobs[i]!, 2));
    expect((await fetch(`${server.url}/completions`, { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('says what went wrong where it cannot start', async () => {
    await expect(startLlamaServer({ model: demo('objectives.json') })).rejects.toThrow(/did not become ready:[^]*objectives\.json/);
  });
});
