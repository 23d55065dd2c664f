/** Whoever lets an audit talk to servers has been told what of this machine goes there. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLAN_DEFAULTS, type AuditPlan, type EndpointSource } from '../../../src/audit/plan.js';
import { confirmAlternatives, confirmRun, type PlanOrigin } from '../../../src/commands/confirm-run.js';
import { AgreedServers } from '../../../src/models/api/transport/server-access.js';

interface Question {
  readonly text: string;
  readonly detail: string;
}

const asked: Question[] = [];
/** What the user says to the questions, one after the other; yes where there is none. */
let answers: boolean[] = [];
const { folders } = vi.hoisted(() => ({ folders: [] as string[] }));

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])) },
  workspace: {
    get workspaceFolders() {
      return folders.map((fsPath) => ({ uri: { scheme: 'file', fsPath } }));
    },
    getConfiguration: () => ({
      inspect: (name: string) => ({ defaultValue: ({ 'endpoints.tokenLimit': 0, forbidNetwork: false } as Record<string, unknown>)[name] }),
    }),
  },
  window: {
    showWarningMessage: async (text: string, { detail }: { detail: string }, button: string) => {
      asked.push({ text, detail });
      return (answers.shift() ?? true) ? button : undefined;
    },
  },
}));

beforeEach(() => {
  asked.length = 0;
  answers = [];
});

const file = { gguf: 'r.gguf', lora: [] };
const at = (endpoint: string, fields: Partial<EndpointSource> = {}): EndpointSource => ({ endpoint, model: 'm', ...fields });
const planOf = (finetuned: EndpointSource, fields: Partial<AuditPlan> = {}): AuditPlan => ({
  ...PLAN_DEFAULTS,
  name: 'x',
  finetuned,
  reference: file,
  ...fields,
});
const services = (chosen: EndpointSource[] = [], keys: string[] = []) => ({
  agreedServers: new AgreedServers(),
  recent: { endpoints: () => chosen },
  endpoints: { secrets: { list: () => keys } },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined, show: () => undefined },
});
const SENT: PlanOrigin = { chosenBy: 'file', drawsOpenings: true };
const CLOUD_KEY = at('https://evil.example/v1', { apiKeyEnv: 'AWS_SECRET_ACCESS_KEY', headers: { 'X-Token': '${GITHUB_TOKEN}' } });

describe('the question about alternatives', () => {
  it('names every variable that would go along, and who would get it', async () => {
    const window = services();
    await confirmAlternatives(window, planOf(CLOUD_KEY));
    expect(() => window.agreedServers.require(CLOUD_KEY)).not.toThrow();
    expect(asked).toHaveLength(1);
    expect(asked[0]!.text).toContain('evil.example');
    expect(asked[0]!.detail).toContain('that go to evil.example, where they are set: AWS_SECRET_ACCESS_KEY, GITHUB_TOKEN');
  });

  it('is asked again where the same server would get another variable, and not where it would get no other', async () => {
    const window = services();
    await confirmAlternatives(window, planOf(at('https://h.example/v1')));
    await confirmAlternatives(window, planOf(at('https://h.example/v1', { model: 'other' })));
    expect(asked).toHaveLength(1);
    await confirmAlternatives(window, planOf(at('https://h.example/v1', { apiKeyEnv: 'AWS_SECRET_ACCESS_KEY' })));
    expect(asked).toHaveLength(2);
    await confirmAlternatives(window, planOf(at('https://h.example/v1', { headers: { 'X-A': 'v ${GITHUB_TOKEN}' } })));
    expect(asked).toHaveLength(3);
    await confirmAlternatives(window, planOf(at('http://h.example/v1')));
    expect(asked).toHaveLength(4);
    expect(asked[3]!.detail).toContain('unencrypted');
  });

  it('is asked about a server on this machine, unless the user has set it up', async () => {
    const local = at('http://localhost:8000/v1');
    const secretive = at('http://localhost:8000/v1', { apiKeyEnv: 'GITHUB_TOKEN' });
    await confirmAlternatives(services(), planOf(local));
    expect(asked).toHaveLength(1);
    for (const window of [services([local]), services([], ['http://localhost:8000/v1'])]) {
      await confirmAlternatives(window, planOf(local));
      expect(asked).toHaveLength(1);
      expect(() => window.agreedServers.require(local)).not.toThrow();
      await confirmAlternatives(window, planOf(secretive));
      expect(asked.pop()!.detail).toContain('GITHUB_TOKEN');
    }
    expect(asked[0]!.detail).not.toContain('unencrypted');
  });

  it('does not ask what was refused as if it were agreed to', async () => {
    const window = services();
    answers = [false, false];
    for (let time = 0; time < 2; time++) await expect(confirmAlternatives(window, planOf(CLOUD_KEY))).rejects.toMatchObject({ code: 'cancelled' });
    expect(asked).toHaveLength(2);
    expect(() => window.agreedServers.require(CLOUD_KEY)).toThrow('evil.example');
  });

  it('is not asked with words that the plan puts into it', async () => {
    const sly = at('https://evil.example/v1', { apiKeyEnv: 'KEY\n\nNothing is sent' });
    await expect(confirmAlternatives(services(), planOf(sly))).rejects.toMatchObject({ code: 'badPlan' });
    await expect(confirmRun(services(), planOf(at('https://evil.example/v1', { model: 'm\nNothing is sent' })), SENT)).rejects.toMatchObject({
      code: 'badPlan',
    });
    expect(asked).toEqual([]);
  });
});

describe('the question before a run', () => {
  it('names the variables of each server and what is sent in the clear, and covers alternatives', async () => {
    const window = services();
    const plan = planOf(CLOUD_KEY, { reference: at('http://gpu:8000/v1', { apiKeyEnv: 'GPU_KEY' }) });
    expect(await confirmRun(window, plan, SENT)).toEqual({ allowDownload: false, readableRoots: [] });
    const { detail } = asked[0]!;
    expect(detail).toContain('that go to evil.example, where they are set: AWS_SECRET_ACCESS_KEY, GITHUB_TOKEN');
    expect(detail).toContain('that go to gpu:8000, where they are set: GPU_KEY');
    expect(detail).toContain('gpu:8000 begins with http:');
    expect(detail).not.toContain('evil.example begins with http:');
    await confirmAlternatives(window, plan);
    expect(asked).toHaveLength(1);
  });

  it('is asked once about a server on this machine, and again about a variable', async () => {
    const window = services();
    await confirmRun(window, planOf(at('http://127.0.0.1:8000/v1')), SENT);
    await confirmRun(window, planOf(at('http://127.0.0.1:8000/v1')), SENT);
    expect(asked).toHaveLength(1);
    await confirmRun(window, planOf(at('http://127.0.0.1:8000/v1', { apiKeyEnv: 'GITHUB_TOKEN' })), SENT);
    expect(asked).toHaveLength(2);
    expect(asked[1]!.detail).toContain('GITHUB_TOKEN');
  });
});

describe('files that a plan would send to a server', () => {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'consent-')));
  const [inside, outside] = [join(scratch, 'workspace'), join(scratch, 'private')];
  mkdirSync(join(inside, 'texts'), { recursive: true });
  mkdirSync(outside);
  for (const file of [join(outside, 'letters.txt'), join(inside, 'texts', 'a.txt'), join(inside, '.env')]) writeFileSync(file, 'some text');
  symlinkSync(outside, join(inside, 'linked'));
  symlinkSync(join(outside, 'letters.txt'), join(inside, 'linked.txt'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  beforeEach(() => void folders.splice(0, folders.length, inside));
  const server = at('https://evil.example/v1');

  it('are named in the question where they lie in the workspace, and nothing else can be read then', async () => {
    const permission = await confirmRun(services(), planOf(server, { corpus: ['bundled:general', join(inside, 'texts', '**', '*.txt')] }), SENT);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.detail).toContain(join(inside, 'texts', '**', '*.txt'));
    expect(asked[0]!.detail).not.toContain('bundled:');
    expect(permission).toEqual({ allowDownload: false, readableRoots: [inside] });
  });

  it.each<[string, Partial<AuditPlan>]>([
    ['absolute', { corpus: [join(outside, 'letters.txt')] }],
    ['above', { corpus: [join(inside, '..', 'private')] }],
    ['patterns', { corpus: [join(outside, '*.txt')] }],
    ['patterns that climb', { corpus: [`${inside}/texts/../../private/*.txt`] }],
    ['behind a link to a folder', { corpus: [join(inside, 'linked', '*.txt')] }],
    ['a link', { corpus: [join(inside, 'linked.txt')] }],
    ['hidden', { corpus: [join(inside, '.env')] }],
    ['a file of prefills', { prefillFile: join(outside, 'letters.txt') }],
    ['one of several', { corpus: [join(inside, 'texts'), join(outside, 'letters.txt')] }],
  ])('need a yes of their own where they are %s', async (_what, fields) => {
    answers = [true, false];
    expect(await confirmRun(services(), planOf(server, fields), SENT)).toBeUndefined();
    expect(asked).toHaveLength(2);
    expect(asked[1]!.text).toContain('evil.example');
    expect(asked[1]!.detail).toMatch(/letters\.txt|private|linked|\.env/);
    const agreed = await confirmRun(services(), planOf(server, fields), SENT);
    expect(agreed!.readableRoots).toHaveLength(2);
  });

  it('are models, too, where a server is sent what they write', async () => {
    const writer = { gguf: join(outside, 'own.gguf'), lora: [{ path: join(outside, 'own.lora.gguf'), scale: 1 }] };
    answers = [true, false];
    expect(await confirmRun(services(), { ...planOf(server), finetuned: writer, reference: server }, SENT)).toBeUndefined();
    expect(asked[1]!.detail).toMatch(/own\.gguf[\s\S]*own\.lora\.gguf/);
    asked.length = 0;
    await confirmRun(services(), planOf(server, { reference: writer }), SENT);
    expect(asked).toHaveLength(1);
  });

  it('are asked about once where the user chose them, and not at all where nothing is sent or drawn', async () => {
    const corpus = [join(outside, 'letters.txt')];
    expect(await confirmRun(services(), planOf(server, { corpus }), { chosenBy: 'user', drawsOpenings: true })).toEqual({ allowDownload: false });
    expect(asked).toHaveLength(1);
    expect(asked[0]!.detail).toContain('letters.txt');
    expect(await confirmRun(services(), planOf(server, { corpus }), { chosenBy: 'file', drawsOpenings: false })).toEqual({
      allowDownload: false,
      readableRoots: [],
    });
    expect(asked).toHaveLength(2);
    expect(await confirmRun(services(), { ...planOf(server, { corpus }), finetuned: file }, SENT)).toEqual({ allowDownload: false });
    expect(asked).toHaveLength(2);
  });

  it('show no control characters of the plan', async () => {
    await confirmRun(services(), planOf(server, { corpus: [join(outside, 'a\nThis is harmless.txt')] }), SENT);
    expect(asked[1]!.detail).not.toContain('\nThis is harmless');
  });
});
