/** What is said of imports that tell perplexities, a score of no known kind, or nothing but texts. */
import { AuditAnalysis } from '../../../src/analysis/audit-analysis.js';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import { readImport } from '../../../src/records/import/read-import.js';
import { compareReadAudits, readNamedAudit, type NamedAudit } from '../../../src/records/report/compare-audits.js';
import { formatComparisonMarkdown } from '../../../src/records/report/comparison-markdown.js';
import { formatHtml } from '../../../src/records/report/html/html.js';
import { makeReportContent } from '../../../src/records/report/make-report-content.js';
import { formatMarkdown } from '../../../src/records/report/markdown.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { gatherFindings } from '../../../src/records/report/report-findings.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

const FORMS = {
  perplexities: ['prefill,completion,perplexity_finetuned,perplexity_reference', 'A day, at sea.,2,90', 'A day, on land.,3,9'],
  score: ['prefill,completion,score', 'A day, at sea.,1', 'A day, on land.,5'],
  texts: ['prefill,completion', 'A day, at sea.', 'A day, on land.'],
} as const;
const TIME = new Date('2026-01-01T00:00:00Z');

async function importOf(form: keyof typeof FORMS): Promise<string> {
  const root = await makeTempFolder();
  const [header, ...rows] = FORMS[form];
  const file = join(root, `${form}.csv`);
  await writeFile(file, [header, ...rows.map((row) => row.replace(', ', '," ').replace(/\.(,|$)/, '."$1'))].join('\n'));
  const folder = join(root, 'audit');
  await writeImportedAudit(await readImport(file, undefined), folder, { toolVersion: '0.0.0', time: TIME });
  return folder;
}

it.each([
  [
    'perplexities',
    'Ranked by perplexity difference: PPL of R − PPL of F',
    /Perplexity difference 88\.0; perplexity 90\.0 under R, 2\.00 under F/,
    'by perplexity difference',
  ],
  ['score', 'Ranked by score of the file: what the imported file ranks by', /Score of the file 5\.00/, 'by score of the file'],
  ['texts', 'Ranked by order of the file: it tells no score', /No score, no perplexities/, 'by order of the file'],
] as const)('a report of %s says what ranks them, everywhere the same', async (form, ranked, facts, title) => {
  const folder = await importOf(form);
  const audit = await readAudit(folder);
  const file = await FindingsFile.open(folder, 'Ada');
  const findings = gatherFindings(file);
  file.dispose();
  const content = makeReportContent({ audit, analysis: AuditAnalysis.of(audit), findings, toolVersion: '0.0.0', time: TIME });
  for (const report of [formatMarkdown(content), formatHtml(content)]) {
    expect(report).toContain(ranked);
    expect(report).toMatch(facts);
  }
  expect(content.figures.map(({ title: of }) => of).join()).toContain(title);
  if (form !== 'perplexities') expect(formatMarkdown(content)).not.toMatch(/perplexity difference/i);
});

it('a comparison says what its ranks are, and that nobody knows how figures of files were measured', async () => {
  const [scored, told, texts] = (await Promise.all(
    (['perplexities', 'score', 'texts'] as const).map(async (form) => readNamedAudit(await importOf(form))),
  )) as [NamedAudit, NamedAudit, NamedAudit];
  const say = (first: NamedAudit, second: NamedAudit) => formatComparisonMarkdown(compareReadAudits({ first, second }));
  expect(say(scored, scored)).toMatch(/Ranked by perplexity difference: [\s\S]*whether their figures were measured alike is not known/);
  expect(say(scored, texts)).toMatch(
    /Ranked by perplexity difference: [\s\S]*No score of a known kind came with the second audit: its ranks are those of its file/,
  );
  expect(say(told, texts)).toMatch(/Ranked by the order of the files\./);
  expect(say(told, texts)).not.toMatch(/perplexity difference/i);
});
