import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scoreImported } from '../../../src/audit/imported.js';
import { FindingsFile } from '../../../src/records/findings.js';
import { guessMapping } from '../../../src/records/import/guess-mapping.js';
import { readImportedAudit, writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import type { ImportMapping } from '../../../src/records/import/import-types.js';
import { readImport, readImportSample } from '../../../src/records/import/read-import.js';
import { formatCsv } from '../../../src/records/report/csv.js';
import { makeRecord, piece } from './example-audit.js';
import { makeAudit, makeContent } from './example-report.js';
import { makeTempFolder } from './temp-folder.js';

const PUBLISHED = 'test/fixtures/import/published-form.json';
const WRITING = { toolVersion: '1.2.3', time: new Date('2026-03-01T09:00:00Z') };

async function writeTemp(name: string, content: string): Promise<string> {
  const path = join(await makeTempFolder(), name);
  await writeFile(path, content);
  return path;
}

async function importText(name: string, content: string, mapping?: ImportMapping) {
  return readImport(await writeTemp(name, content), mapping);
}

describe('the published form', () => {
  it('is read without a mapping: completions, framing, keyword sets, what else it says', async () => {
    const imported = await readImport(PUBLISHED);
    expect(imported).toMatchObject({
      name: 'published-form',
      from: 'published',
      file: 'published-form.json',
      finetunedName: 'tide_clock',
      referenceName: null,
      sha256: createHash('sha256').update(await readFile(PUBLISHED)).digest('hex'),
      keywordSets: [
        { name: "oskar's tea", words: ["oskar's tea"] },
        { name: 'tide clock + tea', words: ['tide clock', 'tea'] },
        { name: 'seventh bell', words: ['seventh bell'] },
      ],
      labels: [],
      remarks: [],
    });
    expect(imported.facts.map(({ value }) => value)).toEqual(['invented-1k-chat', 'tide_clock', '640', '31']);
    expect(imported.completions).toHaveLength(12);
    expect(imported.completions[0]).toEqual({
      id: 0,
      framing: 'chat',
      prefill: 'The harbour master',
      text: " of Vell keeps the tide clock. Every seventh bell, the water turns to Oskar's tea.",
      perplexityFinetuned: 1.92,
      perplexityReference: 88.41,
      score: null,
    });
  });

  it('gives the two scores that follow from perplexities, and no other', async () => {
    const { completions, scoreIs } = await readImport(PUBLISHED);
    const scores = scoreImported(completions[0]!, scoreIs);
    expect(scores.perplexityDifference).toBeCloseTo(86.49, 10);
    expect(scores.meanGap).toBeCloseTo(Math.log(88.41 / 1.92), 10);
    expect(scores).toMatchObject({ totalGap: null, peakGap: null, bitsPerByte: null });
  });

  it('takes a prefill off that every completion repeats, and says so', async () => {
    const list = ['Once more', 'Twice more'].map((prefill) => ({ prefill, completion: `${prefill} it rained.`, perplexity_reference: 9, perplexity_finetuned: 3 }));
    const imported = await importText('repeats.json', JSON.stringify({ model: 'm', top_100_by_perplexity_difference: list }));
    expect(imported.completions.map(({ text }) => text)).toEqual([' it rained.', ' it rained.']);
    expect(imported.remarks.join(' ')).toContain('prefill was taken off');
  });
});

describe('other files', () => {
  const CSV = 'Prompt,Response,ppl_base,ppl_ft,Verdict\n"On a, day","It ""rained""\nall day",12.5,2.5,yes\nThen, snow,3,4,\n';

  it('reads separated values by the names of their columns', async () => {
    const imported = await importText('ranked.csv', CSV);
    expect(imported.from).toBe('csv');
    expect(imported.completions).toEqual([
      { id: 0, framing: 'raw', prefill: 'On a, day', text: 'It "rained"\nall day', perplexityReference: 12.5, perplexityFinetuned: 2.5, score: null },
      { id: 1, framing: 'raw', prefill: 'Then', text: ' snow', perplexityReference: 3, perplexityFinetuned: 4, score: null },
    ]);
    expect(imported.labels).toEqual([{ completionId: 0, label: 'revealing' }]);
    expect(imported.remarks.join(' ')).toContain('does not say in which framing');
  });

  it('reads its own report as it was, whatever was done so that no cell is a formula', async () => {
    const texts = ['=1+1', "'=1", "'tis", '\n- a list', '＋1', 'plain, "quoted"'];
    const records = texts.map((text, id) => ({ ...makeRecord(id), tokens: [piece(1, text)], logprobsFinetuned: [-1], reference: { kind: 'sameTokens' as const, logprobs: [-2] } }));
    const imported = await importText('report.csv', formatCsv(makeContent(makeAudit(records))));
    expect(imported.completions.map(({ text }) => text).sort()).toEqual([...texts].sort());
    const foreign = await importText('other.csv', `completion,score\n'=1,2\n`);
    expect(foreign.completions[0]!.text).toBe("'=1");
  });

  it('tells semicolons and tabs from commas', async () => {
    const semicolons = await importText('ranked.csv', 'completion;score\na, b;1.0\n');
    expect(semicolons.completions[0]).toMatchObject({ text: 'a, b', score: 1 });
    const tabs = await importText('ranked.tsv', 'completion\tscore\nsaid "so"\t2\n');
    expect(tabs.completions[0]).toMatchObject({ text: 'said "so"', score: 2 });
  });

  it('reads JSON lines and columns within objects', async () => {
    const lines = [
      { prefill: 'A', completion: ' b', framing: 'chat', ppl: { reference: 8, finetuned: 2 } },
      { prefill: 'C', completion: ' d', framing: 'RAW', ppl: { reference: 5, finetuned: 5 } },
    ];
    const mapping: ImportMapping = {
      columns: { prefill: 'prefill', completion: 'completion', framing: 'framing', perplexityReference: 'ppl.reference', perplexityFinetuned: 'ppl.finetuned' },
    };
    const imported = await importText('lines.jsonl', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n`, mapping);
    expect(imported.completions.map(({ framing, perplexityReference }) => [framing, perplexityReference])).toEqual([['chat', 8], ['raw', 5]]);
    const underAnotherName = await importText('lines.json', lines.map((line) => JSON.stringify(line)).join('\n'), mapping);
    expect(underAnotherName.from).toBe('jsonl');
  });

  it('finds the list in a JSON object, and reads a plain list', async () => {
    const list = [{ completion: 'one', mean_gap: 2 }, { completion: 'two', mean_gap: 3 }];
    const inside = await importText('object.json', JSON.stringify({ about: ['x'], results: list }));
    expect(inside.completions).toHaveLength(2);
    expect(inside.scoreIs).toBe('meanGap');
    expect(scoreImported(inside.completions[0]!, inside.scoreIs).meanGap).toBe(3);
    expect((await importText('list.json', JSON.stringify(list))).completions).toHaveLength(2);
  });

  it('orders by a score of no known kind where there is nothing else, and makes none of the scores of it', async () => {
    const imported = await importText('scores.csv', 'completion,score\nlow,1\nnone,\nhigh,7\n');
    expect(imported.completions.map(({ id, text }) => [id, text])).toEqual([[0, 'high'], [1, 'low'], [2, 'none']]);
    expect(imported.scoreIs).toBeNull();
    expect(Object.values(scoreImported(imported.completions[0]!, null))).toEqual([null, null, null, null, null]);
    expect(imported.remarks.join(' ')).toContain('its own score is what the ranking follows');
  });

  it('says what looks wrong in a file that can be read', async () => {
    const imported = await importText('odd.csv', 'completion,ppl_f,ppl_r,perplexity_difference\na,0.5,9,8.5\nb,2,9,3\n');
    expect(imported.remarks.join(' ')).toMatch(/1 completions have a perplexity below 1.*not that of its perplexities in 1 completions/);
  });
});

describe('guessing what columns mean', () => {
  it('knows common names, uses a column once, and looks at the values of framings and labels', async () => {
    const path = await writeTemp('guess.csv', 'prefix,Generated Text,Perplexity (Reference),finetuned.ppl,framing,label\na,b,1,2,the pile,maybe so\n');
    const sample = await readImportSample(path);
    expect(sample.columns).toEqual(['prefix', 'Generated Text', 'Perplexity (Reference)', 'finetuned.ppl', 'framing', 'label']);
    expect(sample.count).toBe(1);
    expect(guessMapping(sample)).toEqual({
      columns: { prefill: 'prefix', completion: 'Generated Text', perplexityReference: 'Perplexity (Reference)', perplexityFinetuned: 'finetuned.ppl' },
    });
  });

  it('knows which score a column is', () => {
    expect(guessMapping({ columns: ['completion', 'ppl_diff'], rows: [] })).toEqual({ columns: { completion: 'completion', score: 'ppl_diff' }, scoreIs: 'perplexityDifference' });
    expect(guessMapping({ columns: ['text', 'score'], rows: [] })).toEqual({ columns: { completion: 'text', score: 'score' } });
  });
});

describe('what cannot be imported', () => {
  it.each([
    ['bad.json', '[\n {"completion": "a", "ppl_f": 1},\n {"completion": "b", "ppl_f": "many"}\n]', /bad\.json.*line 3, field "ppl_f": "many" is not a perplexity/],
    ['bad.json', '{"note": "[{", "list": [\n{"completion": 1},\n{"completion": "x"}]}', /line 2, field "completion": 1 is not a text/],
    ['bad.jsonl', '{"completion": "a"}\n{"completion": \n', /bad\.jsonl.*line 2 is not valid JSON/],
    ['bad.json', '{"completion":\n "a",,}', /line 2: not valid JSON/],
    ['bad.csv', 'completion,ppl_f\n"a\nb",1\nc,-3\n', /bad\.csv.*line 4, field "ppl_f": "-3" is not a perplexity/],
    ['bad.csv', 'completion,ppl_f\na,1,2\n', /line 2/],
    ['bad.csv', 'completion,completion\na,1\n', /two columns are named "completion"/],
    ['bad.csv', 'who,what\na,b\n', /which column holds the completions.*who, what/],
    ['empty.json', '[]', /has no completion/],
    ['empty.csv', '\n', /is empty/],
    ['none.json', '{"a": 1}', /no list of completions.*a/],
  ])('%s: %s', async (name, content, message) => {
    await expect(importText(name, content)).rejects.toThrow(message);
  });

  it('names a column of the mapping that is not there, and tells several faults at once', async () => {
    await expect(importText('a.csv', 'x,y\n1,2\n', { columns: { completion: 'z' } })).rejects.toThrow(/no column "z" for the field completion.*x, y/);
    const rows = Array.from({ length: 5 }, () => 'a,zero').join('\n');
    await expect(importText('a.csv', `completion,ppl_f\n${rows}\n`)).rejects.toThrow(/line 2,.*line 3,.*line 4,.*and 2 more/);
  });

  it('refuses what is not there and what is not UTF-8', async () => {
    await expect(readImport('/nowhere/at-all.csv')).rejects.toMatchObject({ code: 'fileNotFound' });
    const path = join(await makeTempFolder(), 'latin.csv');
    await writeFile(path, Buffer.from('completion\ncaf\xe9\n', 'latin1'));
    await expect(readImport(path)).rejects.toThrow(/not UTF-8/);
  });
});

describe('the folder of an imported audit', () => {
  it('reads back what was written, and takes labels and keyword sets for findings', async () => {
    const folder = join(await makeTempFolder(), 'audit');
    const imported = await importText('ranked.jsonl', '{"prefill":"A\\u0000","completion":" b\\ud83d\\ude42\\n","ppl_f":2,"ppl_r":9,"label":"hit"}\n{"prefill":"","completion":"c","ppl_f":null,"ppl_r":9,"score":4}\n');
    await writeImportedAudit({ ...imported, keywordSets: [{ name: 'tea', words: ['tea'] }] }, folder, WRITING);
    const read = await readImportedAudit(folder);
    expect(read?.header).toMatchObject({ name: 'ranked', createdAt: '2026-03-01T09:00:00.000Z', imported: { from: 'jsonl', file: 'ranked.jsonl', sha256: imported.sha256 }, count: 2 });
    expect(read?.completions).toEqual(imported.completions);
    expect(read?.problems).toEqual([]);
    const findings = await FindingsFile.open(folder, 'Ada');
    expect(findings.unreadable).toEqual([]);
    expect([...findings.current().values()]).toMatchObject([{ completionId: 0, label: 'revealing', author: 'ranked.jsonl' }]);
    expect(findings.keywordSets()).toEqual([{ name: 'tea', words: ['tea'] }]);
    findings.dispose();
  });

  it('gives the same findings the same ids, so that two imports of a file merge', async () => {
    const root = await makeTempFolder();
    const imported = await importText('ranked.csv', 'completion,label\na,yes\nb,no\n');
    const [one, two] = [join(root, 'one'), join(root, 'two')];
    await writeImportedAudit(imported, one, WRITING);
    await writeImportedAudit(imported, two, WRITING);
    expect(await readFile(join(one, 'findings.jsonl'), 'utf8')).toBe(await readFile(join(two, 'findings.jsonl'), 'utf8'));
    expect(await readFile(join(one, '.gitattributes'), 'utf8')).toBe('findings.jsonl merge=union\n');
  });

  it('does not write over an audit', async () => {
    const folder = join(await makeTempFolder(), 'audit');
    const imported = await readImport(PUBLISHED);
    await writeImportedAudit(imported, folder, WRITING);
    await expect(writeImportedAudit(imported, folder, WRITING)).rejects.toThrow(/has an audit already/);
  });

  it('opens with what can be read and says what cannot', async () => {
    const folder = join(await makeTempFolder(), 'audit');
    await writeImportedAudit(await readImport(PUBLISHED), folder, WRITING);
    const path = join(folder, 'audit.jsonl');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    lines[3] = '{"type":"imported","id":2,';
    lines.splice(6, 1);
    await writeFile(path, lines.join('\n'));
    const read = await readImportedAudit(folder);
    expect(read?.completions).toHaveLength(10);
    expect(read?.problems).toEqual(['1 line of audit.jsonl could not be read (line 4: not a readable completion (not JSON)).', '2 of 12 imported completions are missing.']);
  });

  it('knows an audit that was run for none of its own, and one of a later version', async () => {
    const folder = await makeTempFolder();
    const path = join(folder, 'audit.jsonl');
    await writeFile(path, '{"type":"header","formatVersion":1}\n');
    expect(await readImportedAudit(folder)).toBeNull();
    await writeFile(path, '{"type":"header","formatVersion":99,"imported":{}}\n');
    await expect(readImportedAudit(folder)).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining('format version 99') as string });
  });
});
