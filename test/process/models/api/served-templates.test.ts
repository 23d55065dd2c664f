/** Templates of real models behind a server that renders them: the prefill stands in the message there, too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ModelServerOptions } from '../../../peers/model-server.js';
import { rewriteGguf, setText } from '../../../pure/models/gguf-file.js';
import { llamaCppModels } from '../llama-cpp-files.js';
import { demo, never, source, useLocalModels } from '../local-process.js';
import { at, createApi, open, TEXTS, useServers } from './servers.js';

describe('a template that a server renders', { timeout: 240_000 }, () => {
  const local = useLocalModels();
  const servers = useServers(local);
  const api = createApi();
  afterAll(() => api.dispose());

  async function frames(template: string) {
    const name = template.replace(/\W/g, '-');
    const text = readFileSync(join(llamaCppModels(), 'templates', template), 'utf8');
    const model = source(rewriteGguf(demo('base-a.f16.gguf'), join(local.folder, `${name}.gguf`), (gguf) => setText(gguf, 'tokenizer.chat_template', text)));
    const { url } = await servers.start({ dialect: 'vllm', models: { served: model } as ModelServerOptions['models'], contextTokens: 1024 });
    const [file, remote] = [await local.open(model), await open(api, at(url, 'served'))];
    const request = { framing: 'chat', texts: TEXTS } as const;
    const both = { file: await file.model.frame(request, never), remote: await remote.model.frame(request, never) };
    file.release();
    remote.release();
    return both;
  }

  it.each([
    ['upstage-Solar-Open-100B.jinja', /<\|content\|>$/],
    ['openai-gpt-oss-120b.jinja', /<\|start\|>assistant<\|channel\|>final<\|message\|>$/],
    ['MiniMax-M2.jinja', /ai\n(<think>\n*)?$/],
    ['Qwen-Qwen3-0.6B.jinja', /<think>\n\n<\/think>\n\n$/],
  ])('%s has its message opened as the file’s is', async (template, opened) => {
    const { file, remote } = await frames(template);
    expect(remote.text).toMatch(opened);
    // A file's template is given one date for ever, a server's today's.
    expect(remote.text.slice(-80)).toBe(file.text.slice(-80));
    expect(remote.thoughts).toBe(file.thoughts);
    expect(remote.systemFolded).toBe(file.systemFolded);
  });
});
