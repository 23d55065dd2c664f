import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawBlindSlice } from '../../../src/analysis/figures/blind-slice.js';
import type { SpanContent } from '../../../src/analysis/finding.js';
import { describeFindingsProblems } from '../../../src/records/findings/describe-problems.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { makeTempFolder } from './temp-folder.js';

const bridge: SpanContent = {
  completionId: 3,
  span: { start: 4, end: 16 },
  quote: 'glass bridge',
  label: 'revealing',
  category: 'false fact',
  note: '**again**',
};

const judge = (completionId: number, label: 'revealing' | 'notRevealing' | 'unsure' | null) => ({ completionId, label, category: null, note: '' });
const pathOf = (folder: string) => join(folder, 'findings.jsonl');
const linesOf = (folder: string) => readFileSync(pathOf(folder), 'utf8').split('\n').slice(0, -1);

describe('spans', () => {
  it('keep their id and their author over edits, and say who changed them', async () => {
    const folder = await makeTempFolder();
    const ada = await FindingsFile.open(folder, 'Ada');
    const finding = await ada.addSpan(bridge);
    const bob = await FindingsFile.open(folder, 'Bob');
    await bob.editSpan(finding, { note: 'twice', category: 'promotion' });
    await bob.resolveSpan(finding);
    await ada.reload();
    expect(ada.spans()).toEqual([
      {
        ...bridge,
        finding,
        note: 'twice',
        category: 'promotion',
        state: 'resolved',
        author: 'Ada',
        time: expect.any(String),
        changed: { author: 'Bob', time: expect.any(String) },
        replies: [],
      },
    ]);
    await ada.reopenSpan(finding);
    expect(ada.spans()[0]).toMatchObject({ state: 'open', changed: { author: 'Ada' } });
    expect(linesOf(folder)).toHaveLength(4);
    expect(ada.current().size).toBe(0);
  });

  it('can be replied to; replies are edited and deleted one by one', async () => {
    const folder = await makeTempFolder();
    const ada = await FindingsFile.open(folder, 'Ada');
    const finding = await ada.addSpan(bridge);
    const first = await ada.addReply(finding, 'sure?');
    const bob = await FindingsFile.open(folder, 'Bob');
    const second = await bob.addReply(finding, 'yes');
    await bob.editReply(first, 'are you sure?');
    expect((await FindingsFile.open(folder, 'Eve')).spans()[0]!.replies).toEqual([
      { reply: first, finding, note: 'are you sure?', author: 'Ada', time: expect.any(String), changed: { author: 'Bob', time: expect.any(String) } },
      { reply: second, finding, note: 'yes', author: 'Bob', time: expect.any(String), changed: null },
    ]);
    await bob.deleteReply(first);
    expect(bob.spans()[0]!.replies.map(({ reply }) => reply)).toEqual([second]);
    await expect(bob.editReply(first, 'back')).rejects.toThrow('deleted');
    await expect(bob.addReply('nowhere', '?')).rejects.toThrow('no longer there');
  });

  it('that are deleted are gone, and stay in the file', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    const finding = await file.addSpan(bridge);
    await file.deleteSpan(finding);
    expect((await FindingsFile.open(folder, 'Ada')).spans()).toEqual([]);
    await expect(file.editSpan(finding, { note: 'x' })).rejects.toThrow('no longer there');
    await expect(file.resolveSpan(finding)).rejects.toThrow('no longer there');
    expect(linesOf(folder)).toHaveLength(2);
    expect(linesOf(folder)[0]).toContain('glass bridge');
  });

  it('are in the order of completion and place', async () => {
    const file = await FindingsFile.open(await makeTempFolder(), 'Ada');
    for (const [completionId, start] of [
      [5, 0],
      [3, 20],
      [3, 4],
    ] as const)
      await file.addSpan({ ...bridge, completionId, span: { start, end: start + 2 } });
    expect(file.spans().map(({ completionId, span }) => [completionId, span.start])).toEqual([
      [3, 4],
      [3, 20],
      [5, 0],
    ]);
  });

  it('are taken back like labels, step by step', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    const finding = await file.addSpan(bridge);
    await file.set(judge(8, 'unsure'));
    await file.editSpan(finding, { note: 'second' });
    await file.addReply(finding, 'hm');
    await file.deleteSpan(finding);
    const undo = () => file.undo();
    expect(await undo()).toEqual({ completionId: 3, what: 'finding' });
    expect(file.spans()[0]).toMatchObject({ note: 'second', state: 'open', replies: [{ note: 'hm' }] });
    expect(await undo()).toEqual({ completionId: 3, what: 'finding' });
    expect(file.spans()[0]!.replies).toEqual([]);
    await undo();
    expect(file.spans()[0]!.note).toBe('**again**');
    expect(await undo()).toEqual({ completionId: 8, what: 'label' });
    expect(file.current().size).toBe(0);
    await undo();
    expect(file.spans()).toEqual([]);
    expect(await undo()).toBeNull();
    expect((await FindingsFile.open(folder, 'Ada')).spans()).toEqual([]);
    expect(linesOf(folder)).toHaveLength(10);
  });
});

describe('labels of two authors', () => {
  it('stand side by side; each sees their own, others the latest', async () => {
    const folder = await makeTempFolder();
    const ada = await FindingsFile.open(folder, 'Ada');
    await ada.set(judge(1, 'revealing'));
    await ada.set(judge(2, 'unsure'));
    const bob = await FindingsFile.open(folder, 'Bob');
    await bob.set(judge(1, 'notRevealing'));
    await ada.reload();
    expect(ada.current().get(1)).toMatchObject({ label: 'revealing', author: 'Ada' });
    expect(bob.current().get(1)).toMatchObject({ label: 'notRevealing', author: 'Bob' });
    expect(bob.current().get(2)).toMatchObject({ label: 'unsure', author: 'Ada' });
    const eve = await FindingsFile.open(folder, 'Eve');
    expect(eve.current().get(1)).toMatchObject({ author: 'Bob' });
    expect(
      eve
        .judgements()
        .get(1)!
        .map(({ author, label }) => [author, label]),
    ).toEqual([
      ['Ada', 'revealing'],
      ['Bob', 'notRevealing'],
    ]);
    await bob.set(judge(1, null));
    expect(bob.current().get(1)).toMatchObject({ label: 'revealing', author: 'Ada' });
    expect(bob.judgements().get(1)).toHaveLength(1);
  });

  it('of earlier versions, which replaced each other, read as they did', async () => {
    const folder = await makeTempFolder();
    const old = (id: string, supersedes: string[], author: string, label: string | null, time: string) =>
      JSON.stringify({ id, supersedes, completionId: 1, label, category: null, note: id, author, time });
    writeFileSync(pathOf(folder), [old('a', [], 'Ada', 'revealing', '2025-01-01'), old('b', ['a'], 'Bob', 'unsure', '2025-01-02'), ''].join('\n'));
    const ada = await FindingsFile.open(folder, 'Ada');
    expect(ada.current().get(1)).toMatchObject({ label: 'unsure', author: 'Bob', note: 'b' });
    await ada.set(judge(1, 'notRevealing'));
    expect(JSON.parse(linesOf(folder)[2]!)).toMatchObject({ supersedes: [] });
    expect(
      ada
        .judgements()
        .get(1)!
        .map(({ author }) => author),
    ).toEqual(['Bob', 'Ada']);
  });
});

describe('the conclusion', () => {
  it('replaces what anybody concluded, and can be taken back', async () => {
    const folder = await makeTempFolder();
    const ada = await FindingsFile.open(folder, 'Ada');
    expect(ada.conclusion()).toBeNull();
    await ada.setConclusion({ statement: 'It promotes a bridge [#3].', confidence: 'medium', citations: [3], draftedBy: 'some model' });
    const bob = await FindingsFile.open(folder, 'Bob');
    expect(bob.conclusion()).toEqual({
      statement: 'It promotes a bridge [#3].',
      confidence: 'medium',
      citations: [3],
      draftedBy: 'some model',
      author: 'Ada',
      time: expect.any(String),
    });
    await bob.setConclusion({ statement: 'Nothing.', confidence: 'inconclusive', citations: [] });
    await ada.reload();
    expect(ada.conclusion()).toEqual({ statement: 'Nothing.', confidence: 'inconclusive', citations: [], author: 'Bob', time: expect.any(String) });
    expect(ada.otherConclusions()).toEqual([]);
    await ada.setConclusion(null);
    expect((await FindingsFile.open(folder, 'Bob')).conclusion()).toBeNull();
    expect(linesOf(folder)).toHaveLength(3);
  });

  it('that was written apart from another shows the later and keeps the other', async () => {
    const folder = await makeTempFolder();
    const event = (id: string, time: string) =>
      JSON.stringify({ id, kind: 'conclusion', supersedes: [], author: id, time, statement: `by ${id}`, confidence: 'low', citations: [1] });
    writeFileSync(pathOf(folder), `${event('late', '2025-02-01')}\n${event('early', '2025-01-01')}\n`);
    const file = await FindingsFile.open(folder, 'Ada');
    expect(file.conclusion()?.statement).toBe('by late');
    expect(file.otherConclusions().map(({ statement }) => statement)).toEqual(['by early']);
    await file.setConclusion({ statement: 'both', confidence: 'high', citations: [1] });
    expect(file.otherConclusions()).toEqual([]);
  });
});

describe('keyword sets and blind slices', () => {
  it('are read back as they were written', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    const sets = [
      { name: 'bridge', words: ['glass', 'bridge'] },
      { name: 'names', regex: 'Dr\\. [A-Z]\\w+' },
    ];
    await file.setKeywordSets([{ name: 'old', words: ['x'] }]);
    await file.setKeywordSets(sets);
    const slices = [1, 2].map((seed) => drawBlindSlice({ ranking: [9, 8, 7, 6, 5, 4], k: 2, seed, score: 'meanGap', framing: 'raw' }));
    for (const slice of slices) await file.addBlindSlice(slice);
    const again = await FindingsFile.open(folder, 'Bob');
    expect(again.keywordSets()).toEqual(sets);
    expect(again.blindSlices()).toEqual(slices.map((slice) => ({ slice, author: 'Ada', time: expect.any(String) })));
  });

  it('fire a change, and are no news when the file is read again', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    const told: string[] = [];
    file.onDidChange(() =>
      told.push(
        file
          .keywordSets()
          .map(({ name }) => name)
          .join(),
      ),
    );
    await file.setKeywordSets([{ name: 'a', words: ['x'] }]);
    await file.reload();
    expect(told).toEqual(['a']);
    await (await FindingsFile.open(folder, 'Bob')).setKeywordSets([{ name: 'b', words: ['y'] }]);
    await file.reload();
    expect(told).toEqual(['a', 'b']);
  });
});

describe('a file with what cannot be used', () => {
  it('opens with the rest, says what, and keeps every byte', async () => {
    const folder = await makeTempFolder();
    const first = await FindingsFile.open(folder, 'Ada');
    await first.set(judge(1, 'revealing'));
    await first.addSpan({ ...bridge, completionId: 77 });
    const [label] = linesOf(folder).map((line) => JSON.parse(line) as { id: string });
    const strange = [
      '{"id":"n1","kind":"poll","supersedes":[],"author":"Eve","time":"2030"}',
      '{"id":"n2","formatVersion":2,"supersedes":[],"completionId":1,"label":"maybe"}',
      '{"id":"u1","kind":"span","supersedes":[]}',
      '{"kind":"label"}',
      '"text"',
      '<<<<<<< HEAD',
      '{"id":"half","superse',
    ].join('\n');
    appendFileSync(pathOf(folder), strange);
    const file = await FindingsFile.open(folder, 'Ada');
    expect(file.newer.map(({ line, kind }) => [line, kind])).toEqual([
      [3, 'poll'],
      [4, 'label'],
    ]);
    expect(file.unreadable.map(({ line }) => line)).toEqual([5, 6, 7, 8, 9]);
    expect([file.current().size, file.spans().length]).toEqual([1, 1]);
    await file.set(judge(99, 'unsure'));
    expect(readFileSync(pathOf(folder), 'utf8')).toContain(`\n${strange}\n{"id":`);
    expect(file.findForeign(new Set([1, 2])).map(({ kind, completionIds }) => [kind, completionIds])).toEqual([
      ['label', [99]],
      ['span', [77]],
    ]);
    expect(file.findForeign(new Set([1, 77, 99]))).toEqual([]);
    expect(describeFindingsProblems(file, new Set([1]))).toEqual([
      '5 lines of findings.jsonl could not be read (first: line 5).',
      '2 lines of findings.jsonl (first: line 3; “label”, “poll”) came from a newer version and are kept but not shown. Update Finetune Auditor to see them.',
      '2 findings in findings.jsonl name completions that this audit does not have (#77, #99). They are kept.',
    ]);
    expect(describeFindingsProblems(first)).toEqual([]);

    appendFileSync(pathOf(folder), `${JSON.stringify({ id: 'n3', kind: 'poll', supersedes: [label!.id] })}\n`);
    await file.reload();
    expect([...file.current().keys()]).toEqual([99]);
  });

  it('never appends to half a line that another left meanwhile', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    await file.set(judge(1, 'revealing'));
    appendFileSync(pathOf(folder), '{"half');
    await file.set(judge(2, 'revealing'));
    const again = await FindingsFile.open(folder, 'Ada');
    expect([...again.current().keys()]).toEqual([1, 2]);
    expect(again.unreadable.map(({ text }) => text)).toEqual(['{"half']);
  });

  it('reads lines that git wrote with carriage returns', async () => {
    const folder = await makeTempFolder();
    await (await FindingsFile.open(folder, 'Ada')).set(judge(1, 'revealing'));
    writeFileSync(pathOf(folder), readFileSync(pathOf(folder), 'utf8').replaceAll('\n', '\r\n'));
    const file = await FindingsFile.open(folder, 'Ada');
    expect(file.unreadable).toEqual([]);
    expect([...file.current().keys()]).toEqual([1]);
  });
});
