/** Forms of answers as the servers' documentation has them. */
import { describe, expect, it } from 'vitest';
import { LOWEST_LOGPROB } from '../../../../src/audit/logprob.js';
import { readChatCompletion } from '../../../../src/models/api/dialects/answers/chat-completion.js';
import { readLogprob } from '../../../../src/models/api/dialects/answers/bad-answer.js';
import { readLlamaCompletion } from '../../../../src/models/api/dialects/answers/llama-answers.js';
import { readModelList } from '../../../../src/models/api/dialects/answers/model-list.js';
import { readEcho, readPromptLogprobs, readPromptTokens } from '../../../../src/models/api/dialects/answers/prompt-logprobs.js';
import { readTextCompletion } from '../../../../src/models/api/dialects/answers/text-completion.js';
import { alignLogprobs } from '../../../../src/models/api/dialects/generation/llama-generation.js';
import { completionOf } from '../../../../src/models/api/dialects/generation/told-tokens.js';
import { withoutOpening } from '../../../../src/models/api/dialects/generation/without-opening.js';
import { alignTokens } from '../../../../src/audit/alignment.js';
import { describeCoverage, measureCoverage } from '../../../../src/audit/coverage.js';
import { scoreSegments } from '../../../../src/audit/score-completion.js';
import { cutTokens } from '../../../../src/models/api/dialects/scoring/scoring.js';
import { textOf } from '../local-process.js';

const bad = (message: string | RegExp) =>
  expect.objectContaining({ kind: 'badAnswer', message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message) });

const legacy = {
  id: 'cmpl-1',
  object: 'text_completion',
  model: 'davinci-002',
  choices: [
    {
      index: 0,
      text: ' of glass',
      finish_reason: 'length',
      logprobs: {
        tokens: [' of', ' glass'],
        token_logprobs: [-0.5, -1.25],
        top_logprobs: [{ ' of': -0.5, ' by': -2 }, { ' glass': -1.25 }],
        text_offset: [6, 9],
      },
    },
  ],
  usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
};

const chat = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'It €', refusal: null },
      finish_reason: 'stop',
      logprobs: {
        content: [
          { token: 'It', logprob: -0.1, bytes: [73, 116], top_logprobs: [{ token: 'It', logprob: -0.1, bytes: [73, 116] }] },
          { token: ' \\xe2', logprob: -0.2, bytes: [32, 226], top_logprobs: [] },
          { token: '\\x82\\xac', logprob: 0.0000001, bytes: [130, 172], top_logprobs: [] },
        ],
      },
    },
  ],
  usage: { prompt_tokens: 12, completion_tokens: 3 },
};

function change<T>(answer: T, edit: (copy: T) => void): T {
  const copy = structuredClone(answer);
  edit(copy);
  return copy;
}

describe('a logprob', () => {
  it('is at most 0', () => {
    expect(readLogprob(-1.5, 'it')).toBe(-1.5);
    expect(readLogprob(1e-6, 'it')).toBe(0);
    expect(readLogprob(-100, 'it')).toBe(-100);
  });

  it('is the least there is where the server says −∞, or the lowest float in its place', () => {
    for (const value of [-Infinity, -3.4028234663852886e38, -200]) expect(readLogprob(value, 'it')).toBe(LOWEST_LOGPROB);
  });

  it.each([null, undefined, Number.NaN, -9999, 0.5, Infinity])('is not %s', (value) => {
    expect(() => readLogprob(value, 'token 3')).toThrow(bad('token 3 has'));
  });
});

describe('text completions', () => {
  it('are read in the older form', () => {
    expect(readTextCompletion(legacy)).toMatchObject({
      model: 'davinci-002',
      text: ' of glass',
      ended: false,
      ids: null,
      usage: { prompt: 2, completion: 2 },
      tokens: [
        {
          text: ' of',
          logprob: -0.5,
          alternatives: [
            { text: ' of', logprob: -0.5 },
            { text: ' by', logprob: -2 },
          ],
        },
        { text: ' glass', logprob: -1.25 },
      ],
    });
  });

  it('are read with token ids', () => {
    const answer = change(legacy, ({ choices: [choice] }) =>
      Object.assign(choice!, { token_ids: [301, 88, 3], finish_reason: 'stop', prompt_token_ids: [0, 5] }),
    );
    expect(readTextCompletion(answer)).toMatchObject({ ids: [301, 88, 3], ended: true, promptIds: [0, 5] });
    const named = change(legacy, ({ choices: [choice] }) => {
      choice!.logprobs.tokens = ['token_id:301', 'token_id:88'];
    });
    expect(readTextCompletion(named).tokens.map(({ id }) => id)).toEqual([301, 88]);
  });

  it("are read in llama.cpp's form", () => {
    const answer = {
      choices: [
        {
          text: ' A',
          finish_reason: 'stop',
          logprobs: {
            content: [
              { id: 324, token: ' A', bytes: [32, 65], logprob: -2.7, top_logprobs: [] },
              { id: 3, token: '', bytes: [], logprob: -0.8, top_logprobs: [] },
            ],
          },
        },
      ],
    };
    expect(readTextCompletion(answer).tokens).toMatchObject([
      { id: 324, bytes: Uint8Array.of(32, 65) },
      { id: 3, bytes: null },
    ]);
  });

  it('are refused where they are not whole', () => {
    expect(() => readTextCompletion({ choices: [] })).toThrow(bad('no choices'));
    expect(() => readTextCompletion({ ok: true })).toThrow(bad('expected form at choices'));
    expect(() => readTextCompletion(null)).toThrow(bad('as a whole'));
    expect(() => readTextCompletion(change(legacy, ({ choices: [choice] }) => void choice!.logprobs.token_logprobs.pop()))).toThrow(
      bad('another number of logprobs'),
    );
    expect(() =>
      completionOf(
        0,
        readTextCompletion(
          change(legacy, ({ choices: [choice] }) => {
            choice!.logprobs = null as never;
          }),
        ),
        5,
      ),
    ).toThrow(bad('no logprobs'));
    const nulled = readTextCompletion(
      change(legacy, ({ choices: [choice] }) => {
        choice!.logprobs.token_logprobs[1] = null as never;
      }),
    );
    expect(() => completionOf(0, nulled, 5)).toThrow(bad('token 2 of the completion has no logprob (null)'));
    const torn = readTextCompletion(
      change(legacy, ({ choices: [choice] }) => {
        choice!.text = ' of gold';
      }),
    );
    expect(() => completionOf(0, torn, 5)).toThrow(bad('do not add up'));
  });
});

describe('chat completions', () => {
  it('are read with their bytes', () => {
    const completion = completionOf(4, readChatCompletion(chat), 10);
    expect(completion).toMatchObject({ id: 4, logprobs: [-0.1, -0.2, 0], end: null });
    expect(textOf(completion.tokens)).toBe('It €');
    expect(completion.tokens.map(({ bytes }) => bytes.length)).toEqual([2, 2, 2]);
  });

  describe('that repeat what the turn was opened with', () => {
    const opened = 'It was ';
    const told = (text: string, logprob: number) => ({ token: text, logprob, bytes: [...Buffer.from(text)], top_logprobs: [] });
    const repeated = change(chat, ({ choices: [choice] }) => {
      choice!.message.content = `${opened}It €`;
    });
    const whole = change(repeated, ({ choices: [choice] }) => void choice!.logprobs.content.unshift(told('It', -9), told(' was', -8), told(' ', -7)));

    it('in the text, or among the tokens too, are read without that', () => {
      for (const answer of [repeated, whole]) {
        const completion = completionOf(0, withoutOpening(readChatCompletion(answer), opened, true), 10);
        expect(textOf(completion.tokens)).toBe('It €');
        expect(completion.logprobs).toEqual([-0.1, -0.2, 0]);
      }
    });

    it('are refused where a token is both, or where the server was not known to do so', () => {
      const straddling = change(repeated, ({ choices: [choice] }) => {
        choice!.logprobs.content = [told('It was It', -1), told(' €', -1)];
      });
      expect(() => withoutOpening(readChatCompletion(straddling), opened, true)).toThrow(bad('belongs to both'));
      expect(() => withoutOpening(readChatCompletion(whole), opened, false)).toThrow(bad('6 logprobs of 3 tokens'));
    });

    it('are whole where it is the model that repeats it', () => {
      const saidAgain = change(whole, (copy) => {
        copy.usage.completion_tokens = 6;
      });
      const completion = completionOf(0, withoutOpening(readChatCompletion(saidAgain), opened, false), 10);
      expect(textOf(completion.tokens)).toBe('It was It €');
      expect(withoutOpening(readChatCompletion(chat), opened, true)).toMatchObject({ text: 'It €', tokens: { length: 3 } });
    });
  });

  it('are cut to the length that was asked for', () => {
    expect(completionOf(0, readChatCompletion(chat), 2)).toMatchObject({ logprobs: [-0.1, -0.2] });
  });

  it('keep the token that ended them apart', () => {
    const ended = change(
      chat,
      ({ choices: [choice] }) =>
        void choice!.logprobs.content.push({ token: '<|im_end|>', logprob: -0.4, bytes: [...Buffer.from('<|im_end|>')], top_logprobs: [] }),
    );
    const { tokens, end } = completionOf(0, readChatCompletion(ended), 3);
    expect(tokens).toHaveLength(3);
    expect(end).toMatchObject({ logprob: -0.4, piece: { control: true } });
  });

  it('are refused where they think or are withheld', () => {
    expect(() => readChatCompletion(change(chat, ({ choices: [choice] }) => Object.assign(choice!.message, { reasoning_content: 'Hm.' })))).toThrow(
      bad('thinks before it answers'),
    );
    expect(() =>
      readChatCompletion(
        change(chat, ({ choices: [choice] }) => {
          choice!.finish_reason = 'content_filter';
        }),
      ),
    ).toThrow(bad('content filter'));
    expect(() => readChatCompletion({ choices: [] })).toThrow(bad('no choices'));
  });

  it('that are empty are completions of nothing', () => {
    const empty = change(chat, ({ choices: [choice] }) => {
      choice!.message.content = '';
      choice!.logprobs.content = [];
    });
    expect(completionOf(0, readChatCompletion(empty), 3)).toEqual({ id: 0, tokens: [], logprobs: [], end: null });
  });
});

describe('logprobs of a prompt', () => {
  const entries = [
    null,
    { 5: { logprob: -1, rank: 3, decoded_token: 'The' }, 9: { logprob: -0.1, rank: 1, decoded_token: 'A' } },
    { 7: { logprob: -0.2, rank: 1, decoded_token: ' old' } },
  ];

  it('are those of the ids that were given', () => {
    expect(readPromptLogprobs({ promptLogprobs: entries }, [0, 5, 7])).toEqual([null, -1, -0.2]);
    expect(() => readPromptLogprobs({ promptLogprobs: entries }, [0, 5])).toThrow(bad('3 prompt tokens where 2 were given'));
    expect(() => readPromptLogprobs({ promptLogprobs: entries }, [0, 6, 7])).toThrow(bad('Token 2 of the prompt'));
    expect(() => readPromptLogprobs({ promptLogprobs: [null, null, null] }, [0, 5, 7])).toThrow(bad('Token 2 of the prompt has no logprob (null)'));
    expect(() => readPromptLogprobs({ promptLogprobs: null }, [0])).toThrow(bad('no logprobs of the prompt'));
  });

  it('name the tokens of a text', () => {
    expect(readPromptTokens({ promptLogprobs: entries, promptIds: [0, 5, 7] }).map(({ id, text }) => [id, text])).toEqual([
      [0, null],
      [5, 'The'],
      [7, ' old'],
    ]);
    expect(readPromptTokens({ promptLogprobs: entries, promptIds: null }).map(({ text }) => text)).toEqual([null, 'The', ' old']);
  });

  it('end where the server stops giving the text back: nothing behind that looks scored', () => {
    const piece = (text: string, control = false) => ({ id: 0, bytes: control ? new Uint8Array() : new TextEncoder().encode(text), control });
    const finetuned = [piece(' old'), piece(' tree'), piece(' fell')];
    const given = [
      { id: null, text: 'The', bytes: null, logprob: null },
      ...[' old', '<|unk|>', ' tree', ' fell'].map((text) => ({ id: null, text, bytes: null, logprob: -1 })),
    ];
    const own = cutTokens(given, 'The', ' old tree fell')!;
    expect(own).toMatchObject({ logprobs: [-1], bytes: 4 });
    const segments = alignTokens({ tokens: finetuned, logprobs: [-0.1, -0.2, -0.3] }, own);
    expect(segments.map(({ start, end }) => [start, end])).toEqual([[0, 4]]);
    expect(describeCoverage(measureCoverage({ reference: { kind: 'ownTokens', ...own } as never }, segments, 14))).toBe('R scored 4 of 14 bytes');
    expect(scoreSegments(segments).scores.totalGap).toBeCloseTo(0.9);
  });

  it('are cut where the text begins, behind a first token that nobody names', () => {
    const bos = readPromptTokens({ promptLogprobs: entries, promptIds: null });
    expect(cutTokens(bos, 'The', ' old')).toMatchObject({ logprobs: [-0.2], straddleBytes: 0, bytes: 4 });
    const withoutBos = readPromptTokens({ promptLogprobs: [null, entries[2]!], promptIds: null });
    expect(cutTokens(withoutBos, 'The', ' old')).toMatchObject({ logprobs: [-0.2], straddleBytes: 0, bytes: 4 });
    expect(cutTokens(withoutBos, 'Th', 'e old')).toMatchObject({ logprobs: [0, -0.2], straddleBytes: 2, bytes: 5 });
    expect(() => cutTokens(bos, 'The', ' new')).toThrow(bad('do not add up'));
  });

  it('are echoed before what was generated', () => {
    const echo = { tokens: ['The', ' old', ' man'].map((text, k) => ({ id: null, text, bytes: null, logprob: k === 0 ? null : -k, alternatives: [] })) };
    expect(readEcho({ ...echo, usage: { prompt: 2, completion: 1 } }, 1).map(({ logprob }) => logprob)).toEqual([null, -1]);
    expect(readEcho({ ...echo, usage: { prompt: 3, completion: 0 } }, 1)).toHaveLength(3);
    expect(readEcho({ ...echo, usage: { prompt: 0, completion: 0 } }, 1)).toHaveLength(2);
    expect(() => readEcho({ tokens: [], usage: { prompt: 0, completion: 0 } }, 1)).toThrow(bad('no logprobs of the prompt'));
  });
});

describe("llama.cpp's own completions", () => {
  const piece = (id: number, ...bytes: number[]) => ({ id, bytes: Uint8Array.from(bytes), control: bytes.length === 0 });
  const told = (id: number, logprob: number) => ({ id, text: '', bytes: null, logprob, alternatives: [] });

  it('have logprobs where a character is complete', () => {
    expect(
      alignLogprobs([piece(5, 65), piece(6, 0xe8), piece(7, 0xaa), piece(7, 0xaa), piece(3)], { tokens: [told(5, -1), told(7, -2), told(3, -3)] }),
    ).toEqual([-1, undefined, undefined, -2, -3]);
    expect(() => alignLogprobs([piece(5, 65), piece(8, 66)], { tokens: [told(5, -1)] })).toThrow(bad('Token 2'));
    expect(() => alignLogprobs([piece(5, 65)], { tokens: [told(5, -1), told(8, -1)] })).toThrow(bad('more logprobs'));
  });

  it('are refused where the context has run out', () => {
    expect(() => readLlamaCompletion({ content: '', tokens: [], stop_type: 'limit', truncated: true })).toThrow(bad('context'));
  });
});

describe('lists of models', () => {
  it('are read with and without an envelope', () => {
    expect(readModelList({ object: 'list', data: [{ id: 'a', owned_by: 'vllm', max_model_len: 4096 }] })).toMatchObject([{ id: 'a', max_model_len: 4096 }]);
    expect(readModelList([{ id: 'a' }])).toEqual([{ id: 'a' }]);
  });

  it('are read without what is no model', () => {
    expect(readModelList([{ id: 'a' }, { name: 'b' }, null, { id: 'c', parent: 'a' }])).toEqual([{ id: 'a' }, { id: 'c', parent: 'a' }]);
    expect(readModelList({ error: 'none' })).toEqual([]);
  });
});
