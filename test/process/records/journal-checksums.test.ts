/** Journals that a disk, a copy or an editor changed: nothing of what was changed is read as if nothing had happened. */
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import { Random } from '../../../src/audit/random.js';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { readImport } from '../../../src/records/import/read-import.js';
import { writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import { encodeCompletion } from '../../../src/records/journal/completion-line.js';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { checkLine, sealJson, sealLine, unsealLine } from '../../../src/records/journal/journal-line.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { makeRecord, piece, plan, setup } from '../../pure/records/example-audit.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/journals-0.1');
const timeout = 120_000;

async function writeRun(folder: string): Promise<void> {
  const { writer } = await JournalWriter.open(folder);
  await writer.begin(makeHeaderLine(plan, setup, '0', new Date(0)), makePrefillsLine(setup));
  await writer.addRun('started');
  await writer.addGenerated(
    { id: 3, tokens: makeRecord(3).tokens, logprobs: makeRecord(3).logprobsFinetuned, end: { piece: piece(0, '<|end|>', true), logprob: -0.25 } },
    'chat',
  );
  for (const id of [0, 1, 2]) await writer.addCompletion(makeRecord(id));
  await writer.addCompletion(makeRecord(0, 2), 'noise');
  await writer.addSetAside({ id: 4, setAside: 'no answer' }, 'raw');
  await writer.addRun('stopped', 'as asked');
  await writer.close();
}

async function writeImport(folder: string): Promise<void> {
  const file = join(folder, 'list.csv');
  writeFileSync(file, 'prefill,completion,ppl_finetuned,ppl_reference\nOn a,day,2.5,40\nThe,cat sat,3,3.5\nÜbung,macht 猫,1.75,9\n');
  await writeImportedAudit(await readImport(file), folder, { toolVersion: '0', time: new Date(0) });
}

/** How often an audit opened with one bit flipped, and said nothing of it. */
async function countUnnoticed(folder: string, flips: readonly number[]): Promise<number[]> {
  const path = join(folder, 'audit.jsonl');
  const bytes = readFileSync(path);
  const unnoticed: number[] = [];
  for (const bit of flips) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, flipped);
    try {
      if ((await readAudit(folder)).problems.length === 0) unnoticed.push(bit);
    } catch (error) {
      expect(error).toBeInstanceOf(AuditError);
    }
  }
  writeFileSync(path, bytes);
  return unnoticed;
}

/** Some thousands at random, and all of the bits that decide how the others are read: line ends and checksums. */
function chooseFlips(folder: string, count: number): number[] {
  const text = readFileSync(join(folder, 'audit.jsonl'), 'latin1');
  const random = new Random(7);
  const flips = Array.from({ length: count }, () => random.nextBelow(text.length * 8));
  const ends = [...text.matchAll(/,"crc":"[0-9a-f]{8}"\}\n|"checksums":"crc32"/g)].slice(0, 3).concat([...text.matchAll(/\n/g)]);
  return [...flips, ...ends.flatMap(({ index, 0: { length } }) => Array.from({ length: length * 8 }, (_, bit) => index * 8 + bit))];
}

describe('a flipped bit', { timeout }, () => {
  it('of a run’s journal is noticed', async () => {
    const folder = await makeTempFolder();
    await writeRun(folder);
    expect((await readAudit(folder)).problems).toEqual([]);
    expect(await countUnnoticed(folder, chooseFlips(folder, 1000))).toEqual([]);
  });

  it('of an imported audit’s journal is noticed', async () => {
    const folder = await makeTempFolder();
    await writeImport(folder);
    expect((await readAudit(folder)).problems).toEqual([]);
    expect(await countUnnoticed(folder, chooseFlips(folder, 1000))).toEqual([]);
  });

  it('in the header leaves the audit readable, with a warning', async () => {
    const folder = await makeTempFolder();
    await writeRun(folder);
    const path = join(folder, 'audit.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('The system text', 'Thf system text'));
    const { records, problems } = await readAudit(folder);
    expect(records).toHaveLength(3);
    expect(problems).toEqual([expect.stringMatching(/Line 1 of audit\.jsonl is used all the same, .*checksum/)]);
  });
});

describe('a line under a header that says that lines have checksums', () => {
  it('is set aside and told without one, and with a wrong one', async () => {
    const folder = await makeTempFolder();
    await writeRun(folder);
    const path = join(folder, 'audit.jsonl');
    const lines = [5, 6].map((id) => JSON.stringify(encodeCompletion(makeRecord(id))));
    appendFileSync(path, `${lines[0]!}\n${sealJson(lines[1]!).replace('-0.0000', '-0.1000')}${sealLine({ type: 'run', event: 'stopped', time: '' })}`);
    const { problems, records } = await readAudit(folder);
    expect(records.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect((await readJournal(folder)).problems.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('no checksum'),
      expect.stringContaining('its checksum is not'),
    ]);
    expect(problems).toEqual([expect.stringContaining('2 lines of audit.jsonl could not be read')]);
    expect((await summariseJournal(folder)).completionsDone).toBe(3);
  });
});

describe('a journal of version 0.1', () => {
  it('that is resumed mixes lines with and without', async () => {
    const folder = await makeTempFolder();
    cpSync(join(FIXTURES, 'served'), folder, { recursive: true });
    const { writer } = await JournalWriter.open(folder);
    await writer.addRun('resumed');
    await writer.addCompletion(makeRecord(1));
    await writer.addCompletion(makeRecord(2));
    await writer.close();
    const path = join(folder, 'audit.jsonl');
    expect((await readAudit(folder)).records.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect((await readAudit(folder)).problems).toEqual([]);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/("id":2,.*word)1/, '$17'));
    expect(readFileSync(path, 'utf8')).not.toBe(text);
    expect((await readAudit(folder)).records.map(({ id }) => id)).toEqual([0, 1]);
    expect((await readAudit(folder)).problems).toEqual([expect.stringContaining('its checksum is not')]);
  });
});

it('a sealed line is that line again without its seal', () => {
  for (const value of [{ a: 1 }, { text: '€ "quoted" \u2028 \\' }, { crc: 'mine' }, { nested: { crc: '12345678' } }]) {
    const line = sealLine(value);
    expect(checkLine(Buffer.from(line.trimEnd()))).toBe('right');
    expect(unsealLine(line.trimEnd())).toBe(JSON.stringify(value));
  }
  expect(checkLine(Buffer.from('{"a":1}'))).toBe('none');
  expect(unsealLine('{"a":1}')).toBe('{"a":1}');
});
