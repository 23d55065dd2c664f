/** Files of findings made to keep a reader busy: read at once all the same, and told where not all is shown. */
import { AuditAnalysis } from '../../../src/analysis/audit-analysis.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUTHORS_AT_MOST } from '../../../src/analysis/figures/agreement.js';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { describeFindingsProblems } from '../../../src/records/findings/describe-problems.js';
import { HEADS_AT_MOST } from '../../../src/records/findings/merge-edits.js';
import { makeReportContent } from '../../../src/records/report/make-report-content.js';
import { gatherFindings } from '../../../src/records/report/report-findings.js';
import { formatReport, REPORT_FORMATS } from '../../../src/records/report/report-formats.js';
import { writeAudit } from '../cli/written-audit.js';
import { makeTempFolder } from './temp-folder.js';

/** Against hangs alone: each of these takes far less. Milliseconds. */
const timeout = 30_000;

interface Said {
  readonly id: string;
  readonly [field: string]: unknown;
}

const base = {
  kind: 'span',
  supersedes: [],
  author: 'Eve',
  finding: 'f',
  completionId: 0,
  span: { start: 0, end: 2 },
  quote: 'On',
  label: null,
  category: null,
  note: '',
  state: 'open',
};

async function open(events: readonly Said[]): Promise<FindingsFile> {
  const folder = await makeTempFolder();
  writeFileSync(
    join(folder, 'findings.jsonl'),
    events.map((event, index) => `${JSON.stringify({ time: String(index).padStart(9, '0'), ...base, ...event })}\n`).join(''),
  );
  return FindingsFile.open(folder, 'Ada');
}

/** Three edits that each supersede all three of the layer before. */
function makeLayers(count: number): { id: string; supersedes: string[]; note: string }[] {
  const layer = (index: number) => (index < 0 ? [] : [0, 1, 2].map((edit) => `${index}-${edit}`));
  return Array.from({ length: count }, (_, index) => layer(index).map((id) => ({ id, supersedes: layer(index - 1), note: `note ${id}` }))).flat();
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

describe('edits in layers', { timeout }, () => {
  it.each([2, 5, 20])('of three people are all put together: %i layers', async (count) => {
    const file = await open(makeLayers(count));
    expect(file.spans()).toMatchObject([{ note: [0, 1, 2].map((edit) => `note ${count - 1}-${edit}`).join('\n\n') }]);
    expect(file.cut).toBe(0);
    expect(describeFindingsProblems(file)).toEqual([]);
  });

  it('that go on and on are cut, and the reader is told', async () => {
    const file = await open(makeLayers(7000));
    const [span] = file.spans();
    for (const edit of [0, 1, 2]) expect(span!.note).toContain(`note 6999-${edit}`);
    expect(file.cut).toBe(1);
    expect(describeFindingsProblems(file)).toEqual([expect.stringContaining('not all edits are shown together')]);
    expect(gatherFindings(file).problems).toEqual(describeFindingsProblems(file));
    await file.editSpan('f', { note: 'settled' });
    expect(file.cut).toBe(0);
    expect(file.spans()).toMatchObject([{ note: 'settled' }]);
    await file.undo();
  });

  it('of many findings cost as much as their lines', async () => {
    const events = many(1500, (finding) =>
      makeLayers(5).map((event) => ({
        ...event,
        id: `${finding} ${event.id}`,
        supersedes: event.supersedes.map((id) => `${finding} ${id}`),
        finding: String(finding),
      })),
    ).flat();
    const file = await open(events);
    expect(file.spans()).toHaveLength(1500);
    expect(file.cut).toBe(0);
  });
});

describe('edits without end', { timeout }, () => {
  it('of one span, apart from each other: the latest are shown, the rest is told', async () => {
    const file = await open([{ id: 'root' }, ...many(20_000, (index) => ({ id: `e${index}`, supersedes: ['root'], note: `note ${index}` }))]);
    const [span] = file.spans();
    expect(span!.note.split('\n\n')).toHaveLength(HEADS_AT_MOST);
    expect(span!.note).toContain('note 19999');
    expect(file.cut).toBe(1);
    expect(file.findForeign(new Set())).toHaveLength(1);
  });

  it('of one span, one after the other', async () => {
    const chain = many(20_000, (index) => ({ id: `e${index}`, supersedes: index === 0 ? [] : [`e${index - 1}`], note: 'common' }));
    const file = await open([
      ...chain,
      { id: 'a', supersedes: ['e19999'], note: 'Ada’s' },
      { id: 'b', supersedes: ['e19999'], label: 'unsure', note: 'common' },
    ]);
    expect(file.spans()).toMatchObject([{ note: 'Ada’s', label: 'unsure' }]);
    expect(file.cut).toBe(0);
  });

  it('that all reach far back', async () => {
    const chain = many(20_000, (index) => ({ id: `e${index}`, supersedes: index === 0 ? [] : [`e${index - 1}`] }));
    const file = await open([...chain, ...many(1000, (index) => ({ id: `h${index}`, supersedes: ['e19999'], note: `note ${index}` }))]);
    expect(file.spans()).toHaveLength(1);
    expect(file.cut).toBe(1);
  });

  it('each of which supersedes all before it', async () => {
    const file = await open(many(2000, (index) => ({ id: `e${index}`, supersedes: many(index, (before) => `e${before}`), note: `note ${index}` })));
    expect(file.spans()).toMatchObject([{ note: 'note 1999' }]);
  });

  it('that supersede each other in a ring are none in force', async () => {
    const file = await open([
      { id: 'a', supersedes: ['b'] },
      { id: 'b', supersedes: ['a'] },
      { id: 'c', supersedes: ['c'] },
    ]);
    expect(file.spans()).toHaveLength(1);
  });

  it('of names of one person', async () => {
    const file = await open([
      { id: 'l', kind: 'label', label: 'revealing', author: 'a0' },
      ...many(20_000, (index) => ({ id: `a${index}`, kind: 'author', author: `a${index + 1}`, also: [`a${index}`] })),
      { id: 'all', kind: 'author', author: 'a20000', also: many(20_000, (index) => `b${index}`) },
    ]);
    expect(file.judgements().get(0)).toMatchObject([{ author: 'a20000' }]);
  });

  it('of labels, conclusions, names, keyword sets and slices', async () => {
    const file = await open([
      ...many(20_000, (index) => ({ id: `l${index}`, kind: 'label', label: 'revealing', author: `author ${index}` })),
      ...many(20_000, (index) => ({ id: `c${index}`, kind: 'conclusion', statement: `It is ${index}.`, confidence: 'low', citations: [index] })),
      ...many(20_000, (index) => ({ id: `n${index}`, kind: 'name', name: `name ${index}` })),
      ...many(2, (head) => ({ id: `k${head}`, kind: 'keywords', sets: many(20_000, (index) => ({ name: `set ${head}`, regex: `(a|a)*${index}` })) })),
      ...many(20_000, (index) => ({
        id: `b${index}`,
        kind: 'blind',
        slice: { k: 1, seed: index, score: 'meanGap', framing: null, population: 2, top: [0], random: [1], ids: [0, 1] },
      })),
    ]);
    expect(file.judgements().get(0)).toHaveLength(20_000);
    expect(file.conclusion()).toMatchObject({ statement: 'It is 19999.' });
    expect(file.auditName()).toBe('name 19999');
    expect(file.keywordSets()).toHaveLength(40_000);
    expect(file.blindSlices()).toHaveLength(20_000);
    await file.setConclusion({ statement: 'one', confidence: 'low', citations: [] });
    expect(file.otherConclusions()).toEqual([]);
  });
});

describe('a report', { timeout: 60_000 }, () => {
  it('of findings made to take long is written at once', async () => {
    const folder = await makeTempFolder();
    await writeAudit(folder);
    const marks = '[#1]'.repeat(50_000) + '[#'.repeat(50_000) + '`*_<'.repeat(50_000) + '\u0301'.repeat(200_000) + '.'.repeat(200_000);
    const events = [
      { id: 'note', note: marks, quote: marks, category: marks },
      { id: 'conclusion', kind: 'conclusion', statement: marks, confidence: 'low', citations: [1] },
      { id: 'keywords', kind: 'keywords', sets: many(5000, (index) => ({ name: `set ${index}`, regex: `((a|a)*)*${index}` })) },
      ...many(3000, (index) => ({ id: `l${index}`, kind: 'label', completionId: index % 8, label: 'revealing', author: `author ${index}`, category: null })),
    ];
    writeFileSync(join(folder, 'findings.jsonl'), events.map((event, index) => `${JSON.stringify({ time: String(index), ...base, ...event })}\n`).join(''));
    const findings = gatherFindings(await FindingsFile.open(folder, 'Ada'));
    const audit = await readAudit(folder);
    const content = makeReportContent({ audit, analysis: AuditAnalysis.of(audit), findings, toolVersion: '0', time: new Date(0) });
    expect(content.problems.filter((problem) => problem.includes('keyword sets'))).toHaveLength(1);
    const agreement = content.figures.filter(({ title }) => title.startsWith('Agreement'));
    expect(agreement.length).toBeLessThan(AUTHORS_AT_MOST ** 2 / 2);
    expect(agreement[0]!.note).toContain('3,000 people labelled');
    for (const format of REPORT_FORMATS) expect(formatReport(content, format).length).toBeGreaterThan(0);
  });
});
