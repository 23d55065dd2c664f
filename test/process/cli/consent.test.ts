/** Somebody sends an audit or a plan, and the user runs it on the command line: nothing leaves that was not named or agreed to. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditPlan } from '../../../src/audit/plan.js';
import { LocalModels } from '../../../src/models/local/local-models.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import { startModelServer, type ModelServer } from '../../peers/model-server.js';
import { sealLine, unsealLine } from '../../../src/records/journal/journal-line.js';
import { baseA, demo, never, source } from '../models/local-process.js';
import { MEDIA, useBuiltPackage } from '../runner/built-package.js';
import { startCli, type CliResult } from './run-cli.js';

const built = useBuiltPackage();
const SECRETS = { CLOUD_SECRET: 'value-of-the-cloud-secret', FORGE_TOKEN: 'value-of-the-forge-token' };
const PRIVATE = 'Dear diary private matter of nobody else';

describe('what somebody else named', { timeout: 240_000 }, () => {
  /** Answers nothing useful, and notes all that arrives. */
  let recorder: Server;
  let address = '';
  let host = '';
  let arrived: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  /** Answers as vLLM does. */
  let server: ModelServer;
  let provider: LocalModels;
  let header: { plan: AuditPlan };
  let count = 0;
  /** Requests that the server had from the tests before. */
  let before = 0;

  const cli = (args: string[], options: { input?: string; wrapper?: string[]; cwd?: string; env?: Record<string, string> } = {}): Promise<CliResult> =>
    startCli(built.cli, args, { cwd: built.scratch, ...options, env: { ...SECRETS, ...options.env } }).result;
  const newFolder = (): string => join(built.scratch, `sent-${++count}`);
  const evil = () => ({ endpoint: address, model: 'm', apiKeyEnv: 'CLOUD_SECRET', headers: { 'X-Note': 'v ${FORGE_TOKEN}' } });

  /** A journal with nothing but its header, as it comes in a mail. */
  function sendJournal(plan: Partial<AuditPlan>): string {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, 'audit.jsonl'), sealLine({ ...header, plan: { ...header.plan, ...plan } }));
    return folder;
  }
  function sendPlan(fields: object): string {
    const folder = newFolder();
    mkdirSync(folder);
    const path = join(folder, 'x.audit-plan.json');
    writeFileSync(path, JSON.stringify({ reference: 'bundled:base-a', corpus: 'bundled:demo', prefills: 2, maxTokens: 4, framings: ['raw'], ...fields }));
    return path;
  }

  beforeAll(async () => {
    recorder = createServer((request, response) => {
      let body = '';
      request
        .on('data', (chunk) => (body += String(chunk)))
        .on('end', () => {
          arrived.push({ path: request.url!, headers: request.headers, body });
          response.writeHead(401, { 'content-type': 'application/json' }).end('{"error": {"message": "no"}}');
        });
    });
    await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(recorder.address() as AddressInfo).port}`;
    address = `http://${host}/v1`;
    provider = new LocalModels({ processPath: built.modelProcess, downloadFolder: built.scratch, threads: 1, gpu: 'off', idleMs: 60_000 });
    const models = { base: baseA, 'false-fact': source(demo('base-a.f16.gguf'), demo('false-fact.lora.gguf')) };
    server = await startModelServer({ models, dialect: 'vllm', provider });
    const folder = newFolder();
    await cli([
      'audit',
      '--finetuned',
      'bundled:false-fact',
      '--reference',
      'bundled:base-a',
      '--corpus',
      'bundled:demo',
      '--prefills',
      '2',
      '--framing',
      'raw',
      '--max-tokens',
      '4',
      '--threads',
      '1',
      '--out',
      folder,
    ]);
    header = JSON.parse(unsealLine(readFileSync(join(folder, 'audit.jsonl'), 'utf8').split('\n')[0]!)) as typeof header;
  });
  afterAll(async () => {
    recorder.close();
    await server.close();
    await provider.dispose();
  });
  beforeEach(() => {
    arrived = [];
    before = server.requests.length;
  });

  const ways: [string, () => string[]][] = [
    ['a journal', () => ['--resume', '--out', sendJournal({ finetuned: evil() })]],
    ['a plan', () => ['--plan', sendPlan({ finetuned: evil() })]],
    ['the reference of a plan', () => ['--plan', sendPlan({ finetuned: 'bundled:false-fact', reference: evil() })]],
    ['the noise floor of a journal', () => ['--resume', '--out', sendJournal({ noiseFloor: { model: evil(), prefills: 2 } })]],
  ];

  it.each(ways)('in %s is refused, and it is said what to name', async (_what, args) => {
    const { code, stderr } = await cli(['audit', ...args(), '--threads', '1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `^error: The plan would send texts to ${host}.*Nothing was sent\\. If you mean it, add: --allow-server ${host} --\\S*api-key-env CLOUD_SECRET --header 'X-Note: \\$\\{FORGE_TOKEN\\}'`,
        'm',
      ),
    );
    expect(arrived).toEqual([]);
  });

  it('is not refused piece by piece only: a server without its variables, a variable of another name', async () => {
    const plan = sendPlan({ finetuned: evil() });
    for (const more of [[], ['--api-key-env', 'CLOUD_SECRET'], ['--header', 'X-Note: ${FORGE_TOKEN}']]) {
      expect(await cli(['audit', '--plan', plan, '--allow-server', host, ...more])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('environment variable') as string,
      });
    }
    for (const named of ['127.0.0.1', `${host}1`, `http://${host}.example`, '127.0.0.1:80']) {
      expect(
        await cli(['audit', '--plan', plan, '--allow-server', named, '--api-key-env', 'CLOUD_SECRET', '--header', 'X-Note: ${FORGE_TOKEN}']),
      ).toMatchObject({ code: 1 });
    }
    expect(arrived).toEqual([]);
  });

  it('goes where it was named, and nowhere else', async () => {
    const named = ['--allow-server', host, '--api-key-env', 'CLOUD_SECRET', '--header', 'X-Note: v ${FORGE_TOKEN}'];
    await cli(['audit', '--plan', sendPlan({ finetuned: evil() }), ...named]);
    expect(arrived[0]!.headers).toMatchObject({ authorization: `Bearer ${SECRETS.CLOUD_SECRET}`, 'x-note': `v ${SECRETS.FORGE_TOKEN}` });
  });

  it('gets no key that is named for the server of the command line', async () => {
    const mine = `openai:base@${server.url}`;
    const plan = sendPlan({ finetuned: { endpoint: address.replace('127.0.0.1', 'localhost'), model: 'm' } });
    await cli(['audit', '--plan', plan, '--reference', mine, '--api-key-env', 'CLOUD_SECRET', '--allow-server', host.replace('127.0.0.1', 'localhost')]);
    expect(arrived.length).toBeGreaterThan(0);
    expect(JSON.stringify(arrived)).not.toContain(SECRETS.CLOUD_SECRET);
    arrived = [];
    const greedy = sendPlan({ finetuned: { endpoint: address.replace('127.0.0.1', 'localhost'), model: 'm', apiKeyEnv: 'CLOUD_SECRET' } });
    const refused = await cli([
      'audit',
      '--plan',
      greedy,
      '--reference',
      mine,
      '--api-key-env',
      'CLOUD_SECRET',
      '--allow-server',
      host.replace('127.0.0.1', 'localhost'),
    ]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('CLOUD_SECRET to localhost') as string });
    expect(arrived).toEqual([]);
  });

  it('at the address that the command line names is not sent what only the plan names', async () => {
    const refused = await cli(['audit', '--plan', sendPlan({ finetuned: evil() }), '--finetuned', `openai:m@${address}`]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: The plan would send the environment variable CLOUD_SECRET/m) as string });
    expect(arrived).toEqual([]);
  });

  const canScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
  it.runIf(canScript).each([
    ['no', 130],
    ['yes', 1],
  ])('is asked for on a terminal, and goes by the answer: %s', async (answer, code) => {
    const args = ['audit', '--plan', sendPlan({ finetuned: evil() })];
    const command = [process.execPath, built.cli, ...args].map((part) => `'${part}'`).join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: built.scratch, env: { ...process.env, ...SECRETS } });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (text.includes('[y/N]')) child.stdin.write(`${answer}\n`);
    });
    const [status] = (await once(child, 'close')) as [number];
    expect(shown).toContain(`It sends texts to ${host}, the environment variable CLOUD_SECRET to ${host}`);
    expect(status).toBe(code);
    expect(arrived.length > 0).toBe(answer === 'yes');
  });

  describe('files of this machine', () => {
    let letters = '';
    let sent: () => Record<string, unknown>;
    const asText = () =>
      server.requests
        .slice(before)
        .map(({ body }) => JSON.stringify(body ?? ''))
        .join('\n');
    const allow = () => ['--allow-server', new URL(server.url).host, '--threads', '1'];
    beforeAll(() => {
      letters = join(built.scratch, 'letters.txt');
      writeFileSync(letters, `${PRIVATE}\n`.repeat(40));
      sent = () => ({ finetuned: { endpoint: server.url, model: 'false-fact' }, reference: { endpoint: server.url, model: 'base' } });
    });
    const places: [string, () => string[]][] = [
      ['the corpus of a journal', () => ['--resume', '--out', sendJournal({ ...sent(), corpus: [letters] })]],
      ['the prefill file of a journal', () => ['--resume', '--out', sendJournal({ ...sent(), prefillFile: letters })]],
      ['the corpus of a plan', () => ['--plan', sendPlan({ ...sent(), corpus: letters })]],
      ['a corpus above a plan', () => ['--plan', sendPlan({ ...sent(), corpus: '../letters.*' })]],
      [
        'a hidden file beside a plan',
        () => {
          const plan = sendPlan({ ...sent(), corpus: '.env' });
          writeFileSync(join(plan, '..', '.env'), PRIVATE);
          return ['--plan', plan];
        },
      ],
      [
        'a link beside a plan',
        () => {
          const plan = sendPlan({ ...sent(), corpus: 'linked' });
          symlinkSync(letters, join(plan, '..', 'linked'));
          return ['--plan', plan];
        },
      ],
    ];

    it.each(places)('that are %s are refused, and it is said what to name', async (_what, args) => {
      const { code, stderr } = await cli(['audit', ...args(), ...allow()]);
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^error: The plan would send to a server: pieces of .*Nothing was sent.*--allow-file /m) as string,
      });
      expect(server.requests.slice(before)).toEqual([]);
    });

    it('that a pattern finds behind a link, or hidden, are left out', async () => {
      const plan = sendPlan({ ...sent(), corpus: '{texts,.secrets,linked}/**/*.txt' });
      const folder = join(plan, '..');
      for (const name of ['texts', '.secrets', 'elsewhere']) mkdirSync(join(name === 'elsewhere' ? built.scratch : folder, name), { recursive: true });
      writeFileSync(join(folder, 'texts', 'a.txt'), 'An ordinary sentence about the weather in the hills\n'.repeat(20));
      writeFileSync(join(folder, '.secrets', 'b.txt'), `${PRIVATE}\n`.repeat(20));
      writeFileSync(join(built.scratch, 'elsewhere', 'c.txt'), `${PRIVATE}\n`.repeat(20));
      symlinkSync(join(built.scratch, 'elsewhere'), join(folder, 'linked'));
      const { code, stderr } = await cli(['audit', '--plan', plan, ...allow()]);
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/were not read, since nobody agreed to it: \S+ and 1 more/) as string });
      expect(asText()).not.toMatch(/diary|private|nobody/);
    });

    it('go where they were named', async () => {
      const folder = sendJournal({ ...sent(), prefillFile: letters, prefills: 1 });
      const { code, stderr } = await cli(['audit', '--resume', '--out', folder, '--allow-file', letters, ...allow()]);
      expect({ code, stderr }, stderr).toMatchObject({ code: 0 });
      expect(server.requests.length).toBeGreaterThan(before);
      expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toContain('"prefills"');
    });
  });

  it.each<[string, Partial<AuditPlan>]>([
    ['prefillTokens', { prefillTokens: 100_000 }],
    ['prefills', { prefills: 2 ** 40 }],
    ['maxTokens', { maxTokens: 2 ** 40 }],
    ['waveSize', { waveSize: 2 ** 40 }],
    ['seed', { seed: 2 ** 33 }],
    ['temperature', { temperature: 1e300 }],
    ['prefills', { noiseFloor: { model: { gguf: 'bundled:base-a.q8_0', lora: [] }, prefills: 2 ** 40 } }],
    ['framing', { framings: [] }],
    ['framing', { framings: ['raw', 'raw'] }],
  ])('as %s of a journal is held to what a plan file is', async (name, change) => {
    const { code, stderr } = await cli([
      'audit',
      '--resume',
      '--out',
      sendJournal({ finetuned: { endpoint: address, model: 'm' }, ...change }),
      '--allow-server',
      host,
    ]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(new RegExp(`^error: This plan .*${name}`, 'm')) as string });
    expect(arrived).toEqual([]);
  });

  it('between the question and the run is not run: the plan that was agreed to, or none', async () => {
    const folder = newFolder();
    await cli([
      'audit',
      '--finetuned',
      'bundled:false-fact',
      '--reference',
      'bundled:base-a',
      '--corpus',
      'bundled:demo',
      '--prefills',
      '2',
      '--framing',
      'raw',
      '--max-tokens',
      '4',
      '--threads',
      '1',
      '--out',
      folder,
    ]);
    const [first, ...rest] = readFileSync(join(folder, 'audit.jsonl'), 'utf8').split('\n');
    const agreed = (JSON.parse(first!) as typeof header).plan;
    const runner = new LocalAuditRunner({ models: provider, mediaFolder: MEDIA, toolVersion: 'test' });
    const resume = () => runner.run({ plan: agreed, folder, resume: true, allowDownload: false }, { onStatus: () => undefined }, never);
    const pull = (change: Partial<AuditPlan>) =>
      writeFileSync(join(folder, 'audit.jsonl'), [JSON.stringify({ ...header, plan: { ...agreed, ...change } }), ...rest].join('\n'));
    for (const change of [
      { noiseFloor: { model: evil(), prefills: 2 } },
      { corpus: [join(built.scratch, 'letters.txt')] },
      { prefills: 50 },
    ] as Partial<AuditPlan>[]) {
      pull(change);
      await expect(resume()).rejects.toMatchObject({
        code: 'badJournal',
        message: expect.stringContaining('another plan now than the one that was agreed to') as string,
      });
    }
    pull({ finetuned: evil() });
    expect((await resume()).state).toBe('finished');
    expect(arrived).toEqual([]);
  });
});
