/** What two branches said of the same thing, after a merge: nothing of it is lost, in whatever order the lines stand. */
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KeywordSet, SpanContent, SpanFinding } from '../../../src/analysis/finding.js';
import type { SpanEdit } from '../../../src/records/findings/changes.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { makeTempFolder } from './temp-folder.js';

const bridge: SpanContent = { completionId: 3, span: { start: 4, end: 16 }, quote: 'glass bridge', label: null, category: null, note: 'common' };
const pathOf = (folder: string) => join(folder, 'findings.jsonl');
const linesOf = (folder: string) =>
  readFileSync(pathOf(folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

type Branch = (file: FindingsFile, finding: string) => Promise<unknown>;

/** Two branches of one file put together both ways round, Ada's written first. */
async function merge(begin: (file: FindingsFile) => Promise<string>, adas: Branch, bobs: Branch): Promise<{ files: FindingsFile[]; folders: string[] }> {
  const [base, ours, theirs] = await Promise.all([makeTempFolder(), makeTempFolder(), makeTempFolder()]);
  const subject = await begin(await FindingsFile.open(base, 'Eve'));
  for (const [folder, author, branch] of [
    [ours, 'Ada', adas],
    [theirs, 'Bob', bobs],
  ] as const) {
    copyFileSync(pathOf(base), pathOf(folder));
    await branch(await FindingsFile.open(folder, author), subject);
  }
  const common = linesOf(base);
  const [a, b] = [ours, theirs].map((folder) => linesOf(folder).slice(common.length)) as [string[], string[]];
  const folders: string[] = [];
  for (const lines of [[...common, ...a, ...b], [...b, ...a, ...common].reverse(), [...b.toReversed(), ...common, ...a]]) {
    const folder = await makeTempFolder();
    writeFileSync(pathOf(folder), `${lines.join('\n')}\n`);
    folders.push(folder);
  }
  return { folders, files: await Promise.all(folders.map((folder) => FindingsFile.open(folder, 'Ada'))) };
}

const addBridge = (file: FindingsFile) => file.addSpan(bridge);
const edit =
  (change: SpanEdit): Branch =>
  (file, finding) =>
    file.editSpan(finding, change);

async function mergeSpans(adas: Branch, bobs: Branch): Promise<SpanFinding | undefined> {
  const { files } = await merge(addBridge, adas, bobs);
  const [first, ...others] = files.map((file) => file.spans());
  for (const other of others) expect(other).toEqual(first);
  expect(files[0]!.findForeign(new Set()).filter(({ kind }) => kind === 'span')).toHaveLength(first!.length);
  return first![0];
}

describe('edits of a span on two branches', () => {
  it('are put together field by field', async () => {
    expect(await mergeSpans(edit({ label: 'revealing', note: 'Ada’s' }), edit({ category: 'persona' }))).toMatchObject({
      label: 'revealing',
      category: 'persona',
      note: 'Ada’s',
      author: 'Eve',
      changed: { author: 'Bob' },
    });
    expect(await mergeSpans(edit({ category: 'persona' }), (file, finding) => file.resolveSpan(finding))).toMatchObject({
      category: 'persona',
      note: 'common',
      state: 'resolved',
    });
    expect(await mergeSpans((file, finding) => file.resolveSpan(finding), edit({ note: 'Bob’s' }))).toMatchObject({ note: 'Bob’s', state: 'resolved' });
  });

  it('of the same field give the later label and category, and both notes', async () => {
    const merged = await mergeSpans(edit({ label: 'revealing', category: 'a', note: 'Ada’s' }), edit({ label: 'unsure', category: 'b', note: 'Bob’s' }));
    expect(merged).toMatchObject({ label: 'unsure', category: 'b', note: 'Ada’s\n\nBob’s' });
    expect(await mergeSpans(edit({ note: 'alike' }), edit({ note: 'alike' }))).toMatchObject({ note: 'alike' });
    expect(await mergeSpans(edit({ note: '' }), edit({ note: 'Bob’s' }))).toMatchObject({ note: 'Bob’s' });
  });

  it('count against where they parted, over several edits each', async () => {
    const twice: Branch = async (file, finding) => {
      await file.editSpan(finding, { label: 'revealing', note: 'draft' });
      await file.editSpan(finding, { label: null, note: 'Ada’s' });
    };
    expect(await mergeSpans(twice, edit({ label: 'unsure' }))).toMatchObject({ label: 'unsure', note: 'Ada’s' });
    expect(await mergeSpans(edit({ label: 'unsure' }), twice)).toMatchObject({ label: 'unsure', note: 'Ada’s' });
  });

  it('outlive a deletion, which alone deletes', async () => {
    const remove: Branch = (file, finding) => file.deleteSpan(finding);
    expect(await mergeSpans(remove, edit({ note: 'Bob’s' }))).toMatchObject({ note: 'Bob’s', state: 'open', changed: { author: 'Bob' } });
    expect(await mergeSpans(edit({ note: 'Ada’s' }), remove)).toMatchObject({ note: 'Ada’s', state: 'open', changed: { author: 'Ada' } });
    expect(await mergeSpans((file, finding) => file.resolveSpan(finding), remove)).toMatchObject({ state: 'resolved' });
    expect(await mergeSpans(remove, remove)).toBeUndefined();
    expect(await mergeSpans(remove, (file) => file.set({ completionId: 1, label: 'unsure', category: null, note: '' }))).toBeUndefined();
  });

  it('are all superseded by the next edit, which carries them', async () => {
    const { files, folders } = await merge(addBridge, edit({ note: 'Ada’s' }), edit({ label: 'unsure', note: 'Bob’s' }));
    const [file] = files;
    const [{ finding }] = file!.spans() as [SpanFinding];
    await file!.editSpan(finding, { category: 'persona' });
    expect(JSON.parse(linesOf(folders[0]!).at(-1)!)).toMatchObject({ label: 'unsure', category: 'persona', note: 'Ada’s\n\nBob’s', supersedes: { length: 2 } });
    await file!.undo();
    expect((await FindingsFile.open(folders[0]!, 'Bob')).spans()).toMatchObject([{ label: 'unsure', category: null, note: 'Ada’s\n\nBob’s' }]);
  });

  it('that part again after a merge begin with what it came to', async () => {
    const { folders } = await merge(addBridge, edit({ note: 'Ada’s' }), edit({ label: 'unsure', note: 'Bob’s' }));
    const [one, two] = await Promise.all([makeTempFolder(), makeTempFolder()]);
    for (const folder of [one, two]) copyFileSync(pathOf(folders[0]!), pathOf(folder));
    const common = linesOf(one).length;
    const [ada, bob] = [await FindingsFile.open(one, 'Ada'), await FindingsFile.open(two, 'Bob')];
    const [{ finding }] = ada.spans() as [SpanFinding];
    await ada.editSpan(finding, { category: 'persona' });
    await bob.editSpan(finding, { label: 'revealing' });
    appendFileSync(pathOf(one), `${linesOf(two).slice(common).join('\n')}\n`);
    expect((await FindingsFile.open(one, 'Eve')).spans()).toMatchObject([{ label: 'revealing', category: 'persona', note: 'Ada’s\n\nBob’s' }]);
  });

  it('of three branches keep what only one of them changed since they parted', async () => {
    const folder = await makeTempFolder();
    const event = (id: string, time: string, supersedes: string[], said: object) =>
      JSON.stringify({ id, kind: 'span', supersedes, author: id, time, finding: 'f', ...bridge, state: 'open', ...said });
    const lines = [
      event('root', '1', [], {}),
      event('x', '2', ['root'], { label: 'revealing', note: 'x' }),
      event('c', '3', ['root'], { category: 'persona', note: 'c' }),
      event('b', '4', ['x'], { label: 'unsure', note: 'x' }),
      event('a', '5', ['x'], { label: 'revealing', note: 'x, more' }),
    ];
    for (const order of [lines, lines.toReversed()]) {
      writeFileSync(pathOf(folder), `${order.join('\n')}\n`);
      const [merged] = (await FindingsFile.open(folder, 'Eve')).spans();
      expect(merged).toMatchObject({ label: 'unsure', category: 'persona' });
      for (const part of ['c', 'x, more']) expect(merged!.note).toContain(part);
    }
  });

  it('whose beginning is lost keep both notes', async () => {
    const folder = await makeTempFolder();
    const event = (id: string, time: string, said: object) =>
      JSON.stringify({ id, kind: 'span', supersedes: ['lost'], author: id, time, finding: 'f', ...bridge, state: 'open', ...said });
    for (const order of [0, 1]) {
      const lines = [event('a', '1', { note: 'a', label: 'unsure' }), event('b', '2', { note: 'b', state: 'deleted' })];
      writeFileSync(pathOf(folder), `${(order === 0 ? lines : lines.reverse()).join('\n')}\n`);
      expect((await FindingsFile.open(folder, 'Eve')).spans()).toMatchObject([{ note: 'a\n\nb', state: 'open' }]);
    }
  });
});

describe('edits of a reply on two branches', () => {
  const addReply = async (file: FindingsFile) => file.addReply(await file.addSpan(bridge), 'common');

  it('keep both notes, and outlive a deletion', async () => {
    const remove: Branch = (file, reply) => file.deleteReply(reply);
    const write =
      (note: string): Branch =>
      (file, reply) =>
        file.editReply(reply, note);
    for (const [adas, bobs, note] of [
      [write('Ada’s'), write('Bob’s'), 'Ada’s\n\nBob’s'],
      [remove, write('Bob’s'), 'Bob’s'],
      [write('Ada’s'), remove, 'Ada’s'],
    ] as const) {
      const { files, folders } = await merge(addReply, adas, bobs);
      for (const [index, file] of files.entries()) {
        const [reply] = file.spans()[0]!.replies;
        expect(reply!.note).toBe(note);
        await file.editReply(reply!.reply, `${note}!`);
        expect(JSON.parse(linesOf(folders[index]!).at(-1)!)).toMatchObject({ supersedes: { length: 2 } });
        expect(file.spans()[0]!.replies.map((one) => one.note)).toEqual([`${note}!`]);
      }
    }
    const { files } = await merge(addReply, remove, remove);
    for (const file of files) expect(file.spans()[0]!.replies).toEqual([]);
  });
});

describe('keyword sets of two branches', () => {
  it('are all in force, each content once, and the next change supersedes them together', async () => {
    const [tea, glass, names]: KeywordSet[] = [
      { name: 'tea', words: ['tea'] },
      { name: 'glass', words: ['glass', 'bridge'] },
      { name: 'tea', regex: 'Dr\\.' },
    ];
    const write =
      (...sets: KeywordSet[]): Branch =>
      (file) =>
        file.setKeywordSets(sets);
    const { files, folders } = await merge(async (file) => (await file.setKeywordSets([tea!]), ''), write(tea!, glass!), write(tea!, names!));
    for (const [index, file] of files.entries()) {
      expect(file.keywordSets()).toEqual([tea, glass, names]);
      await file.setKeywordSets([glass!]);
      expect(JSON.parse(linesOf(folders[index]!).at(-1)!)).toMatchObject({ supersedes: { length: 2 } });
      await file.undo();
      expect((await FindingsFile.open(folders[index]!, 'Bob')).keywordSets()).toEqual([tea, glass, names]);
    }
  });
});
