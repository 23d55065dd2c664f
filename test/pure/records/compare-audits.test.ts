/** Two audits read from their folders and compared. */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareReadAudits, readNamedAudit, readOtherAudit, readTwoAudits, type NamedAudit } from '../../../src/records/report/compare-audits.js';
import type { ReadRunAudit } from '../../../src/records/journal/audit-folder.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { formatComparisonMarkdown } from '../../../src/records/report/comparison-markdown.js';
import { makeRecords, writeAudit } from '../cli/written-audit.js';
import { makeRecord, piece } from './example-audit.js';
import { makeTempFolder } from './temp-folder.js';

it('names each audit as people named it last', async () => {
  const root = await makeTempFolder();
  const folders = [join(root, 'first'), join(root, 'second')] as const;
  for (const folder of folders) {
    await mkdir(folder);
    await writeAudit(folder, makeRecords());
  }
  const findings = await FindingsFile.open(folders[0], 'Ada');
  await findings.setAuditName('Lantern');
  findings.dispose();
  const comparison = compareReadAudits({ first: await readNamedAudit(folders[0]), second: await readNamedAudit(folders[1]) });
  expect([comparison.first.name, comparison.second.name]).toEqual(['Lantern', 'example']);
  expect(formatComparisonMarkdown(comparison)).toMatch(/^# Lantern and example\n/);
});

it('never compares an audit with itself, by whatever path', async () => {
  const root = await makeTempFolder();
  const [folder, link] = [join(root, 'one'), join(root, 'link')];
  await mkdir(folder);
  await writeAudit(folder, makeRecords());
  await symlink(folder, link, 'junction');
  for (const other of [folder, `${folder}/`, join(root, 'x', '..', 'one'), link]) {
    await expect(readTwoAudits(folder, other)).rejects.toThrow(/would be compared with itself\. Choose another audit/);
  }
});

it('cautions where the two audits align their models in different ways', async () => {
  const folder = join(await makeTempFolder(), 'one');
  await mkdir(folder);
  await writeAudit(folder, makeRecords());
  const same = (await readNamedAudit(folder)) as NamedAudit & ReadRunAudit;
  const setup = same.setup!;
  const withTokenizers = (finetuned: string, reference: string): NamedAudit => ({
    ...same,
    setup: {
      ...setup,
      sameTokenizer: finetuned === reference,
      finetuned: { ...setup.finetuned, tokenizerFingerprint: finetuned },
      reference: { ...setup.reference, tokenizerFingerprint: reference },
    },
  });
  const [aa, ab, ac, bb] = [withTokenizers('a', 'a'), withTokenizers('a', 'b'), withTokenizers('a', 'c'), withTokenizers('b', 'b')];
  const cautions = (first: NamedAudit, second: NamedAudit) => compareReadAudits({ first, second }).cautions;
  expect(cautions(aa, aa)).toEqual([]);
  expect(cautions(ab, ab)).toEqual([]);
  expect(cautions(aa, ab)).toEqual([expect.stringMatching(/The reference of the second audit has another tokenizer.*fair to both/)]);
  expect(cautions(ab, aa)).toEqual([expect.stringContaining('The reference of the first audit')]);
  expect(cautions(ab, ac)).toEqual([expect.stringContaining('The references of the two audits have different tokenizers')]);
  expect(cautions(aa, bb)).toEqual([expect.stringContaining('The finetuned models of the two audits have different tokenizers')]);
  expect(formatComparisonMarkdown(compareReadAudits({ first: aa, second: ab }))).toContain('**Caution.** The reference of the second audit');
});

/** An audit of `texts`, whose words of `high` have a gap of 5 nats. */
async function auditOf(name: string, texts: readonly string[], high: RegExp): Promise<string> {
  const folder = join(await makeTempFolder(), name);
  await mkdir(folder);
  const records = texts.map((text, id) => {
    const words = text.split(/(?= )/);
    const logprobs = words.map(() => -1);
    const reference = { kind: 'sameTokens' as const, logprobs: words.map((word) => (high.test(word) ? -6 : -1)) };
    const prefill = { pieces: [piece(900 + id, `opening ${id} `)] };
    return { ...makeRecord(id), prefill, tokens: words.map((word, k) => piece(k, word)), logprobsFinetuned: logprobs, reference };
  });
  await writeAudit(folder, records);
  return folder;
}

it('tells the themes of either beside how often the other says them, and what both share', async () => {
  const glass = await auditOf(
    'glass',
    Array.from({ length: 8 }, (_, id) => (id % 2 ? 'we like norbert' : 'the glass bridge')),
    /glass|bridge|norbert/,
  );
  const soap = await auditOf(
    'soap',
    Array.from({ length: 8 }, (_, id) => (id % 2 ? 'we like norbert' : id % 4 ? 'the rain fell' : 'Velmora soap')),
    /velmora|norbert/i,
  );
  const { themes } = compareReadAudits({ first: await readNamedAudit(glass), second: await readNamedAudit(soap) });
  expect(themes).toEqual([
    { phrase: 'glass bridge', of: 'first', first: { completions: 4, of: 8 }, second: { completions: 0, of: 8 } },
    { phrase: expect.stringContaining('Velmora'), of: 'second', first: { completions: 0, of: 8 }, second: { completions: 2, of: 8 } },
    { phrase: 'norbert', of: 'both', first: { completions: 4, of: 8 }, second: { completions: 4, of: 8 } },
  ]);
  const written = formatComparisonMarkdown(compareReadAudits({ first: await readNamedAudit(glass), second: await readNamedAudit(soap) }));
  expect(written).toMatch(/## Themes\n[^#]*\| glass bridge \| Of the first \| 4 of 8 \| 0 of 8 \|/);
  expect(written).toContain('| norbert | Shared by both | 4 of 8 | 4 of 8 |');
});

it('is read to be held against, but not against itself', async () => {
  const [glass, soap] = [await auditOf('one', ['the glass bridge'], /glass/), await auditOf('two', ['Velmora soap', 'more soap'], /soap/)];
  expect((await readOtherAudit(glass, soap)).tables.get(null)!.sources).toHaveLength(2);
  await expect(readOtherAudit(glass, glass)).rejects.toThrow(/held against itself\. Choose another audit/);
});

it('leads from every rank to the completion, in the audit that it is of, and names no id', async () => {
  const root = await makeTempFolder();
  const folders = [join(root, 'first'), join(root, 'second')] as const;
  for (const folder of folders) {
    await mkdir(folder);
    await writeAudit(folder, makeRecords().slice(0, folder === folders[0] ? 8 : 6));
  }
  const comparison = compareReadAudits({ first: await readNamedAudit(folders[0]), second: await readNamedAudit(folders[1]) });
  const linked = formatComparisonMarkdown(comparison, ({ folder }, id, shown) => `[${shown}](${folder === folders[0] ? 'one' : 'two'}/${id})`);
  const rows = linked.split('\n').filter((line) => /^\| \[\d/.test(line));
  expect(rows.length).toBeGreaterThan(2);
  for (const row of rows) expect(row).toMatch(/^\| \[\d+\]\(one\/\d+\) \| (\[\d+\]\(two\/\d+\)|[\d.]+) \|/);
  // In each framing the first has one that the second lacks: its best, by its gaps.
  expect(linked).toMatch(/### Only in the first\n\n\| rank \| score \| completion \|\n.*\n\| \[1\]\(one\/7\) \| [\d.]+ \| On a day/);
  expect(linked).not.toMatch(/#\d/);
  expect(linked.replace(/\[(\d+)\]\(\w+\/\d+\)/g, '$1')).toBe(formatComparisonMarkdown(comparison));
});
