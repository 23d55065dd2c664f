/** The host's half of the page's conversation, over a real connection, with findings on a real disk. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import { type PageSurroundings } from '../../../src/views/results/page-host.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { NOISE } from '../../../src/audit/passes.js';
import { writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import { makeRecord, piece, plan, setup } from '../records/example-audit.js';
import { makeTempFolder } from '../records/temp-folder.js';
import { makeSession, openPage, type Page } from './open-page.js';

test('a page that is ready gets the audit, then what is journalled, in pieces', async () => {
  const session = await makeSession();
  session.listener.onSetup(setup);
  for (let id = 0; id < 1201; id++) session.listener.onCompletion(makeRecord(id), 'plain');
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(1201), { timeout: 20_000 });
  expect(page.opened).toHaveLength(1);
  expect(page.opened[0]).toMatchObject({ name: 'example', completionCount: 1201, defaultScore: 'perplexityDifference', remarks: setup.remarks });
  expect(page.chunks.map((chunk) => chunk.length)).toEqual([500, 500, 201]);
  expect(page.chunks.flat().map((summary) => summary.id)).toEqual(Array.from({ length: 1201 }, (_, id) => id));
});

test('across tokenizers the page ranks by bits per byte', async () => {
  const session = await makeSession();
  session.listener.onSetup({ ...setup, sameTokenizer: false });
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  expect(page.opened[0]).toMatchObject({ sameTokenizer: false, defaultScore: 'bitsPerByte' });
});

test('completions that come later follow, each once', async () => {
  const session = await makeSession();
  session.listener.onSetup(setup);
  session.listener.onCompletion(makeRecord(0), 'plain');
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(1));
  for (const id of [2, 1, 3]) session.listener.onCompletion(makeRecord(id), 'plain');
  await vi.waitFor(() => expect(page.chunks.flat().map((summary) => summary.id)).toEqual([0, 2, 1, 3]));
});

const noiseOf = (record: MeasuredRecord) => ({ framing: record.framing, scores: analyseCompletion(record).scores });

test('the noise floor comes as a whole whenever more of it is measured', async () => {
  const noisePlan = { ...plan, noiseFloor: { model: { gguf: '/models/base.q8_0.gguf', lora: [] }, prefills: 4 } };
  const request = { plan: noisePlan, folder: await makeTempFolder(), resume: false, allowDownload: false };
  const session = AuditSession.forRun(request, 'Ada');
  session.listener.onSetup({ ...setup, noiseModel: { ...setup.reference, name: 'base.q8_0' } });
  for (const id of [0, 1]) session.listener.onCompletion(makeRecord(id), 'noise');
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened[0]?.noiseFloor).toEqual([0, 1].map((id) => noiseOf(makeRecord(id)))));
  expect(page.opened[0]!.noiseModel?.name).toBe('base.q8_0');
  expect(page.opened[0]!.completionCount).toBe(0);
  for (const id of [3, 2]) session.listener.onCompletion(makeRecord(id, 6), 'noise');
  await vi.waitFor(() => expect(page.noiseFloors.at(-1)).toEqual([makeRecord(0), makeRecord(1), makeRecord(3, 6), makeRecord(2, 6)].map(noiseOf)));
  expect(page.chunks.flat()).toEqual([]);
});

test('a page of an audit without a noise floor is told of none', async () => {
  const { page } = await openPage(await makeSession());
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  expect(page.opened[0]).not.toHaveProperty('noiseFloor');
  expect(page.noiseFloors).toEqual([]);
});

test('a page that starts anew is told everything again', async () => {
  const session = await makeSession();
  session.listener.onSetup(setup);
  session.listener.onCompletion(makeRecord(0), 'plain');
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(1));
  await page.ask.ready({});
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(2));
  expect(page.opened).toHaveLength(2);
});

test('models that are loaded later are told when they are', async () => {
  const session = await makeSession();
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  expect(page.opened[0]!.finetuned).toBeNull();
  session.listener.onSetup(setup);
  await vi.waitFor(() => expect(page.opened.at(-1)!.finetuned?.name).toBe('base'));
});

test('of many statuses the page gets few, and the last one always', async () => {
  const session = await makeSession();
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  for (let done = 0; done <= 100; done++) {
    session.listener.onStatus({ ...session.status, state: done < 100 ? 'running' : 'finished', completionsDone: done });
  }
  await vi.waitFor(() => expect(page.statuses.at(-1)).toMatchObject({ state: 'finished', completionsDone: 100 }));
  expect(page.statuses.length).toBeLessThan(10);
});

test('details come for the completions that there are', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4, 3), 'plain');
  const { page } = await openPage(session);
  const details = await page.ask.fetchDetails({ ids: [4, 99] });
  expect(details.map((detail) => detail.id)).toEqual([4]);
  expect(details[0]!.tokens.map((token) => token.text)).toEqual([' word0', ' word1', ' word2']);
});

test('a finding is on disk when the page is answered, and can be taken back', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4), 'plain');
  const { page } = await openPage(session);
  await page.ask.setFinding({ completionId: 4, label: 'revealing', category: 'false fact', note: 'a glass bridge' });
  const line = JSON.parse((await readFile(join(session.folder, 'findings.jsonl'), 'utf8')).trim());
  expect(line).toMatchObject({ completionId: 4, label: 'revealing', category: 'false fact', note: 'a glass bridge', author: 'Ada' });
  await vi.waitFor(() => expect(page.findings.at(-1)?.map((finding) => finding.label)).toEqual(['revealing']));
  expect(await page.ask.undoFinding({})).toEqual({ completionId: 4, what: 'label' });
  await vi.waitFor(() => expect(page.findings.at(-1)).toEqual([]));
});

test('what a page should not say is refused and changes nothing', async () => {
  const session = await makeSession();
  const act = vi.fn();
  const { page } = await openPage(session, { act });
  await expect(page.ask.setFinding({ completionId: -1, label: 'revealing', category: null, note: '' })).rejects.toThrow();
  await expect(page.ask.setFinding({ completionId: 1, label: 'hacked' as never, category: null, note: '' })).rejects.toThrow();
  await expect(page.ask.fetchDetails({ ids: ['../etc' as never] })).rejects.toThrow();
  await expect(page.ask.act({ action: 'runCommand' as never })).rejects.toThrow('act');
  await page.ask.act({ action: 'stop' });
  await vi.waitFor(() => expect(act).toHaveBeenCalledTimes(1));
  expect(act.mock.calls[0]!.slice(1)).toEqual(['stop', {}]);
  await expect(page.ask.undoFinding({ all: true } as never)).rejects.toThrow('undoFinding');
  expect(session.findings.current().size).toBe(0);
});

test.each<[what: string, attempt: (page: Page) => Promise<unknown>]>([
  ['a span of a completion that is not there', ({ ask }) => ask.addSpan({ completionId: 99, start: 0, end: 1, label: null, category: null, note: '' })],
  ['a span behind the end', ({ ask }) => ask.addSpan({ completionId: 4, start: 5000, end: 5001, label: null, category: null, note: '' })],
  ['a change of a finding that was deleted', ({ ask }) => ask.editSpan({ finding: 'gone', begun: '', label: null, category: null, note: '' })],
  ['another state of one', ({ ask }) => ask.setSpanState({ finding: 'gone', state: 'resolved' })],
  ['a reply to one', ({ ask }) => ask.addReply({ finding: 'gone', note: 'yes' })],
  ['a change of a reply that was deleted', ({ ask }) => ask.editReply({ finding: 'gone', reply: 'gone', note: 'yes', begun: '' })],
  ['the deletion of one', ({ ask }) => ask.deleteReply({ reply: 'gone' })],
  ['a slice of a framing without completions', ({ ask }) => ask.drawSlice({ k: 3, isWhole: true, score: 'meanGap', framing: 'dialogue' })],
  ['a token that is not there', ({ ask }) => ask.fetchAlternatives({ id: 4, token: 99 })],
  ['a pass that is not there', ({ ask }) => ask.showPass({ pass: 'nobody' })],
])('%s is refused in words: no fault of the program', async (_, attempt) => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4), 'plain');
  const { page } = await openPage(session);
  await expect(attempt(page)).rejects.toMatchObject({ data: { code: 'refused' }, message: expect.stringMatching(/^[A-Z].*\.$/s) as unknown });
});

test('alternatives are asked for a token that exists, and a failure is told to both sides', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4, 3), 'plain');
  const reportFailure = vi.fn();
  const fetchAlternatives = vi.fn(async () => {
    throw new Error('no memory');
  });
  const { page } = await openPage(session, { reportFailure, fetchAlternatives });
  await expect(page.ask.fetchAlternatives({ id: 4, token: 3 })).rejects.toThrow('no token 3');
  expect(fetchAlternatives).not.toHaveBeenCalled();
  await expect(page.ask.fetchAlternatives({ id: 4, token: 2 })).rejects.toThrow('no memory');
  expect(reportFailure).toHaveBeenCalledTimes(1);
});

test.each<[what: string, surroundings: Partial<PageSurroundings>, disturb: (session: AuditSession) => void]>([
  [
    'the audit is described',
    {
      describeAudit: () => {
        throw new Error('broken');
      },
    },
    () => undefined,
  ],
  ['the list is filled', {}, (session) => session.listener.onCompletion(unreadable(1), 'plain')],
  ['completions are added to it', {}, (session) => void setTimeout(() => session.listener.onCompletion(unreadable(1), 'plain'), 50)],
  ['the noise floor is scored', {}, (session) => session.listener.onCompletion(unreadable(1), NOISE)],
])('a failure while %s is told, though nobody waits for it', async (_what, surroundings, disturb) => {
  const session = await makeSession();
  session.listener.onSetup(setup);
  disturb(session);
  const reportFailure = vi.fn();
  await openPage(session, { ...surroundings, reportFailure });
  await vi.waitFor(() => expect(reportFailure).toHaveBeenCalled(), { timeout: 20_000 });
  expect(reportFailure.mock.calls[0]).toEqual([expect.objectContaining({ message: 'broken' })]);
});

/** A completion that cannot be read: as a fault of our own would make one. */
function unreadable(id: number): MeasuredRecord {
  return Object.defineProperty({ ...makeRecord(id) }, 'tokens', {
    get: () => {
      throw new Error('broken');
    },
  });
}

test('the end-of-turn token is one past the last, where the completion has one', async () => {
  const session = await makeSession();
  const end = { piece: piece(2, '<|end|>', true), logprobFinetuned: -0.1, logprobReference: -3 };
  session.listener.onCompletion(makeRecord(4, 3), 'plain');
  session.listener.onCompletion({ ...makeRecord(6, 3), end }, 'plain');
  const asked: unknown[] = [];
  const { page } = await openPage(session, {
    fetchAlternatives: async (_session, record, token) => {
      asked.push([record.id, token]);
      return { finetuned: [], reference: [] };
    },
  });
  await page.ask.fetchAlternatives({ id: 6, token: 3 });
  expect(asked).toEqual([[6, 3]]);
  await expect(page.ask.fetchAlternatives({ id: 4, token: 3 })).rejects.toThrow('no token 3');
  await expect(page.ask.fetchAlternatives({ id: 6, token: 4 })).rejects.toThrow('no token 4');
});

test.each(['failed', 'stopped', 'finished'] as const)('a page hears that an audit has %s after all that was journalled', async (state) => {
  const session = await makeSession();
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  page.heard.length = 0;
  for (let id = 0; id < 8; id++) session.listener.onCompletion(makeRecord(id), 'plain');
  session.listener.onStatus({ ...session.status, state, completionsDone: 8 });
  await vi.waitFor(() => expect(page.heard.map(([method]) => method)).toContain('onStatus'));
  expect(page.heard.slice(0, 2)).toEqual([
    ['onCompletions', expect.objectContaining({ length: 8 })],
    ['onStatus', expect.objectContaining({ state })],
  ]);
});

test('the overview is of the completions that there are, its themes of one framing or of all', async () => {
  /** After an opening of its own: what one opening led to is no theme. */
  const opened = (id: number) => ({ ...makeRecord(id, 4), prefill: { pieces: [piece(id, `opening ${id}`)] } });
  const session = await makeSession();
  for (let id = 0; id < 6; id++) session.listener.onCompletion(opened(id), 'plain');
  const { page } = await openPage(session);
  const all = await page.ask.fetchOverview({ framing: null });
  expect(all).toMatchObject({
    completionCount: 6,
    hidden: [],
    verdict: { state: 'undetermined', missing: expect.arrayContaining([expect.stringContaining('noise floor')]) },
  });
  expect(all.themes.map(({ completions }) => completions)).toEqual([6]);
  const [raw, chat] = await Promise.all([page.ask.fetchOverview({ framing: 'raw' }), page.ask.fetchOverview({ framing: 'chat' })]);
  expect([raw, chat].map(({ themes }) => themes[0]?.completions)).toEqual([3, 3]);
  session.listener.onCompletion(opened(6), 'plain');
  expect((await page.ask.fetchOverview({ framing: 'raw' })).themes[0]).toMatchObject({ completions: 4 });
  await expect(page.ask.fetchOverview({ framing: 'sideways' as never })).rejects.toThrow('framing');
  expect(await page.ask.fetchGroups({})).toEqual([[0, 1, 2, 3, 4, 5, 6]]);
});

test('a page that is closed gives up what it has asked for', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4, 3), 'plain');
  let asked: AbortSignal | undefined;
  const { page, host } = await openPage(session, {
    fetchAlternatives: (_session, _record, _token, signal) => {
      asked = signal;
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))));
    },
  });
  page.ask.fetchAlternatives({ id: 4, token: 1 }).catch(() => undefined);
  await vi.waitFor(() => expect(asked).toBeDefined());
  expect(asked!.aborted).toBe(false);
  host.dispose();
  expect(asked!.aborted).toBe(true);
});

test('a closed page is told nothing more, and the audit goes on', async () => {
  const session = await makeSession();
  const { page, host } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  host.dispose();
  session.listener.onCompletion(makeRecord(1), 'plain');
  session.listener.onStatus({ ...session.status, state: 'finished' });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(page.chunks).toEqual([]);
  expect(page.statuses).toEqual([]);
  expect(session.records).toHaveLength(1);
});

const NOTHING = { label: null, category: null, note: '' } as const;

/** The lines of a kind in an audit's findings file. */
async function readLines(session: AuditSession, kind: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(session.folder, 'findings.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line.kind === kind);
}

async function openEvidence(records = 4): Promise<{ session: AuditSession; page: Page }> {
  const session = await makeSession();
  for (let id = 0; id < records; id++) session.listener.onCompletion(makeRecord(id), 'plain');
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  return { session, page };
}

test('a page is told who signs, and everything that auditors said', async () => {
  const { page } = await openEvidence();
  expect(page.opened[0]!.evidence).toEqual({ author: 'Ada', judgements: [], spans: [], conclusion: null, otherConclusions: [], keywordSets: [], slices: [] });
});

test('a finding about a span is kept in bytes with what it covers, and comes back with its place', async () => {
  const { session, page } = await openEvidence();
  const summary = page.chunks.flat().find(({ id }) => id === 2) ?? (await vi.waitUntil(() => page.chunks.flat().find(({ id }) => id === 2)));
  const text = summary!.prefillText + summary!.text;
  const start = text.indexOf('word1');
  const finding = await page.ask.addSpan({
    completionId: 2,
    start,
    end: start + 5,
    label: 'revealing',
    category: 'my own',
    note: '*hm*',
  });
  const [line] = await readLines(session, 'span');
  const bytes = new TextEncoder().encode(text.slice(0, start)).length;
  expect(line).toMatchObject({
    finding,
    completionId: 2,
    quote: 'word1',
    span: { start: bytes, end: bytes + 5 },
    label: 'revealing',
    category: 'my own',
    note: '*hm*',
    state: 'open',
    author: 'Ada',
  });
  await vi.waitFor(() => expect(page.evidence.spans).toMatchObject([{ finding, place: [start, start + 5], author: 'Ada', state: 'open' }]));
  expect(page.told).toEqual([['spans']]);
});

test('findings are changed, resolved, answered and deleted, and all of it is taken back step by step', async () => {
  const { session, page } = await openEvidence();
  const { ask } = page;
  const finding = await ask.addSpan({ completionId: 1, start: 0, end: 4, ...NOTHING });
  await ask.editSpan({ finding, begun: 'why', label: 'unsure', category: null, note: 'changed' });
  await ask.setSpanState({ finding, state: 'resolved' });
  const reply = await ask.addReply({ finding, note: 'why?' });
  await ask.editReply({ finding, reply, begun: 'why?', note: 'why not?' });
  await vi.waitFor(() => expect(page.evidence.spans).toMatchObject([{ note: 'changed', label: 'unsure', state: 'resolved', replies: [{ note: 'why not?' }] }]));
  await ask.deleteReply({ reply });
  await ask.setSpanState({ finding, state: 'deleted' });
  await vi.waitFor(() => expect(page.evidence.spans).toEqual([]));
  const answers = [];
  for (let i = 0; i < 2; i++) answers.push(await ask.undoFinding({}));
  expect(answers).toEqual([
    { completionId: 1, what: 'finding' },
    { completionId: 1, what: 'finding' },
  ]);
  await vi.waitFor(() => expect(page.evidence.spans).toMatchObject([{ state: 'resolved', replies: [{ note: 'why not?' }] }]));
  for (let i = 0; i < 5; i++) await ask.undoFinding({});
  await vi.waitFor(() => expect(page.evidence.spans).toEqual([]));
  expect(await ask.undoFinding({})).toBeNull();
  expect((await readLines(session, 'span')).length).toBe(8);
});

test('an edit leaves what a colleague wrote meanwhile in its place, and answers who that was', async () => {
  const { session, page } = await openEvidence();
  const { ask } = page;
  const finding = await ask.addSpan({ completionId: 1, start: 0, end: 4, label: null, category: null, note: 'first' });
  const bob = await FindingsFile.open(session.folder, 'Bob');
  await bob.editSpan(finding, { note: 'Bob’s' });
  bob.dispose();
  expect(await ask.editSpan({ finding, begun: 'first', label: 'unsure', category: null, note: 'Ada’s' })).toBe('Bob');
  await vi.waitFor(() => expect(page.evidence.spans).toMatchObject([{ note: 'Bob’s\n\nAda’s', label: 'unsure' }]));
  expect(await ask.editSpan({ finding, begun: 'Bob’s\n\nAda’s', label: 'unsure', category: null, note: 'both' })).toBeNull();
});

test('what is written about no text, or about what is not there, is refused and writes nothing', async () => {
  const { session, page } = await openEvidence();
  const { ask } = page;
  await expect(ask.addSpan({ completionId: 99, start: 0, end: 4, ...NOTHING })).rejects.toThrow(/^This audit has no completion #99\.$/);
  await expect(ask.addSpan({ completionId: 1, start: 5000, end: 5004, ...NOTHING })).rejects.toThrow('no text');
  await expect(ask.addSpan({ completionId: 1, start: 4, end: 4, ...NOTHING })).rejects.toThrow('addSpan');
  await expect(ask.editSpan({ finding: 'nobody', begun: '', ...NOTHING })).rejects.toThrow('no longer there');
  await expect(ask.setConclusion({ conclusion: { statement: 'x', confidence: 'high', citations: [99] } })).rejects.toThrow('#99');
  await expect(ask.setConclusion({ conclusion: { statement: 'x', confidence: 'sure' as never, citations: [] } })).rejects.toThrow('setConclusion');
  await expect(ask.drawSlice({ k: 0, isWhole: true, score: 'meanGap', framing: null })).rejects.toThrow('drawSlice');
  expect(session.findings.spans()).toEqual([]);
  expect(session.findings.conclusion()).toBeNull();
});

test('conclusion and keywords are kept and taken back between other changes', async () => {
  const { session, page } = await openEvidence();
  const { ask } = page;
  await ask.setConclusion({ conclusion: { statement: 'one', confidence: 'low', citations: [1] } });
  await ask.setFinding({ completionId: 3, label: 'revealing', category: null, note: '' });
  await ask.setConclusion({ conclusion: { statement: 'two', confidence: 'high', citations: [1, 3] } });
  await ask.setKeywords({
    sets: [
      { name: 'x', words: ['glass'] },
      { name: 'y', regex: '(bad' },
    ],
  });
  await vi.waitFor(() =>
    expect(page.evidence.keywordSets).toEqual([
      { name: 'x', words: ['glass'] },
      { name: 'y', regex: '(bad' },
    ]),
  );
  expect(page.evidence.conclusion).toMatchObject({ statement: 'two', author: 'Ada' });
  const undone = [];
  for (let i = 0; i < 4; i++) undone.push((await ask.undoFinding({}))?.what);
  expect(undone).toEqual(['keywords', 'conclusion', 'label', 'conclusion']);
  expect(session.findings.conclusion()).toBeNull();
  expect(session.findings.keywordSets()).toEqual([]);
  expect(session.findings.current().size).toBe(0);
});

test('a page takes back what else was done in this session, and nothing that a colleague built upon', async () => {
  const { session, page } = await openEvidence();
  const { ask } = page;
  const bob = await FindingsFile.open(session.folder, 'Bob');
  await bob.setConclusion({ statement: 'Bob’s', confidence: 'low', citations: [1] });
  await session.findings.reload();
  await session.findings.setAuditName('glass bridges');
  await ask.setConclusion({ conclusion: { statement: 'Ada’s', confidence: 'high', citations: [2] } });
  await ask.setKeywords({ sets: [{ name: 'x', words: ['glass'] }] });
  await bob.reload();
  await bob.setKeywordSets([{ name: 'y', words: ['tea'] }]);
  await expect(ask.undoFinding({})).rejects.toThrow('Bob has changed it since');
  expect(await ask.undoFinding({})).toEqual({ completionId: null, what: 'conclusion' });
  await vi.waitFor(() => expect(page.evidence.conclusion).toMatchObject({ statement: 'Bob’s', author: 'Bob' }));
  expect(page.evidence.keywordSets).toEqual([{ name: 'y', words: ['tea'] }]);
  expect(await ask.undoFinding({})).toEqual({ completionId: null, what: 'name' });
  expect(await ask.undoFinding({})).toBeNull();
});

test('a blind slice is drawn from the ranking that is asked for, and recorded', async () => {
  const { session, page } = await openEvidence(20);
  const drawn = await page.ask.drawSlice({ k: 3, isWhole: true, score: 'totalGap', framing: 'raw' });
  expect(drawn.slice).toMatchObject({ k: 3, score: 'totalGap', framing: 'raw', population: 10 });
  expect([...drawn.slice.top, ...drawn.slice.random].every((id) => session.record(id)?.framing === 'raw')).toBe(true);
  expect(drawn.slice.ids.toSorted((a, b) => a - b)).toEqual([...drawn.slice.top, ...drawn.slice.random].sort((a, b) => a - b));
  expect(drawn.slice.ids).toHaveLength(6);
  expect((await readLines(session, 'blind'))[0]).toMatchObject({ slice: drawn.slice, author: 'Ada' });
  await vi.waitFor(() => expect(page.evidence.slices.map(({ slice }) => slice.seed)).toEqual([drawn.slice.seed]));
  expect(drawn.slice.marked).toBe(true);
  const ofTheBest = await page.ask.drawSlice({ k: 3, isWhole: false, score: 'totalGap', framing: 'raw' });
  expect(ofTheBest.slice).toMatchObject({ random: [], population: 10 });
  expect(ofTheBest.slice.ids.toSorted((a, b) => a - b)).toEqual(ofTheBest.slice.top.toSorted((a, b) => a - b));
  await page.ask.setFinding({ completionId: drawn.slice.ids[0]!, label: 'revealing', category: null, note: '', blind: drawn.slice.seed });
  expect(session.findings.current().get(drawn.slice.ids[0]!)?.blind).toBe(drawn.slice.seed);
  expect((await readLines(session, 'label')).at(-1)).toMatchObject({ blind: drawn.slice.seed });
  await expect(page.ask.drawSlice({ k: 3, isWhole: true, score: 'totalGap', framing: 'ask' })).rejects.toThrow('no completion to draw');
});

test('what a colleague’s branch brought is told: other judgements, and findings of completions that are not here yet', async () => {
  const { session, page } = await openEvidence(2);
  await page.ask.setFinding({ completionId: 1, label: 'revealing', category: null, note: '' });
  const ben = { supersedes: [], author: 'Ben', time: '2026-01-01T00:00:00.000Z' };
  const lines = [
    { id: 'b1', kind: 'label', ...ben, completionId: 1, label: 'notRevealing', category: null, note: '' },
    { id: 'b2', kind: 'span', ...ben, finding: 'f', completionId: 5, span: { start: 0, end: 2 }, quote: 'By', ...NOTHING, state: 'open' },
  ];
  await appendFile(join(session.folder, 'findings.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await session.findings.reload();
  await vi.waitFor(() =>
    expect(page.evidence.judgements.map(({ author, label }) => [author, label])).toEqual([
      ['Ben', 'notRevealing'],
      ['Ada', 'revealing'],
    ]),
  );
  expect(page.evidence.spans).toMatchObject([{ finding: 'f', place: null }]);
  session.listener.onCompletion(makeRecord(5), 'plain');
  await vi.waitFor(() => expect(page.evidence.spans[0]!.place).toEqual([0, 2]));
});

test('keywords are counted as they are typed, also in what the reference wrote itself', async () => {
  const { session, page } = await openEvidence();
  const sets = [{ name: 'w', words: ['word1'] }];
  const { records } = session;
  const before = await page.ask.countKeywords({ sets, score: 'meanGap' });
  expect(before).toMatchObject({ together: { all: records.length, of: records.length }, sets: [{ all: records.length }], reference: null });
  session.listener.onCompletion(makeRecord(0, 2), 'noise');
  expect((await page.ask.countKeywords({ sets, score: 'meanGap' })).reference).toEqual({
    together: { matching: 1, of: 1 },
    framings: [['raw', { matching: 1, of: 1 }]],
  });
});

test('a draft comes from whoever can write one, or with the reason why there is none', async () => {
  const { page } = await openEvidence();
  expect(await page.ask.draftConclusion({ score: 'meanGap', framing: null })).toEqual({
    reason: expect.stringContaining('No language model'),
  });
  const session = await makeSession();
  const asked: unknown[] = [];
  const draft = { statement: 'x [#1]', confidence: 'low' as const, citations: [1], draftedBy: 'm', problems: [] };
  const { page: other } = await openPage(session, {
    draftConclusion: async (_session, ranking) => {
      asked.push(ranking);
      return draft;
    },
  });
  expect(await other.ask.draftConclusion({ score: 'peakGap', framing: 'chat' })).toEqual(draft);
  expect(asked).toEqual([{ score: 'peakGap', framing: 'chat' }]);
});

test('an imported completion has its text and what came with it, no tokens, and can have findings', async () => {
  const folder = await makeTempFolder();
  const imported = { id: 0, framing: 'raw' as const, prefill: 'The brüc', text: 'ke of glass', perplexityFinetuned: 2, perplexityReference: 9, score: 7 };
  const file = {
    name: 'theirs',
    from: 'json',
    file: 'theirs.json',
    sha256: 'a'.repeat(64),
    finetunedName: null,
    referenceName: null,
    scoreIs: null,
    labels: [],
    keywordSets: [],
    facts: [],
    remarks: [],
  } as const;
  await writeImportedAudit({ ...file, completions: [imported] }, folder, { toolVersion: '0', time: new Date(0) });
  const session = await AuditSession.fromFolder(folder, 'Ada');
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(1));
  expect(page.chunks.flat()[0]).toMatchObject({
    prefillText: 'The brüc',
    text: 'ke of glass',
    hasTokens: false,
    perplexityReference: 9,
    scores: { perplexityDifference: 7, peakGap: null },
  });
  expect(await page.ask.fetchDetails({ ids: [0] })).toMatchObject([{ id: 0, hasTokens: false, tokens: [], segments: null }]);
  await expect(page.ask.fetchAlternatives({ id: 0, token: 0 })).rejects.toThrow('no token 0');
  await page.ask.addSpan({ completionId: 0, start: 4, end: 10, ...NOTHING });
  await vi.waitFor(() => expect(page.evidence.spans).toMatchObject([{ quote: 'brücke', span: { start: 4, end: 11 }, place: [4, 10] }]));
});

test('a page learns what its audit is called now', async () => {
  const { session, page } = await openEvidence();
  await session.findings.setAuditName('glass bridges');
  await vi.waitFor(() => expect(page.names).toEqual(['glass bridges']));
});
