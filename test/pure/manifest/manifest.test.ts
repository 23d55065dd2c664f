/** The manifest is code that nothing compiles: what it names must exist, and what exists must be named. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LABEL_NAMES } from '../../../src/analysis/finding.js';
import { nameInSentence, SCORE_NAMES } from '../../../src/audit/scores.js';
import { PAGE_COMMANDS } from '../../../src/messages/page-commands.js';
import { COMMAND_IDS } from '../../../src/commands/command-ids.js';

interface Command {
  readonly command: string;
  readonly title: string;
  readonly category: string;
}
interface Setting {
  readonly type: string;
  readonly default: unknown;
  readonly scope: string;
  readonly order: number;
  readonly markdownDescription: string;
  readonly enum?: readonly string[];
  readonly markdownEnumDescriptions?: readonly string[];
}
interface Step {
  readonly id: string;
  readonly description: string;
  readonly media: { readonly svg: string; readonly altText: string };
}

const root = join(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text);
const strings: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8'));
const commands: readonly Command[] = manifest.contributes.commands;
const sections: readonly { title: string; properties: Record<string, Setting> }[] = manifest.contributes.configuration;
const settings: Record<string, Setting> = Object.assign({}, ...sections.map(({ properties }) => properties));

const resolve = (value: string) => {
  const key = /^%(.+)%$/.exec(value)?.[1];
  return key === undefined ? undefined : strings[key];
};

/** All TypeScript below a folder, as one text per file. */
function readSources(folder: string): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({ path: join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') }));
}

test('the manifest has the commands of the code, and no other', () => {
  expect(commands.map((command) => command.command).sort()).toEqual([...COMMAND_IDS].sort());
});

test.each(commands)('$command has a title and a category in words', ({ title, category }) => {
  expect(resolve(title)).toMatch(/^[A-Z]/);
  expect(resolve(category)).toBe('Finetune Auditor');
});

test('two commands never look the same in the palette', () => {
  const titles = commands.map(({ title }) => resolve(title));
  expect(new Set(titles).size).toBe(titles.length);
});

test.each(commands)('$command is written in title case', ({ title }) => {
  const small = /^(a|after|an|and|as|by|for|from|in|of|on|or|the|to|with)$/;
  const words = resolve(title)!.match(/[\p{L}']+/gu)!;
  expect(words.filter((word) => /^\p{Ll}/u.test(word) && !small.test(word))).toEqual([]);
});

test('the palette offers nothing twice in other words', () => {
  const palette: readonly { command: string; when: string }[] = manifest.contributes.menus.commandPalette;
  const isHidden = (command: string) => palette.some((item) => item.command === command && item.when === 'false');
  // What a command is about goes without saying; the commands of the page and of a completion's editor are never offered together.
  const essence = ({ command, title }: Command) => [
    /\.(page|inline|comments)\./.exec(command)?.[1] ?? '',
    resolve(title)!
      .toLowerCase()
      .replace(/…|\b(a|an|the|this|of|in|editor|audits?|report)\b/g, (word) => (word === 'report' ? word : ''))
      .split(/\s+/)
      .filter(Boolean)
      .join(' '),
  ];
  const shown = commands.filter(({ command }) => !isHidden(command)).map(essence);
  const doubles = shown.filter(([place, words], index) =>
    shown.some(([other, same], at) => at !== index && words === same && (place === '' || other === '' || place === other)),
  );
  expect(doubles).toEqual([]);
});

test('menus, keys and walkthroughs name commands that exist', () => {
  const { menus, keybindings, walkthroughs } = manifest.contributes;
  const hostSources = readSources('src')
    .map(({ text: source }) => source)
    .join('\n');
  const named: string[] = [...Object.values<{ command: string }[]>(menus).flat(), ...keybindings].map((item) => item.command);
  for (const { steps } of walkthroughs as { steps: (Step & { completionEvents: string[] })[] }[]) {
    for (const step of steps) {
      const buttons = [...(resolve(step.description) ?? '').matchAll(/\]\(command:([\w.]+)\)/g)].map(([, command]) => command!);
      expect(buttons.length, `step ${step.id} has a button`).toBeGreaterThan(0);
      // VS Code shows the marks of code as they are.
      expect(resolve(step.description)).not.toContain('`');
      expect(step.completionEvents.length, `step ${step.id} completes by itself`).toBeGreaterThan(0);
      const events = step.completionEvents.filter((event) => !event.startsWith('onContext:'));
      named.push(...buttons, ...events.map((event) => event.replace(/^onCommand:/, '')));
      for (const [, key] of step.completionEvents.join(' ').matchAll(/onContext:(finetuneAuditor\.\w+)/g))
        expect(hostSources).toContain(`'setContext', '${key!}'`);
    }
  }
  for (const command of named) expect(COMMAND_IDS).toContain(command);
});

test.each(Object.entries(settings))('setting %s is described, ordered, scoped and has a default of its type', (_name, setting) => {
  expect(resolve(setting.markdownDescription)?.length).toBeGreaterThan(20);
  expect(setting.order).toBeGreaterThan(0);
  expect(['application', 'machine', 'machine-overridable', 'window']).toContain(setting.scope);
  const type = Array.isArray(setting.default) ? 'array' : typeof setting.default;
  expect(type).toBe(setting.type === 'integer' ? 'number' : setting.type);
  expect(setting.markdownEnumDescriptions?.map(resolve).filter(Boolean).length).toBe(setting.enum?.length);
});

test('settings have an order of their own each', () => {
  const orders = Object.values(settings).map((setting) => setting.order);
  expect(new Set(orders).size).toBe(orders.length);
});

test('the code reads the settings that the manifest has', () => {
  const source = readFileSync(join(root, 'src/editor/settings.ts'), 'utf8');
  const read = [...source.matchAll(/read\('([\w.]+)'\)/g)].map((match) => `finetuneAuditor.${match[1]}`);
  expect(read.sort()).toEqual(Object.keys(settings).sort());
});

test('a user finds under User what is about them, and only what this machine has under Remote', () => {
  const ofMachine = Object.entries(settings)
    .filter(([, { scope }]) => scope.startsWith('machine'))
    .map(([name]) => name);
  expect(ofMachine.sort()).toEqual(['engine', 'gpu', 'modelFolder', 'threads'].map((name) => `finetuneAuditor.${name}`));
  for (const { title } of sections) expect(resolve(title)).toMatch(/^[A-Z]/);
});

test('a workspace has no say in who signs, where downloads go and what keys do; before it is trusted it has one only in what is forbidden, in limits and in words', () => {
  const { restrictedConfigurations, supported } = manifest.capabilities.untrustedWorkspaces;
  expect(supported).toBe('limited');
  const closed = Object.entries(settings)
    .filter(([, { scope }]) => scope === 'application' || scope === 'machine')
    .map(([name]) => name);
  expect(closed.sort()).toEqual(['author', 'modelFolder', 'pageKeys'].map((name) => `finetuneAuditor.${name}`));
  const open = Object.keys(settings).filter((name) => !closed.includes(name) && !restrictedConfigurations.includes(name));
  const strict = ['endpoints.maxConcurrency', 'endpoints.requestTimeoutSeconds', 'endpoints.tokenLimit', 'findingCategories', 'forbidNetwork'];
  expect(open.sort()).toEqual(strict.map((name) => `finetuneAuditor.${name}`));
  for (const name of restrictedConfigurations) expect(settings).toHaveProperty([name]);
});

test('no setting is made for a key: settings are synchronised and committed', () => {
  // But for those of the keyboard.
  expect(Object.keys(settings).filter((name) => /key|token(?!Limit)|secret|password/i.test(name))).toEqual(['finetuneAuditor.pageKeys']);
});

test('the setting of the page’s keys knows every action of the page', () => {
  const { propertyNames } = settings['finetuneAuditor.pageKeys'] as unknown as { propertyNames: { enum: string[] } };
  expect(propertyNames.enum.sort()).toEqual([...PAGE_COMMANDS].sort());
});

test('commands that run models need a trusted workspace', () => {
  const needTrust = commands.filter((command) => (command as { enablement?: string }).enablement === 'isWorkspaceTrusted').map(({ command }) => command);
  expect(needTrust.sort()).toEqual(
    ['audit', 'auditDemo', 'audits.resume', 'audits.verify', 'resumeAudit', 'runPlan', 'scanModels', 'showTokenGaps', 'verifyAudit'].map(
      (name) => `finetuneAuditor.${name}`,
    ),
  );
});

test('every string is used, and every string that is used exists', () => {
  const used = new Set([...text.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!));
  expect([...used].sort()).toEqual(Object.keys(strings).sort());
  for (const [key, value] of Object.entries(strings)) expect(value.trim(), key).not.toBe('');
});

test('files that the manifest names are there', () => {
  const { icon, contributes } = manifest;
  const steps: Step[] = contributes.walkthroughs.flatMap((walkthrough: { steps: Step[] }) => walkthrough.steps);
  const files = [icon, ...contributes.jsonValidation.map((entry: { url: string }) => entry.url), ...steps.map((step) => step.media.svg)];
  for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
  for (const step of steps) expect(resolve(step.media.altText)).toBeTruthy();
});

test('the icon is a PNG of 128 by 128', () => {
  const png = readFileSync(join(root, manifest.icon));
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([128, 128]);
  expect(statSync(join(root, manifest.icon)).size).toBeLessThan(50_000);
});

test('nothing starts with the window, and only plan files, audits and restored pages activate by themselves', () => {
  expect(manifest.activationEvents).toEqual([
    'workspaceContains:.finetune-audits',
    'workspaceContains:**/*.audit-plan.json',
    'onWebviewPanel:finetuneAuditor.results',
    'onFileSystem:finetune-audit',
  ]);
});

test('an audit of the audits folder opens as its page, one of any other folder only where somebody asks for it', () => {
  const editors: readonly { viewType: string; displayName: string; priority: string; selector: { filenamePattern: string }[] }[] =
    manifest.contributes.customEditors;
  expect(editors.map(({ selector, priority }) => [selector.map(({ filenamePattern }) => filenamePattern), priority])).toEqual([
    [['**/.finetune-audits/*/audit.jsonl'], 'default'],
    [['**/audit.jsonl'], 'option'],
  ]);
  const sources = readSources('src')
    .map((source) => source.text)
    .join('\n');
  for (const { viewType, displayName } of editors) {
    expect(resolve(displayName)).toMatch(/^[A-Z]/);
    expect(sources).toContain(`'${viewType}'`);
  }
  expect(new Set(editors.map(({ displayName }) => resolve(displayName))).size).toBe(editors.length);
});

test('what a page can do it can do in each of its editors', () => {
  const editors: readonly { viewType: string }[] = manifest.contributes.customEditors;
  const conditions = [...text.matchAll(/activeCustomEditorId (=~ \/(.+?)\/|== '(.+?)')/g)].map(([, , pattern, id]) => ({
    pattern: pattern && (JSON.parse(`"${pattern}"`) as string),
    id,
  }));
  expect(conditions.length).toBeGreaterThan(10);
  for (const { viewType } of editors) {
    for (const { pattern, id } of conditions) expect(pattern === undefined ? viewType === id : new RegExp(pattern).test(viewType), viewType).toBe(true);
  }
});

test('strings of the code are in the bundle that is given to translators', () => {
  const bundle: Record<string, string> = JSON.parse(readFileSync(join(root, manifest.l10n, 'bundle.l10n.json'), 'utf8'));
  // Names that a table has, and those that reports and the editor say alike.
  const used = new Set<string>([...Object.values(LABEL_NAMES), ...SCORE_NAMES.map(nameInSentence)]);
  for (const { text: source } of readSources('src')) {
    for (const match of source.matchAll(/\b(?:l10n\.t|say)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)) {
      used.add((match[1] ?? match[2])!.replace(/\\n/g, '\n').replace(/\\(['"\\])/g, '$1'));
    }
    expect(source).not.toMatch(/\b(?:l10n\.t|say)\(\s*`/);
  }
  expect(used.size).toBeGreaterThan(20);
  expect(Object.keys(bundle).sort()).toEqual([...used].sort());
});

test('the provider of servers for agents is registered under the name that the manifest has', () => {
  const source = readFileSync(join(root, 'src/views/language-model-tools/register-mcp-server.ts'), 'utf8');
  const [, id] = /MCP_PROVIDER_ID = '([^']+)'/.exec(source)!;
  expect(manifest.contributes.mcpServerDefinitionProviders.map((provider: { id: string }) => provider.id)).toEqual([id]);
});
