/** `report` and `compare` through the real program, on an audit with findings. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompletionsReport } from '../../../src/analysis/report.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { makeRecord } from '../../pure/records/example-audit.js';
import { readHtml } from '../../pure/records/html-check.js';
import { useBuiltPackage } from '../runner/built-package.js';
import { startCli, type CliResult } from './run-cli.js';
import { addFindings, HOSTILE_TEXT, makeRecords, writeAudit } from '../../pure/cli/written-audit.js';

const built = useBuiltPackage();
const cli = (...args: string[]): Promise<CliResult> => startCli(built.cli, args, { cwd: built.scratch }).result;
const folder = () => join(built.scratch, 'audit');

beforeAll(async () => {
  await writeAudit(folder());
  await addFindings(folder());
});

describe('report', () => {
  it('gives JSON with the completions as ever, and what was found beside them', async () => {
    const { code, stdout } = await cli('report', folder(), '--json', '--top', '2');
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as CompletionsReport & Record<string, unknown>;
    expect(report.completions.map(({ framing, id }) => `${framing} ${id}`)).toEqual(['raw 6', 'raw 4', 'chat 7', 'chat 5']);
    expect(report.completions[0]!.tokens).toHaveLength(5);
    expect(report).toMatchObject({
      conclusion: { statement: 'It counts words. [#6]', citations: [6], author: 'Ada', draftedBy: 'some model' },
      spans: [{ completionId: 2, note: 'here' }],
      keywordSets: [{ name: 'words' }],
      judgements: expect.arrayContaining([expect.objectContaining({ completionId: 6, label: 'revealing' })]) as unknown,
    });
    expect(report).toMatchObject({
      verdict: { state: 'undetermined', carriers: { completions: 0 }, cannotExclude: expect.any(Array) as unknown },
      themes: [],
      noiseFloor: { raw: null },
      hidden: [],
      groups: expect.any(Array) as unknown,
    });
    // All of raw match but the hostile one, which has no word0 in front but the rest: word1 and word2 are there too.
    expect(report['keywordCounts']).toMatchObject([{ framing: 'raw', counts: [{ among: 'top 10', matching: 4, of: 4 }, {}, {}] }, { framing: 'chat' }]);
    expect(JSON.stringify(report['figures'])).toContain('raw, top 4 by perplexity difference');
  });

  it('says of journals of earlier versions what recurs in them', async () => {
    for (const name of ['measured', 'imported']) {
      const { stdout, code } = await cli('report', fileURLToPath(new URL(`../../fixtures/journals-0.1/${name}`, import.meta.url)), '--json');
      expect(code).toBe(0);
      const { themes, verdict } = JSON.parse(stdout) as { themes: object[]; verdict: { sentence: string } };
      for (const theme of themes)
        expect(Object.keys(theme).sort()).toEqual(['completions', 'others', 'passes', 'phrase', 'prefills', 'reference', 'score', 'shared', 'stability']);
      expect(verdict.sentence).toMatch(/^(Beyond noise|Within noise|Undetermined): /);
    }
  });

  it('holds the themes against other audits, but not against itself', async () => {
    const other = join(built.scratch, 'held-against');
    await writeAudit(other, makeRecords());
    const { stdout, code } = await cli('report', folder(), '--against', other, '--json');
    expect(code).toBe(0);
    const { themes } = JSON.parse(stdout) as { themes: { others: { audit: string }[] }[] };
    for (const theme of themes) expect(theme.others).toEqual([expect.objectContaining({ audit: 'example' })]);
    expect(await cli('report', folder(), '--against', other, folder())).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/would be held against itself\. Choose another audit/) as string,
    });
  });

  it('writes one self-contained HTML file in which nothing of a completion is markup', async () => {
    const file = join(built.scratch, 'deeper', 'report.html');
    const { code, stdout, stderr } = await cli('report', folder(), '--out', file);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(`Written to ${file}`);
    const source = readFileSync(file, 'utf8');
    const { faults, elements, text } = readHtml(source);
    expect(faults).toEqual([]);
    expect(elements.filter(({ name }) => name === 'script')).toEqual([]);
    const policy = elements.find(({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy');
    expect(policy?.attributes.get('content')).toContain('default-src');
    expect(elements.filter(({ attributes }) => /^(https?:|\/\/)/.test(attributes.get('href') ?? ''))).toEqual([]);
    for (const part of ['It counts words.', '</p><script>alert(1)', 'aaaaaaaa', 'base', 'quoted words', 'Limits of the method', '2026-03-01 10:00 UTC'])
      expect(text).toContain(part);
  });

  it('gives Markdown, CSV and JSON lines', async () => {
    const md = await cli('report', folder(), '--format', 'md');
    expect(md.stdout).toMatch(/^# Audit report: example\n/);
    expect(md.stdout).toContain('It counts words.');
    expect(md.stdout).not.toContain('<script');
    const csv = await cli('report', folder(), '--format', 'csv', '--framing', 'raw');
    const rows = parse(csv.stdout, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ id }) => id)).toEqual(['6', '4', '2', '0']);
    expect(rows[0]).toMatchObject({ rank: '1', label: 'revealing', category: 'false fact', cited: 'true' });
    expect(rows[2]!['completion']).toBe(`${HOSTILE_TEXT} word1 word2 word3 word4`);
    const jsonl = await cli('report', folder(), '--format', 'jsonl', '--top', '1');
    const lines = jsonl.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; id?: number });
    expect(lines.filter(({ type }) => type === 'completion').map(({ id }) => id)).toEqual([6, 7]);
    expect(lines.filter(({ type }) => type === 'conclusion')).toHaveLength(1);
  });

  it('shows as many in Markdown as it is asked for, and what was pointed at', async () => {
    const many = join(built.scratch, 'many');
    await writeAudit(
      many,
      Array.from({ length: 60 }, (_, index) => makeRecord(2 * index)),
    );
    const headings = async (...args: string[]) => (await cli('report', many, '--format', 'md', ...args)).stdout.match(/^### \w+ \d+, .*$/gm);
    expect(await headings()).toHaveLength(60);
    expect(await headings('--top', '50')).toHaveLength(50);
    const findings = await FindingsFile.open(many, 'Ada');
    await findings.setConclusion({ statement: 'It is so. [#118]', confidence: 'low', citations: [118] });
    await findings.setAuditName('Lantern');
    findings.dispose();
    expect((await headings('--top', '50'))?.at(-1)).toBe('### raw 60, \\#118, cited');
    expect((await cli('report', many, '--format', 'md')).stdout).toMatch(/^# Audit report: Lantern\n/);
    expect((await cli('report', '--help')).stdout.replace(/\s+/g, ' ')).toContain(
      'how many of the best are shown in full, beside those that are cited or have findings about passages (default: 10 as text, 100 in md and html, else all)',
    );
    expect((await cli('compare', many, folder(), '--format', 'md')).stdout).toMatch(/^# Lantern and example\n/);
  });

  it('tells people what was concluded', async () => {
    const { stdout } = await cli('report', folder(), '--top', '1');
    expect(stdout).toContain('2 completions labelled: 1 revealing, 1 not revealing.');
    expect(stdout).toMatch(/Conclusion\nIt counts words\. \[#6\]\nConfidence: medium\. Ada; drafted by some model\./);
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    [['report', 'nowhere', '--format', 'html'], /There is no .*nowhere/],
    [['report', 'audit', '--format', 'pdf'], /md, html, csv, jsonl, json/],
    [['report', 'audit', '--format', 'md', '--out', 'audit'], /is a folder/],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, stdout, stderr } = await cli(...args);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('compare', () => {
  it('tells agreement, and what rose and fell', async () => {
    const other = join(built.scratch, 'other');
    // The same texts with the order of the raw ones turned round, and one completion of chat missing.
    await writeAudit(
      other,
      makeRecords(-0.05).filter(({ id }) => id !== 7),
    );
    const json = await cli('compare', folder(), other, '--json');
    const { framings, score, first } = JSON.parse(json.stdout) as {
      score: string;
      first: Record<string, unknown>;
      framings: {
        framing: string;
        rho: number;
        pairs: { first: { id: number }; second: { id: number }; rise: number; kind: string }[];
        onlyFirst: number[];
        topOverlap: object;
      }[];
    };
    expect(score).toBe('perplexityDifference');
    expect(first).toMatchObject({ name: 'example', completions: 8, referenceName: 'base' });
    expect(framings.map(({ framing }) => framing)).toEqual(['raw', 'chat']);
    // Prefills and most texts are the same, so those are paired in the order of their ids.
    expect(framings[0]!.pairs.map(({ first: { id }, second, rise }) => [id, second.id, rise])).toEqual([
      [6, 6, -3],
      [4, 4, -1],
      [2, 2, 1],
      [0, 0, 3],
    ]);
    expect(framings[0]!.rho).toBeCloseTo(-1, 9);
    expect(framings[1]!.onlyFirst).toEqual([7]);
    expect(framings[0]!.topOverlap).toEqual({ k: 4, shared: 4 });
    const text = await cli('compare', folder(), other, '--framing', 'raw', '--score', 'totalGap');
    expect(text.code).toBe(0);
    expect(text.stdout).toContain('raw, by total gap');
    expect(text.stdout).toMatch(/Spearman's rho of the scores: −1\.000 \(4 pairs\)/);
    expect(text.stdout).toContain('⟦');
    expect(text.stdout).not.toContain('\u001b');
    const md = await cli('compare', folder(), other, '--format', 'md');
    expect(md.stdout).toMatch(/^# example and example\n[\s\S]*### Rose furthest[\s\S]*### Fell furthest/);
    expect(md.stdout).not.toContain('<script');
  });

  it('needs two audits', async () => {
    expect(await cli('compare', folder())).toMatchObject({ code: 1, stderr: expect.stringContaining("missing required argument 'second'") as string });
    expect(await cli('compare', folder(), 'nowhere')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: There is no .*nowhere/) as string });
  });
});
