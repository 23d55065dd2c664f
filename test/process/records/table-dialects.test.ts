/** Tables in every dialect and encoding read back the same, in an import and in a corpus, or are refused: never wrong in silence. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { beforeEach, describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import { readCorpus } from '../../../src/records/corpus/read-corpus.js';
import { readImport } from '../../../src/records/import/read-import.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await makeTempFolder();
});

type Row = readonly [prefill: string, completion: string];

const ENCODINGS = {
  'UTF-8': (text: string) => Buffer.from(text),
  'UTF-8 with a mark': (text: string) => Buffer.from(`\ufeff${text}`),
  'UTF-16 LE': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16 BE': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'UTF-16 LE without a mark': (text: string) => Buffer.from(text, 'utf16le'),
  'UTF-16 BE without a mark': (text: string) => Buffer.from(text, 'utf16le').swap16(),
};
const PACKINGS = {
  '': (bytes: Buffer) => bytes,
  '.gz': (bytes: Buffer) => gzipSync(bytes),
  '.zip': (bytes: Buffer, name: string) => Buffer.from(zipSync({ [name]: bytes })),
};
const quoteDoubled = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const quoteBackslash = (cell: string) => `"${cell.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const quoteWhereNeeded = (delimiter: string) => (cell: string) => (cell.includes(delimiter) || /["\r\n]/.test(cell) ? quoteDoubled(cell) : cell);
const separated = (delimiter: string, quote: (cell: string) => string, end: string) => (rows: readonly Row[]) =>
  [['prefill', 'completion'], ...rows].map((cells) => cells.map(quote).join(delimiter) + end).join('');
const asObjects = (rows: readonly Row[]) => rows.map(([prefill, completion]) => ({ prefill, completion }));

const FORMS: Readonly<Record<string, readonly [extension: string, write: (rows: readonly Row[]) => string]>> = {
  commas: ['.csv', separated(',', quoteDoubled, '\n')],
  'semicolons, Windows': ['.csv', separated(';', quoteDoubled, '\r\n')],
  tabs: ['.tsv', separated('\t', quoteDoubled, '\n')],
  'commas, quoted where needed': ['.csv', separated(',', quoteWhereNeeded(','), '\r\n')],
  backslashes: ['.csv', separated(',', quoteBackslash, '\n')],
  JSON: ['.json', (rows) => JSON.stringify(asObjects(rows))],
  'JSON, in lines of its own': ['.json', (rows) => JSON.stringify({ about: 'x', rows: asObjects(rows) }, null, 1)],
  'JSON lines': [
    '.jsonl',
    (rows) =>
      asObjects(rows)
        .map((row) => JSON.stringify(row))
        .join('\n'),
  ],
  'JSON values with blank lines': [
    '.json',
    (rows) =>
      `${asObjects(rows)
        .map((row) => JSON.stringify(row, null, 1))
        .join('\r\n\r\n')}\n`,
  ],
  'JSON values without a break': [
    '.json',
    (rows) =>
      asObjects(rows)
        .map((row) => JSON.stringify(row))
        .join(''),
  ],
  "pandas' columns": [
    '.json',
    (rows) =>
      JSON.stringify({
        prefill: Object.fromEntries(rows.map(([cell], row) => [row, cell])),
        completion: Object.fromEntries(rows.map(([, cell], row) => [row, cell])),
      }),
  ],
  'columns and data': ['.json', (rows) => JSON.stringify({ columns: ['prefill', 'completion'], data: rows })],
};

/** Whole characters with much of what tables trip over; a completion is no blank line, and starts with a word. */
const cell = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', '""', ',', ';', '\t', '|', '\n', '\r\n', '\\', '\\"', "'", ' ', 'ß', '€', '…', '漢', '🦙', 'NaN', '{', '[', '1,5', 'word'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\0', '').replaceAll('\ufeff', ''));
const text = cell.map((end) => `word${end}x`);
const rows = fc.array(fc.tuple(text, text), { minLength: 2, maxLength: 6 });
/** Where no mark is escaped, a backslash is a backslash. */
const ESCAPED: Row = ['He said "go" and', ' went'];

/** As it was read, or the reason in a plain sentence. */
async function attempt<T>(read: () => Promise<T>): Promise<T | string> {
  try {
    return await read();
  } catch (error) {
    expect(error).toBeInstanceOf(AuditError);
    expect((error as Error).message).not.toMatch(/TypeError|RangeError|undefined|\[object|CSV_|at .*\.js/);
    return (error as Error).message;
  }
}

describe.each(Object.entries(FORMS))('%s', (form, [extension, write]) => {
  it('reads back in every encoding and packing what was written, or says why not', async () => {
    let refused = 0;
    let tried = 0;
    const quotedAlways = !form.includes('where needed');
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom(...Object.keys(ENCODINGS)) as fc.Arbitrary<keyof typeof ENCODINGS>,
        fc.constantFrom(...Object.keys(PACKINGS)) as fc.Arbitrary<keyof typeof PACKINGS>,
        async (drawn, encoding, packing) => {
          const table = form === 'backslashes' ? [ESCAPED, ...drawn] : drawn;
          const name = `table${extension}`;
          const path = join(folder, `${name}${packing}`);
          await writeFile(path, PACKINGS[packing](ENCODINGS[encoding](write(table)), name));
          tried++;
          const imported = await attempt(() => readImport(path));
          if (typeof imported === 'string') {
            // What is written with every cell quoted is never in doubt; UTF-16 without a mark is, with few Latin letters.
            if (quotedAlways && !encoding.includes('without')) expect(imported).toMatch(/two ways|separated by/);
            refused++;
            return;
          }
          const repeats = table.every(([prefill, completion]) => completion.startsWith(prefill));
          expect(imported.completions.map(({ prefill, text: said }) => [prefill, said])).toEqual(
            repeats ? table.map(([prefill, completion]) => [prefill, completion.slice(prefill.length)]) : table,
          );
        },
      ),
      { numRuns: 60, seed: 7 },
    );
    expect(refused).toBeLessThan(tried / 4);
  });

  it('gives a corpus the same texts', async () => {
    const passage = cell.map((end) => `word${end.replace(/[\r\n]+/g, ' ')}x`.trim());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(passage, passage), { minLength: 2, maxLength: 5 }),
        fc.constantFrom(...Object.keys(ENCODINGS)) as fc.Arbitrary<keyof typeof ENCODINGS>,
        async (drawn, encoding) => {
          const table = form === 'backslashes' ? [...drawn, ['x', 'He said "go" and went'] as const] : drawn;
          const path = join(folder, `corpus${extension}`);
          await writeFile(path, ENCODINGS[encoding](write(table)));
          const corpus = await attempt(() => readCorpus([path]));
          // The completion is what is named most like a text.
          if (typeof corpus !== 'string') expect(corpus.passages).toEqual(table.map(([, completion]) => completion));
        },
      ),
      { numRuns: 40, seed: 11 },
    );
  });
});

describe('an encoding', () => {
  it.each([
    ['Windows-1252', Buffer.from('completion\n\x93Na\xefve\x94 caf\xe9 \x96 5 \x80\n', 'latin1'), '“Naïve” café – 5 €'],
    ['Latin-1', Buffer.from('completion\nGr\xfc\xdfe aus K\xf6ln\n', 'latin1'), 'Grüße aus Köln'],
  ])('%s is a guess that is told', async (name, bytes, said) => {
    const path = join(folder, `${name}.csv`);
    await writeFile(path, bytes);
    const imported = await readImport(path);
    expect(imported.completions[0]!.text).toBe(said);
    expect(imported.remarks.join(' ')).toContain('Windows-1252 (Western European), a guess');
    const { remarks } = await readCorpus([path]);
    expect(remarks.join(' ')).toContain('a guess');
  });

  it.each([
    [
      'cyrillic (1251)',
      Buffer.from([...Buffer.from('completion\n'), ...Array.from({ length: 60 }, (_, i) => (i % 7 === 6 ? 0x20 : 0xe0 + (i % 30)))]),
      /which encoding it is in cannot be told/,
    ],
    ['polish (1250)', Buffer.from('completion\nKt\xf3ry\xbf z\xb3ota ma\xb3a\n', 'latin1'), /which encoding it is in cannot be told/],
    [
      'utf-8 with one broken byte',
      Buffer.concat([Buffer.from('completion\nGrüße aus Köln\nund ä'), Buffer.from([0xe4]), Buffer.from('ö\n')]),
      /line 3 has a byte that is not UTF-8, though the rest of the file is/,
    ],
    ['utf-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /UTF-32/],
    ['zstandard', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]), /its Zstandard data are damaged or break off/],
    ['binary', Buffer.from([1, 2, 0, 3, 0, 0, 0, 4, 9, 0]), /not a text file/],
  ])('%s is refused', async (name, bytes, message) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.csv`);
    await writeFile(path, bytes);
    await expect(readImport(path)).rejects.toThrow(message);
    await expect(readCorpus([path])).rejects.toThrow(message);
  });
});

describe('numbers', () => {
  const importNumbers = async (...numbers: string[]) => {
    const path = join(folder, 'numbers.csv');
    await writeFile(path, ['completion;ppl_f', ...numbers.map((number, index) => `c${index};${number}`)].join('\n'));
    return (await readImport(path)).completions.map(({ perplexityFinetuned }) => perplexityFinetuned);
  };

  it('with decimal commas, with groups, and with both are what they say', async () => {
    expect(await importNumbers('3,25', '210,512', '7')).toEqual([3.25, 210.512, 7]);
    expect(await importNumbers('1.234,5', '2,5')).toEqual([1234.5, 2.5]);
    expect(await importNumbers('1,234.5', '2,345')).toEqual([1234.5, 2345]);
    expect(await importNumbers('1,5e2', '0,125')).toEqual([150, 0.125]);
  });

  it('that could be thousands or thousandths are refused', async () => {
    await expect(importNumbers('1,234', '210,512')).rejects.toThrow(/separate thousands or decimals cannot be told\. Write the numbers with a decimal point/);
  });
});

describe('separators and quotation marks', () => {
  const importValues = async (name: string, content: string) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return readImport(path);
  };

  it('that fit in two ways are refused', async () => {
    await expect(importValues('both.csv', 'completion;a,b\nx;1,2\ny;3,4\n')).rejects.toThrow(/separated by commas or by semicolons: both fit/);
    await expect(importValues('both.tsv', 'completion\tn\n"Yes\t1\nfoo\t2\nNo"\t3\n')).rejects.toThrow(
      /two ways: its quotation marks enclose cells, or belong to the text/,
    );
  });

  it('that do not enclose cells are kept, and told', async () => {
    const imported = await importValues('loose.csv', 'completion,n\nHe said "no" to it,1\nplain,2\n');
    expect(imported.completions[0]!.text).toBe('He said "no" to it');
    expect(imported.remarks[0]).toContain('kept as part of the text');
  });

  it('in rows of another length are named by their line', async () => {
    await expect(importValues('ragged.csv', 'completion,n\n\na,1\nb\n')).rejects.toThrow(/line 4 has 1 cell where the first row has 2/);
  });
});

describe('what a path takes of a list', () => {
  it('is told where the list has more', async () => {
    const path = join(folder, 'several.jsonl');
    await writeFile(path, '{"prompt": "a", "outputs": [{"text": "b"}, {"text": "c"}]}\n{"prompt": "a", "outputs": [{"text": "d"}]}\n');
    const imported = await readImport(path);
    expect(imported.completions.map(({ text: said }) => said)).toEqual(['b', 'd']);
    expect(imported.remarks).toContain('Of "outputs" only entry 0 was read; it has several in 1 record.');
  });
});
