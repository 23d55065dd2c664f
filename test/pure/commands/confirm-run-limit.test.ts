/** The limit of the settings goes into what the user agrees to, and into the run, whatever else is asked. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PLAN_DEFAULTS, type AuditPlan } from '../../../src/audit/plan.js';
import { confirmRun } from '../../../src/commands/confirm-run.js';
import { AgreedServers } from '../../../src/models/api/transport/server-access.js';

const { settings, details } = vi.hoisted(() => ({
  settings: { 'endpoints.tokenLimit': 0, forbidNetwork: false } as Record<string, unknown>,
  details: [] as string[],
}));

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])) },
  workspace: { workspaceFolders: [], getConfiguration: () => ({ inspect: (name: string) => ({ defaultValue: settings[name] }) }) },
  window: {
    showWarningMessage: async (_text: string, { detail }: { detail: string }, button: string) => {
      details.push(detail);
      return button;
    },
  },
}));

beforeEach(() => {
  details.length = 0;
  Object.assign(settings, { 'endpoints.tokenLimit': 0, forbidNetwork: false });
});

const services = () => ({
  agreedServers: new AgreedServers(),
  recent: { endpoints: () => [] },
  endpoints: { secrets: { list: () => [] } },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined, show: () => undefined },
});
const file = { gguf: '/models/r.gguf', lora: [] };
// 10 openings of 3 tokens and BOS, each with 100 tokens: 1,040.
const served: AuditPlan = {
  ...PLAN_DEFAULTS,
  name: 'x',
  finetuned: { endpoint: 'https://api.example.org/v1', model: 'm' },
  reference: file,
  prefills: 10,
  framings: ['raw'],
  corpus: ['bundled:demo'],
};
const confirm = (plan: AuditPlan = served) => confirmRun(services(), plan, { chosenBy: 'user', drawsOpenings: true });

describe('the token limit', () => {
  it.each([1, 500, 5_000_000])('of %i is in the permission', async (limit) => {
    settings['endpoints.tokenLimit'] = limit;
    expect(await confirm()).toEqual({ allowDownload: false, tokenLimit: limit });
  });

  it('is in no permission where there is none', async () => {
    expect(await confirm()).toEqual({ allowDownload: false });
    expect(details[0]).not.toContain('pauses');
  });

  it('is in the permission where nothing is asked, and where the network is forbidden', async () => {
    settings['endpoints.tokenLimit'] = 500;
    expect(await confirm({ ...served, finetuned: file })).toEqual({ allowDownload: false, tokenLimit: 500 });
    settings['forbidNetwork'] = true;
    expect(await confirm()).toEqual({ allowDownload: false, tokenLimit: 500 });
    expect(details).toEqual([]);
  });

  it('is said in the question where the run would reach it, and only there', async () => {
    settings['endpoints.tokenLimit'] = 500;
    await confirm();
    expect(details[0]).toMatch(/About [\d.,]+.* tokens at most are read and written there\. The run pauses at 500, as the settings say\./);
    settings['endpoints.tokenLimit'] = 5000;
    await confirm();
    expect(details[1]).not.toContain('pauses');
  });
});
