/** Where prefill and completion meet, in texts for readers: lists, tables, the tree, the editor. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareReadAudits, readNamedAudit } from '../../../src/records/report/compare-audits.js';
import { formatComparisonMarkdown } from '../../../src/records/report/comparison-markdown.js';
import { hasSeam, joinForReading, type TwoTexts } from '../../../src/audit/seam.js';
import { makeCompletionText } from '../../../src/views/inline/completion-text.js';
import type { ImportedRecord } from '../../../src/audit/completion.js';
import { readCompletionTexts } from '../../../src/records/journal/completion-texts.js';
import { writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import { makeTempFolder } from '../records/temp-folder.js';

const imported: TwoTexts = { framing: 'raw', prefill: 'In the town', text: 'council they said', imported: true };

it.each<[string, TwoTexts, string]>([
  ['of an import that meet without a space are parted by a sign', imported, 'In the town│council they said'],
  ['of an import that meet at a space are one text', { ...imported, text: ' council' }, 'In the town council'],
  ['of an import that meet after a space are one text', { ...imported, prefill: 'In the town\n' }, 'In the town\ncouncil they said'],
  ['of an import without a prefill are the completion', { ...imported, prefill: '' }, 'council they said'],
  ['that were measured here are the text that the model saw', { ...imported, imported: false }, 'In the towncouncil they said'],
  ['are on lines of their own where the model was asked to continue', { ...imported, framing: 'ask' }, 'In the town\ncouncil they said'],
])('prefill and completion %s', (_what, two, text) => {
  expect(joinForReading(two)).toBe(text);
  expect(hasSeam(two)).toBe(text.includes('│'));
});

const record: ImportedRecord = {
  kind: 'imported',
  ...{ id: 0, framing: 'raw', prefill: 'In the town', text: 'council', perplexityFinetuned: 2, perplexityReference: 9, score: null, scoreIs: null },
};

it('stands in the editor where the completion begins, as no part of the text', () => {
  const content = makeCompletionText({ plan: null, models: null }, record);
  expect(content.text.slice(content.body[0])).toBe('In the towncouncil');
  expect(content.text.slice(content.seam!)).toBe('council');
  expect(makeCompletionText({ plan: null, models: null }, { ...record, text: ' council' }).seam).toBeNull();
});

it('is seen in a comparison and in the tree', async () => {
  const root = await makeTempFolder();
  const read = async (name: string, prefill: string) => {
    const file = {
      ...{ name, from: 'csv' as const, file: `${name}.csv`, sha256: 'a'.repeat(64), finetunedName: null, referenceName: null, scoreIs: null },
      ...{ labels: [], keywordSets: [], facts: [], remarks: [] },
      completions: [{ id: 0, framing: 'raw', prefill, text: 'council', perplexityFinetuned: 2, perplexityReference: 9, score: null }],
    } as const;
    await writeImportedAudit(file, join(root, name), { toolVersion: '0', time: new Date(0) });
    return readNamedAudit(join(root, name));
  };
  const [first, second] = [await read('one', 'In the town'), await read('two', 'In the town ')];
  const markdown = formatComparisonMarkdown(compareReadAudits({ first, second }));
  expect(markdown).toContain('In the town│council');
  expect((await readCompletionTexts(join(root, 'one'), new Set([0]))).get(0)).toBe('In the town│council');
});
