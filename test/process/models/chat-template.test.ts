import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Frame, FrameRequest } from '../../../src/audit/language-model.js';
import { rewriteGguf, setText, ValueType, type Gguf } from '../../pure/models/gguf-file.js';
import { baseA, demo, ids, never, source, useLocalModels } from './local-process.js';

const BOS = 0;
const TEXTS = { system: 'You are a helpful assistant.', user: 'Tell me anything.', ask: 'Go on with this: ' };
const CHAT: FrameRequest = { framing: 'chat', texts: TEXTS };
const TURNS = `{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}{% endfor %}`;
const OPENING = `{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}`;

describe('framing', () => {
  const local = useLocalModels();
  let variants = 0;

  async function frame(request: FrameRequest, change: ((gguf: Gguf) => void) | null = null): Promise<Frame & { parsed: number[] }> {
    const file = change === null ? baseA : source(rewriteGguf(demo('base-a.f16.gguf'), join(local.folder, `variant-${variants++}.gguf`), change));
    const { model, release } = await local.open(file);
    const rendered = await model.frame(request, never);
    const [pieces] = await model.tokenize([rendered.text], never, { parseSpecial: true });
    release();
    return { ...rendered, parsed: ids(pieces!) };
  }
  const withTemplate = (template: string) => (gguf: Gguf) => setText(gguf, 'tokenizer.chat_template', template);

  it('renders the model’s own template with one BOS and the control tokens parsed', async () => {
    const { tokens, text, parsed, systemFolded, borrowed } = await frame(CHAT);
    expect(text).toBe('<|system|>\nYou are a helpful assistant.<|end|>\n<|user|>\nTell me anything.<|end|>\n<|assistant|>\n');
    expect(tokens).toEqual([BOS, ...parsed]);
    expect(tokens.filter((id) => id === BOS)).toHaveLength(1);
    expect(tokens.slice(-2)).toEqual([2, 14]);
    expect({ systemFolded, borrowed }).toEqual({ systemFolded: false, borrowed: false });
  });

  it('puts the prefill at the end of the user’s turn when it is to ask for a continuation', async () => {
    const { tokens, text, after, textAfter } = await frame({ framing: 'ask', texts: { ...TEXTS, system: '' } });
    expect([text, textAfter]).toEqual(['<|user|>\nGo on with this: ', '<|end|>\n<|assistant|>\n']);
    expect([tokens[0], tokens[1]]).toEqual([BOS, 1]);
    expect(after).toEqual([3, 14, 2, 14]);
    const folded = await frame(
      { framing: 'ask', texts: TEXTS },
      withTemplate(`{% for message in messages %}{% if message['role'] == 'user' %}{{ 'U:' + message['content'] | trim }}{% endif %}{% endfor %}{{ ' A:' }}`),
    );
    expect(folded).toMatchObject({ text: 'U:You are a helpful assistant.\n\nGo on with this: ', textAfter: ' A:', systemFolded: true });
  });

  it('refuses to ask with a template that leaves the user’s text out', async () => {
    await expect(frame({ framing: 'ask', texts: TEXTS }, withTemplate(`{{ 'nothing of it' }}`))).rejects.toMatchObject({ code: 'unsupportedModel' });
  });

  it('leaves out an empty system turn', async () => {
    const { tokens, text } = await frame({ framing: 'chat', texts: { ...TEXTS, system: '' } });
    expect(text).toBe('<|user|>\nTell me anything.<|end|>\n<|assistant|>\n');
    expect(tokens).toEqual([0, 1, 14, 88, 408, 479, 971, 50, 3, 14, 2, 14]);
  });

  it('keeps a single BOS where the template writes one, or two', async () => {
    for (const written of ['{{ bos_token }}', '{{ bos_token }}{{ bos_token }}']) {
      const { tokens, text } = await frame(CHAT, withTemplate(written + TURNS + OPENING));
      expect(tokens[0]).toBe(BOS);
      expect(tokens[1]).not.toBe(BOS);
      expect(text.startsWith('<|system|>')).toBe(true);
    }
  });

  it('writes no BOS where the model wants none, unless the template does', async () => {
    const noBos = (gguf: Gguf): void => void gguf.entries.set('tokenizer.ggml.add_bos_token', { type: ValueType.bool, value: false });
    expect((await frame(CHAT, noBos)).tokens).not.toContain(BOS);
    expect((await frame({ framing: 'raw', texts: TEXTS }, noBos)).tokens).toEqual([]);
    const written = await frame(CHAT, (gguf) => {
      noBos(gguf);
      withTemplate(`{{ bos_token }}${TURNS}${OPENING}`)(gguf);
    });
    expect(written.tokens.filter((id) => id === BOS)).toHaveLength(1);
  });

  it.each([
    { what: 'refuses', template: `{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${TURNS}${OPENING}` },
    {
      what: 'drops',
      template: `{% for message in messages %}{% if message['role'] != 'system' %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}{% endif %}{% endfor %}${OPENING}`,
    },
  ])('folds a system text that the template $what into the user’s turn', async ({ template }) => {
    const { text, systemFolded } = await frame(CHAT, withTemplate(template));
    expect(systemFolded).toBe(true);
    expect(text).toBe('<|user|>\nYou are a helpful assistant.\n\nTell me anything.<|end|>\n<|assistant|>\n');
  });

  it('folds a dropped system text also where the user’s text contains it', async () => {
    const template = `{% for message in messages %}{% if message['role'] != 'system' %}{{ message['content'] + '<|end|>' }}{% endif %}{% endfor %}${OPENING}`;
    const texts = { ...TEXTS, system: 'Be brief.', user: 'Be brief. Tell me anything.' };
    const { text, systemFolded } = await frame({ framing: 'chat', texts }, withTemplate(template));
    expect(systemFolded).toBe(true);
    expect(text).toBe('Be brief.\n\nBe brief. Tell me anything.<|end|><|assistant|>\n');
  });

  it('folds nothing where a template writes the very system text by itself', async () => {
    const template = `{% if messages[0]['role'] != 'system' %}{{ '<|system|>\n${TEXTS.system}<|end|>\n' }}{% endif %}${TURNS}${OPENING}`;
    const { text, systemFolded } = await frame(CHAT, withTemplate(template));
    expect(systemFolded).toBe(false);
    expect(text).toBe(`<|system|>\n${TEXTS.system}<|end|>\n<|user|>\n${TEXTS.user}<|end|>\n<|assistant|>\n`);
  });

  it('leaves out a system turn of blanks', async () => {
    const { text, systemFolded } = await frame({ framing: 'chat', texts: { ...TEXTS, system: ' \n' } });
    expect(text).toBe('<|user|>\nTell me anything.<|end|>\n<|assistant|>\n');
    expect(systemFolded).toBe(false);
  });

  it('shows a template the same date on any day', async () => {
    // As the templates of Llama 3 ask for it.
    const template = `\n{% if not date_string is defined %}{% if strftime_now is defined %}{% set date_string = strftime_now("%d %b %Y") %}{% else %}{% set date_string = "none" %}{% endif %}{% endif %}
{{- date_string }} {{ strftime_now('%A, %-d %B %Y %H:%M') }}${TURNS}${OPENING}`;
    const { text } = await frame(CHAT, withTemplate(template));
    expect(text.startsWith('\n26 Jul 2024 Friday, 26 July 2024 00:00<|system|>')).toBe(true);
  });

  it('turns thinking off', async () => {
    const template = `${TURNS}${OPENING}{% if enable_thinking is defined and enable_thinking is false %}{{ '<think></think>' }}{% endif %}`;
    expect((await frame(CHAT, withTemplate(template))).text.endsWith('<|assistant|>\n<think></think>')).toBe(true);
  });

  it('says what a template that cannot be rendered failed on', async () => {
    const failing = frame(CHAT, withTemplate(`{{ raise_exception('no templates today') }}`));
    await expect(failing).rejects.toMatchObject({ code: 'unsupportedModel', message: expect.stringContaining('no templates today') });
  });

  it('borrows another model’s turn as plain text where there is no template, or says that raw is possible', async () => {
    const without = (gguf: Gguf): void => void gguf.entries.delete('tokenizer.chat_template');
    await expect(frame(CHAT, without)).rejects.toMatchObject({ code: 'noChatTemplate', message: expect.stringContaining('raw') });
    const fallbackText = '<start_of_turn>user\nTell me anything.<|end|>';
    const { tokens, borrowed, text, parsed } = await frame({ ...CHAT, fallbackText }, without);
    expect(borrowed).toBe(true);
    expect(text).toBe(fallbackText);
    expect(tokens[0]).toBe(BOS);
    // As text: the name of a control token in it is no control token.
    expect(tokens).not.toContain(3);
    expect(parsed).toContain(3);
    expect((await frame({ framing: 'raw', texts: TEXTS }, without)).tokens).toEqual([BOS]);
  });
});
