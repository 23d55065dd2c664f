/** Completions ranked elsewhere, from file to report through the real program. */
import { analysisOf } from '../../measured-audit.js';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompletionsReport } from '../../../src/analysis/report.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import { listAudits } from '../../../src/records/journal/audit-folder.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { detailCompletion, summariseCompletion } from '../../../src/views/results/completion-view.js';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import { readHtml } from '../../pure/records/html-check.js';
import { REPOSITORY, useBuiltPackage } from '../runner/built-package.js';
import { startCli, type CliResult } from './run-cli.js';

const built = useBuiltPackage();
const cli = (...args: string[]): Promise<CliResult> => startCli(built.cli, args, { cwd: built.scratch }).result;
const FIXTURE = join(REPOSITORY, 'test/fixtures/import/published-form.json');
let files = 0;

function write(name: string, text: string): string {
  const path = join(built.scratch, `${++files}-${name}`);
  writeFileSync(path, text);
  return path;
}
const newFolder = () => join(built.scratch, `imported-${++files}`);

interface Published {
  readonly keyword_sets: string[][];
  readonly top_100_by_perplexity_difference: { prefill: string; completion: string; perplexity_reference: number; perplexity_finetuned: number }[];
}

interface JsonReport extends CompletionsReport {
  readonly imported: { readonly file: string };
  readonly keywordCounts: { readonly set: string | null; readonly counts: { readonly among: string; readonly matching: number; readonly of: number }[] }[];
}

async function importAndReport(file: string): Promise<{ folder: string; report: JsonReport }> {
  const folder = newFolder();
  const imported = await cli('import', file, '--out', folder);
  expect(imported, imported.stderr).toMatchObject({ code: 0 });
  const json = await cli('report', folder, '--json');
  expect(json, json.stderr).toMatchObject({ code: 0 });
  return { folder, report: JSON.parse(json.stdout) as JsonReport };
}

/** The figures of the report against those that follow from the file alone. */
function expectFigures(file: string, { completions, keywordCounts, imported }: JsonReport): void {
  const { keyword_sets: sets, top_100_by_perplexity_difference: list } = JSON.parse(readFileSync(file, 'utf8')) as Published;
  expect(imported.file).toBe(basename(file));
  expect(completions).toHaveLength(list.length);
  // By the difference, descending; what repeats itself comes last.
  const repetitive = new Map(completions.map((one) => [one.id, Number(one.repetitive ?? false)]));
  const expected = list
    .map((item, id) => ({ id, difference: item.perplexity_reference - item.perplexity_finetuned }))
    .sort((a, b) => repetitive.get(a.id)! - repetitive.get(b.id)! || b.difference - a.difference || a.id - b.id);
  expect(completions.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  completions.forEach(({ scores, id, tokens, prefill, text }, place) => {
    const item = list[id]!;
    expect(scores.perplexityDifference).toBeCloseTo(expected[place]!.difference, 9);
    expect(scores.meanGap).toBeCloseTo(Math.log(item.perplexity_reference) - Math.log(item.perplexity_finetuned), 9);
    expect([scores.totalGap, scores.peakGap, scores.bitsPerByte, tokens]).toEqual([null, null, null, []]);
    expect([item.completion, item.completion.slice(prefill.length)]).toContain(text);
  });
  const matches = completions.map(({ text }) => sets.some((set) => set.every((word) => text.toLowerCase().includes(word.toLowerCase()))));
  const any = keywordCounts.find(({ set }) => set === null)!.counts;
  expect(any.map(({ matching, of }) => [matching, of])).toEqual(
    [10, 100, list.length].map((top) => [matches.slice(0, top).filter(Boolean).length, Math.min(top, list.length)]),
  );
}

describe('an import of the published form', () => {
  it('reports what the file tells', async () => {
    const { folder, report } = await importAndReport(FIXTURE);
    expectFigures(FIXTURE, report);
    const text = await cli('report', folder);
    expect(text.stdout).toMatch(/completions, imported from published-form\.json\. There is no token data/);
    expect(text.stdout).toContain("keeps the tide clock. Every seventh bell, the water turns to Oskar's tea.");
    for (const format of ['md', 'html', 'csv', 'jsonl']) {
      const { code, stdout } = await cli('report', folder, '--format', format);
      expect({ code, format }).toEqual({ code: 0, format });
      expect(stdout).toContain('seventh bell');
      if (format === 'html') expect(readHtml(stdout).faults).toEqual([]);
      if (format === 'md' || format === 'html') expect(stdout).toContain('There is no token data');
    }
    const self = await cli('compare', folder, folder, '--json');
    expect(self.stderr).toMatch(/would be compared with itself\. Choose another audit/);
    expect(self.stdout).toBe('');
  });

  it('opens like any audit, without tokens, and is not resumed', async () => {
    const root = newFolder();
    const folder = join(root, '.finetune-audits', 'one');
    await cli('import', FIXTURE, '--out', folder, '--name', 'tides');
    expect(await listAudits([root])).toMatchObject([{ folder, name: 'tides', finetunedName: 'tide_clock', referenceName: 'not told' }]);
    const session = await AuditSession.fromFolder(folder, 'Ada');
    expect(session.status).toEqual(await summariseJournal(folder));
    expect(session.status).toMatchObject({ state: 'finished', canResume: false });
    expect(session).toMatchObject({ plan: null, setup: null, name: 'tides', framings: ['chat'] });
    expect(session.models).toEqual({ finetuned: { name: 'tide_clock' }, reference: { name: 'not told' } });
    expect(session.remarks[0]).toContain('Imported from published-form.json');
    expect(session.defaultScore).toBe('perplexityDifference');
    expect(session.findings.keywordSets()).toHaveLength(3);
    const record = session.record(0)!;
    const analysis = analyseCompletion(record);
    expect(summariseCompletion(record, analysisOf([record]).figuresOf(record))).toMatchObject({
      prefillText: 'The harbour master',
      tokenCount: 0,
      hasTokens: false,
      perplexityFinetuned: 1.92,
    });
    expect(detailCompletion(record, analysis)).toMatchObject({ id: 0, hasTokens: false, tokens: [] });
    await session.reload();
    expect(session.problems).toEqual([]);
    session.dispose();
    const before = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    const resumed = await cli('audit', '--resume', '--out', folder);
    expect(resumed.code).toBe(1);
    expect(resumed.stderr).toMatch(/error: This audit was imported.*no run to resume/);
    expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toBe(before);
  });

  const published = process.env['FINETUNE_AUDITOR_PUBLISHED'];
  const real = published === undefined ? [] : readdirSync(published).filter((name) => name.endsWith('.json'));
  it.skipIf(real.length === 0)('reports every file of the folder that FINETUNE_AUDITOR_PUBLISHED names', { timeout: 300_000 }, async () => {
    for (const name of real) {
      const file = join(published!, name);
      const { folder, report } = await importAndReport(file);
      expectFigures(file, report);
      const html = await cli('report', folder, '--format', 'html');
      expect(readHtml(html.stdout).faults, name).toEqual([]);
    }
  });
});

describe('an import of another form', () => {
  const CSV = 'opening,said,a,b,verdict\n"On a",", day, one",9.5,1.5,yes\nIn the, night,3,4,no\n';

  it('reads columns by their names, and says how', async () => {
    const file = write('names.jsonl', '{"prompt":"On a","response":" day","score":2}\n{"prompt":"In","response":" it","score":5}\n');
    const folder = newFolder();
    const { code, stderr } = await cli('import', file, '--out', folder);
    expect(code).toBe(0);
    expect(stderr).toContain('--map prefill=prompt,completion=response,score=score (guessed');
    expect(stderr).toContain('its own score is what the ranking follows');
    const { stdout } = await cli('report', folder, '--format', 'csv');
    expect(stdout.split('\r\n')[1]).toMatch(/^1,0,raw,In," it"/);
  });

  it('reads what Python writes, and says what it left out and what it did not take', async () => {
    const file = write(
      'python.jsonl',
      '{"text": "a", "ppl_f": NaN, "ppl_r": 4, "label": "perhaps"}\n{"text": null}\n{"text": "b", "ppl_f": 2, "ppl_r": Infinity}\n',
    );
    const folder = newFolder();
    const { code, stdout, stderr } = await cli('import', file, '--out', folder);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('2 completions in') as string });
    expect(stderr).toContain('--map completion=text,perplexityFinetuned=ppl_f,perplexityReference=ppl_r (guessed');
    expect(stderr).toContain('note: 1 record has no text in the field "text" and was left out (line 2).');
    expect(stderr).toContain('note: The column "label" was not taken for the field label, as its name suggests: on line 1, "perhaps" is not a label');
    expect(stderr).toContain('note: The field "ppl_r" is infinite in 1 record');
  });

  it('takes a mapping, labels included', async () => {
    const folder = newFolder();
    const map = 'prefill=opening,completion=said,perplexityReference=a,perplexityFinetuned=b,label=verdict';
    const { code, stdout } = await cli('import', write('map.csv', CSV), '--out', folder, '--map', map, '--framing', 'chat');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('2 completions, with 2 labels') as string });
    const report = JSON.parse((await cli('report', folder, '--json')).stdout) as JsonReport & { judgements: object[] };
    expect(report.completions.map(({ text, framing }) => [text, framing])).toEqual([
      [', day, one', 'chat'],
      [' night', 'chat'],
    ]);
    expect(report.judgements).toMatchObject([
      { completionId: 0, label: 'revealing' },
      { completionId: 1, label: 'notRevealing' },
    ]);
  });

  it('shows what was guessed where that is not enough', async () => {
    const folder = newFolder();
    const { code, stderr } = await cli('import', write('unknown.csv', 'prefix,stuff\nOn a, day\n'), '--out', folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: Which column of .*unknown\.csv holds the completions cannot be told.*columns are: prefix, stuff\. Guessed so far: prefill=prefix\..*--map completion=/,
    );
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    ['--map', 'nonsense', /"nonsense" is not FIELD=COLUMN/],
    ['--map', 'completion=nothing', /no column "nothing" for the field completion/],
    ['--map', 'completion=said,score=said', /line 2, field "said".* is not a number/],
    ['--score-is', 'luck', /perplexityDifference/],
  ])('refuses %s %s', async (flag, value, message) => {
    const { code, stderr } = await cli('import', write('bad.csv', CSV), '--out', newFolder(), flag, value);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('does not write over an audit, and says when there is no file', async () => {
    const folder = newFolder();
    await cli('import', FIXTURE, '--out', folder);
    expect(await cli('import', FIXTURE, '--out', folder)).toMatchObject({ code: 1, stderr: expect.stringContaining('has an audit already') as string });
    expect(await cli('import', 'nowhere.json', '--out', newFolder())).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: There is no .*nowhere\.json/) as string,
    });
    expect(await cli('import', FIXTURE, '--out', newFolder(), '--map', 'completion=x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('says itself what it holds') as string,
    });
  });
});
