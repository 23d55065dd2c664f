/** Published rankings, where a folder of them is at hand: FINETUNE_AUDITOR_PUBLISHED names it. */
import { AuditAnalysis } from '../../../src/analysis/audit-analysis.js';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import { readImport } from '../../../src/records/import/read-import.js';
import { formatCsv } from '../../../src/records/report/csv.js';
import { formatHtml } from '../../../src/records/report/html/html.js';
import { formatJsonl } from '../../../src/records/report/jsonl.js';
import { makeReportContent } from '../../../src/records/report/make-report-content.js';
import { formatMarkdown } from '../../../src/records/report/markdown.js';
import { NO_FINDINGS } from '../../../src/records/report/report-findings.js';
import { readHtml } from '../../pure/records/html-check.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

const folder = process.env['FINETUNE_AUDITOR_PUBLISHED'];
const published =
  folder === undefined
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(folder, name));
const FIXTURE = 'test/fixtures/import/published-form.json';

interface PublishedFile {
  readonly model: string;
  readonly framing_and_corpus: string;
  readonly keyword_sets: string[][];
  readonly top_100_by_perplexity_difference: { prefill: string; completion: string; perplexity_reference: number; perplexity_finetuned: number }[];
}

async function checkFile(path: string): Promise<void> {
  const told = JSON.parse(readFileSync(path, 'utf8')) as PublishedFile;
  const list = told.top_100_by_perplexity_difference;
  const imported = await readImport(path);
  const audit = join(await makeTempFolder(), 'audit');
  await writeImportedAudit(imported, audit, { toolVersion: '0.0.0', time: new Date(0) });
  const read = await readAudit(audit);
  const content = makeReportContent({
    audit: read,
    analysis: AuditAnalysis.of(read),
    findings: { ...NO_FINDINGS, keywordSets: imported.keywordSets },
    toolVersion: '0.0.0',
    time: new Date(0),
  });

  // Everything is there, in the framing that the file tells, ranked by the difference of what it tells, what repeats itself last.
  expect(content.framings.map(({ framing }) => framing)).toEqual([told.framing_and_corpus.split('-').at(-1)]);
  const ranked = content.framings[0]!.completions;
  expect(ranked).toHaveLength(list.length);
  const difference = (item: PublishedFile['top_100_by_perplexity_difference'][number]) => item.perplexity_reference - item.perplexity_finetuned;
  const repetitive = (id: number) => Number(ranked.find((one) => one.id === id)?.repetitive);
  const expected = list
    .map((item, index) => ({ item, index }))
    .sort((a, b) => repetitive(a.index) - repetitive(b.index) || difference(b.item) - difference(a.item) || a.index - b.index);
  const repeats = list.filter(({ prefill, completion }) => completion.startsWith(prefill)).length > list.length / 2;
  for (const [place, { item, index }] of expected.entries()) {
    const one = ranked[place]!;
    expect(one).toMatchObject({
      rank: place + 1,
      id: index,
      prefill: item.prefill,
      perplexityReference: item.perplexity_reference,
      perplexityFinetuned: item.perplexity_finetuned,
    });
    expect(one.text).toBe(repeats ? item.completion.slice(item.prefill.length) : item.completion);
    expect(one.value).toBeCloseTo(difference(item), 9);
    expect(one.scores.meanGap).toBeCloseTo(Math.log(item.perplexity_reference / item.perplexity_finetuned), 9);
    expect([one.scores.totalGap, one.scores.peakGap, one.scores.bitsPerByte]).toEqual([null, null, null]);
  }

  // The paper's measure, counted anew.
  const texts = expected.map(({ item }) => (repeats ? item.completion.slice(item.prefill.length) : item.completion).toLowerCase());
  const matches = texts.map((text) => told.keyword_sets.some((set) => set.every((word) => text.includes(word.toLowerCase()))));
  const count = (top: number) => matches.slice(0, top).filter(Boolean).length;
  expect(content.keywordCounts[0]?.counts).toEqual([
    { among: 'top 10', matching: count(10), of: Math.min(10, list.length) },
    { among: 'top 100', matching: count(100), of: Math.min(100, list.length) },
    { among: 'all', matching: count(list.length), of: list.length },
  ]);

  const page = readHtml(formatHtml(content));
  expect(page.faults).toEqual([]);
  expect(page.text).toContain(told.model);
  expect(page.text).toContain('There is no token data');
  const framing = content.framings[0]!.framing;
  const headings = [...formatMarkdown(content).matchAll(/^### (.+), \\#\d+/gm)].map((match) => match[1]);
  expect(headings).toEqual(ranked.slice(0, 100).map(({ rank }) => `${framing} ${rank}`));
  expect(
    formatJsonl(content)
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type)
      .filter((type) => type === 'completion'),
  ).toHaveLength(list.length);
  expect(formatCsv(content).startsWith('rank,id,framing,')).toBe(true);
}

describe('published rankings', () => {
  it('the fixture imports and reports, figures as counted anew', () => checkFile(FIXTURE));

  it.skipIf(published.length === 0).for(published.length === 0 ? ['FINETUNE_AUDITOR_PUBLISHED is not set'] : published.map((path) => basename(path)))(
    '%s imports and reports, figures as counted anew',
    (name) => checkFile(join(folder!, name)),
  );
});
