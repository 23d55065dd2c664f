/** Audits whose files are links, pipes, devices or folders: whatever is done with them, nothing else of the user is touched. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import { listAudits, nameAuditFolder, readAudit, requireRun } from '../../../src/records/journal/audit-folder.js';
import { openAuditFile, type AuditFile } from '../../../src/records/journal/audit-files.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { readImport } from '../../../src/records/import/read-import.js';
import { writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { lockJournal } from '../../../src/records/journal/journal-lock.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { readPlanFile } from '../../../src/records/plan/plan-file.js';
import { readPrefillFile } from '../../../src/records/plan/prefill-file.js';
import { writeAudit } from '../../pure/cli/written-audit.js';
import { plan, setup } from '../../pure/records/example-audit.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

const isPosix = process.platform !== 'win32';
const FILES: readonly AuditFile[] = ['audit.jsonl', 'findings.jsonl', 'audit.lock.json', '.gitattributes'];
const PRIVATE = 'export PATH=$HOME/bin:$PATH\nhalf a line without its end';

interface Trap {
  readonly folder: string;
  /** A file of the user beside the audit. */
  readonly victim: string;
}

/** An audit in whose folder one file is what `put` puts there; of the others it has those that a run leaves. */
async function setTrap(name: AuditFile, put: (path: string, victim: string) => void): Promise<Trap> {
  const root = await makeTempFolder();
  const folder = join(root, '.finetune-audits', 'audit');
  const victim = join(root, '.profile');
  await writeAudit(folder);
  writeFileSync(victim, PRIVATE);
  if (readdirSync(folder).includes(name)) renameSync(join(folder, name), join(root, 'aside'));
  put(join(folder, name), victim);
  return { folder, victim };
}

/** All that this program does with an audit's folder. What fails must say so in words. */
async function doEverything(folder: string): Promise<AuditError[]> {
  const failures: AuditError[] = [];
  const tasks = [
    () => readAudit(folder),
    () => readJournal(folder),
    () => summariseJournal(folder),
    () => requireRun(folder),
    async () => void (await listAudits([join(folder, '..', '..')])),
    async () => {
      const { writer } = await JournalWriter.open(folder);
      await writer.addRun('resumed');
      await writer.close();
    },
    async () => {
      const findings = await FindingsFile.open(folder, 'Ada');
      await findings.set({ completionId: 1, label: 'revealing', category: null, note: 'label' });
    },
    async () => (await lockJournal(folder)).release(),
  ];
  for (const task of tasks) {
    try {
      await task();
    } catch (error) {
      expect(error).toBeInstanceOf(AuditError);
      failures.push(error as AuditError);
    }
  }
  return failures;
}

describe.runIf(isPosix)('a file of an audit that is a link', { timeout: 30_000 }, () => {
  it.each(FILES)('to a file of the user leaves that as it is: %s', async (name) => {
    const { folder, victim } = await setTrap(name, (path, target) => symlinkSync(target, path));
    const failures = await doEverything(folder);
    expect(readFileSync(victim, 'utf8')).toBe(PRIVATE);
    if (name !== '.gitattributes') expect(failures.map(({ message }) => message).join('\n')).toContain(`${name} is a link`);
  });

  it.each(FILES)('to nothing makes nothing: %s', async (name) => {
    const { folder, victim } = await setTrap(name, (path, target) => symlinkSync(`${target}.new`, path));
    await doEverything(folder);
    expect(readdirSync(join(victim, '..')).filter((file) => file.endsWith('.new'))).toEqual([]);
  });

  it('to another journal adds nothing to that', async () => {
    const other = await makeTempFolder();
    await writeAudit(other);
    const before = readFileSync(join(other, 'audit.jsonl'));
    const { folder } = await setTrap('audit.jsonl', (path) => symlinkSync(join(other, 'audit.jsonl'), path));
    await doEverything(folder);
    expect(readFileSync(join(other, 'audit.jsonl')).equals(before)).toBe(true);
  });

  it.each(['.Finetune-Audits', '.FINETUNE-AUDITS', '.finetune-audits. '])(
    'so is the folder around it under a name that file systems take for the same: %s',
    async (name) => {
      const root = await makeTempFolder();
      const real = join(root, 'elsewhere');
      await writeAudit(join(real, 'audit'));
      symlinkSync(real, join(root, name));
      const before = readFileSync(join(real, 'audit', 'audit.jsonl'));
      const failures = await doEverything(join(root, name, 'audit'));
      expect(failures.map(({ message }) => message)).toContainEqual(expect.stringContaining('is a link'));
      expect(readFileSync(join(real, 'audit', 'audit.jsonl')).equals(before)).toBe(true);
      expect(readdirSync(join(real, 'audit'))).not.toContain('findings.jsonl');
    },
  );

  it('is never written to while somebody exchanges file and link as fast as a processor can', async () => {
    const { folder, victim } = await setTrap('findings.jsonl', (path) => writeFileSync(path, ''));
    const path = join(folder, 'findings.jsonl');
    const program = `const { linkSync, renameSync, symlinkSync, writeFileSync } = require('node:fs');
      const [path, victim] = process.argv.slice(1);
      writeFileSync(path + '.own', '');
      process.send?.('ready');
      for (const end = Date.now() + 60_000; Date.now() < end; ) {
        try { symlinkSync(victim, path + '.a'); renameSync(path + '.a', path); writeFileSync(path + '.b', ''); renameSync(path + '.b', path); } catch {}
      }`;
    const exchanging = spawn(process.execPath, ['-e', program, path, victim], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    try {
      await once(exchanging, 'message');
      for (let time = 0; time < 300; time++) {
        const file = await openAuditFile(folder, 'findings.jsonl', 'append').catch((error: unknown) => {
          // Whatever was there at that moment.
          if (!(error instanceof AuditError)) expect((error as NodeJS.ErrnoException).code).toMatch(/^ENOENT$/);
          return null;
        });
        await file?.write('{}\n');
        await file?.close();
      }
    } finally {
      exchanging.kill('SIGKILL');
      await once(exchanging, 'exit');
    }
    expect(readFileSync(victim, 'utf8')).toBe(PRIVATE);
  });

  it.each(['audit', '.finetune-audits'])('so is the folder, and the one around it: %s', async (linked) => {
    const [root, elsewhere] = [await makeTempFolder(), await makeTempFolder()];
    const real = linked === 'audit' ? elsewhere : join(elsewhere, 'audit');
    await writeAudit(real);
    if (linked === 'audit') mkdirSync(join(root, '.finetune-audits'));
    symlinkSync(elsewhere, linked === 'audit' ? join(root, '.finetune-audits', 'audit') : join(root, '.finetune-audits'));
    const before = readdirSync(real).map((name) => readFileSync(join(real, name), 'utf8'));
    const failures = await doEverything(join(root, '.finetune-audits', 'audit'));
    expect(failures.length).toBeGreaterThan(5);
    expect(readdirSync(real).map((name) => readFileSync(join(real, name), 'utf8'))).toEqual(before);
    expect(await listAudits([root])).toEqual([]);
    const fresh = nameAuditFolder(root, 'new', new Date());
    if (linked === '.finetune-audits') {
      await expect(JournalWriter.open(fresh)).rejects.toThrow(/is a link/);
      expect(readdirSync(elsewhere)).toEqual(['audit']);
    }
  });
});

describe.runIf(isPosix)('a file of an audit that is no file', { timeout: 30_000 }, () => {
  const things: [string, (path: string) => void][] = [
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
    ['a link to a device', (path) => symlinkSync('/dev/zero', path)],
  ];

  it.each(things.flatMap(([what, put]) => FILES.map((name) => [name, what, put] as const)))('is refused at once: %s, %s', async (name, _what, put) => {
    const { folder } = await setTrap(name, put);
    const failures = await doEverything(folder);
    if (name !== '.gitattributes') expect(failures.map(({ message }) => message).join('\n')).toMatch(/is (a pipe|a folder|a link)/);
  });

  it('and so is a plan or a file of prefills that is a pipe', async () => {
    const path = join(await makeTempFolder(), 'pipe.json');
    execFileSync('mkfifo', [path]);
    await expect(readPlanFile(path)).rejects.toMatchObject({ code: 'badPlan', message: expect.stringContaining('no regular file') as string });
    await expect(readPrefillFile(path)).rejects.toMatchObject({ code: 'badPrefillFile', message: expect.stringContaining('no regular file') as string });
  });
});

describe('a file with a second name', () => {
  it('is read, but not written', async () => {
    const { folder, victim } = await setTrap('findings.jsonl', (path, target) => linkSync(target, path));
    const failures = await doEverything(folder);
    expect(readFileSync(victim, 'utf8')).toBe(PRIVATE);
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('has another name elsewhere (a hard link)')]);
  });
});

describe('a file that is no journal', () => {
  it.each([PRIVATE, 'x', '{"type":"completion","id":0}\nhalf', '[1,2,3]', '\n\nhalf', '{"type":"head\nhalf'])('is not cut: %j', async (content) => {
    const folder = await makeTempFolder();
    writeFileSync(join(folder, 'audit.jsonl'), content);
    await expect(JournalWriter.open(folder)).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining('left as it is') as string });
    expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toBe(content);
    expect(readdirSync(folder)).not.toContain('audit.lock');
  });

  it.each(['', '{', '{"type":"header","forma', '{"type":"header","formatVersion":1,"tool":{'])('may be the beginning of one: %j', async (content) => {
    const folder = await makeTempFolder();
    writeFileSync(join(folder, 'audit.jsonl'), content);
    const { writer, cutBytes } = await JournalWriter.open(folder);
    expect(cutBytes).toBe(content.length);
    await writer.begin(makeHeaderLine(plan, setup, '0', new Date(0)), makePrefillsLine(setup));
    await writer.close();
    expect((await readJournal(folder)).problems).toEqual([]);
  });
});

it.runIf(isPosix)('an import into a folder with links writes through none of them', async () => {
  const root = await makeTempFolder();
  writeFileSync(join(root, 'list.csv'), 'completion,label\na,yes\n');
  const imported = await readImport(join(root, 'list.csv'));
  for (const name of ['audit.jsonl', 'findings.jsonl', '.gitattributes']) {
    const folder = join(root, name, 'audit');
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(root, 'victim'), join(folder, name));
    await writeImportedAudit(imported, folder, { toolVersion: '0', time: new Date(0) }).catch((error: unknown) => expect(error).toBeInstanceOf(AuditError));
  }
  expect(readdirSync(root)).not.toContain('victim');
});
