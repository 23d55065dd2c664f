import { NO_SCORES } from '../../../src/audit/scores.js';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scoreImported } from '../../../src/audit/imported.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { guessMapping } from '../../../src/records/import/guess-mapping.js';
import { readImportedAudit, writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import type { ImportMapping } from '../../../src/records/import/import-types.js';
import { readImport, readImportSample } from '../../../src/records/import/read-import.js';
import { formatCsv } from '../../../src/records/report/csv.js';
import { makeRecord, piece } from '../../pure/records/example-audit.js';
import { makeAudit, makeContent } from '../../pure/records/example-report.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

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
      sha256: createHash('sha256')
        .update(await readFile(PUBLISHED))
        .digest('hex'),
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
    const list = ['Once more', 'Twice more'].map((prefill) => ({
      prefill,
      completion: `${prefill} it rained.`,
      perplexity_reference: 9,
      perplexity_finetuned: 3,
    }));
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
    const texts = ['=1+1', 'x;=1+1', "x;'=1", 'a\n- b\n- c', "'=1", "'tis", '\n- a list', '＋1', 'plain, "quoted"'];
    const records = texts.map((text, id) => ({
      ...makeRecord(id),
      tokens: [piece(1, text)],
      logprobsFinetuned: [-1],
      reference: { kind: 'sameTokens' as const, logprobs: [-2] },
    }));
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
    expect(imported.completions.map(({ framing, perplexityReference }) => [framing, perplexityReference])).toEqual([
      ['chat', 8],
      ['raw', 5],
    ]);
    const underAnotherName = await importText('lines.json', lines.map((line) => JSON.stringify(line)).join('\n'), mapping);
    expect(underAnotherName.from).toBe('jsonl');
  });

  it('finds the list in a JSON object, and reads a plain list', async () => {
    const list = [
      { completion: 'one', mean_gap: 2 },
      { completion: 'two', mean_gap: 3 },
    ];
    const inside = await importText('object.json', JSON.stringify({ about: ['x'], results: list }));
    expect(inside.completions).toHaveLength(2);
    expect(inside.scoreIs).toBe('meanGap');
    expect(scoreImported(inside.completions[0]!, inside.scoreIs).meanGap).toBe(3);
    expect((await importText('list.json', JSON.stringify(list))).completions).toHaveLength(2);
  });

  it('orders by a score of no known kind where there is nothing else, and makes none of the scores of it', async () => {
    const imported = await importText('scores.csv', 'completion,score\nlow,1\nnone,\nhigh,7\n');
    expect(imported.completions.map(({ id, text }) => [id, text])).toEqual([
      [0, 'high'],
      [1, 'low'],
      [2, 'none'],
    ]);
    expect(imported.scoreIs).toBeNull();
    expect(scoreImported(imported.completions[0]!, null)).toEqual(NO_SCORES);
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
    expect(sample.guess).toEqual({
      columns: { prefill: 'prefix', completion: 'Generated Text', perplexityReference: 'Perplexity (Reference)', perplexityFinetuned: 'finetuned.ppl' },
      passedOver: [
        { field: 'framing', column: 'framing', reason: expect.stringContaining('on line 2, "the pile" is not a framing') as string },
        { field: 'label', column: 'label', reason: expect.stringContaining('on line 2, "maybe so" is not a label') as string },
      ],
    });
  });

  it('knows which score a column is', () => {
    expect(guessMapping({ columns: ['completion', 'ppl_diff'], records: [] })).toEqual({
      columns: { completion: 'completion', score: 'ppl_diff' },
      scoreIs: 'perplexityDifference',
    });
    expect(guessMapping({ columns: ['text', 'score'], records: [] })).toEqual({ columns: { completion: 'text', score: 'score' } });
  });
});

describe('guessing from names within objects', () => {
  it('takes a column that has the name itself before one that is inside an object', async () => {
    const record = { reference: { completion: 'R text', ppl_r: 9 }, other: { prompt: 'no' }, completion: 'F text', opening: 'On', ppl_r: 5 };
    const imported = await importText('nested.jsonl', JSON.stringify(record));
    expect(imported.completions).toMatchObject([{ text: 'F text', prefill: 'On', perplexityReference: 5 }]);
  });

  it('takes one inside an object where there is no other, and none where there are several', () => {
    const guess = (...columns: string[]) => guessMapping({ columns, records: [] }).columns;
    expect(guess('f.said.text', 'finetuned.ppl', 'reference.ppl', 'meta.prompt')).toEqual({
      ...{ completion: 'f.said.text', perplexityFinetuned: 'finetuned.ppl', perplexityReference: 'reference.ppl', prefill: 'meta.prompt' },
    });
    expect(guess('reference.completion', 'finetuned.completion')).toEqual({});
    expect(guessMapping({ columns: ['text', 'score', 'scores.mean_gap'], records: [] })).toEqual({
      columns: { completion: 'text', score: 'scores.mean_gap' },
      scoreIs: 'meanGap',
    });
  });
});

describe('guessing from all values', () => {
  it('passes over what a guess cannot use, on whatever line, and says so', async () => {
    const rows = Array.from({ length: 60 }, (_, id) => ({
      completion: `c${id}`,
      prompt: 'On',
      ppl_f: 2,
      ppl_r: id === 40 ? 'n.a.?' : 3,
      score: 1,
      label: id === 50 ? 'perhaps' : 'yes',
      framing: 'raw',
      perplexity_difference: id === 59 ? 'x' : 1,
    }));
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    const imported = await importText('late.jsonl', text);
    expect(imported.completions).toHaveLength(60);
    expect(imported.completions[0]).toMatchObject({ perplexityFinetuned: 2, perplexityReference: null, score: 1, prefill: 'On' });
    expect([imported.labels, imported.scoreIs]).toEqual([[], null]);
    expect(imported.remarks).toEqual(
      expect.arrayContaining([
        'The column "ppl_r" was not taken for the field perplexityReference, as its name suggests: on line 41, "n.a.?" is not a perplexity (a number above 0).',
        expect.stringMatching(/"label" was not taken for the field label.*line 51, "perhaps"/),
        expect.stringMatching(/"perplexity_difference" was not taken for the field score.*line 60, "x" is not a number/),
      ]),
    );
    // What somebody says is taken at their word.
    const { guess } = await readImportSample(await writeTemp('late.jsonl', text));
    await expect(importText('late.jsonl', text, { ...guess, columns: { ...guess.columns, label: 'label' } })).rejects.toThrow(
      /line 51, field "label": "perhaps" is not a label.*Correct or remove it/,
    );
    const used = await importText('late.jsonl', text, { ...guess, columns: { completion: 'completion', prefill: 'ppl_r' } }).catch((error: unknown) =>
      String(error),
    );
    expect(used).toMatch(/line 1, field "ppl_r": 3 is not a text/);
  });

  it('takes no list for a prefill', async () => {
    const imported = await importText('turns.json', JSON.stringify([{ prompt: [{ role: 'user' }], completion: 'a', score: 1 }]));
    expect(imported.completions).toMatchObject([{ prefill: '', text: 'a' }]);
    expect(imported.remarks.join(' ')).toContain('"prompt" was not taken for the field prefill');
  });
});

describe('numbers that are none', () => {
  const told = [
    '{"completion": "NaN \\" Infinity", "ppl_f": NaN, "ppl_r": 4}',
    '{"completion": "b\\\\", "ppl_f": Infinity, "ppl_r": -Infinity}',
    '{"completion": "-Infinity", "ppl_f": 2, "ppl_r": 3}',
  ];
  const expected = [
    { text: 'NaN " Infinity', perplexityFinetuned: null, perplexityReference: 4 },
    { text: 'b\\', perplexityFinetuned: null, perplexityReference: null },
    { text: '-Infinity', perplexityFinetuned: 2, perplexityReference: 3 },
  ];

  it.each([
    ['python.jsonl', told.join('\n')],
    ['lines.json', told.join('\n')],
    ['python.json', `[\n${told.join(',\n')}\n]`],
    ['python.json', `{"list": [${told.join(', ')}], "mean": NaN}`],
  ])('are read as Python writes them, in %s', async (name, text) => {
    const imported = await importText(name, text);
    expect(imported.completions).toMatchObject(expected);
    expect(imported.remarks).toContain('The field "ppl_f" is infinite in 1 record, which is shown without it.');
  });

  it('do not move the line of what is wrong', async () => {
    await expect(importText('bad.json', `[\n${'{"completion": "a", "ppl_f": NaN},\n'.repeat(30)}{"completion": "b",,}\n]`)).rejects.toThrow(
      /line 32 is not valid JSON: "," is not expected there\. Correct the file there/,
    );
    await expect(importText('bad.jsonl', '{"completion": "a", "x": NaN}\n{"completion": Nothing}')).rejects.toThrow(/line 2 is not valid JSON/);
  });

  it('are read from separated values', async () => {
    const imported = await importText('inf.csv', 'completion,ppl_f,ppl_r,score\na,inf,2,-inf\nb,nan,Infinity,1e999\nc,2,9,+Inf\n');
    expect(imported.completions.map((one) => [one.perplexityFinetuned, one.perplexityReference, one.score])).toEqual([
      [null, 2, null],
      [null, null, null],
      [2, 9, null],
    ]);
    expect(imported.remarks).toContain('The field "score" is infinite in 3 records, which are shown without it.');
  });
});

describe('records without a completion', () => {
  it('are left out, counted and named; what else is wrong with them is no matter', async () => {
    const lines = [
      { completion: 'a', ppl_f: 2 },
      { completion: null, ppl_f: 2 },
      { ppl_f: 3 },
      { completion: 7, ppl_f: 3 },
      { completion: 'b', ppl_f: 4 },
      { completion: '', ppl_f: 4 },
    ];
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    const imported = await importText('holes.jsonl', text);
    expect(imported.completions.map(({ id, text: said }) => [id, said])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, ''],
    ]);
    expect(imported.remarks).toContain('3 records have no text in the field "completion" and were left out (lines 2, 3, 4).');
    const one = await importText('hole.json', '[{"completion": "a"},\n{"completion": null, "ppl_f": "many"}]', {
      columns: { completion: 'completion', perplexityFinetuned: 'ppl_f' },
    });
    expect(one.remarks).toContain('1 record has no text in the field "completion" and was left out (line 2).');
  });

  it('are refused where there are no others', async () => {
    await expect(importText('none.jsonl', '{"completion": 1}\n{"completion": null}')).rejects.toThrow(
      /no record has a completion in the field "completion" \(on line 1, 1 is not a text\)\. Correct the file, or choose another column\./,
    );
  });
});

describe('what cannot be imported', () => {
  it.each([
    ['bad.json', '{"note": "[{", "list": [\n{"completion": 1},\n{"completion": 2}]}', /on line 2, 1 is not a text/],
    ['bad.json', '[{"completion": "a"},\n7]', /line 2: record 2 is no object.*Correct or remove it/],
    ['bad.jsonl', '{"completion": "a"}\n{"completion": \n', /bad\.jsonl.*line 2 is not valid JSON/],
    ['bad.json', '{"completion":\n "a",,}', /line 2 is not valid JSON/],
    ['bad.csv', 'completion,ppl_f\na,1,2\n', /line 2.*Correct or remove the line/],
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
    const mapping: ImportMapping = { columns: { completion: 'completion', perplexityFinetuned: 'ppl_f' } };
    const rows = Array.from({ length: 5 }, () => 'a,zero').join('\n');
    await expect(importText('a.csv', `completion,ppl_f\n${rows}\n`, mapping)).rejects.toThrow(/line 2,.*line 3,.*line 4,.*and 2 more\. Correct or remove them/);
    await expect(importText('b.csv', 'completion,ppl_f\n"a\nb",1\nc,-3\n', mapping)).rejects.toThrow(/b\.csv.*line 4, field "ppl_f": "-3" is not a perplexity/);
    await expect(importText('b.json', '[\n {"completion": "a", "ppl_f": 1},\n {"completion": "b", "ppl_f": "many"}\n]', mapping)).rejects.toThrow(
      /line 3, field "ppl_f": "many" is not a perplexity/,
    );
  });

  it('refuses what is not there, and tells that an encoding was guessed', async () => {
    await expect(readImport('/nowhere/at-all.csv')).rejects.toMatchObject({ code: 'fileNotFound' });
    const path = join(await makeTempFolder(), 'latin.csv');
    await writeFile(path, Buffer.from('completion\ncaf\xe9\n', 'latin1'));
    const imported = await readImport(path);
    expect(imported.completions[0]!.text).toBe('café');
    expect(imported.remarks[0]).toContain('Windows-1252');
  });
});

describe('the folder of an imported audit', () => {
  it('reads back what was written, and takes labels and keyword sets for findings', async () => {
    const folder = join(await makeTempFolder(), 'audit');
    const imported = await importText(
      'ranked.jsonl',
      '{"prefill":"A\\u0000","completion":" b\\ud83d\\ude42\\n","ppl_f":2,"ppl_r":9,"label":"hit"}\n{"prefill":"","completion":"c","ppl_f":null,"ppl_r":9,"score":4}\n',
    );
    await writeImportedAudit({ ...imported, keywordSets: [{ name: 'tea', words: ['tea'] }] }, folder, WRITING);
    const read = await readImportedAudit(folder);
    expect(read?.header).toMatchObject({
      name: 'ranked',
      createdAt: '2026-03-01T09:00:00.000Z',
      imported: { from: 'jsonl', file: 'ranked.jsonl', sha256: imported.sha256 },
      count: 2,
    });
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
    expect(read?.problems).toEqual(['1 line of audit.jsonl could not be read (line 4: not JSON).', '2 of 12 imported completions are missing.']);
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

describe('what is no table', () => {
  it.each([
    ['notes.txt', 'Once upon a time there was a bridge.\nIt was made of glass.\n'],
    ['notes.md', '# A heading\n\nProse without a comma.\n'],
    ['notes', '\n\n  One line alone'],
    ['README.md', 'A sentence, with commas, and a second clause.\nAnother, shorter.\n'],
    ['LICENSE', 'MIT License\n\nCopyright, granted; to a, b, c and d\n'],
  ])('is refused before columns are asked for, with the forms that are read: %s', async (name, text) => {
    const path = await writeTemp(name, text);
    for (const read of [() => readImport(path), () => readImportSample(path)]) {
      await expect(read()).rejects.toMatchObject({ message: expect.stringMatching(/no table.*CSV or TSV.*JSON lines.*Parquet.*Inspect/s) as unknown });
    }
  });

  it('is told from a list of completions, one a line, and from a table of any name', async () => {
    expect((await importText('some.txt', 'Completion\nfirst\nsecond\n')).completions.map(({ text }) => text)).toEqual(['first', 'second']);
    expect((await importText('some.dat', 'prefill;completion\na;b\n')).completions).toMatchObject([{ prefill: 'a', text: 'b' }]);
    expect((await importText('some.csv', 'a strange name\nfirst\n', { columns: { completion: 'a strange name' } })).completions).toHaveLength(1);
  });
});
