/** All of llama.cpp's chat templates: rendered as by transformers (test/fixtures/templates/expect.py), and opened where the message begins. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import { renderJinja } from '../../../src/models/local/process/python-jinja.js';
import { ANSWER_MARK, openTurn, USER_MARK, type OpenedTurn } from '../../../src/models/frame/open-turn.js';
import { renderTurn, splitAtPrefill } from '../../../src/models/frame/render-turn.js';
import { llamaCppModels } from './llama-cpp-files.js';

type Expected = { readonly refused: string } | { readonly length: number; readonly sha256: string; readonly end: string };

const folder = join(llamaCppModels(), 'templates');
const expected = JSON.parse(readFileSync('test/fixtures/templates/expected.json', 'utf8')) as Record<string, Record<string, Expected>>;
const SYSTEM = { role: 'system', content: 'You are a helpful assistant.' };
const USER = { role: 'user', content: 'Tell me anything.' };
const CASES: Readonly<Record<string, { messages: readonly object[]; add_generation_prompt: boolean }>> = {
  system: { messages: [SYSTEM, USER], add_generation_prompt: true },
  user: { messages: [USER], add_generation_prompt: true },
  answered: { messages: [USER, { role: 'assistant', content: 'It is late.' }], add_generation_prompt: false },
};

/** What the library says where Jinja itself says otherwise. What a template itself raises is said in its own words by both. */
const REASONS: Readonly<Record<string, string>> = {
  "'NoneType' object is not iterable": 'Expected iterable or object type in for loop: got NullValue',
  "'functions' is undefined": 'Cannot perform operation + on undefined values',
};

function render(name: string, variables: object): string {
  return renderJinja(readFileSync(join(folder, name), 'utf8'), {
    ...variables,
    tools: null,
    documents: null,
    bos_token: '<s>',
    eos_token: '</s>',
    enable_thinking: false,
  });
}

describe('chat templates of real models', () => {
  it('are all there', () => {
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith('.jinja'))
        .sort(),
    ).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.entries(expected))('%s is rendered as by transformers, or refused', (name, cases) => {
    for (const [what, { messages, add_generation_prompt }] of Object.entries(CASES)) {
      const wanted = cases[what]!;
      if ('refused' in wanted) {
        expect(() => render(name, { messages, add_generation_prompt }), what).toThrow(REASONS[wanted.refused] ?? wanted.refused);
        continue;
      }
      const text = render(name, { messages, add_generation_prompt });
      expect({ length: [...text].length, end: [...text].slice(-48).join('') }, what).toEqual({ length: wanted.length, end: wanted.end });
      expect(createHash('sha256').update(text).digest('hex').slice(0, 16), what).toBe(wanted.sha256);
    }
  });

  /** What stands before the answer where the template writes one. */
  function answered(name: string, before: readonly object[] = []): string {
    const messages = [...before, { ...USER, content: USER.content + USER_MARK }, { role: 'assistant', content: ANSWER_MARK }];
    return render(name, { messages, add_generation_prompt: false });
  }

  function open(name: string, before: readonly object[] = []): OpenedTurn {
    const asked = (mark: string): string => render(name, { messages: [...before, { ...USER, content: USER.content + mark }], add_generation_prompt: true });
    return openTurn(asked(''), { prompt: asked(USER_MARK), answered: answered(name, before) });
  }

  it('stands in no thoughts unsaid, whatever the template', () => {
    for (const [name, cases] of Object.entries(expected)) {
      if ('refused' in cases['user']! || 'refused' in cases['answered']!) continue;
      const { text, thoughts } = open(name);
      const begun = text.slice(text.lastIndexOf(USER.content));
      const last = begun.match(/<[^<>]*think[^<>]*>/gi)?.at(-1);
      if (last !== undefined && thoughts === undefined) expect(`${name} ${last}`).toMatch(/ (<\/|<\|END_)/);
      // Where the template says how a message is opened, it is opened in that way but for thoughts that are closed.
      const [own, ...more] = answered(name).split(ANSWER_MARK);
      if (more.length === 1) expect(begun.slice(USER.content.length).startsWith(own!.split(USER_MARK).at(-1)!), name).toBe(true);
    }
  });

  it('keeps the system text where a template moves it once an answer is there', () => {
    expect(open('mistralai-Mistral-Nemo-Instruct-2407.jinja', [SYSTEM]).text).toContain(SYSTEM.content);
  });
});

describe('a dialogue', () => {
  const renderer = (name: string) => ({
    name: 'model',
    render: (messages: readonly object[], last: 'begun' | 'answered') =>
      Promise.resolve().then(() => render(name, { messages, add_generation_prompt: last === 'begun' })),
    isRefusal: () => true,
  });

  it('finds where a user turn begins and what follows it in nearly all templates; the others say why not', async () => {
    const refused: string[] = [];
    let split = 0;
    for (const [name, cases] of Object.entries(expected)) {
      if ('refused' in cases['user']!) continue;
      try {
        const { text } = await renderTurn(renderer(name), 'dialogue', { system: SYSTEM.content, user: 'left out', ask: 'left out' });
        const [before, after] = splitAtPrefill(name, 'dialogue', text);
        expect(`${before}${after}`, name).not.toContain('left out');
        expect(after, name).not.toBe('');
        // The answer begins where it does in chat.
        const chat = await renderTurn(renderer(name), 'chat', { system: SYSTEM.content, user: USER.content, ask: '' });
        expect(chat.text.endsWith(after!), `${name}: ${chat.text.slice(-80)} against ${after}`).toBe(true);
        split++;
      } catch (error) {
        if (!(error instanceof AuditError)) throw error;
        expect(error.message, name).toMatch(/does not put the user's text into the turn once. Use another framing than dialogue/);
        refused.push(name);
      }
    }
    expect(split).toBeGreaterThanOrEqual(63);
    expect(refused).toEqual([]);
  });
});

describe('openTurn', () => {
  it('keeps the prompt of a template that refuses an answer, and says where that leaves thoughts open', () => {
    const refusing = (begun: string) => openTurn(`U:hi ${begun}`, { prompt: `U:hi${USER_MARK} ${begun}`, answered: null });
    expect(refusing('A:')).toEqual({ text: 'U:hi A:' });
    expect(refusing('A:<think>\n')).toEqual({ text: 'U:hi A:<think>\n', thoughts: 'open' });
    expect(openTurn('U:hi A:', { prompt: null, answered: null })).toEqual({ text: 'U:hi A:' });
  });

  it('keeps the prompt of a template that does not tell where an answer stands', () => {
    const told = (answered: string) => openTurn('U:hi|A:', { prompt: `U:hi${USER_MARK}|A:`, answered });
    expect(told(`U:hi${USER_MARK}|A:${ANSWER_MARK}${ANSWER_MARK}`)).toEqual({ text: 'U:hi|A:' });
    expect(told(`U:hi${USER_MARK}|A:`)).toEqual({ text: 'U:hi|A:' });
    // One that writes answers without their header says nothing of the header.
    expect(told(`U:hi${USER_MARK}|${ANSWER_MARK}`)).toEqual({ text: 'U:hi|A:' });
    expect(told(`U:hi${USER_MARK}|A:to=user:${ANSWER_MARK}`)).toEqual({ text: 'U:hi|A:to=user:' });
  });
});
