/** Undo takes back what was said here, and never what others said upon it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SpanContent } from '../../../src/analysis/finding.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { makeTempFolder } from './temp-folder.js';

const bridge: SpanContent = { completionId: 3, span: { start: 4, end: 16 }, quote: 'glass bridge', label: 'revealing', category: null, note: 'first' };
const concluded = (statement: string) => ({ statement, confidence: 'low' as const, citations: [1] });

async function openTwo(): Promise<{ folder: string; ada: FindingsFile; bob: () => Promise<FindingsFile> }> {
  const folder = await makeTempFolder();
  return { folder, ada: await FindingsFile.open(folder, 'Ada'), bob: () => FindingsFile.open(folder, 'Bob') };
}

const linesOf = (folder: string) => readFileSync(join(folder, 'findings.jsonl'), 'utf8').trim().split('\n');

describe('a change that somebody else has built upon', () => {
  it('stays where they edited it, says who, and the next undo goes further back', async () => {
    const { folder, ada, bob } = await openTwo();
    await ada.set({ completionId: 8, label: 'unsure', category: null, note: '' });
    const finding = await ada.addSpan(bridge);
    await ada.editSpan(finding, { note: 'second' });
    await (await bob()).editSpan(finding, { note: 'Bob’s' });
    const before = linesOf(folder).length;
    // Nothing was read again meanwhile.
    await expect(ada.undo()).rejects.toThrow('Your last change of this finding stays: Bob has changed it since. Edit it instead.');
    expect(ada.spans()).toMatchObject([{ note: 'Bob’s' }]);
    await expect(ada.undo()).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('Bob has changed it since') });
    expect(linesOf(folder)).toHaveLength(before);
    expect(await ada.undo()).toEqual({ completionId: 8, what: 'label' });
    expect(await ada.undo()).toBeNull();
    expect((await bob()).spans()).toMatchObject([{ note: 'Bob’s' }]);
  });

  it('stays where they deleted it', async () => {
    const { ada, bob } = await openTwo();
    const finding = await ada.addSpan(bridge);
    await ada.editSpan(finding, { note: 'second' });
    await (await bob()).deleteSpan(finding);
    await expect(ada.undo()).rejects.toThrow('Bob has deleted it since');
    expect(ada.spans()).toEqual([]);
  });

  it('can be edited back under a reply, but is not deleted with it', async () => {
    const { ada, bob } = await openTwo();
    const finding = await ada.addSpan(bridge);
    await ada.editSpan(finding, { note: 'second' });
    const other = await bob();
    const reply = await other.addReply(finding, 'hm');
    expect(await ada.undo()).toEqual({ completionId: 3, what: 'finding' });
    expect(ada.spans()).toMatchObject([{ note: 'first', replies: [{ note: 'hm' }] }]);
    await expect(ada.undo()).rejects.toThrow('Bob has replied to it since. Edit it instead.');
    expect(ada.spans()).toHaveLength(1);
    const second = await ada.addSpan(bridge);
    await ada.addReply(second, 'my own');
    await other.reload();
    await other.deleteReply(reply);
    await ada.undo();
    await ada.undo();
    expect(ada.spans().map((span) => span.finding)).toEqual([finding]);
  });

  it('is a reply that they edited, or one to what they deleted', async () => {
    const { ada, bob } = await openTwo();
    const finding = await ada.addSpan(bridge);
    await ada.addReply(finding, 'one');
    const reply = await ada.addReply(finding, 'two');
    const other = await bob();
    await other.editReply(reply, 'Bob’s');
    await expect(ada.undo()).rejects.toThrow('Your last change of this reply stays: Bob has changed it since.');
    expect(ada.spans()[0]!.replies.map(({ note }) => note)).toEqual(['one', 'Bob’s']);
    await other.deleteSpan(finding);
    await expect(ada.undo()).rejects.toThrow('Bob has deleted it since');
  });

  it('is told apart from a label of theirs, which stands beside', async () => {
    const { ada, bob } = await openTwo();
    await ada.set({ completionId: 1, label: 'revealing', category: null, note: '' });
    await (await bob()).set({ completionId: 1, label: 'unsure', category: null, note: '' });
    expect(await ada.undo()).toEqual({ completionId: 1, what: 'label' });
    expect(
      ada
        .judgements()
        .get(1)!
        .map(({ author }) => author),
    ).toEqual(['Bob']);
  });

  it('may be the author’s own, made in another window', async () => {
    const { folder, ada } = await openTwo();
    const finding = await ada.addSpan(bridge);
    await (await FindingsFile.open(folder, 'Ada')).editSpan(finding, { note: 'elsewhere' });
    await expect(ada.undo()).rejects.toThrow('it was changed elsewhere since');
    expect(ada.spans()).toMatchObject([{ note: 'elsewhere' }]);
  });

  it('is one on another branch, too', async () => {
    const { ada, bob } = await openTwo();
    const finding = await ada.addSpan(bridge);
    const other = await bob();
    await ada.editSpan(finding, { note: 'Ada’s' });
    await other.editSpan(finding, { category: 'persona' });
    await expect(ada.undo()).rejects.toThrow('Bob has changed it since');
    expect(ada.spans()).toMatchObject([{ note: 'Ada’s', category: 'persona' }]);
  });
});

describe('what can be taken back', () => {
  it('is everything that was written, in the order in which it was', async () => {
    const { folder, ada, bob } = await openTwo();
    const finding = await ada.addSpan(bridge);
    await ada.setKeywordSets([{ name: 'a', words: ['x'] }]);
    await ada.setConclusion(concluded('one'));
    await ada.setAuditName('glass');
    await ada.addReply(finding, 'hm');
    await ada.setAuditName('bridges');
    await ada.setConclusion(null);
    await ada.setKeywordSets([{ name: 'b', regex: 'y' }]);
    const undo = async () => {
      const answer = await ada.undo();
      return answer && [answer.what, answer.completionId];
    };
    expect(await undo()).toEqual(['keywords', null]);
    expect(ada.keywordSets()).toEqual([{ name: 'a', words: ['x'] }]);
    expect(await undo()).toEqual(['conclusion', null]);
    expect(ada.conclusion()).toMatchObject(concluded('one'));
    expect(await undo()).toEqual(['name', null]);
    expect(ada.auditName()).toBe('glass');
    expect(await undo()).toEqual(['finding', 3]);
    expect(await undo()).toEqual(['name', null]);
    expect(await undo()).toEqual(['conclusion', null]);
    expect(await undo()).toEqual(['keywords', null]);
    expect(await undo()).toEqual(['finding', 3]);
    expect(await undo()).toBeNull();
    for (const file of [ada, await bob()]) {
      expect([file.spans(), file.keywordSets(), file.conclusion(), file.otherConclusions(), file.auditName()]).toEqual([[], [], null, [], null]);
    }
    expect(linesOf(folder)).toHaveLength(16);
  });

  it('goes back over changes that were taken back in between', async () => {
    const { ada } = await openTwo();
    const finding = await ada.addSpan(bridge);
    const noteAfter = async (task: Promise<unknown>) => {
      await task;
      return ada.spans()[0]?.note;
    };
    await ada.editSpan(finding, { note: 'second' });
    expect(await noteAfter(ada.editSpan(finding, { note: 'third' }))).toBe('third');
    expect(await noteAfter(ada.undo())).toBe('second');
    expect(await noteAfter(ada.editSpan(finding, { note: 'fourth' }))).toBe('fourth');
    expect(await noteAfter(ada.undo())).toBe('second');
    expect(await noteAfter(ada.undo())).toBe('first');
    expect(await noteAfter(ada.undo())).toBeUndefined();
    expect(await ada.undo()).toBeNull();
  });

  it('brings a colleague’s conclusion back as theirs, and all of them where there were several', async () => {
    const { ada, bob } = await openTwo();
    const other = await bob();
    await other.setConclusion(concluded('Bob’s'));
    await ada.setConclusion(concluded('Ada’s'));
    await ada.setConclusion(concluded('both'));
    await ada.reload();
    expect([ada.conclusion()?.statement, ada.otherConclusions()]).toEqual(['both', [expect.objectContaining({ statement: 'Bob’s' })]]);
    await ada.setConclusion(concluded('one for all'));
    expect(ada.otherConclusions()).toEqual([]);
    expect(await ada.undo()).toEqual({ completionId: null, what: 'conclusion' });
    expect([ada.conclusion(), ...ada.otherConclusions()]).toMatchObject([
      { statement: 'both', author: 'Ada' },
      { statement: 'Bob’s', author: 'Bob' },
    ]);
    expect([ada.conclusion(), ...ada.otherConclusions()]).toEqual([(await bob()).conclusion(), ...(await bob()).otherConclusions()]);
  });

  it('brings back a colleague’s conclusion that was replaced', async () => {
    const { ada, bob } = await openTwo();
    await (await bob()).setConclusion(concluded('Bob’s'));
    await ada.reload();
    const theirs = ada.conclusion();
    await ada.setConclusion(concluded('Ada’s'));
    await ada.undo();
    expect(ada.conclusion()).toEqual(theirs);
    expect(ada.otherConclusions()).toEqual([]);
  });

  it('is no conclusion, keyword set or name that somebody else replaced', async () => {
    const { ada, bob } = await openTwo();
    await ada.setAuditName('glass');
    await ada.setKeywordSets([{ name: 'a', words: ['x'] }]);
    await ada.setConclusion(concluded('one'));
    const other = await bob();
    await other.setAuditName('bridges');
    await other.setKeywordSets([{ name: 'b', words: ['y'] }]);
    await other.setConclusion(concluded('two'));
    await expect(ada.undo()).rejects.toThrow('Your last change of the conclusion stays: Bob has changed it since. Edit it instead.');
    await expect(ada.undo()).rejects.toThrow('the list of keyword sets');
    await expect(ada.undo()).rejects.toThrow('the audit’s name');
    expect(await ada.undo()).toBeNull();
    expect([ada.auditName(), ada.keywordSets()[0]!.name, ada.conclusion()?.statement]).toEqual(['bridges', 'b', 'two']);
  });
});
