/** Files made to do harm: each is read or refused, in little time and memory, with a plain sentence. */
import { mkdtempSync, rmSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import { readCorpus } from '../../../src/records/corpus/read-corpus.js';
import { readImport } from '../../../src/records/import/read-import.js';
import { NAMES_AT_MOST, RECORDS_AT_MOST } from '../../../src/records/tables/limits.js';
import { makeParquet, makeParquetOfNulls } from '../../pure/records/parquet-fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'finetune-auditor-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Generous: against hangs, on a loaded machine. Milliseconds. */
const WATCHDOG = 60_000;
/** Bytes. */
const GROWTH_AT_MOST = 512 * 2 ** 20;
/** Bytes, for a moment: a file at the limit of 256 MiB is held unpacked, and decoded. */
const PEAK_AT_MOST = 2 ** 31;
/** Bytes, for a moment: what is larger than the limit is unpacked up to it, once, and not decoded. */
const PEAK_OF_A_BOMB = 2 ** 30;

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Bytes. What was taken in between and given back counts, too; a peak below an earlier one of this process cannot be seen. */
const peak = (): number => process.resourceUsage().maxRSS * 1024;

/** What both readers say of a file: `null` where it was read. */
async function readBoth(path: string, peakAtMost = PEAK_AT_MOST): Promise<(string | null)[]> {
  const [before, peakBefore] = [process.memoryUsage().rss, peak()];
  const outcomes: (string | null)[] = [];
  for (const read of [() => readImport(path), () => readCorpus([path])]) {
    try {
      await read();
      outcomes.push(null);
    } catch (error) {
      expect(error).toBeInstanceOf(AuditError);
      const { message } = error as AuditError;
      expect(message.length).toBeLessThan(5000);
      expect(message).not.toMatch(/TypeError|RangeError|SyntaxError|ENOTDIR|\bundefined\b|\[object|CSV_|ERR_|\.js:\d/);
      outcomes.push(message);
    }
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH_AT_MOST);
  expect(peak() > peakBefore ? peak() - before : 0).toBeLessThan(peakAtMost);
  return outcomes;
}

describe('Parquet', () => {
  it(
    'of a few bytes that says it has a billion rows is refused',
    async () => {
      const path = await write('bomb.parquet', makeParquetOfNulls(1_000_000_000, 1_000_000_000));
      expect((await stat(path)).size).toBeLessThan(200);
      for (const message of await readBoth(path)) expect(message).toMatch(/says that it has 1,000,000,000 rows, which \d+ bytes cannot hold/);
    },
    WATCHDOG,
  );

  it(
    'whose pages hold more than its rows is ended, and this process lives on',
    async () => {
      const path = await write('liar.parquet', makeParquetOfNulls(10, 1_000_000_000));
      for (const message of await readBoth(path))
        expect(message).toMatch(/needs more memory than a file of its size may|damaged|no column of text|no record has a completion|longer than/);
      expect((await readCorpus([await write('fine.parquet', makeParquet({ text: ['One', 'Two'] }))])).passages).toEqual(['One', 'Two']);
    },
    2 * WATCHDOG,
  );

  it(
    'cut and changed anywhere is read or refused in words',
    async () => {
      const whole = makeParquet({ text: ['One passage', 'Two'], completion: ['a', 'b'] });
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.boolean(), async (at, byte, cut) => {
          const bytes = cut ? whole.slice(0, at) : whole.with(at, byte);
          await readBoth(await write('changed.parquet', bytes));
        }),
        { numRuns: 15, seed: 3 },
      );
    },
    2 * WATCHDOG,
  );
});

describe('what unpacks to much', () => {
  const zeros = Buffer.alloc(300 << 20, 0x61);

  it.each([
    ['bomb.jsonl.gz', gzipSync(zeros)],
    ['bomb.zip', Buffer.from(zipSync({ 'a.csv': new Uint8Array(zeros.subarray(0, 270 << 20)) }))],
  ])(
    '%s is refused, or read in part',
    async (name, bytes) => {
      expect(bytes.length).toBeLessThan(2 << 20);
      const [imported] = await readBoth(await write(name, bytes), PEAK_OF_A_BOMB);
      expect(imported).toMatch(/larger than 256 MiB/);
    },
    2 * WATCHDOG,
  );

  it('a zip that lies about its size, and one that is cut, are refused', async () => {
    const zip = Buffer.from(zipSync({ 'a.jsonl': Buffer.from('{"completion": "a"}\n'.repeat(1000)) }));
    const lies = Buffer.from(zip);
    lies.writeUInt32LE(0xfffffff0, lies.indexOf('PK\u0001\u0002', 0, 'latin1') + 24);
    for (const message of await readBoth(await write('lies.zip', lies))) expect(message).toMatch(/larger than 256 MiB|damaged/);
    for (const message of await readBoth(await write('cut.zip', zip.subarray(0, zip.length / 2)))) expect(message).toMatch(/damaged|breaks off/);
    for (const message of await readBoth(await write('cut.jsonl.gz', gzipSync('{"text": "a"}\n'.repeat(1000)).subarray(0, 40))))
      expect(message).toMatch(/damaged or break off/);
  });
});

describe('text', () => {
  const million = 1_000_000;

  it.each([
    ['many-columns.csv', `${'c,'.repeat(million)}\n`, /more than 2000 columns/],
    ['open-quote.csv', `completion\n"${'x\n'.repeat(5 * million)}`, /longer than any text; a quotation mark before it may not be closed/],
    ['open-string.json', `{"completion": "${'\\"'.repeat(4 * million)}`, /a string is not closed/],
    ['open-strings.jsonl', '{"completion": "\n'.repeat(million), /line 1 is not valid JSON: a string is not closed/],
    ['deep.json', '['.repeat(20_000), /more than 200 deep/],
    ['deep-closed.json', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, /more than 200 deep/],
    ['numbers.jsonl', '1\n'.repeat(200_000), /line 1 is no object/],
    ['commas.json', `[${','.repeat(4 * million)}]`, /"," is not expected there/],
    ['objects.json', `[${'{},'.repeat(5 * million)}{}]`, /more than 8,000,000 values/],
    ['names.json', `{${Array.from({ length: NAMES_AT_MOST + 1 }, (_, index) => `"k${index}":1`).join()}}`, /more than 300,000 different names/],
    ['lines.csv', `completion\n${'ab\n'.repeat(RECORDS_AT_MOST + 1)}`, /more than 300,000 completions/],
    ['lines.jsonl', '{"text":"a"}\n'.repeat(RECORDS_AT_MOST + 1), /more than 300,000 completions/],
    ['list.json', `[${'{"text":"a"},'.repeat(RECORDS_AT_MOST)}{"text":"a"}]`, /more than 300,000 completions/],
    ['quotes.csv', `completion,n\n${'"'.repeat(4 * million)}`, /quotation mark|row that ends|line 2 has/],
  ])(
    '%s is refused',
    async (name, content, message) => {
      const [imported] = await readBoth(await write(name, content));
      expect(imported).toMatch(message);
    },
    WATCHDOG,
  );

  it(
    'of three hundred thousand short lines is read',
    async () => {
      expect(await readBoth(await write('lines.csv', `completion\n${'ab\n'.repeat(RECORDS_AT_MOST)}`))).toEqual([null, null]);
      expect(await readBoth(await write('lines.jsonl', '{"text":"a"}\n'.repeat(RECORDS_AT_MOST)))).toEqual([null, null]);
      expect((await readCorpus([await write('many.csv', `text\n${'ab\n'.repeat(million)}`)])).remarks).toEqual([
        expect.stringContaining('only its beginning was read'),
      ]);
    },
    2 * WATCHDOG,
  );

  it(
    'with a hundred thousand names in one record is read',
    async () => {
      const names = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`n${index}`, 'x']));
      expect(
        await readBoth(
          await write('names.jsonl', `${JSON.stringify({ completion: 'a', ...names })}\n${JSON.stringify({ completion: 'b', __proto__: null, toString: 1 })}`),
        ),
      ).toEqual([null, null]);
    },
    WATCHDOG,
  );

  it(
    'of any bytes is read or refused in words',
    async () => {
      const names = ['a.csv', 'a.tsv', 'a.json', 'a.jsonl', 'a.txt', 'a.csv.gz'];
      const odd = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
        fc
          .string({ unit: fc.constantFrom('"', ',', ';', '\t', '\n', '\\', '{', '}', '[', ']', ':', 'a', '1', 'NaN', '\ufeff'), maxLength: 60 })
          .map((text) => Buffer.from(text)),
      );
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...names), odd, async (name, bytes) => void (await readBoth(await write(name, bytes)))),
        { numRuns: 400, seed: 5 },
      );
    },
    2 * WATCHDOG,
  );
});
