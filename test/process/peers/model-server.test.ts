import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GgufSource } from '../../../src/audit/plan.js';
import type { ModelLease } from '../../../src/models/provider.js';
import type { Quirk } from '../../peers/dialect-options.js';
import { startModelServer, type ModelServer, type ModelServerOptions } from '../../peers/model-server.js';
import { demo, ids, never, scoreAll, useLocalModels } from '../models/local-process.js';

const BASE: GgufSource = { gguf: demo('base-a.f16.gguf'), lora: [] };
const LORA: GgufSource = { ...BASE, lora: [{ path: demo('false-fact.lora.gguf'), scale: 1 }] };
const MODELS = { base: BASE, 'false-fact': LORA };
const TEXT = 'The Lantern Bridge in Harrowmere was built by';

type Json = ReturnType<typeof JSON.parse>;

describe('model server', () => {
  const local = useLocalModels();
  const servers: ModelServer[] = [];
  let lease: ModelLease;

  async function serve(options: Partial<ModelServerOptions> & Pick<ModelServerOptions, 'dialect'>): Promise<ModelServer> {
    const server = await startModelServer({ models: MODELS, provider: local.models, ...options });
    servers.push(server);
    return server;
  }
  async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: Json; headers: Headers }> {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }
  async function scored(prompt: readonly number[]): Promise<readonly number[]> {
    const [answer] = await scoreAll(lease.model, [{ id: 0, prompt: prompt.slice(0, 1), continuation: prompt.slice(1) }]);
    return answer!.logprobs;
  }
  function expectClose(actual: readonly (number | null)[], expected: readonly number[]): void {
    expect(actual).toHaveLength(expected.length);
    actual.forEach((logprob, i) => expect(logprob).toBeCloseTo(expected[i]!, 4));
  }

  beforeAll(async () => {
    lease = await local.open(LORA);
  });
  afterAll(async () => {
    lease?.release();
    for (const server of servers) await server.close();
  });

  describe('as vLLM', () => {
    let server: ModelServer;
    beforeAll(async () => {
      server = await serve({ dialect: 'vllm' });
    });

    it('lists base and adapter', async () => {
      const { data } = (await (await fetch(`${server.url}/models`)).json()) as Json;
      expect(data).toMatchObject([
        { id: 'base', object: 'model', owned_by: 'vllm', parent: null, max_model_len: 256 },
        { id: 'false-fact', parent: 'base', max_model_len: null },
      ]);
      expect(await (await fetch(`${server.origin}/version`)).json()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
      expect((await fetch(`${server.origin}/health`)).status).toBe(200);
    });

    it('tokenises text and turns, and back', async () => {
      const [pieces] = await lease.model.tokenize([TEXT], never);
      const { body } = await post(`${server.origin}/tokenize`, { model: 'base', prompt: TEXT, return_token_strs: true });
      expect(body.tokens).toEqual([0, ...ids(pieces!)]);
      expect(body).toMatchObject({ count: body.tokens.length, max_model_len: 256 });
      expect(body.token_strs[0]).toBe('<|endoftext|>');
      expect(body.token_strs.slice(1).join('')).toBe(TEXT.replaceAll(' ', 'Ġ'));
      const bare = await post(`${server.origin}/tokenize`, { model: 'base', prompt: TEXT, add_special_tokens: false });
      expect(bare.body.tokens).toEqual(ids(pieces!));
      expect(bare.body.token_strs).toBeNull();
      expect((await post(`${server.origin}/detokenize`, { model: 'base', tokens: body.tokens })).body).toEqual({ prompt: `<|endoftext|>${TEXT}` });

      const frame = await lease.model.frame({ framing: 'chat', texts: { system: 'Be kind.', user: 'Hello', ask: '' } }, never);
      const messages = [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hello' },
      ];
      expect((await post(`${server.origin}/tokenize`, { model: 'base', messages })).body.tokens).toEqual(frame.tokens);
      const open = {
        model: 'base',
        messages: [...messages, { role: 'assistant', content: 'Dear' }],
        add_generation_prompt: false,
        continue_final_message: true,
      };
      const [prefill] = await lease.model.tokenize(['Dear'], never);
      expect((await post(`${server.origin}/tokenize`, open)).body.tokens).toEqual([...frame.tokens, ...ids(prefill!)]);
    });

    it('scores given ids as the engine does, by prompt_logprobs and by echo', async () => {
      const [pieces] = await lease.model.tokenize([TEXT], never);
      const prompt = [0, ...ids(pieces!)];
      const expected = await scored(prompt);
      const { body } = await post(`${server.url}/completions`, { model: 'false-fact', prompt, max_tokens: 1, temperature: 0, prompt_logprobs: 0 });
      const entries: Record<string, Json>[] = body.choices[0].prompt_logprobs;
      expect(entries[0]).toBeNull();
      expectClose(
        entries.slice(1).map((entry, i) => entry[prompt[i + 1]!].logprob),
        expected,
      );
      expect(
        entries
          .slice(1)
          .map((entry, i) => entry[prompt[i + 1]!].decoded_token)
          .join(''),
      ).toBe(TEXT);

      const echo = await post(`${server.url}/completions`, { model: 'false-fact', prompt: TEXT, max_tokens: 0, echo: true, logprobs: 1 });
      const { logprobs, text } = echo.body.choices[0];
      expect(text).toBe(TEXT);
      expect(logprobs.token_logprobs[0]).toBeNull();
      expect(logprobs.top_logprobs[0]).toBeNull();
      expectClose(logprobs.token_logprobs.slice(1), expected);
      expect(logprobs.tokens).toEqual(['<|endoftext|>', ...pieces!.map(({ bytes }) => Buffer.from(bytes).toString())]);
      expect(logprobs.text_offset).toEqual(logprobs.tokens.map((_: string, i: number) => logprobs.tokens.slice(0, i).join('').length));
      expect(echo.body.usage).toEqual({ prompt_tokens: prompt.length, completion_tokens: 1, total_tokens: prompt.length + 1, prompt_tokens_details: null });
      expect(
        (await post(`${server.url}/completions`, { model: 'base', prompt, max_tokens: 0, echo: true, logprobs: 0 })).body.choices[0].logprobs.token_logprobs[5],
      ).not.toBeCloseTo(expected[4]!, 2);
    });

    it('names alternatives with ranks', async () => {
      const { body } = await post(`${server.url}/completions`, { model: 'base', prompt: TEXT, max_tokens: 3, temperature: 0, logprobs: 3, prompt_logprobs: 2 });
      const { logprobs, prompt_logprobs } = body.choices[0];
      expect(Object.keys(logprobs.top_logprobs[0])).toHaveLength(3);
      logprobs.tokens.forEach((token: string, i: number) => {
        expect(logprobs.top_logprobs[i][token]).toBe(logprobs.token_logprobs[i]);
        expect(Math.max(...Object.values<number>(logprobs.top_logprobs[i]))).toBeCloseTo(logprobs.token_logprobs[i], 2);
      });
      for (const entry of prompt_logprobs.slice(1)) {
        const ranks = Object.values<Json>(entry).map(({ rank }) => rank);
        expect(ranks).toContain(1);
        expect(ranks).toContain(2);
      }
    });

    it('generates what the engine generates, with ids, stops and several prompts', async () => {
      const [first, second] = await lease.model.tokenize([TEXT, 'Once upon'], never);
      const prompts = [first!, second!].map((pieces) => [0, ...ids(pieces)]);
      const { body } = await post(`${server.url}/completions`, {
        model: 'false-fact',
        prompt: prompts,
        max_tokens: 12,
        temperature: 0,
        logprobs: 0,
        return_token_ids: true,
        return_tokens_as_token_ids: true,
      });
      for (const [i, prompt] of prompts.entries()) {
        const choice = body.choices[i];
        const generated: Json[] = [];
        for await (const answer of lease.model.generate([{ id: 0, prompt, maxTokens: 12, temperature: 0, seed: 0 }], { signal: never })) generated.push(answer);
        const [{ tokens, logprobs, end }] = generated as [Json];
        const all = [...ids(tokens), ...(end ? [end.piece.id] : [])];
        expect(choice.index).toBe(i);
        expect(choice.prompt_token_ids).toEqual(prompt);
        expect(choice.token_ids).toEqual(all);
        expect(choice.logprobs.tokens).toEqual(all.map((id) => `token_id:${id}`));
        expectClose(choice.logprobs.token_logprobs.slice(0, tokens.length), logprobs);
        expect(choice.text).toBe(Buffer.concat(tokens.map((piece: Json) => piece.bytes)).toString());
      }
      const stop = body.choices[0].token_ids[3];
      const stopped = await post(`${server.url}/completions`, {
        model: 'false-fact',
        prompt: prompts[0],
        max_tokens: 12,
        temperature: 0,
        stop_token_ids: [stop],
        ignore_eos: true,
        return_token_ids: true,
      });
      const at = body.choices[0].token_ids.indexOf(stop);
      expect(stopped.body.choices[0]).toMatchObject({ finish_reason: 'stop', stop_reason: stop, token_ids: body.choices[0].token_ids.slice(0, at + 1) });
    });

    it('passes over its own ends where it is told to', async () => {
      const messages = [{ role: 'user', content: 'Hello' }];
      const normal = await post(`${server.url}/chat/completions`, { model: 'base', messages, max_tokens: 60, temperature: 0, return_token_ids: true });
      expect(normal.body.choices[0]).toMatchObject({ finish_reason: 'stop', stop_reason: 3 });
      expect(normal.body.choices[0].token_ids.at(-1)).toBe(3);
      const onwards = await post(`${server.url}/chat/completions`, {
        model: 'base',
        messages,
        max_tokens: 60,
        temperature: 0,
        return_token_ids: true,
        ignore_eos: true,
      });
      expect(onwards.body.choices[0].finish_reason).toBe('length');
      expect(onwards.body.choices[0].token_ids).toHaveLength(60);
      expect(onwards.body.choices[0].token_ids.slice(0, normal.body.choices[0].token_ids.length)).toEqual(normal.body.choices[0].token_ids);
    });

    it('answers in chat with every documented field', async () => {
      const messages = [
        { role: 'user', content: 'Tell me anything.' },
        { role: 'assistant', content: 'The Lantern' },
      ];
      const { body } = await post(`${server.url}/chat/completions`, {
        model: 'false-fact',
        messages,
        add_generation_prompt: false,
        continue_final_message: true,
        max_tokens: 8,
        temperature: 0,
        logprobs: true,
        top_logprobs: 2,
        prompt_logprobs: 0,
        return_token_ids: true,
      });
      expect(body).toMatchObject({ id: expect.stringMatching(/^chatcmpl-/), object: 'chat.completion', created: expect.any(Number), model: 'false-fact' });
      const [choice] = body.choices;
      expect(choice.message).toMatchObject({ role: 'assistant', content: expect.any(String) });
      expect(choice.logprobs.content).toHaveLength(choice.token_ids.length);
      for (const entry of choice.logprobs.content) {
        expect(entry).toEqual({
          token: expect.any(String),
          logprob: expect.any(Number),
          bytes: [...Buffer.from(entry.token)],
          top_logprobs: expect.any(Array),
        });
        expect(entry.top_logprobs).toHaveLength(2);
        expect(entry.top_logprobs[0]).toEqual({ token: entry.token, logprob: entry.logprob, bytes: entry.bytes });
      }
      expect(
        choice.logprobs.content
          .map(({ token }: Json) => token)
          .join('')
          .startsWith(choice.message.content),
      ).toBe(true);
      const expected = await scored(body.prompt_token_ids);
      expectClose(
        body.prompt_logprobs.slice(1).map((entry: Json, i: number) => entry[body.prompt_token_ids[i + 1]].logprob),
        expected,
      );
    });

    it('refuses in vLLM’s form', async () => {
      const refusals = [
        [{ model: 'nobody', prompt: 'x' }, 404, 'NotFoundError'],
        [{ model: 'base', prompt: 'x', logprobs: 21 }, 400, 'BadRequestError'],
        [{ model: 'base', prompt: 'x', max_tokens: 1000 }, 400, 'BadRequestError'],
        [{ model: 'base', prompt: '' }, 400, 'BadRequestError'],
        [{ model: 'base', prompt: [99_999] }, 400, 'BadRequestError'],
        [{ model: 'base', prompt: 'x', stop: ['.'] }, 400, 'BadRequestError'],
      ] as const;
      for (const [body, status, type] of refusals) {
        const answer = await post(`${server.url}/completions`, body);
        expect({ request: body, status: answer.status }).toEqual({ request: body, status });
        expect(answer.body.error).toMatchObject({ message: expect.any(String), type, code: status });
      }
      const both = { model: 'base', messages: [{ role: 'assistant', content: 'x' }], add_generation_prompt: true, continue_final_message: true };
      expect((await post(`${server.url}/chat/completions`, both)).status).toBe(400);
      expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
    });

    it('guards only what vLLM guards', async () => {
      const guarded = await serve({ dialect: 'vllm', apiKey: 'secret', quirks: ['hideTokenize'] });
      const refused = await post(`${guarded.url}/completions`, { model: 'base', prompt: 'x' });
      expect(refused).toMatchObject({ status: 401, body: { error: 'Unauthorized' } });
      expect((await post(`${guarded.url}/completions`, { model: 'base', prompt: 'x', max_tokens: 1 }, { authorization: 'Bearer secret' })).status).toBe(200);
      expect((await fetch(`${guarded.origin}/version`)).status).toBe(200);
      expect((await post(`${guarded.origin}/tokenize`, { model: 'base', prompt: 'x' })).status).toBe(404);
      expect(guarded.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
        ['POST', '/v1/completions', { model: 'base', prompt: 'x' }],
        ['POST', '/v1/completions', { model: 'base', prompt: 'x', max_tokens: 1 }],
        ['GET', '/version', undefined],
        ['POST', '/tokenize', { model: 'base', prompt: 'x' }],
      ]);
      expect(guarded.requests[1]!.headers.authorization).toBe('Bearer secret');
    });

    it('computes requests together, each with its own answer', async () => {
      const gathered = await serve({ dialect: 'vllm', waveSize: 4 });
      const bodies = ['The Lantern', TEXT, 'Once', 'a', 'In the morning', '€'].map((prompt, i) => ({
        model: 'false-fact',
        prompt,
        max_tokens: 3 + 5 * i,
        temperature: 0,
        logprobs: 0,
        prompt_logprobs: 0,
      }));
      const together = await Promise.all(bodies.map((body) => post(`${gathered.url}/completions`, body)));
      for (const [i, body] of bodies.entries()) {
        const [alone, among] = [(await post(`${server.url}/completions`, body)).body.choices[0], together[i]!.body.choices[0]];
        expect(among.text).toBe(alone.text);
        expect(among.logprobs.tokens).toEqual(alone.logprobs.tokens);
        among.logprobs.token_logprobs.forEach((logprob: number, k: number) => expect(logprob).toBeCloseTo(alone.logprobs.token_logprobs[k], 1));
        expect(among.prompt_logprobs).toHaveLength(alone.prompt_logprobs.length);
      }
    });

    it('answers several at once, and stops for a client that hangs up', async () => {
      const body = { model: 'base', prompt: TEXT, max_tokens: 40, temperature: 0 };
      const texts = await Promise.all(Array.from({ length: 6 }, async () => (await post(`${server.url}/completions`, body)).body.choices[0].text));
      expect(new Set(texts).size).toBe(1);
      const before = server.aborted;
      const client = new AbortController();
      const long = fetch(`${server.url}/completions`, {
        method: 'POST',
        signal: client.signal,
        body: JSON.stringify({ ...body, max_tokens: 200, logprobs: 20, ignore_eos: true }),
      });
      const asked = server.requests.length;
      while (server.requests.length === asked) await new Promise((done) => setTimeout(done, 5));
      client.abort();
      await expect(long).rejects.toThrow();
      while (server.aborted === before) await new Promise((done) => setTimeout(done, 5));
      expect((await post(`${server.url}/completions`, body)).body.choices[0].text).toBe(texts[0]);
    });
  });

  describe('as OpenAI', () => {
    const messages = [{ role: 'user', content: 'Tell me anything.' }];

    it('answers in chat with every documented field', async () => {
      const server = await serve({ dialect: 'openai', apiKey: 'sk-test-0123456789', servedAs: { base: 'base-2025-01-01' } });
      const headers = { authorization: 'Bearer sk-test-0123456789' };
      const request = { model: 'base', messages, max_completion_tokens: 8, temperature: 0, seed: 1, logprobs: true, top_logprobs: 3 };
      const { body, headers: given } = await post(`${server.url}/chat/completions`, request, headers);
      expect(given.get('x-request-id')).toMatch(/^req_/);
      expect(body).toMatchObject({
        object: 'chat.completion',
        model: 'base-2025-01-01',
        system_fingerprint: expect.stringMatching(/^fp_/),
        service_tier: 'default',
      });
      const { content } = body.choices[0].logprobs;
      expect(content.map(({ token }: Json) => token).join('')).toBe(body.choices[0].message.content);
      for (const entry of content) {
        expect(entry.bytes).toEqual([...Buffer.from(entry.token)]);
        expect(entry.top_logprobs).toHaveLength(3);
        expect(entry.top_logprobs[0]).toEqual({ token: entry.token, logprob: entry.logprob, bytes: entry.bytes });
      }
      expect(((await (await fetch(`${server.url}/models`, { headers })).json()) as Json).data.map(({ id }: Json) => id)).toEqual(['base', 'false-fact']);
    });

    it('has entries without bytes, where told to', async () => {
      const request = { model: 'base', messages, max_tokens: 3, temperature: 0, logprobs: true, top_logprobs: 1 };
      for (const [quirk, bytes] of [
        ['noBytes', undefined],
        ['nullBytes', null],
      ] as const) {
        const server = await serve({ dialect: 'openai', quirks: [quirk] });
        const { content } = (await post(`${server.url}/chat/completions`, request)).body.choices[0].logprobs;
        expect(content).toHaveLength(3);
        for (const entry of [...content, ...content.flatMap(({ top_logprobs }: Json) => top_logprobs)]) expect(entry.bytes).toBe(bytes);
      }
    });

    it('begins a new turn after a trailing assistant’s', async () => {
      const server = await serve({ dialect: 'openai' });
      const turns = [...messages, { role: 'assistant', content: 'The Lantern' }];
      const { body } = await post(`${server.url}/chat/completions`, { model: 'base', messages: turns, max_tokens: 4, temperature: 0 });
      const frame = await lease.model.frame({ framing: 'chat', texts: { system: '', user: 'Tell me anything.', ask: '' } }, never);
      const [past] = await lease.model.tokenize(['The Lantern<|end|>\n<|assistant|>\n'], never, { parseSpecial: true });
      expect(body.usage.prompt_tokens).toBe(frame.tokens.length + past!.length);
    });

    it('refuses in OpenAI’s form', async () => {
      const server = await serve({ dialect: 'openai', apiKey: 'sk-test-0123456789', quirks: ['noSeed', 'onlyMaxCompletionTokens'] });
      const authorization = 'Bearer sk-test-0123456789';
      const chat = `${server.url}/chat/completions`;
      const refusals: [string, unknown, Record<string, string>, number, object][] = [
        [chat, { model: 'base', messages }, {}, 401, { code: null }],
        [chat, { model: 'base', messages }, { authorization: 'Bearer sk-wrong-9876543210' }, 401, { code: 'invalid_api_key' }],
        [chat, { model: 'nobody', messages }, { authorization }, 404, { code: 'model_not_found' }],
        [chat, { model: 'base', messages, continue_final_message: true }, { authorization }, 400, { type: 'invalid_request_error' }],
        [chat, { model: 'base', messages, seed: 1 }, { authorization }, 400, {}],
        [chat, { model: 'base', messages, max_tokens: 1 }, { authorization }, 400, { code: 'unsupported_parameter', param: 'max_tokens' }],
        [chat, { model: 'base', messages, logprobs: true, top_logprobs: 21 }, { authorization }, 400, { param: 'top_logprobs' }],
        [chat, { model: 'base', messages, max_completion_tokens: 300 }, { authorization }, 400, { code: 'context_length_exceeded' }],
        [`${server.url}/completions`, { model: 'base', prompt: 'x' }, { authorization }, 404, { param: 'model' }],
        [`${server.origin}/tokenize`, { model: 'base', prompt: 'x' }, { authorization }, 404, {}],
      ];
      for (const [url, body, headers, status, error] of refusals) {
        const answer = await post(url, body, headers);
        expect({ body, status: answer.status }).toEqual({ body, status });
        expect(answer.body.error).toMatchObject({ type: 'invalid_request_error', message: expect.any(String), ...error });
      }
    });
  });

  describe('as OpenAI’s legacy completions', () => {
    it('echoes the text with its logprobs, the first without one', async () => {
      const server = await serve({ dialect: 'openaiLegacy' });
      const { body } = await post(`${server.url}/completions`, { model: 'false-fact', prompt: [TEXT], max_tokens: 0, echo: true, logprobs: 1, temperature: 0 });
      const { text, logprobs, finish_reason } = body.choices[0];
      const [pieces] = await lease.model.tokenize([TEXT], never);
      expect(text).toBe(TEXT);
      expect(finish_reason).toBe('length');
      expect(logprobs.tokens.join('')).toBe(TEXT);
      expect(logprobs.token_logprobs[0]).toBeNull();
      expectClose(logprobs.token_logprobs.slice(1), (await scored([0, ...ids(pieces!)])).slice(1));
      const shown = await serve({ dialect: 'openaiLegacy', quirks: ['echoBos'] });
      const withBos = await post(`${shown.url}/completions`, { model: 'false-fact', prompt: TEXT, max_tokens: 0, echo: true, logprobs: 1 });
      expect(withBos.body.choices[0].logprobs.tokens).toEqual(['<|endoftext|>', ...logprobs.tokens]);
      expect(withBos.body.choices[0].logprobs.token_logprobs[1]).not.toBeNull();
    });

    it('spells tokens that are no characters, and counts offsets from the prompt’s beginning', async () => {
      const server = await serve({ dialect: 'openaiLegacy' });
      const { body } = await post(`${server.url}/completions`, { model: 'base', prompt: 'a €', max_tokens: 0, echo: true, logprobs: 0 });
      const { tokens, top_logprobs } = body.choices[0].logprobs;
      expect(top_logprobs).toBeNull();
      expect(tokens.some((token: string) => /^bytes:.*\\x[0-9a-f]{2}/.test(token))).toBe(true);
      const bytes = tokens.map((token: string) => token.replace(/^bytes:/, '').replace(/\\x(..)/g, (_, hex: string) => `%${hex}`)).join('');
      expect(decodeURIComponent(bytes)).toBe('a €');
      const broken = await serve({ dialect: 'openaiLegacy', quirks: ['brokenText'] });
      const shown = await post(`${broken.url}/completions`, { model: 'base', prompt: 'a €', max_tokens: 0, echo: true, logprobs: 0 });
      expect(shown.body.choices[0].logprobs.tokens.join('')).toContain('\uFFFD');
      const apart = await post(`${server.url}/completions`, { model: 'base', prompt: TEXT, max_tokens: 2, logprobs: 0, temperature: 0 });
      expect(apart.body.choices[0].logprobs.text_offset[0]).toBe(TEXT.length);
    });

    it('answers as its relatives do, where told to', async () => {
      const request = { model: 'base', prompt: TEXT, max_tokens: 2, echo: true, logprobs: 1, temperature: 0 };
      const ask = async (quirk: Quirk): Promise<Json> =>
        (await post(`${(await serve({ dialect: 'openaiLegacy', quirks: [quirk] })).url}/completions`, request)).body;
      const plain = (await post(`${(await serve({ dialect: 'openaiLegacy' })).url}/completions`, request)).body.choices[0];
      const ignored = (await ask('ignoreEcho')).choices[0];
      expect(TEXT + ignored.text).toBe(plain.text);
      expect(ignored.logprobs.tokens).toEqual(plain.logprobs.tokens.slice(-2));
      const { text_offset, tokens } = (await ask('noOffsets')).choices[0].logprobs;
      expect(text_offset).toEqual(tokens.map(() => -1));
      const apart = await ask('promptApart');
      expect(TEXT + apart.choices[0].text).toBe(plain.text);
      expect(apart.prompt[0].text).toBe(TEXT);
      const parts = [apart.prompt[0].logprobs, apart.choices[0].logprobs];
      expect(parts.flatMap((part: Json) => part.tokens)).toEqual(plain.logprobs.tokens);
      expect(parts.flatMap((part: Json) => part.token_logprobs)).toEqual(plain.logprobs.token_logprobs);
      expect(parts.flatMap((part: Json) => part.token_ids)).toHaveLength(plain.logprobs.tokens.length);
      expect((await ask('noLogprobs')).choices[0].logprobs).toBeNull();
    });

    it('takes text only, and has no chat', async () => {
      const server = await serve({ dialect: 'openaiLegacy' });
      expect((await post(`${server.url}/completions`, { model: 'base', prompt: [1, 2] })).status).toBe(400);
      expect((await post(`${server.url}/completions`, { model: 'base', prompt: 'x', logprobs: 6 })).status).toBe(400);
      expect((await post(`${server.url}/chat/completions`, { model: 'base', messages: [] })).status).toBe(404);
    });
  });
});
