/** What others write into the folders of audits is noticed, without anybody telling. */
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { AuditsWatcher } from '../../../src/views/audits-view/audits-watcher.js';
import { makeTempFolder } from '../records/temp-folder.js';

let watcher: AuditsWatcher | undefined;
afterEach(() => watcher?.dispose());

it('tells of a new audit, of what is added to one, and of one that goes', { timeout: 60_000 }, async () => {
  const root = await makeTempFolder();
  const folder = join(root, '.finetune-audits', 'one');
  const told = vi.fn();
  watcher = new AuditsWatcher(() => [root], told);
  watcher.watch(true);
  const changes: (() => Promise<unknown>)[] = [
    async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'audit.jsonl'), '{}\n');
    },
    () => appendFile(join(folder, 'audit.jsonl'), '{}\n'),
    () => writeFile(join(folder, 'findings.jsonl'), '{}\n'),
    () => rm(folder, { recursive: true }),
  ];
  for (const change of changes) {
    // The first look tells by itself.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = told.mock.calls.length;
    await change();
    await vi.waitFor(() => expect(told.mock.calls.length).toBeGreaterThan(before), { timeout: 20_000 });
  }
});

it('looks at nothing while nobody looks, and tells then what changed meanwhile', { timeout: 60_000 }, async () => {
  const root = await makeTempFolder();
  const folder = join(root, '.finetune-audits', 'one');
  const told = vi.fn();
  const roots = vi.fn(() => [root]);
  watcher = new AuditsWatcher(roots, told);
  watcher.watch(true);
  await vi.waitFor(() => expect(roots.mock.calls.length).toBeGreaterThan(1), { timeout: 20_000 });
  expect(told).toHaveBeenCalledTimes(1);
  watcher.watch(false);
  const looks = roots.mock.calls.length;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'audit.jsonl'), '{}\n');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(roots.mock.calls.length).toBe(looks);
  expect(told).toHaveBeenCalledTimes(1);
  watcher.watch(true);
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(2), { timeout: 20_000 });
});
