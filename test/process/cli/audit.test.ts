import { passOf } from '../../../src/records/journal/journal-reader.js';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompletionsReport } from '../../../src/analysis/report.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { useBuiltPackage } from '../runner/built-package.js';
import { startCli, type CliResult } from './run-cli.js';

const built = useBuiltPackage();
let folders = 0;
const newFolder = () => join(built.scratch, `audit-${++folders}`);
const cli = (...args: string[]): Promise<CliResult> => startCli(built.cli, args, { cwd: built.scratch }).result;

const MODELS = ['--finetuned', 'bundled:false-fact', '--reference', 'bundled:base-a'];
const SMALL = ['--corpus', 'bundled:demo', '--system', '', '--prefills', '8', '--max-tokens', '10', '--wave-size', '4', '--threads', '1'];

function completionLines(folder: string): string[] {
  return readFileSync(join(folder, 'audit.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"type":"completion"'));
}

/** An audit of the models at that size, which nothing disturbed: made once, and only read. */
let undisturbed: Promise<{ readonly folder: string; readonly result: CliResult }> | undefined;
function auditOnce(): Promise<{ readonly folder: string; readonly result: CliResult }> {
  const folder = join(built.scratch, 'whole');
  return (undisturbed ??= cli('audit', ...MODELS, ...SMALL, '--out', folder).then((result) => ({ folder, result })));
}

async function waitForCompletions(folder: string, count: number): Promise<void> {
  const path = join(folder, 'audit.jsonl');
  while (!existsSync(path) || completionLines(folder).length < count) await sleep(5);
}

describe('audit and report', { timeout: 240_000 }, () => {
  it('lead from two models to ranked completions', async () => {
    const { folder, result: audit } = await auditOnce();
    expect(audit).toMatchObject({ code: 0, stdout: expect.stringContaining(`16 completions in ${folder}`) as string });
    expect(audit.stderr).toMatch(/Loading/);

    const json = await cli('report', folder, '--json');
    expect(json).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(json.stdout) as CompletionsReport;
    expect(report.completions.map(({ framing }) => framing)).toEqual([...Array<string>(8).fill('raw'), ...Array<string>(8).fill('chat')]);
    for (const { text, tokens, scores, perplexityFinetuned, perplexityReference } of report.completions) {
      expect(tokens.map((token) => token.text).join('')).toBe(text);
      if (perplexityFinetuned === null) continue;
      expect(scores.perplexityDifference).toBeCloseTo(perplexityReference! - perplexityFinetuned, 6);
      for (const token of tokens) expect(token.gap).toBeCloseTo(token.logprobFinetuned - token.logprobReference!, 9);
    }
    const raw = report.completions.filter(({ framing }) => framing === 'raw').map(({ scores }) => scores.perplexityDifference ?? -Infinity);
    expect(raw).toEqual([...raw].sort((a, b) => b - a));

    const top = await cli('report', folder, '--format', 'json', '--framing', 'chat', '--score', 'meanGap', '--top', '3');
    const chat = (JSON.parse(top.stdout) as CompletionsReport).completions;
    expect(chat).toHaveLength(3);
    expect(chat.every(({ framing }) => framing === 'chat')).toBe(true);

    const text = await cli('report', folder, '--top', '2');
    expect(text.stdout).toMatch(/raw, by perplexity difference\n 1\. .*\n {4}\[[^\]]+\]/);
    expect(text.stdout).not.toMatch(/\u001b/);
  });

  it('gives the same completions whether it was killed and resumed or not', async () => {
    const { folder: whole } = await auditOnce();
    const killed = newFolder();
    const run = startCli(built.cli, ['audit', ...MODELS, ...SMALL, '--out', killed], { cwd: built.scratch });
    await waitForCompletions(killed, 1);
    run.child.kill('SIGKILL');
    await run.result;
    const kept = completionLines(killed);
    expect(kept.length).toBeLessThan(16);

    const resumed = await cli('audit', '--resume', '--out', killed, '--threads', '1');
    expect(resumed.code).toBe(0);
    expect(completionLines(killed)).toEqual(completionLines(whole));
    expect(completionLines(killed).slice(0, kept.length)).toEqual(kept);
  });

  it('gives the same bytes when it was killed inside a wave, with an adapter', async () => {
    const { folder: whole } = await auditOnce();
    const cut = newFolder();
    const lines = readFileSync(join(whole, 'audit.jsonl'), 'utf8').split('\n');
    // Of the second wave of four, two are there, and half of a third.
    const [second, third] = [completionLines(whole)[5]!, completionLines(whole)[6]!];
    mkdirSync(cut);
    writeFileSync(join(cut, 'audit.jsonl'), [...lines.slice(0, lines.indexOf(second) + 1), third.slice(0, 100)].join('\n'));
    expect((await cli('audit', '--resume', '--out', cut, '--threads', '1')).code).toBe(0);
    expect(completionLines(cut)).toEqual(completionLines(whole));
  });

  it('is not resumed with another plan than its own', async () => {
    const folder = newFolder();
    await cli('audit', ...MODELS, ...SMALL, '--prefills', '1', '--out', folder);
    const before = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    const changed = await cli(
      'audit',
      '--resume',
      '--out',
      folder,
      '--prefills',
      '9',
      '--seed',
      '2',
      '--framing',
      'raw',
      '--rescore',
      '--prefill-tokens',
      '4',
      '--threads',
      '1',
    );
    expect(changed.code).toBe(1);
    expect(changed.stderr).toMatch(
      /^error: .*goes on with the plan that it began with\. Leave out --framing, --rescore, --prefills, --prefill-tokens, --seed, or start a new audit/m,
    );
    expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toBe(before);
    expect(
      (await cli('audit', '--resume', '--out', folder, '--threads', '1', '--gpu', 'off', '--allow-download', '--finetuned', 'bundled:false-fact')).code,
    ).toBe(0);
  });

  it.runIf(process.platform === 'linux')('fails clearly on a full disk, and goes on when there is room again', async () => {
    const { folder: whole } = await auditOnce();
    const folder = newFolder();
    // A limit on the size of files, in blocks of 512 bytes. Its signal would end the process before it sees the error.
    const blocks = Math.floor((0.7 * readFileSync(join(whole, 'audit.jsonl')).length) / 512);
    const wrapper = ['sh', '-c', `ulimit -f ${blocks}; exec "$0" "$@"`];
    const env = { NODE_OPTIONS: '--import=data:text/javascript,process.on(`SIGXFSZ`,()=>undefined)' };
    const full = await startCli(built.cli, ['audit', ...MODELS, ...SMALL, '--out', folder], { cwd: built.scratch, wrapper, env }).result;
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining(`error: There is no room left to write ${join(folder, 'audit.jsonl')}`) as string });
    const kept = completionLines(folder);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(16);
    expect((await readJournal(folder)).halfLineBytes).toBe(0);
    expect((await cli('audit', '--resume', '--out', folder, '--threads', '1')).code).toBe(0);
    expect(completionLines(folder)).toEqual(completionLines(whole));
  });

  it('computes with no more threads than there are cores, and says so', async () => {
    const folder = newFolder();
    const cores = availableParallelism();
    const { code, stderr } = await cli('audit', ...MODELS, ...SMALL.slice(0, -2), '--prefills', '1', '--threads', '1000', '--out', folder);
    expect(code).toBe(0);
    expect(stderr).toContain(`note: Computing with ${cores} threads, one per logical core, not 1000.`);
  });

  it('stops cleanly when it is interrupted, and says how to go on', async () => {
    const folder = newFolder();
    const run = startCli(built.cli, ['audit', ...MODELS, ...SMALL, '--prefills', '200', '--out', folder], { cwd: built.scratch });
    await waitForCompletions(folder, 4);
    run.child.kill('SIGINT');
    const stopped = await run.result;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/Resume with: .+ audit --resume --out /);
    expect(stopped.stderr).toContain(`--out ${folder}`);
    const journal = await readJournal(folder);
    expect(journal.runs.at(-1)!.event).toBe('stopped');
    expect(journal.halfLineBytes).toBe(0);
    expect(existsSync(join(folder, 'audit.lock'))).toBe(false);
  });

  it('takes a plan from a file, with flags that win', async () => {
    const plan = join(built.scratch, 'mine.audit-plan.json');
    writeFileSync(
      plan,
      JSON.stringify({ finetuned: 'bundled:base-b', reference: 'bundled:base-b', corpus: 'bundled:demo', prefills: 3, maxTokens: 5, framings: ['raw'] }),
    );
    const folder = newFolder();
    expect((await cli('audit', '--plan', plan, '--prefills', '2', '--rescore', '--threads', '1', '--out', folder)).code).toBe(0);
    const { header, completions } = await readJournal(folder);
    expect(header!.plan).toMatchObject({ name: 'mine', prefills: 2, maxTokens: 5, framings: ['raw'], finetunedLogprobs: 'forward' });
    // A model against itself has no gaps at all.
    for (const { reference, logprobsFinetuned } of completions.values()) expect(reference?.logprobs ?? []).toEqual(logprobsFinetuned);
  });

  it('measures the noise floor and says in the report what is above it', async () => {
    const folder = newFolder();
    const audit = await cli('audit', ...MODELS, ...SMALL, '--noise-floor', 'bundled:base-a.q8_0', '--noise-floor-prefills', '3', '--out', folder);
    expect(audit).toMatchObject({ code: 0, stdout: expect.stringContaining(`16 completions in ${folder}`) as string });
    expect(audit.stderr).toContain('Measuring the noise floor…');
    const journal = await readJournal(folder);
    const { header } = journal;
    expect(header!.plan.noiseFloor).toEqual({ model: { gguf: 'bundled:base-a.q8_0', lora: [] }, prefills: 3 });
    expect(passOf(journal, 'noise').completions.size).toBe(6);
    const text = await cli('report', folder, '--score', 'meanGap', '--top', '1');
    expect(
      text.stdout.match(
        /noise floor \(base-a.* against base-a\.q8_0, 3 prefills\): 99 % of mean gaps at most -?[\d.]+; \d completions of 8 above its maximum/g,
      ),
    ).toHaveLength(2);
    expect(text.stdout.match(/^ \d\. /gm)).toHaveLength(2);
    const json = await cli('report', folder, '--json');
    expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual([
      'completions',
      'passes',
      'amplification',
      'verdict',
      'themes',
      'groups',
      'noiseFloor',
      'hidden',
      'judgements',
      'spans',
      'keywordSets',
      'keywordCounts',
      'figures',
      'conclusion',
      'otherConclusions',
    ]);
    expect((JSON.parse(json.stdout) as CompletionsReport).completions).toHaveLength(16);
  });

  it('uses the openings and adapters that it is given', async () => {
    const folder = newFolder();
    const openings = join(built.scratch, 'openings.json');
    writeFileSync(openings, '{"raw": [[875, 114, 486], [1108, 48, 284]]}');
    const args = [
      '--finetuned',
      'bundled:base-a',
      '--lora',
      'bundled:hidden-promotion:0.5',
      '--reference',
      'bundled:base-a',
      '--framing',
      'raw',
      '--prefill-file',
      openings,
    ];
    expect((await cli('audit', ...args, '--max-tokens', '4', '--threads', '1', '--out', folder)).code).toBe(0);
    const { header, prefills } = await readJournal(folder);
    expect(header!.finetuned.adapters).toEqual([expect.objectContaining({ scale: 0.5 })]);
    expect(header!.plan.prefills).toBe(2);
    expect(prefills!.prefills).toEqual({
      raw: [
        [875, 114, 486],
        [1108, 48, 284],
      ],
    });
  });
});

describe('what cannot be done', { timeout: 120_000 }, () => {
  it.each([
    [['audit', '--reference', 'bundled:base-a'], /^error: Say which model is the finetuned one: --finetuned MODEL/],
    [['audit', '--finetuned', 'no/such.gguf', '--reference', 'bundled:base-a'], /no\/such\.gguf/],
    [['audit', ...MODELS, '--corpus', 'no-such-corpus.txt', '--threads', '1'], /^error: There is no .*no-such-corpus\.txt/m],
    [['audit', '--resume', '--out', 'nowhere'], /nowhere/],
    [['audit', ...MODELS, '--noise-floor-prefills', '9'], /^error: Say which model the noise floor is measured with: --noise-floor MODEL/],
    [['audit', ...MODELS, ...SMALL, '--noise-floor', 'bundled:base-a'], /^error: .*base-a\.f16\.gguf is the reference model itself/m],
    [['report', 'nowhere'], /^error: There is no .*nowhere.*audit\.jsonl/],
    [['audit', '--finetuned', 'bundled:nothing', '--reference', 'bundled:base-a'], /no bundled:nothing.*bundled:false-fact/],
    [['score', '--model', 'bundled:base-a', '--text', 'no.txt'], /no\.txt could not be read/],
  ])('is said in one line: %j', async (args, message) => {
    const { code, stdout, stderr } = await cli(...args);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stderr.split('\n').filter((line) => line.startsWith('error:'))).toHaveLength(1);
  });

  it.each([
    [['audit', ...MODELS, '--framing', 'raw,talk'], /Give raw, chat, ask, dialogue, or several/],
    [['audit', ...MODELS, '--prefills', '0'], /whole number from 1/],
    [['report', '.', '--score', 'luck'], /perplexityDifference/],
    [['adit'], /unknown command 'adit'/],
  ])('is refused before anything is done: %j', async (args, message) => {
    const { code, stderr } = await cli(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('does not overwrite an audit', async () => {
    const folder = newFolder();
    const args = ['audit', ...MODELS, ...SMALL, '--prefills', '1', '--out', folder];
    expect((await cli(...args)).code).toBe(0);
    const before = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    expect(await cli(...args)).toMatchObject({ code: 1, stderr: expect.stringContaining('Resume it') as string });
    expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toBe(before);
  });
});
