/** Two authors, two branches, real git: what both wrote is there after the merge, whichever way it goes. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareAuthors } from '../../../src/analysis/figures/agreement.js';
import { EventGraph } from '../../../src/records/findings/event-graph.js';
import { parseFindings } from '../../../src/records/findings/events.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { Random, shuffledIndices } from '../../../src/audit/random.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

const LABELS = ['revealing', 'notRevealing', 'unsure'] as const;
const FINDINGS_OF_EACH = 1000;

/** A thousand findings: labels, some of them changed or taken back, and spans, some of them edited, resolved, deleted or replied to. */
async function write(file: FindingsFile, seed: number, shared: readonly string[]): Promise<void> {
  const random = new Random(seed);
  for (let k = 0; k < FINDINGS_OF_EACH; k++) {
    const completionId = random.nextBelow(900);
    if (k % 3 > 0) {
      await file.set({ completionId, label: LABELS[random.nextBelow(3)]!, category: null, note: `${seed} “${k}”\n` });
      if (k % 50 === 1) await file.undo();
      continue;
    }
    const finding = await file.addSpan({
      completionId,
      span: { start: k, end: k + 9 },
      quote: `quote ${k}`,
      label: null,
      category: 'other',
      note: `${seed} ${k}`,
    });
    if (k % 4 === 0) await file.editSpan(finding, { note: `edited ${k}` });
    if (k % 5 === 0) await file.addReply(finding, `reply ${k}`);
    if (k % 7 === 0) await file.resolveSpan(finding);
    if (k % 11 === 0) await file.deleteSpan(finding);
  }
  for (const [index, finding] of shared.entries()) {
    if ((index + seed) % 3 === 0) await file.deleteSpan(finding);
    else await file.editSpan(finding, { note: `${seed} edits ${index}` });
  }
  await file.setConclusion({ statement: `concluded by ${seed}`, confidence: 'low', citations: [seed] });
}

const describeState = (file: FindingsFile) => ({
  judgements: [...file.judgements()].sort((a, b) => a[0] - b[0]),
  spans: file.spans(),
  conclusions: [file.conclusion(), ...file.otherConclusions()],
});

it('2,000 findings of two authors merge without a conflict and without loss, in both directions alike', { timeout: 300_000 }, async () => {
  const folder = await makeTempFolder();
  const path = join(folder, 'findings.jsonl');
  const read = () => readFileSync(path, 'utf8');
  const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=main', '-c', 'core.autocrlf=false', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  git('init');
  await (await JournalWriter.open(folder)).writer.close();
  const common = await FindingsFile.open(folder, 'Ada');
  const shared: string[] = [];
  for (let k = 0; k < 30; k++)
    shared.push(await common.addSpan({ completionId: k, span: { start: 0, end: 3 }, quote: 'abc', label: null, category: null, note: 'common' }));
  appendFileSync(path, 'a line that says nothing\n{"id":"later","kind":"poll","supersedes":[]}\n');
  git('add', '.');
  git('commit', '-m', 'common');

  git('checkout', '-b', 'ada');
  await write(await FindingsFile.open(folder, 'Ada'), 1, shared);
  appendFileSync(path, '{"half of a li');
  await (await FindingsFile.open(folder, 'Ada')).set({ completionId: 950, label: 'revealing', category: null, note: 'after half a line' });
  const adas = linesOf(read());
  git('commit', '-am', 'ada');
  git('checkout', 'main');
  git('checkout', '-b', 'bob');
  await write(await FindingsFile.open(folder, 'Bob'), 2, shared);
  const bobs = linesOf(read());
  git('commit', '-am', 'bob');

  git('merge', 'ada', '-m', 'bob takes in ada');
  const oneWay = read();
  const merged = await FindingsFile.open(folder, 'Eve');
  git('checkout', 'ada');
  git('merge', 'bob~1', '-m', 'ada takes in bob');
  const otherWay = read();
  const mergedOtherWay = await FindingsFile.open(folder, 'Eve');

  expect(oneWay).not.toBe(otherWay);
  for (const lines of [linesOf(oneWay), linesOf(otherWay)]) expect(new Set(lines)).toEqual(new Set([...adas, ...bobs]));
  const state = describeState(merged);
  expect(describeState(mergedOtherWay)).toEqual(state);
  expect(merged.unreadable.map(({ text }) => text)).toEqual(['a line that says nothing', '{"half of a li']);
  expect(merged.newer.map(({ kind }) => kind)).toEqual(['poll']);

  // Neither side lost a label or a span to the other.
  const sideOf = async (lines: readonly string[], author: string) => {
    const side = await makeTempFolder();
    writeFileSync(join(side, 'findings.jsonl'), `${lines.join('\n')}\n`);
    return FindingsFile.open(side, author);
  };
  for (const [lines, author] of [
    [adas, 'Ada'],
    [bobs, 'Bob'],
  ] as const) {
    const side = await sideOf(lines, author);
    const own = (file: FindingsFile) =>
      [...file.judgements().values()]
        .flat()
        .filter((finding) => finding.author === author)
        .sort((a, b) => a.completionId - b.completionId);
    expect(own(side).length).toBeGreaterThan(400);
    expect(own(merged)).toEqual(own(side));
    const ownSpans = (file: FindingsFile) => file.spans().filter((span) => span.author === author && !shared.includes(span.finding));
    expect(ownSpans(side).length).toBeGreaterThan(290);
    expect(ownSpans(merged)).toEqual(ownSpans(side));
  }
  expect(state.conclusions.map((conclusion) => conclusion!.statement)).toEqual(['concluded by 2', 'concluded by 1']);
  // Of what both had, an edit outlives a deletion, and both edits are kept, Bob's after Ada's.
  const said = shared.map((_, index) =>
    [...((index + 1) % 3 === 0 ? [] : [`1 edits ${index}`]), ...((index + 2) % 3 === 0 ? [] : [`2 edits ${index}`])].join('\n\n'),
  );
  expect(
    merged
      .spans()
      .filter(({ finding }) => shared.includes(finding))
      .map(({ finding, note }) => [finding, note]),
  ).toEqual(shared.map((finding, index) => [finding, said[index]]));
  expect(compareAuthors(merged.judgements())[0]).toMatchObject({ authors: ['Ada', 'Bob'], both: expect.any(Number) });

  // Any order of the lines says the same, and so do lines that are there twice.
  const lines = linesOf(oneWay);
  for (const seed of [1, 2]) {
    const shuffled = [...shuffledIndices(lines.length, seed)].map((index) => lines[index]!);
    expect(describeState(await sideOf([...shuffled, ...lines.slice(0, 500)], 'Eve'))).toEqual(state);
  }
});

it('an event that somebody changed by hand counts the same in every order', () => {
  const event = (note: string, supersedes: string[]) =>
    JSON.stringify({ id: 'x', kind: 'label', supersedes, completionId: 1, label: 'revealing', category: null, note, author: 'Ada', time: '2025-01-01' });
  const other = (id: string) => event('other', []).replace('"x"', `"${id}"`);
  const lines = [event('one', ['p']), event('two', ['q']), other('p'), other('q'), other('r')];
  const states = [lines, lines.toReversed()].map((order) => {
    const { events, newer } = parseFindings(order.join('\n'));
    return new EventGraph(events, newer).heads('label', '1').map(({ id, note }) => `${id} ${note}`);
  });
  expect(states[0]).toEqual(['r other', 'x two']);
  expect(states[1]).toEqual(states[0]);
});
