/** Forms of answers in which servers differ from OpenAI, over HTTP: how a text ends, and how logprobs are asked for and listed. */
import { describe, expect, it } from 'vitest';
import { isSetAside, type LanguageModel, type SetAside, type TextLogprobs } from '../../../../src/audit/language-model.js';
import { readEnding } from '../../../../src/models/api/dialects/answers/read-ending.js';
import { collect, never, textOf } from '../local-process.js';
import type { TestServer } from './requests/http-server.js';
import { countTurns, cutIntoWords, listLogprobs, MODEL, refuse, serveScript, wordsWritten, type Fields, type Script } from './scripted-server.js';
import { at, createApi, generateOver, makeWave, open, TEXTS } from './servers.js';

async function openModel({ baseUrl }: TestServer): Promise<LanguageModel> {
  return (await open(createApi(), at(baseUrl, MODEL))).model;
}

async function scoreText(model: LanguageModel, text: string): Promise<TextLogprobs | SetAside> {
  const [prefill] = await model.tokenize(['The old'], never);
  const frame = await model.frame({ framing: 'raw', texts: TEXTS }, never);
  const [answer] = await collect(model.logprobsOfTexts!([{ id: 0, parts: { frame, prefill: prefill! }, text }], { signal: never }));
  return answer!;
}

/** Changes the first choice of every answer to a text or to turns. */
function changing(edit: (choice: Record<string, unknown>, body: Fields) => void): Script {
  return ({ path, body }, usual) => {
    if (!path.endsWith('/completions')) return undefined;
    const answer = structuredClone(usual()) as { choices: Record<string, unknown>[] };
    edit(answer.choices[0]!, body);
    return { body: answer };
  };
}

describe('the reason of an end', () => {
  it('is the model’s own, or the length', () => {
    for (const reason of ['stop', 'eos', 'eos_token', 'stop_sequence', 'end_turn']) expect(readEnding(reason)).toBe(true);
    for (const reason of ['length', 'max_tokens', '', null, undefined]) expect(readEnding(reason)).toBe(false);
    expect(() => readEnding('tool_calls')).toThrow(expect.objectContaining({ kind: 'badAnswer' }));
  });

  it.each(['abort', 'error', 'content_filter', 'insufficient_system_resource'])(
    'is no end of a whole text: %s',
    async (reason) => {
      let isBroken = false;
      const server = await serveScript((request, usual) => (isBroken ? changing((choice) => (choice['finish_reason'] = reason))(request, usual) : undefined));
      const model = await openModel(server);
      isBroken = true;
      for (const framing of ['raw', 'ask'] as const) {
        const [answer] = await collect(model.generate((await makeWave(model, framing, { maxTokens: 3 })).slice(0, 1), { signal: never }));
        expect(answer).toMatchObject({ id: 0, setAside: expect.stringMatching(/broke off its answer|content filter/) });
      }
    },
    60_000,
  );

  it('is the token that ends it, where it is called eos', async () => {
    let ends = false;
    const server = await serveScript((request, usual) => {
      if (!ends) return undefined;
      return changing((choice) => Object.assign(choice, { text: ' w0', finish_reason: 'eos', logprobs: listLogprobs([' w0', '</s>'], false) }))(request, usual);
    });
    const model = await openModel(server);
    ends = true;
    const [completion] = await generateOver(model, (await makeWave(model, 'raw', { maxTokens: 5 })).slice(0, 1));
    expect(completion).toMatchObject({ tokens: [{ control: false }], end: { piece: { control: true }, logprob: -1 } });
  });

  it('may be an error in the place of a text, which is tried again and paid for', async () => {
    let failures = 0;
    const server = await serveScript((request, usual) => {
      if (failures === 0 || !request.path.endsWith('/completions')) return undefined;
      failures--;
      return changing((choice) => (choice['error'] = { code: 502, message: 'upstream went away' }))(request, usual);
    });
    const { model, account } = await open(createApi(), at(server.baseUrl, MODEL));
    const [request] = await makeWave(model, 'ask', { maxTokens: 3 });
    const before = account!();
    failures = 1;
    expect(await generateOver(model, [request!])).toHaveLength(1);
    expect(account!().retried - before.retried).toBe(1);
    expect(account!().completionTokens - before.completionTokens).toBe(6);
  });
});

describe('an echo', () => {
  const hidesEnd: Script = ({ path, body }, usual) => {
    const prompt = String(body['prompt']);
    if (path !== '/v1/completions' || !prompt.endsWith('END.')) return undefined;
    const tokens = cutIntoWords(prompt);
    const answer = structuredClone(usual()) as object;
    return {
      body: {
        ...answer,
        choices: [{ text: prompt, finish_reason: 'stop', logprobs: listLogprobs(tokens, true) }],
        usage: { prompt_tokens: tokens.length, completion_tokens: 1 },
      },
    };
  };

  it('scores a text that the model ends at once, whether the server lists that token or hides it', async () => {
    for (const script of [hidesEnd, undefined]) {
      const model = await openModel(await serveScript(script));
      for (const text of [' man went', ' man END.']) {
        expect(await scoreText(model, text)).toMatchObject({ scoring: { logprobs: [-1, -1], straddleBytes: 0, bytes: text.length } });
      }
    }
  });

  it('that lacks a token is a bad answer all the same', async () => {
    const lossy: Script = (request, usual) => {
      const ended = hidesEnd(request, usual);
      if (ended === undefined) return undefined;
      const words = cutIntoWords(String(request.body['prompt']));
      return { body: { model: MODEL, choices: [{ text: words.join(''), finish_reason: 'stop', logprobs: listLogprobs(words.toSpliced(1, 1), true) }] } };
    };
    const answer = await scoreText(await openModel(await serveScript(lossy)), ' man END.');
    expect(isSetAside(answer) && answer.setAside).toContain('do not add up');
  }, 60_000);
});

describe("Together's dialect", () => {
  const together: Script = ({ path, body }, usual) => {
    if (!path.endsWith('/completions')) return undefined;
    if (body['logprobs'] !== undefined && typeof body['logprobs'] !== 'number') return refuse(422, 'logprobs must be an integer');
    const written = wordsWritten(body['max_tokens']);
    const list = (tokens: readonly string[], isEchoed: boolean) => ({
      tokens,
      token_logprobs: tokens.map((_, k) => (isEchoed && k === 0 ? null : -1)),
      token_ids: tokens.map(() => 7),
    });
    const wantsLogprobs = Number(body['logprobs'] ?? 0) > 0;
    const logprobs = wantsLogprobs ? list(written, false) : null;
    if (path === '/v1/chat/completions') {
      const usage = { prompt_tokens: countTurns(body), completion_tokens: written.length };
      return { body: { model: MODEL, choices: [{ message: { content: written.join('') }, finish_reason: 'length', logprobs }], usage } };
    }
    const prompt = cutIntoWords(String(body['prompt']));
    const echoed = body['echo'] === true ? [{ text: prompt.join(''), logprobs: wantsLogprobs ? list(prompt, true) : null }] : [];
    return { body: { ...(usual() as object), choices: [{ text: written.join(''), finish_reason: 'length', logprobs }], prompt: echoed } };
  };

  it('is found out, and spoken', async () => {
    const server = await serveScript(together);
    const profile = await createApi().probe(at(server.baseUrl, MODEL), never);
    expect(profile).toMatchObject({ textLogprobs: 0, chatLogprobs: 0, chatLogprobsAs: 'count', givenLogprobs: 'echo' });
    const model = await openModel(server);
    expect(model.capabilities).toMatchObject({ score: true, framings: ['raw', 'ask'] });
    for (const framing of ['raw', 'ask'] as const) {
      const [completion] = await generateOver(model, (await makeWave(model, framing, { maxTokens: 3 })).slice(0, 1));
      expect([textOf(completion!.tokens), completion!.logprobs]).toEqual([' w0 w1 w2', [-1, -1, -1]]);
    }
    expect(JSON.parse(server.seen.at(-1)!.body)).toMatchObject({ logprobs: 1 });
    expect(server.seen.at(-1)!.body).not.toContain('top_logprobs');
    expect(await scoreText(model, ' man went')).toMatchObject({ scoring: { logprobs: [-1, -1], straddleBytes: 0, bytes: 9 } });
  });

  it('is not taken for what others do', async () => {
    expect(await createApi().probe(at((await serveScript()).baseUrl, MODEL), never)).toMatchObject({ chatLogprobs: 2, chatLogprobsAs: 'flag' });
  });
});

describe('the table of what a server can do', () => {
  it('says whether it tells the bytes of tokens', async () => {
    const lineOf = async (script?: Script) => {
      const { lines } = await createApi().probe(at((await serveScript(script)).baseUrl, MODEL), never);
      return lines.find(({ question }) => question.includes('bytes of tokens'));
    };
    expect(await lineOf()).toMatchObject({ answer: 'yes', good: true });
    const without = changing((choice) => {
      const { content = [] } = (choice['logprobs'] ?? {}) as { content?: Record<string, unknown>[] };
      for (const token of content) delete token['bytes'];
    });
    expect(await lineOf(without)).toMatchObject({ answer: 'no', good: false });
  });
});
