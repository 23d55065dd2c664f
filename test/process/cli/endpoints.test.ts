/** Audits of models behind servers through the real program, against a real server around the real engine. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionsReport } from '../../../src/analysis/report.js';
import { LocalModels } from '../../../src/models/local/local-models.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { startModelServer, type ModelServer, type ModelServerOptions } from '../../peers/model-server.js';
import { useBuiltPackage } from '../runner/built-package.js';
import { startCli, type CliResult } from './run-cli.js';
import { baseA, demo, source } from '../models/local-process.js';

const KEY = 'sk-test-0123456789-never-shown';
const built = useBuiltPackage();
const SMALL = ['--corpus', 'bundled:demo', '--system', '', '--prefills', '4', '--max-tokens', '8', '--wave-size', '4', '--threads', '1'];
const WITH_KEY = ['--api-key-env', 'TEST_SERVER_KEY'];
let provider: LocalModels;
let folders = 0;
const servers: ModelServer[] = [];

const newFolder = () => join(built.scratch, `endpoint-audit-${++folders}`);
const results: CliResult[] = [];
async function cli(...args: string[]): Promise<CliResult> {
  const result = await startCli(built.cli, args, { cwd: built.scratch, env: { TEST_SERVER_KEY: KEY, WRONG_KEY: `${KEY}-wrong` } }).result;
  results.push(result);
  return result;
}

async function serve(dialect: ModelServerOptions['dialect'], options: Partial<ModelServerOptions> = {}): Promise<ModelServer> {
  const models = { base: baseA, 'false-fact': source(demo('base-a.f16.gguf'), demo('false-fact.lora.gguf')) };
  const server = await startModelServer({ models, dialect, provider, apiKey: KEY, ...options });
  servers.push(server);
  return server;
}

/** Prompts of the requests that let a model write. */
function generations(server: ModelServer, model: string): string[] {
  return server.requests.flatMap(({ path, body }) => {
    const request = body as { model?: string; prompt?: unknown; max_tokens?: number } | undefined;
    return path === '/v1/completions' && request?.model === model && request.max_tokens === 8 ? [JSON.stringify(request.prompt)] : [];
  });
}

describe('an audit of models behind servers', { timeout: 240_000 }, () => {
  beforeAll(() => {
    provider = new LocalModels({ processPath: built.modelProcess, downloadFolder: built.scratch, threads: 1, gpu: 'off', idleMs: 60_000 });
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    await provider.dispose();
  });
  afterEach(() => {
    for (const { stdout, stderr } of results.splice(0)) expect(stdout + stderr).not.toContain(KEY);
    for (const entry of readdirSync(built.scratch, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) expect(readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'latin1')).not.toContain(KEY);
    }
  });

  it('finds what one of the same files finds, and accounts for what was asked', async () => {
    const server = await serve('vllm');
    const [folder, local] = [newFolder(), newFolder()];
    const models = ['--finetuned', `openai:false-fact@${server.url}`, '--reference', `openai:base@${server.url}`];
    const audit = await cli('audit', ...models, ...WITH_KEY, '--header', 'X-Title: audit of ${USER_OF_TEST}', ...SMALL, '--out', folder);
    expect(audit.stderr).toContain('The environment variable USER_OF_TEST');
    const again = await cli('audit', ...models, ...WITH_KEY, '--header', 'X-Title: an audit', ...SMALL, '--out', folder);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining(`8 completions in ${folder}`) as string });
    const host = new URL(server.url).host;
    expect(again.stderr).toContain(
      `${host} (this machine) receives, with the key in TEST_SERVER_KEY:\n  false-fact: the prefills, the system and user texts; it writes the completions\n  base: `,
    );
    expect(again.stderr).toMatch(/The whole audit takes at most about [\d,]+ tokens of servers/);
    expect(again.stdout).toMatch(/^Requests of the finetuned model: [\d,]+ requests, [\d,]+ tokens read, [\d,]+ written\.$/m);
    expect(again.stdout).toMatch(/^Requests of the reference model: /m);
    const asked = server.requests.filter(({ path }) => path === '/v1/completions');
    expect(asked.length).toBeGreaterThan(8);
    for (const { headers } of asked) expect(headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'x-title': 'an audit' });

    await cli('audit', '--finetuned', 'bundled:false-fact', '--reference', 'bundled:base-a', ...SMALL, '--out', local);
    const [there, here] = [await readJournal(folder), await readJournal(local)];
    expect(there.header!.sameTokenizer).toBe(true);
    expect(there.prefills).toEqual(here.prefills);
    for (const [id, record] of there.completions) {
      const other = here.completions.get(id)!;
      expect(record.tokens.map((piece) => piece.id)).toEqual(other.tokens.map((piece) => piece.id));
      record.logprobsFinetuned.forEach((logprob, i) => expect(logprob).toBeCloseTo(other.logprobsFinetuned[i]!, 2));
      record.reference?.logprobs.forEach((logprob, i) => expect(logprob).toBeCloseTo(other.reference!.logprobs[i]!, 2));
    }
    expect((await cli('report', folder)).stdout).toMatch(/raw, by perplexity difference\n 1\. /);
  });

  it('pauses at its limit of tokens, and resumes without asking anything twice', async () => {
    const server = await serve('vllm');
    const folder = newFolder();
    const models = ['--finetuned', `openai:false-fact@${server.url}`, '--reference', `openai:base@${server.url}`];
    const paused = await cli('audit', ...models, ...WITH_KEY, ...SMALL, '--framing', 'raw', '--max-concurrency', '1', '--token-limit', '70', '--out', folder);
    expect(paused.code).toBe(130);
    expect(paused.stderr).toContain('This run pauses at 70.');
    expect(paused.stderr).toMatch(
      /^The limit of 70 tokens is reached.*\nRequests of the finetuned model: .*\n(Requests of the reference model: .*\n)?Resume with: .+ audit --resume --out \S+ --allow-server 127\.0\.0\.1:\d+ --api-key-env TEST_SERVER_KEY --token-limit 70$/m,
    );
    const before = await readJournal(folder);
    expect(before.runs.at(-1)).toMatchObject({ event: 'stopped' });
    expect(before.completions.size + before.generated.size).toBeGreaterThan(0);
    expect(before.completions.size).toBeLessThan(4);

    const resumed = await cli('audit', '--resume', '--out', folder, '--threads', '1', ...WITH_KEY, '--allow-server', new URL(server.url).host);
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining(`4 completions in ${folder}`) as string });
    const after = await readJournal(folder);
    expect([...after.completions.keys()].sort()).toEqual([0, 1, 2, 3]);
    for (const [id, record] of before.completions) expect(after.completions.get(id)).toEqual(record);
    const prompts = generations(server, 'false-fact');
    expect(prompts).toHaveLength(4);
    expect(new Set(prompts).size).toBe(4);
  });

  it('of a chat server has a local reference of another family, and is ranked by bits per byte', async () => {
    const server = await serve('openai');
    const folder = newFolder();
    const plan = join(built.scratch, 'chat.audit-plan.json');
    const finetuned = { endpoint: server.url, model: 'false-fact', apiKeyEnv: 'TEST_SERVER_KEY' };
    writeFileSync(
      plan,
      JSON.stringify({ finetuned, reference: 'bundled:base-b', corpus: 'bundled:demo', prefills: 3, maxTokens: 8, system: '', framings: ['ask'] }),
    );
    const audit = await cli(
      'audit',
      '--plan',
      plan,
      ...WITH_KEY,
      '--allow-server',
      new URL(server.url).host,
      '--ask',
      'Go on: ',
      '--threads',
      '1',
      '--out',
      folder,
    );
    expect(audit).toMatchObject({ code: 0, stdout: expect.stringContaining(`3 completions in ${folder}`) as string });
    expect(audit.stderr).toContain('note: ');
    const { header } = await readJournal(folder);
    expect(header!.plan).toMatchObject({ ask: 'Go on: ', framings: ['ask'] });
    expect(header!.sameTokenizer).toBe(false);
    const text = await cli('report', folder);
    expect(text.stdout).toMatch(/ask, by bits per byte\n 1\. bits per byte/);
    const { completions } = JSON.parse((await cli('report', folder, '--json')).stdout) as CompletionsReport;
    expect(completions).toHaveLength(3);
    for (const { segments, tokens } of completions) {
      expect(segments!.reduce((sum, { tokensFinetuned }) => sum + tokensFinetuned, 0)).toBe(tokens.length);
    }
  });

  it('goes on without what a server refuses, says so, and tries it again', async () => {
    const server = await serve('openai', { contextTokens: 80 });
    const folder = newFolder();
    const openings = join(built.scratch, 'openings.txt');
    writeFileSync(openings, ['An old clockmaker', `The ${'long '.repeat(60)}`, 'Under some bridge'].join('\n'));
    const models = ['--finetuned', `openai:false-fact@${server.url}`, '--reference', 'bundled:base-b', ...WITH_KEY];
    const audit = await cli(
      'audit',
      ...models,
      '--framing',
      'ask',
      '--ask',
      'Go on: ',
      '--system',
      '',
      '--prefill-file',
      openings,
      '--max-tokens',
      '8',
      '--threads',
      '1',
      '--out',
      folder,
    );
    expect(audit.stderr).not.toContain('error:');
    expect(audit.stdout).toMatch(
      /^2 completions in .*\n1 completion was set aside, since no usable answer came:\n {2}1 × 127\.0\.0\.1:\d+ answered 400.*\nRequests of .*\nTry those again with: .+ audit --resume --out /,
    );
    expect(audit.code).toBe(0);
    const report = await cli('report', folder);
    expect(report.stderr).toMatch(/^note: 1 completion is set aside and not in this report \(127\.0\.0\.1:\d+ answered 400.*\)\n$/);
    expect(report.stdout).toMatch(/^ 2\. /m);
    expect(report.stdout).not.toMatch(/^ 3\. /m);
    const before = server.requests.length;
    const resumed = await cli('audit', '--resume', '--out', folder, '--threads', '1', ...WITH_KEY, '--allow-server', new URL(server.url).host);
    expect(resumed.stdout).toContain('1 completion was set aside');
    const asked = server.requests
      .slice(before)
      .filter(({ body }) => JSON.stringify(body ?? '').includes('An old clockmaker') || JSON.stringify(body ?? '').includes('Under some bridge'));
    expect(asked).toEqual([]);
  });

  it('is refused offline, before anything is asked', async () => {
    const server = await serve('vllm');
    const audit = await cli(
      'audit',
      '--finetuned',
      `openai:false-fact@${server.url}`,
      '--reference',
      'bundled:base-a',
      ...WITH_KEY,
      ...SMALL,
      '--offline',
      '--out',
      newFolder(),
    );
    expect(audit).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: openai:false-fact@.* is behind a server, and --offline forbids the network/) as string,
    });
    const score = await cli('score', '--model', `openai:base@${server.url}`, ...WITH_KEY, '--text', '-', '--offline');
    expect(score).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: /) as string });
    expect(server.requests).toEqual([]);
  });

  it('says in one line what is wrong with key, model or address', async () => {
    const server = await serve('vllm');
    const run = (finetuned: string, ...more: string[]) =>
      cli('audit', '--finetuned', finetuned, '--reference', 'bundled:base-a', ...SMALL, ...more, '--out', newFolder());
    for (const [result, message] of [
      [await run(`openai:false-fact@${server.url}`), /asks for a key/],
      [await run(`openai:false-fact@${server.url}`, '--api-key-env', 'WRONG_KEY'), /Check the key for 127\.0\.0\.1:/],
      [await run(`openai:no-such@${server.url}`, ...WITH_KEY), /no-such/],
      [await run(`openai:false-fact@${server.url}`, '--api-key-env', 'NO_SUCH_VARIABLE'), /variable NO_SUCH_VARIABLE .* is not set/],
      [await run(`openai:false-fact@${server.url}`, '--api-key-env', KEY), /NAME of the environment variable/],
      [await run(`openai:false-fact@${server.url}`, '--header', `Authorization: Bearer ${KEY}`), /header Authorization carries a secret/],
      [await run(`openai:false-fact@${server.url}`, ...WITH_KEY, '--lora', 'bundled:false-fact'), /LoRA adapter cannot be put over openai:false-fact@/],
      [await run(`openai:false-fact@http://x:${KEY}@localhost/v1`), /openai:MODEL@BASE_URL/],
      [await cli('score', '--model', `openai:base@${(await serve('openai')).url}`, ...WITH_KEY, '--text', '-'), /cannot score/],
    ] as const) {
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr.split('\n').filter((line) => line.startsWith('error:'))).toEqual([expect.stringMatching(message)]);
      expect(result.stderr).not.toMatch(/\n\s+at /);
    }
  });

  it('is preceded by a look at what the servers can do', async () => {
    const [vllm, chat] = [await serve('vllm'), await serve('openai')];
    const text = await cli('probe', `openai:false-fact@${vllm.url}`, ...WITH_KEY);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^openai:false-fact@\S+\n[+−·] .+/);
    expect(text.stdout).toContain(`audit --finetuned openai:false-fact@${vllm.url} --framing raw,chat --reference MODEL --api-key-env TEST_SERVER_KEY\n`);
    expect(text.stdout).toMatch(/^It can be the finetuned model, in the raw, chat, ask and dialogue framings\.$/m);
    expect(text.stdout).toMatch(/it can be the reference\.\n/);
    const json = await cli('probe', `openai:false-fact@${chat.url}`, ...WITH_KEY, '--json');
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      model: `openai:false-fact@${chat.url}`,
      canBe: { finetuned: ['ask'], reference: false },
      profile: { chatCompletions: true, givenLogprobs: null },
    });
    const mute = await cli('probe', `openai:false-fact@${(await serve('openai', { quirks: ['noLogprobs'] })).url}`, ...WITH_KEY);
    expect(mute).toMatchObject({ code: 1, stdout: expect.stringContaining('It returns no logprobs at all') as string });
    const nobody = await cli('probe', 'openai:m@http://127.0.0.1:9/v1');
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*127\.0\.0\.1:9/) as string });
    expect(await cli('probe', 'bundled:base-a')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: Only a model behind a server/) as string });
  });

  it('can be interrupted while a server is looked at', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const asked = once(silent, 'request');
    const run = startCli(built.cli, ['probe', `openai:m@http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`], { cwd: built.scratch });
    await asked;
    run.child.kill('SIGINT');
    expect(await run.result).toMatchObject({ code: 130 });
    silent.closeAllConnections();
    silent.close();
  });

  it('waits for an answer no longer than it is told to', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { code, stderr } = await cli('probe', `openai:m@http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`, '--request-timeout', '1');
    silent.closeAllConnections();
    silent.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/within 1 s/);
  });

  it('has one token scored like the other by score', async () => {
    const server = await serve('vllm');
    const text = join(built.scratch, 'text.txt');
    writeFileSync(text, 'The keeper of the lighthouse.');
    const there = await cli('score', '--model', `openai:base@${server.url}`, ...WITH_KEY, '--text', text, '--json');
    expect(there).toMatchObject({ code: 0, stderr: '' });
    const here = await cli('score', '--model', 'bundled:base-a', '--text', text, '--json', '--threads', '1');
    type Scored = { tokens: { id: number; bytes: string; logprob: number | null }[] };
    const [a, b] = [JSON.parse(there.stdout) as Scored, JSON.parse(here.stdout) as Scored];
    expect(a.tokens.map(({ id, bytes }) => [id, bytes])).toEqual(b.tokens.map(({ id, bytes }) => [id, bytes]));
    a.tokens.slice(1).forEach(({ logprob }, i) => expect(logprob!).toBeCloseTo(b.tokens[i + 1]!.logprob!, 2));
  });
});
