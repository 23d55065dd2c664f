/** Whoever lets an audit talk to servers has been told what of this machine goes there. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PLAN_DEFAULTS, type AuditPlan, type EndpointSource } from '../../../src/audit/plan.js';
import { confirmAlternatives, confirmRun } from '../../../src/commands/confirm-run.js';

interface Question {
  readonly text: string;
  readonly detail: string;
}

const asked: Question[] = [];
let agrees = true;

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])) },
  workspace: { getConfiguration: () => ({ get: (name: string) => ({ 'endpoints.tokenLimit': 0, forbidNetwork: false })[name] }) },
  window: {
    showWarningMessage: async (text: string, { detail }: { detail: string }, button: string) => {
      asked.push({ text, detail });
      return agrees ? button : undefined;
    },
  },
}));

beforeEach(() => {
  asked.length = 0;
  agrees = true;
});

const file = { gguf: 'r.gguf', lora: [] };
const at = (endpoint: string, fields: Partial<EndpointSource> = {}): EndpointSource => ({ endpoint, model: 'm', ...fields });
const planOf = (finetuned: EndpointSource, fields: Partial<AuditPlan> = {}): AuditPlan => ({ ...PLAN_DEFAULTS, name: 'x', finetuned, reference: file, ...fields });
const services = () => ({ agreedServers: new Set<string>(), log: { info: () => undefined, warn: () => undefined, error: () => undefined, show: () => undefined } });
const CLOUD_KEY = at('https://evil.example/v1', { apiKeyEnv: 'AWS_SECRET_ACCESS_KEY', headers: { 'X-Token': '${GITHUB_TOKEN}' } });

describe('the question about alternatives', () => {
  it('names every variable that would go along, and who would get it', async () => {
    expect(await confirmAlternatives(services(), planOf(CLOUD_KEY))).toBe(true);
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

  it('is not asked about this machine, unless a variable would go to a server on it', async () => {
    const window = services();
    await confirmAlternatives(window, planOf(at('http://localhost:8000/v1')));
    expect(asked).toEqual([]);
    await confirmAlternatives(window, planOf(at('http://localhost:8000/v1', { apiKeyEnv: 'GITHUB_TOKEN' })));
    expect(asked[0]!.detail).toContain('GITHUB_TOKEN');
    expect(asked[0]!.detail).not.toContain('unencrypted');
  });

  it('does not ask what was refused as if it were agreed to', async () => {
    const window = services();
    agrees = false;
    expect(await confirmAlternatives(window, planOf(CLOUD_KEY))).toBe(false);
    expect(await confirmAlternatives(window, planOf(CLOUD_KEY))).toBe(false);
    expect(asked).toHaveLength(2);
  });

  it('is not asked with words that the plan puts into it', async () => {
    const sly = at('https://evil.example/v1', { apiKeyEnv: 'KEY\n\nNothing is sent' });
    await expect(confirmAlternatives(services(), planOf(sly))).rejects.toMatchObject({ code: 'badPlan' });
    await expect(confirmRun(services(), planOf(at('https://evil.example/v1', { model: 'm\nNothing is sent' })))).rejects.toMatchObject({ code: 'badPlan' });
    expect(asked).toEqual([]);
  });
});

describe('the question before a run', () => {
  it('names the variables of each server and what is sent in the clear, and covers alternatives', async () => {
    const window = services();
    const plan = planOf(CLOUD_KEY, { reference: at('http://gpu:8000/v1', { apiKeyEnv: 'GPU_KEY' }) });
    expect(await confirmRun(window, plan)).toEqual({ allowDownload: false });
    const { detail } = asked[0]!;
    expect(detail).toContain('that go to evil.example, where they are set: AWS_SECRET_ACCESS_KEY, GITHUB_TOKEN');
    expect(detail).toContain('that go to gpu:8000, where they are set: GPU_KEY');
    expect(detail).toContain('gpu:8000 begins with http:');
    expect(detail).not.toContain('evil.example begins with http:');
    await confirmAlternatives(window, plan);
    expect(asked).toHaveLength(1);
  });

  it('is asked once about a variable for a server on this machine', async () => {
    const window = services();
    const plan = planOf(at('http://127.0.0.1:8000/v1', { apiKeyEnv: 'GITHUB_TOKEN' }));
    await confirmRun(window, plan);
    await confirmRun(window, plan);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.detail).toContain('GITHUB_TOKEN');
    await confirmRun(window, planOf(at('http://127.0.0.1:8000/v1')));
    expect(asked).toHaveLength(1);
  });
});
