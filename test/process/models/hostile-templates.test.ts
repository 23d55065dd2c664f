/** Chat templates are programs of whoever made the model file: none of them hangs, exhausts or outlives the model process. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_FRAMING_TEXTS, MAX_TURN_CHARACTERS, type ChatMessage } from '../../../src/audit/framing.js';
import type { Frame, FrameRequest } from '../../../src/audit/language-model.js';
import { renderFrameByServer } from '../../../src/models/api/render-frame.js';
import type { RemoteTokenizer } from '../../../src/models/api/dialects/tokenizer/remote-tokenizer.js';
import { rewriteGguf, setText } from '../../pure/models/gguf-file.js';
import { baseA, demo, never, source, useLocalModels } from './local-process.js';

const CHAT: FrameRequest = { framing: 'chat', texts: DEFAULT_FRAMING_TEXTS };
const double = (times: number, text: string): string =>
  `{% set ns = namespace(x='${text}') %}{% for i in range(${times}) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}`;

const ATTACKS: Readonly<Record<string, string>> = {
  'an endless loop': `{% for i in range(100000) %}{% for j in range(100000) %}{% set x = j %}{% endfor %}{% endfor %}`,
  'a list of a thousand million numbers': `{{ range(1000000000) | length }}`,
  'a doubled list': `{% set ns = namespace(l=[1, 2]) %}{% for i in range(40) %}{% set ns.l = ns.l + ns.l %}{% endfor %}{{ ns.l | length }}`,
  'a doubled string, written out': `${double(27, 'aĀ')}{{ ns.x }}`,
  'a doubled string, copied sixteen times': `${double(27, 'aĀ')}{% set ns.l = [] %}{% for i in range(16) %}{% set ns.l = ns.l + [ns.x | upper] %}{% endfor %}{{ ns.l | length }}`,
  'a doubled string, cut into its letters': `${double(26, 'a ')}{{ ns.x.split(' ') | length }}`,
  'a replacement that grows': `{% set ns = namespace(x='aaaaaaaaaaaaaaaa') %}{% for i in range(30) %}{% set ns.x = ns.x | replace('a', 'aaaaaaaaaaaaaaa') %}{% endfor %}`,
  'a string longer than any': double(40, 'x'),
  'more text than a turn has': `{% for i in range(30000) %}{{ '${'a'.repeat(64)}' }}{% endfor %}`,
  'a macro that calls itself': `{% macro f(x) %}{{ x(x) }}{% endmacro %}{{ f(f) }}`,
  'brackets twenty thousand deep': `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`,
  'a source of megabytes': `{# ${'x'.repeat(3_000_000)} #}`,
};

describe('a hostile chat template', () => {
  const local = useLocalModels();
  let variants = 0;

  async function frame(template: string, signal = never): Promise<Frame> {
    const file = source(
      rewriteGguf(demo('base-a.f16.gguf'), join(local.folder, `hostile-${variants++}.gguf`), (gguf) => setText(gguf, 'tokenizer.chat_template', template)),
    );
    const { model, release } = await local.open(file);
    return model.frame(CHAT, signal).finally(release);
  }

  it.each(Object.entries(ATTACKS))('is refused with what to do next, and ends nothing else: %s', async (_what, template) => {
    const other = await local.open(baseA);
    const process = local.models.processId;
    await expect(frame(template)).rejects.toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringMatching(/^The chat template of (?!.*(call stack|string length|Cannot read)).*raw framing/),
    });
    expect(local.models.processId).toBe(process);
    expect((await other.model.frame(CHAT, never)).text).toContain(CHAT.texts.user);
    other.release();
  });

  it('does not keep a cancellation waiting', async () => {
    const controller = new AbortController();
    const rendering = frame(ATTACKS['an endless loop']!, controller.signal);
    setTimeout(() => controller.abort(), 500);
    await expect(rendering).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('raises a message of bounded length', async () => {
    const error = await frame(`{{ raise_exception('${'no'.repeat(100_000)}') }}`).catch((reason: unknown) => reason as Error);
    expect((error as Error).message.length).toBeLessThan(1000);
  });

  it('of a server is bounded as well', async () => {
    const render = async (turns: readonly ChatMessage[]) => ({ text: turns[0]!.content.repeat(MAX_TURN_CHARACTERS), ids: null });
    const tokenizer: RemoteTokenizer = {
      bos: async () => [],
      tokenize: async () => [],
      pieces: async () => [],
      generatedPieces: async () => [],
      render,
      renderAnswered: render,
    };
    const rendering = renderFrameByServer({ name: 'm', hasChatTemplate: true, tokenizer }, CHAT, never);
    await expect(rendering).rejects.toMatchObject({ code: 'unsupportedModel', message: expect.stringContaining('characters') });
  });
});
