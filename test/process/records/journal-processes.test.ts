/** What happens to a journal when processes are killed, compete for it, or run out of room. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findJournalWriter } from '../../../src/records/journal/journal-lock.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { bundleChild, readOutput, startChild, waitForLine } from './child-process.js';
import { makeRecord } from '../../pure/records/example-audit.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

describe('a killed writer', () => {
  it('leaves whole completions that another process goes on with', { timeout: 60_000 }, async () => {
    const folder = await makeTempFolder();
    const audit = join(folder, 'audit');
    const child = startChild(await bundleChild('write-journal', folder), [audit, '50', '1000000']);
    await waitForLine(child);
    child.kill('SIGKILL');
    await readOutput(child);
    const killed = await readJournal(audit);
    expect(killed.completions.size).toBeGreaterThanOrEqual(3);
    expect(killed.problems).toEqual([]);
    for (const [id, record] of killed.completions) expect(record).toEqual(makeRecord(id, 50));

    appendFileSync(join(audit, 'audit.jsonl'), '{"type":"comp');
    const { writer, cutBytes } = await JournalWriter.open(audit);
    await writer.addCompletion(makeRecord(1_000_001));
    await writer.close();
    expect(cutBytes).toBe(13);
    const resumed = await readJournal(audit);
    expect(resumed.completions.size).toBe(killed.completions.size + 1);
    expect(resumed.problems).toEqual([]);
  });
});

describe('the lock', () => {
  it('is held by one process at a time, and says by whom', { timeout: 60_000 }, async () => {
    const folder = await makeTempFolder();
    const audit = join(folder, 'audit');
    const child = startChild(await bundleChild('hold-lock', folder), [audit]);
    await waitForLine(child);
    await expect(JournalWriter.open(audit)).rejects.toMatchObject({
      code: 'journalLocked',
      message: expect.stringContaining(`process ${child.pid} of `) as string,
    });
    expect(await findJournalWriter(audit)).toContain(`process ${child.pid}`);

    child.kill('SIGKILL');
    await readOutput(child);
    expect(await findJournalWriter(audit)).toBeNull();
    const { writer } = await JournalWriter.open(audit);
    expect(await findJournalWriter(audit)).toContain(`process ${process.pid}`);
    await writer.close();
    expect(await findJournalWriter(audit)).toBeNull();
  });
});

describe('a full disk', () => {
  /** A small file system of its own where mounting is permitted, else a limit on the size of files. */
  function prepareSmallDisk(folder: string): { audit: string; wrapper: string[] } {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'none', disk], { stdio: 'ignore' });
      onTestFinished(() => void execFileSync('umount', [disk]));
      return { audit: join(disk, 'audit'), wrapper: [] };
    } catch {
      // The signal for a file that is too large would end the process before it sees the error, and Node undoes a shell's trap.
      const ignore = '--import=data:text/javascript,process.on(`SIGXFSZ`,()=>undefined)';
      return { audit: join(disk, 'audit'), wrapper: ['sh', '-c', `ulimit -f 128; NODE_OPTIONS='${ignore}' exec "$0" "$@"`] };
    }
  }

  it.runIf(process.platform === 'linux')('ends the run with a clear error and an intact journal', { timeout: 60_000 }, async () => {
    const folder = await makeTempFolder();
    const { audit, wrapper } = prepareSmallDisk(folder);
    const program = await bundleChild('write-journal', folder);
    const { stdout } = await readOutput(startChild(program, [audit, '100', '1000'], wrapper));
    const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as { code: string; message: string };
    expect(result.code).toBe('diskFull');
    expect(result.message).toContain(join(audit, 'audit.jsonl'));

    const journal = await readJournal(audit);
    expect(journal.completions.size).toBeGreaterThan(3);
    expect(journal.completions.size).toBeLessThan(1000);
    expect(journal.problems).toEqual([]);
    expect(journal.halfLineBytes).toBe(0);
    expect(readFileSync(join(audit, 'audit.jsonl')).at(-1)).toBe(0x0a);
  });
});
