/** The file beneath the findings: shared with other programs, and at times not to be read. */
import { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { makeTempFolder } from './temp-folder.js';

/** A folder in the file's place cannot be read; rights would not keep an administrator out. */
const disk = {
  takeAway(folder: string): void {
    renameSync(pathOf(folder), `${pathOf(folder)}.away`);
    mkdirSync(pathOf(folder));
  },
  bringBack(folder: string): void {
    rmdirSync(pathOf(folder));
    renameSync(`${pathOf(folder)}.away`, pathOf(folder));
  },
};

const pathOf = (folder: string) => join(folder, 'findings.jsonl');
const readEvents = (folder: string) =>
  readFileSync(pathOf(folder), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string });
const judge = (completionId: number, note = '') => ({ completionId, label: 'revealing' as const, category: null, note });

it('takes long lines of several writers whole', async () => {
  const folder = await makeTempFolder();
  const writers = await Promise.all(['Ada', 'Bob', 'Eve'].map((author) => FindingsFile.open(folder, author)));
  const note = 'x'.repeat(3 << 20);
  for (let round = 0; round < 3; round++) await Promise.all(writers.map((file) => file.set(judge(round, note))));
  const read = await FindingsFile.open(folder, 'Ada');
  expect(read.unreadable.map(({ line }) => line)).toEqual([]);
  expect([...read.judgements().values()].map((list) => list.length)).toEqual([3, 3, 3]);
});

it('begins with a byte order mark where an editor left one', async () => {
  const folder = await makeTempFolder();
  await (await FindingsFile.open(folder, 'Ada')).set(judge(1));
  const marked = `\uFEFF${readFileSync(pathOf(folder), 'utf8')}`;
  writeFileSync(pathOf(folder), marked);
  const file = await FindingsFile.open(folder, 'Ada');
  expect(file.unreadable).toEqual([]);
  expect([...file.current().keys()]).toEqual([1]);
  await file.set(judge(1, 'again'));
  expect(file.judgements().get(1)).toHaveLength(1);
  expect(readFileSync(pathOf(folder), 'utf8').startsWith(marked)).toBe(true);
});

describe('a file that cannot be read', () => {
  const openUnreadable = async () => {
    const folder = await makeTempFolder();
    await (await FindingsFile.open(folder, 'Ada')).set(judge(1, 'first'));
    const [first] = readEvents(folder);
    disk.takeAway(folder);
    const file = FindingsFile.openLater(folder, 'Ada');
    // The first reading is over.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { folder, file, first: first!.id };
  };

  it('is read again with the next change, which replaces what it should', async () => {
    const { folder, file, first } = await openUnreadable();
    disk.bringBack(folder);
    await file.set(judge(1, 'second'));
    expect(readEvents(folder)[1]).toMatchObject({ note: 'second', supersedes: [first] });
  });

  it('takes no change', async () => {
    const { folder, file, first } = await openUnreadable();
    for (let attempt = 0; attempt < 3; attempt++) await expect(file.set(judge(1, 'second'))).rejects.toThrow(/findings\.jsonl is a folder/);
    await expect(file.reload()).rejects.toThrow(/findings\.jsonl is a folder/);
    disk.bringBack(folder);
    expect(readEvents(folder)).toHaveLength(1);
    await file.set(judge(1, 'third'));
    expect(readEvents(folder)[1]).toMatchObject({ note: 'third', supersedes: [first] });
  });

  it('takes none upon what was known of it earlier', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    await file.set(judge(1));
    disk.takeAway(folder);
    await expect(file.reload()).rejects.toThrow(/findings\.jsonl/);
    await expect(file.set(judge(2))).rejects.toThrow(/findings\.jsonl/);
    disk.bringBack(folder);
    expect(readEvents(folder)).toHaveLength(1);
    await file.set(judge(2));
    expect([...file.current().keys()]).toEqual([1, 2]);
  });
});
