import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompletionFinding } from '../../../src/analysis/finding.js';
import { EventGraph } from '../../../src/records/findings/event-graph.js';
import { parseFindings, type LabelEvent } from '../../../src/records/findings/events.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

const revealing = (completionId: number, note = '') => ({ completionId, label: 'revealing' as const, category: 'fact', note });

function labelsOf(file: FindingsFile): Record<number, string> {
  return Object.fromEntries([...file.current()].map(([id, finding]) => [id, `${finding.label} ${finding.author}`]));
}

/** The labels of a completion that no other replaces, the latest last. */
function headsOf(folder: string, completionId: number): readonly LabelEvent[] {
  const { events } = parseFindings(readFileSync(join(folder, 'findings.jsonl'), 'utf8'));
  return new EventGraph(events).heads('label', String(completionId));
}

describe('findings', () => {
  it('are on disk at once and read back by another', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    const told: ReadonlyMap<number, CompletionFinding>[] = [];
    file.onDidChange((current) => told.push(current));
    await file.set(revealing(3, 'green glass\n"again"'));
    await file.set({ ...revealing(4), label: 'unsure' });
    await file.set({ ...revealing(3), label: 'notRevealing' });
    const again = await FindingsFile.open(folder, 'Bob');
    expect(labelsOf(again)).toEqual({ 3: 'notRevealing Ada', 4: 'unsure Ada' });
    expect(told).toHaveLength(3);
    expect(told[0]!.get(3)?.note).toBe('green glass\n"again"');
  });

  it('are taken back one by one, to what was there before', async () => {
    const folder = await makeTempFolder();
    const ada = await FindingsFile.open(folder, 'Ada');
    await ada.set(revealing(1, 'first'));
    const bob = await FindingsFile.open(folder, 'Bob');
    await bob.set({ ...revealing(1), label: 'unsure' });
    await bob.set(revealing(2));
    expect(await bob.undo()).toEqual({ completionId: 2, what: 'label' });
    expect(labelsOf(bob)).toEqual({ 1: 'unsure Bob' });
    expect(await bob.undo()).toEqual({ completionId: 1, what: 'label' });
    expect(bob.current().get(1)).toEqual(ada.current().get(1));
    expect(await bob.undo()).toBeNull();
    expect(labelsOf(await FindingsFile.open(folder, 'Eve'))).toEqual({ 1: 'revealing Ada' });
  });

  it('set at the same time are applied in the order of the calls', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    await Promise.all([file.set(revealing(1)), file.set({ ...revealing(1), label: null }), file.set({ ...revealing(1), label: 'unsure' })]);
    expect(labelsOf(await FindingsFile.open(folder, 'Ada'))).toEqual({ 1: 'unsure Ada' });
    expect(headsOf(folder, 1)).toHaveLength(1);
  });

  it('keeps and reports lines that it cannot read, and never appends to half a line', async () => {
    const folder = await makeTempFolder();
    const path = join(folder, 'findings.jsonl');
    const file = await FindingsFile.open(folder, 'Ada');
    await file.set(revealing(1));
    appendFileSync(path, '<<<<<<< HEAD\n{"id":"half');
    const again = await FindingsFile.open(folder, 'Ada');
    expect(again.unreadable.map((line) => line.line)).toEqual([2, 3]);
    await again.set(revealing(2));
    expect(labelsOf(await FindingsFile.open(folder, 'Ada'))).toEqual({ 1: 'revealing Ada', 2: 'revealing Ada' });
    expect(readFileSync(path, 'utf8')).toContain('<<<<<<< HEAD\n{"id":"half\n');
  });

  it('mean the same in every order of their lines', () => {
    const event = (id: string, supersedes: string[], time: string, completionId = 1): LabelEvent => ({
      kind: 'label',
      id,
      supersedes,
      completionId,
      label: 'revealing',
      category: null,
      note: id,
      author: 'Ada',
      time,
    });
    const events = [event('a', [], '1'), event('b', ['a'], '2'), event('c', ['a'], '3'), event('d', [], '3'), event('e', ['x'], '0', 2)];
    const expected = { 1: ['b', 'c', 'd'], 2: ['e'] };
    for (const order of permute(events)) {
      const heads = [...new EventGraph(order).allHeads('label')];
      expect(Object.fromEntries(heads.map((list) => [list[0]!.completionId, list.map((head) => head.id)]))).toEqual(expected);
    }
  });

  it("of two people's branches merge in git without a conflict, in both directions alike", { timeout: 60_000 }, async () => {
    const folder = await makeTempFolder();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=main', ...args], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    git('init');
    const { writer } = await JournalWriter.open(folder);
    await writer.close();
    const ada = await FindingsFile.open(folder, 'Ada');
    await ada.set(revealing(1, 'common'));
    git('add', '.');
    git('commit', '-m', 'common');
    git('checkout', '-b', 'ada');
    await ada.set({ ...revealing(1), label: 'notRevealing' });
    await ada.set(revealing(2));
    git('commit', '-am', 'ada');
    git('checkout', 'main');
    const bob = await FindingsFile.open(folder, 'Bob');
    await bob.set({ ...revealing(1), label: 'unsure' });
    await bob.set(revealing(3));
    git('commit', '-am', 'bob');
    git('branch', 'bob');

    git('merge', 'ada', '-m', 'merge');
    await bob.reload();
    expect(labelsOf(bob)).toEqual({ 1: 'unsure Bob', 2: 'revealing Ada', 3: 'revealing Bob' });
    const oneWay = join(folder, 'one-way.jsonl');
    copyFileSync(join(folder, 'findings.jsonl'), oneWay);
    git('checkout', 'ada');
    git('merge', 'bob', '-m', 'merge');
    const otherWay = readFileSync(join(folder, 'findings.jsonl'), 'utf8');
    expect(otherWay).not.toBe(readFileSync(oneWay, 'utf8'));
    expect(labelsOf(await FindingsFile.open(folder, 'Eve'))).toEqual(labelsOf(bob));

    await bob.reload();
    await bob.set({ ...revealing(1), label: 'revealing' });
    expect(headsOf(folder, 1).map(({ author, label }) => `${label} ${author}`)).toEqual(['notRevealing Ada', 'revealing Bob']);
  });
});

describe('a reload', () => {
  it('tells what is new, and nothing where there is nothing', async () => {
    const folder = await makeTempFolder();
    const ada = await FindingsFile.open(folder, 'Ada');
    await ada.set(revealing(1));
    const told: number[][] = [];
    ada.onDidChange((findings) => told.push([...findings.keys()]));
    await ada.reload();
    expect(told).toEqual([]);
    await (await FindingsFile.open(folder, 'Bob')).set(revealing(2));
    await ada.reload();
    await ada.reload();
    expect(told).toEqual([[1, 2]]);
  });
});

function permute<T>(list: readonly T[]): T[][] {
  if (list.length <= 1) return [[...list]];
  return list.flatMap((item, index) => permute(list.filter((_, other) => other !== index)).map((rest) => [item, ...rest]));
}
