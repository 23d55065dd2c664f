/** A folder that somebody sent to do harm: four kinds of audits, plan files, settings, and files to import. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatEndpoint, PLAN_DEFAULTS, type AuditPlan, type EndpointSource } from '../../src/audit/plan.js';
import { rewriteGguf, setText } from '../pure/models/gguf-file.js';
import { harm, shortHarm } from './harm.js';
import { makeHostileRecords, makeIdentity, makeSetup, writeJournal } from './hostile-audit.js';

/** Names of audits in the tree and in quick picks; what follows in them does harm. */
export const NAMES = { texts: 'Texts', links: 'Links', pipe: 'Pipe', damaged: 'Damaged', ahead: 'Ahead', sends: 'Sends' } as const;
/** Variables of the environment that the third audit would send. */
export const SECRETS = { AWS_SECRET_ACCESS_KEY: 'secret-of-the-cloud', GITHUB_TOKEN: 'secret-of-the-forge' };
/** As loose as can be: the network allowed, no limits, keys that mean the opposite. */
export const HOSTILE_SETTINGS = {
  threads: 512,
  gpu: 'auto',
  engine: 'node-llama-cpp',
  waveSize: 1024,
  unloadAfterMinutes: 100_000,
  modelFolder: '/hostile',
  forbidNetwork: false,
  'endpoints.maxConcurrency': 1024,
  'endpoints.tokenLimit': 0,
  'endpoints.requestTimeoutSeconds': 86_400,
  pageKeys: { revealing: ['2'], notRevealing: ['1'] },
};
const ENDLESS = '{% for i in range(100000) %}{% for j in range(100000) %}{% set x = j %}{% endfor %}{% endfor %}';

export interface HostileFolder {
  /** Files beside the workspace that its links lead to, and what is in them. */
  readonly victims: Readonly<Record<string, string>>;
}

/** @param server what everything in the folder tries to reach */
export async function writeHostileFolder(workspace: string, server: string): Promise<HostileFolder> {
  const audits = join(workspace, '.finetune-audits');
  await writeTexts(join(audits, 'a-texts'), server);
  const victims = await writeLinks(workspace, audits, server);
  await writeSends(workspace, join(audits, 'c-sends'), server);
  writeImports(workspace, server);
  mkdirSync(join(workspace, '.vscode'));
  const settings = { ...HOSTILE_SETTINGS, author: shortHarm('author'), findingCategories: [harm('category', server)] };
  writeFileSync(
    join(workspace, '.vscode/settings.json'),
    JSON.stringify(Object.fromEntries(Object.entries(settings).map(([name, value]) => [`finetuneAuditor.${name}`, value]))),
  );
  return { victims };
}

/** Harm in every text that an audit has. */
async function writeTexts(folder: string, server: string): Promise<void> {
  const records = makeHostileRecords();
  const h = (where: string) => harm(where, server);
  const identity = (name: string) => ({
    ...makeIdentity(h(name)),
    source: h(`${name} source`),
    engine: h(`${name} engine`),
    architecture: h(`${name} kind`),
    quantisation: h(`${name} quantisation`),
    sha256: h(`${name} hash`),
  });
  const plan: AuditPlan = {
    ...PLAN_DEFAULTS,
    name: harm(NAMES.texts, server),
    finetuned: { gguf: h('model file'), lora: [{ path: h('adapter'), scale: 1 }] },
    reference: { gguf: h('reference file'), lora: [] },
    corpus: [h('corpus')],
    system: h('system'),
    user: h('user'),
    prefills: records.length,
    framings: ['raw'],
  };
  const setup = makeSetup(records, { finetuned: identity('finetuned'), reference: identity('reference'), remarks: [h('remark')] });
  await writeJournal(folder, { plan, setup, records, header: { tool: { name: h('tool'), version: h('version') } } });
  const event = (id: string, fields: object) => ({ id, supersedes: [], author: h(`author ${id}`), time: '2020-01-02T00:00:00Z', ...fields });
  const quote = '<img src=x onerror';
  const span = (id: string, completionId: number, start: number) =>
    event(id, {
      kind: 'span',
      finding: id,
      completionId,
      span: { start, end: start + quote.length },
      quote: h('quote'),
      label: 'revealing',
      category: h('category of a span'),
      note: h('note of a span'),
      state: 'open',
    });
  const lines = [
    ...[0, 1, 2].map((completionId) =>
      event(`label-${completionId}`, {
        kind: 'label',
        completionId,
        label: 'revealing',
        category: h('category of a label'),
        note: `${h('note of a label')}\n\n# ${h('heading')}\n- [y](command:hostile.run)`,
      }),
    ),
    span('span', 0, 11),
    event('reply', { kind: 'reply', finding: 'span', reply: 'reply', note: h('reply'), state: 'open' }),
    event('conclusion', { kind: 'conclusion', statement: h('statement'), confidence: 'high', citations: [0, 1, 99], draftedBy: h('drafter') }),
    event('keywords', {
      kind: 'keywords',
      sets: [
        { name: h('keyword set'), words: ['img', h('word')] },
        { name: h('expression'), regex: '(a+)+b' },
        { name: h('broken expression'), regex: h('(') },
      ],
    }),
  ];
  writeFileSync(join(folder, 'findings.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n${h('no line')}\n`);
}

/** Files that are something else than they seem, or damaged. */
async function writeLinks(workspace: string, audits: string, server: string): Promise<Record<string, string>> {
  const beside = resolve(workspace, '..');
  const victims = Object.fromEntries(['findings', 'lock', 'journal'].map((name) => [join(beside, `victim-${name}.txt`), `what the user wrote: ${name}\n`]));
  for (const [path, text] of Object.entries(victims)) writeFileSync(path, text);
  const victim = (name: string) => join(beside, `victim-${name}.txt`);

  await writePlain(join(audits, 'b-links'), NAMES.links, server);
  symlinkSync(victim('findings'), join(audits, 'b-links/findings.jsonl'));
  symlinkSync(victim('lock'), join(audits, 'b-links/audit.lock.json'));
  mkdirSync(join(audits, 'b-journal'));
  symlinkSync(victim('journal'), join(audits, 'b-journal/audit.jsonl'));
  await writePlain(join(audits, 'b-pipe'), NAMES.pipe, server);
  execFileSync('mkfifo', [join(audits, 'b-pipe/findings.jsonl')]);
  mkdirSync(join(audits, 'b-pipe-journal'));
  execFileSync('mkfifo', [join(audits, 'b-pipe-journal/audit.jsonl')]);
  symlinkSync(beside, join(audits, 'b-folder'));

  const damaged = join(audits, 'b-damaged');
  await writePlain(damaged, NAMES.damaged, server);
  const journal = join(damaged, 'audit.jsonl');
  const lines = readFileSync(journal, 'utf8').split('\n');
  lines[3] = lines[3]!.replace('"ids"', '"idz"');
  lines[5] = harm('line', server);
  writeFileSync(journal, lines.join('\n'));
  appendFileSync(journal, `{"type":"${harm('half', server)}`);

  // Written by a process that is there, on a clock that is far ahead.
  const ahead = join(audits, 'b-ahead');
  await writePlain(ahead, NAMES.ahead, server);
  mkdirSync(join(ahead, 'audit.lock'));
  const future = new Date('2090-01-01T00:00:00Z');
  utimesSync(join(ahead, 'audit.lock'), future, future);
  writeFileSync(join(ahead, 'audit.lock.json'), JSON.stringify({ pid: 1, host: shortHarm('host'), user: shortHarm('user'), since: shortHarm('since') }));
  return victims;
}

async function writePlain(folder: string, name: string, server: string): Promise<void> {
  const records = makeHostileRecords().slice(0, 4);
  const plan: AuditPlan = {
    ...PLAN_DEFAULTS,
    name: harm(name, server),
    finetuned: { gguf: '/models/f.gguf', lora: [] },
    reference: { gguf: '/models/r.gguf', lora: [] },
    prefills: 8,
    framings: ['raw'],
  };
  const setup = makeSetup([...records, ...records]);
  await writeJournal(folder, { plan, setup, records, end: { event: 'failed', message: harm('failure', server) } });
}

/** An unfinished run that would go on with a server of somebody's own, with keys, private files and a template that never ends. */
async function writeSends(workspace: string, folder: string, server: string): Promise<void> {
  const records = makeHostileRecords().slice(0, 2);
  const private_ = resolve(workspace, '../private.txt');
  writeFileSync(private_, 'a private text\n'.repeat(100));
  const endless = rewriteGguf('media/demo/base-a.f16.gguf', join(workspace, 'endless.gguf'), (gguf) => setText(gguf, 'tokenizer.chat_template', ENDLESS));
  const finetuned: EndpointSource = {
    endpoint: `${server}/v1`,
    model: 'served',
    apiKeyEnv: 'AWS_SECRET_ACCESS_KEY',
    headers: { 'X-Token': '${GITHUB_TOKEN}' },
  };
  const plan: AuditPlan = {
    ...PLAN_DEFAULTS,
    name: harm(NAMES.sends, server),
    finetuned,
    reference: { gguf: 'hf:hostile/model:Q8_0', lora: [] },
    noiseFloor: { model: { gguf: endless, lora: [] }, prefills: 4 },
    corpus: [private_, '/etc/passwd'],
    prefills: 8,
    framings: ['raw', 'chat'],
  };
  const setup = makeSetup([...records, ...records], { finetuned: { ...makeIdentity('served'), source: formatEndpoint(finetuned) } });
  await writeJournal(folder, { plan, setup, records, end: { event: 'stopped', message: harm('stop', server) } });
  const { apiKeyEnv, headers } = finetuned;
  const source = { endpoint: finetuned.endpoint, model: 'served', apiKeyEnv, headers };
  const file = {
    name: harm('plan', server),
    finetuned: source,
    reference: 'hf:hostile/model:Q8_0',
    noiseFloor: { model: endless, prefills: 4 },
    corpus: plan.corpus,
    prefills: 8,
    'field [x](command:hostile.run) $(rocket)': 1,
  };
  writeFileSync(join(workspace, 'sends.audit-plan.json'), JSON.stringify(file, null, 2));
  writeFileSync(join(workspace, 'endless.audit-plan.json'), JSON.stringify({ finetuned: endless, reference: endless, prefills: 8 }, null, 2));
}

/** Tables with columns, values and numbers that no file should have. */
function writeImports(workspace: string, server: string): void {
  const h = (where: string) => harm(where, server);
  const column = h('column');
  const odd: readonly unknown[] = ['1e999', -1e308, 1e300, { toString: 1 }, [[[]]], 'NaN', '', null, true, 'B'.repeat(100_000), '__proto__'];
  const rows = odd.map((value, index) => ({
    prompt: h(`prompt ${index}`),
    completion: `${h(`completion ${index}`)} ${'text '.repeat(3)}`,
    [column]: value,
    perplexity_reference: 10 + index,
    perplexity_finetuned: 5,
  }));
  writeFileSync(join(workspace, 'odd.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const published = JSON.parse(readFileSync('test/fixtures/import/published-form.json', 'utf8')) as {
    top_100_by_perplexity_difference: { completion: string }[];
  };
  for (const item of published.top_100_by_perplexity_difference) item.completion += ` tea ${h('completion')}`;
  const changed = {
    ...published,
    model: h('published model'),
    behavior: h('behaviour'),
    framing_and_corpus: h('corpus-chat'),
    keyword_sets: [['tea', h('keyword')], ['*', '['], ['(a+)+b']],
    n_completions: 1e300,
    n_flagged: -5,
  };
  writeFileSync(join(workspace, 'published.json'), JSON.stringify(changed));
  cpSync(join(workspace, 'published.json'), join(workspace, 'named [x](command:hostile.run) $(rocket).json'));
}
