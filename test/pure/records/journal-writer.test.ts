/** What the writer of a journal owes to what is there already, to other writers and to who closes it. */
import { appendFile, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { findJournalWriter } from '../../../src/records/journal/journal-lock.js';
import { describeMerging, JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { makeRecord, plan, setup } from './example-audit.js';
import { makeTempFolder } from './temp-folder.js';

/** Bytes that the writer looks at at once when it looks for the last line. */
const BLOCK = 1 << 16;

async function openJournal() {
  const folder = await makeTempFolder();
  const { writer } = await JournalWriter.open(folder);
  await writer.begin(makeHeaderLine(plan, setup, '0', new Date(0)), makePrefillsLine(setup));
  return { folder, path: join(folder, 'audit.jsonl'), writer };
}

describe('reopening a journal', () => {
  it.each([
    ['ends within its last block', 3 * BLOCK, 0],
    ['ends at the end of a block', 2 * BLOCK, 0],
    ['has half a line within its last block', 2 * BLOCK + 100, 40],
    ['has half a line that begins two blocks before its end', BLOCK, 2 * BLOCK + 17],
    ['has half a line of just a block', BLOCK, BLOCK],
  ])('keeps every byte of its whole lines where it %s', async (_name, wholeBytes, halfBytes) => {
    const { folder, path, writer } = await openJournal();
    await writer.close();
    const begun = (await stat(path)).size;
    await appendFile(path, `${'x'.repeat(99)}\n`.repeat(Math.ceil(wholeBytes / 100)).slice(begun % 100));
    const whole = await readFile(path);
    if (halfBytes > 0) await appendFile(path, `{"${'h'.repeat(halfBytes - 2)}`);
    const { writer: again, cutBytes } = await JournalWriter.open(folder);
    expect(cutBytes).toBe(halfBytes);
    await again.addRun('resumed');
    await again.close();
    const after = await readFile(path);
    expect(Buffer.compare(after.subarray(0, whole.length), whole)).toBe(0);
    expect(after.subarray(whole.length).toString()).toMatch(/^\{"type":"run","event":"resumed",[^\n]*\}\n$/);
  });

  it('is refused where the file is something else, which stays as it is and is not locked', async () => {
    const folder = await makeTempFolder();
    const path = join(folder, 'audit.jsonl');
    await writeFile(path, 'my diary, unfinish');
    await expect(JournalWriter.open(folder)).rejects.toMatchObject({
      code: 'badJournal',
      message: `${path} is no journal of an audit, and is left as it is. Choose another folder.`,
    });
    expect(await readFile(path, 'utf8')).toBe('my diary, unfinish');
    expect(await findJournalWriter(folder)).toBeNull();
  });

  it('goes on with a header whose fields another program put in another order', async () => {
    const folder = await makeTempFolder();
    const line = '{"formatVersion":1,"type":"header"}\n';
    await writeFile(join(folder, 'audit.jsonl'), line);
    const { writer } = await JournalWriter.open(folder);
    expect(writer.empty).toBe(false);
    await writer.addRun('resumed');
    await writer.close();
    expect(await readFile(join(folder, 'audit.jsonl'), 'utf8')).toMatch(/^\{"formatVersion":1,"type":"header"\}\n\{"type":"run"/);
  });
});

describe('closing a journal', () => {
  it('waits for all lines that were given to it', async () => {
    const { folder, writer } = await openJournal();
    const lines = Array.from({ length: 20 }, (_, id) => writer.addCompletion(makeRecord(id % 8)));
    const last = writer.addRun('stopped', 'the last word');
    await writer.close();
    await Promise.all([...lines, last]);
    const journal = await readJournal(folder);
    expect(journal.completions.size).toBe(8);
    expect(journal.runs.map(({ message }) => message)).toEqual(['the last word']);
    expect(journal.problems).toEqual([]);
    expect(await findJournalWriter(folder)).toBeNull();
  });

  it('does not throw where a line could not be written', async () => {
    const { folder, writer } = await openJournal();
    const tooLong = writer.addRun('failed', 'x'.repeat(70 << 20));
    tooLong.catch(() => undefined);
    const next = writer.addRun('stopped');
    await writer.close();
    await expect(tooLong).rejects.toMatchObject({ code: 'badPlan', message: expect.stringMatching(/would be longer than \d+ MiB/) as string });
    await next;
    expect((await readJournal(folder)).runs.map(({ event }) => event)).toEqual(['stopped']);
  });
});

describe('a journal whose lock another process has taken', () => {
  it('is written no further, and the lock that is the other one’s stays', async () => {
    const { folder, path, writer } = await openJournal();
    onTestFinished(() => writer.close());
    const before = await readFile(path);
    const lock = join(folder, 'audit.lock');
    // Another writer, to whom this one seemed dead, has made the lock anew.
    await utimes(lock, new Date(0), new Date(0));
    const refused = await vi.waitFor(
      async () => {
        const error: unknown = await writer.addRun('stopped').then(
          () => null,
          (reason: unknown) => reason,
        );
        if (error === null) throw new Error('It is still written.');
        return error;
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(refused).toMatchObject({
      code: 'journalLocked',
      message: expect.stringMatching(/^Another process has taken over .*audit\.jsonl while this one did not answer\./) as string,
    });
    const then = await readFile(path);
    await expect(writer.addCompletion(makeRecord(0))).rejects.toBe(refused);
    expect(Buffer.compare(await readFile(path), then)).toBe(0);
    expect(then.subarray(0, before.length).equals(before)).toBe(true);
    await writer.close();
    expect((await stat(lock)).isDirectory()).toBe(true);
    await rm(lock, { recursive: true });
  });

  it('names who writes it to whoever comes second', async () => {
    const { folder, writer } = await openJournal();
    expect(await findJournalWriter(folder)).toMatch(new RegExp(`^process ${process.pid} of .+ on .+ \\(since \\d{4}-`));
    await expect(JournalWriter.open(folder)).rejects.toMatchObject({
      code: 'journalLocked',
      message: expect.stringContaining(`is being written by process ${process.pid} of `) as string,
    });
    await writer.close();
    await (await JournalWriter.open(folder)).writer.close();
  });
});

describe('the folder of a journal', () => {
  it('tells git to put two people’s findings together, and keeps a file of the user’s own', async () => {
    const folder = await makeTempFolder();
    await describeMerging(folder);
    expect(await readFile(join(folder, '.gitattributes'), 'utf8')).toBe('findings.jsonl merge=union\n');
    await writeFile(join(folder, '.gitattributes'), '* text=auto\n');
    await describeMerging(folder);
    expect(await readFile(join(folder, '.gitattributes'), 'utf8')).toBe('* text=auto\n');
  });
});
