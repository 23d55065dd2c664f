/** What auditors say, as the page holds it: findings, keywords, conclusion, blind slices. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CompletionFinding, DrawnSlice } from '../../../src/analysis/finding.js';
import type { Evidence, PlacedSpan } from '../../../src/messages/evidence.js';
import type { AuditOpenedParams } from '../../../src/messages/page.js';
import { BlindCommands } from '../../../webview/blind-commands.js';
import { PageCommands } from '../../../webview/commands.js';
import { markCompletion } from '../../../webview/detail/text-marks.js';
import { splitAtWords } from '../../../webview/detail/words.js';
import { countLabelled, labelsOf } from '../../../webview/state/blind.js';
import type { PageState } from '../../../webview/state/page-state.js';
import { openedAudit, openPageState, type StoredView } from './open-page-state.js';
import { RecordingHost } from './recording-host.js';
import { summary } from './samples.js';

const TIME = '2026-01-02T03:04:05.000Z';
const texts = ['the green glass bridge', 'a goose', 'Glass, green', 'a fox', 'GREEN and glass', 'a boat'];
const completions = texts.map((text, id) => summary(id, { text, score: 10 - id, framing: id % 2 === 0 ? 'raw' : 'chat' }));

const judged = (completionId: number, author: string, label: CompletionFinding['label']): CompletionFinding => ({
  completionId,
  author,
  label,
  category: null,
  note: `${author}’s`,
  time: TIME,
});
const span = (finding: string, more: Partial<PlacedSpan> = {}): PlacedSpan => ({
  finding,
  completionId: 0,
  span: { start: 0, end: 4 },
  quote: '',
  label: null,
  category: null,
  note: '',
  state: 'open',
  changed: null,
  replies: [],
  author: 'Eve',
  time: TIME,
  place: [0, 4],
  ...more,
});
const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  author: 'Eve',
  judgements: [],
  spans: [],
  conclusion: null,
  otherConclusions: [],
  keywordSets: [],
  slices: [],
  ...more,
});
const drawn = (ids: readonly number[], seed = 7): DrawnSlice => ({
  slice: { k: 2, seed, score: 'perplexityDifference', framing: null, population: 6, top: [0, 1], random: ids.filter((id) => id > 1), ids, marked: true },
  author: 'Eve',
  time: TIME,
});

let host: RecordingHost;
let stored: StoredView;

const openPage = (more: Partial<AuditOpenedParams> = {}): PageState => openPageState(host, stored, openedAudit(completions.length, more), completions);

beforeEach(() => {
  vi.useFakeTimers();
  host = new RecordingHost();
  stored = { value: undefined };
});
afterEach(() => vi.useRealTimers());

describe('judgements of several authors', () => {
  it('stand side by side: another’s shows, and the reader’s own key gives the reader’s own label', async () => {
    const state = openPage({ findings: [judged(0, 'Ada', 'revealing')], evidence: evidence() });
    expect(state.judgements.labelOf(0)).toBe('revealing');
    expect(state.judgements.judgementOf(0)).toEqual({ label: null, category: null, note: '' });
    expect(state.judgements.otherOf(0)?.author).toBe('Ada');
    expect(state.label('revealing')).toBe('revealing');
    await vi.runAllTimersAsync();
    expect(host.sent).toEqual([{ completionId: 0, label: 'revealing', category: null, note: '' }]);
    expect(state.judgements.otherOf(0)).toBeNull();
  });

  it('are told apart where they disagree', () => {
    const state = openPage({
      evidence: evidence({
        judgements: [judged(0, 'Ada', 'revealing'), judged(0, 'Ben', 'notRevealing'), judged(2, 'Ada', 'unsure'), judged(2, 'Ben', 'unsure')],
      }),
    });
    expect([...state.evidence.disagreements.value]).toEqual([0]);
    expect(state.evidence.judgements.value.get(2)?.map(({ author }) => author)).toEqual(['Ada', 'Ben']);
  });
});

describe('findings about spans', () => {
  it('are numbered by place in their completion, and follow what the host says', () => {
    const state = openPage({ evidence: evidence({ spans: [span('a'), span('b', { place: [2, 9] }), span('c', { completionId: 3 })] }) });
    expect(state.evidence.spansOf(0).map(({ number, span: { finding } }) => [number, finding])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    state.listen().onEvidence({ spans: [span('b')] });
    expect(state.evidence.spansOf(0).map(({ number, span: { finding } }) => [number, finding])).toEqual([[1, 'b']]);
    expect(state.evidence.spansOf(3)).toEqual([]);
    expect(state.evidence.author.value).toBe('Eve');
  });

  it('are marked where they are, also where the prefill stands apart from the completion', () => {
    const asked = summary(9, { framing: 'ask', prefillText: 'By the', text: 'sea' });
    const marks = (place: readonly [number, number]) =>
      markCompletion(asked, { pattern: null, keywords: null, theme: null, hidden: [], spans: [{ number: 1, span: span('a', { place }) }], chosen: null }).map(
        ({ start, end }) => [start, end],
      );
    expect(marks([0, 6])).toEqual([[0, 6]]);
    expect(marks([6, 9])).toEqual([[7, 10]]);
    expect(marks([3, 8])).toEqual([[3, 9]]);
    expect(
      markCompletion(asked, { pattern: null, keywords: null, theme: null, hidden: [], spans: [{ number: 1, span: span('a', { place: null }) }], chosen: null }),
    ).toEqual([]);
  });

  it('are added to what is chosen, and only where something is', async () => {
    const state = openPage({ evidence: evidence() });
    const commands = new PageCommands(state);
    commands.findings.add();
    expect(commands.findings.form.value).toBeNull();
    expect(commands.notice.value).toMatch(/Select text first/);
    commands.findings.chosen.value = { id: 0, start: 6, end: 10, by: 'keys', place: () => null };
    commands.findings.add();
    vi.stubGlobal('getSelection', () => null);
    expect(await commands.findings.save({ label: 'revealing', category: 'false fact', note: '**x**' })).toBeNull();
    vi.unstubAllGlobals();
    expect(host.spans).toEqual([{ completionId: 0, start: 6, end: 10, label: 'revealing', category: 'false fact', note: '**x**' }]);
    expect(commands.findings.form.value).toBeNull();
  });

  it('stay in the form when they cannot be saved', async () => {
    const state = openPage({ evidence: evidence() });
    const commands = new PageCommands(state);
    commands.findings.chosen.value = { id: 0, start: 6, end: 10, by: 'keys', place: () => null };
    commands.findings.add();
    host.refusal = 'the disk is full';
    expect(await commands.findings.save({ label: null, category: null, note: 'x' })).toBe('the disk is full');
    expect(commands.findings.form.value).not.toBeNull();
  });
});

describe('keywords', () => {
  async function openKeywords(more: Partial<AuditOpenedParams> = {}): Promise<PageState> {
    const state = openPage(more);
    state.change({ panel: 'keywords' });
    await vi.runAllTimersAsync();
    return state;
  }

  it('are counted while they are typed, by the current ranking, and saved when the field is left', async () => {
    const state = await openKeywords();
    state.keywords.edit(0, { text: 'green, glass' });
    await vi.runAllTimersAsync();
    expect(state.keywords.report.value?.together).toEqual({ top10: 3, top100: 3, all: 3, of: 6 });
    expect(state.keywords.report.value?.framings).toContainEqual(['chat', { top10: 0, top100: 0, all: 0, of: 3 }]);
    expect(host.keywords).toEqual([]);
    await state.keywords.save();
    await state.keywords.save();
    expect(host.keywords).toEqual([[{ name: 'green, glass', words: ['green', 'glass'] }]]);
    expect(state.keywords.rows.value).toHaveLength(2);
  });

  it('are compared with what the reference wrote itself', async () => {
    host.referenceTexts = [
      { framing: 'raw', text: 'green glass' },
      { framing: 'raw', text: 'nothing' },
    ];
    const noise = [0, 1].map(() => ({ framing: 'raw' as const, scores: summary(0).scores }));
    const state = await openKeywords({ noiseFloor: noise });
    state.keywords.edit(0, { text: 'glass' });
    await vi.runAllTimersAsync();
    expect(state.keywords.report.value?.reference?.together).toEqual({ matching: 1, of: 2 });
  });

  it('say what is wrong, by the row in which it is', async () => {
    const state = await openKeywords();
    state.keywords.edit(0, { text: '(a', regex: true });
    expect(state.keywords.keywords.value.problems).toMatchObject([{ index: 0 }]);
    expect(state.keywords.keywords.value.problems[0]!.problem).toContain('(a');
  });

  it('come with the audit and from colleagues, but not over what is being written', async () => {
    const state = await openKeywords({ evidence: evidence({ keywordSets: [{ name: 'theirs', words: ['fox'] }] }) });
    expect(state.keywords.rows.value[0]).toEqual({ text: 'fox', regex: false, name: 'theirs' });
    state.keywords.edit(1, { text: 'goo', regex: true });
    state.listen().onEvidence({ spans: [] });
    expect(state.keywords.rows.value[1]!.text).toBe('goo');
    state.listen().onEvidence({ keywordSets: [{ name: 'x', regex: 'boat' }] });
    expect(state.keywords.rows.value.map(({ text }) => text)).toEqual(['boat', '']);
  });

  it('are marked unless the reader does not want it, and never in the blind', async () => {
    const state = await openKeywords({ evidence: evidence({ keywordSets: [{ name: 'x', words: ['fox'] }], slices: [drawn([0, 3])] }) });
    expect(state.markedKeywords.value?.findMarks('a fox')).toEqual([[2, 5]]);
    state.change({ blindSeed: 7 });
    expect(state.markedKeywords.value).toBeNull();
    state.change({ blindSeed: null, markKeywords: false });
    expect(state.markedKeywords.value).toBeNull();
  });
});

describe('a conclusion', () => {
  it('is saved once for each change, with what its text cites', async () => {
    const state = openPage();
    state.conclusion.write({ statement: 'Glass bridges [#2], says [#99].' });
    await state.conclusion.save();
    await state.conclusion.save();
    expect(host.conclusions).toEqual([{ statement: 'Glass bridges [#2], says [#99].', confidence: 'inconclusive', citations: [2] }]);
    expect(state.conclusion.problems.value).toEqual(['There is no completion #99 in this audit.']);
  });

  it('cites and cites no longer, and asks for citations where it claims something', async () => {
    const state = openPage();
    expect(state.conclusion.cite(4)).toBe(true);
    expect(state.conclusion.cite(0)).toBe(true);
    expect(state.conclusion.cite(4)).toBe(false);
    await vi.runAllTimersAsync();
    expect(host.conclusions.map((conclusion) => conclusion?.citations)).toEqual([[4], [4, 0], [0]]);
    state.conclusion.cite(0);
    state.conclusion.write({ statement: 'It is about glass.' });
    await state.conclusion.choose('high');
    expect(state.conclusion.problems.value[0]).toMatch(/Cites no completion/);
    await state.conclusion.choose('inconclusive');
    expect(state.conclusion.problems.value).toEqual([]);
  });

  it('keeps a citation while the news of the one before comes in', async () => {
    const state = openPage();
    const told = (citations: number[]) =>
      state.listen().onEvidence({ conclusion: { statement: '', confidence: 'inconclusive', citations, author: 'Eve', time: TIME } });
    state.conclusion.cite(4);
    state.conclusion.cite(0);
    told([4]);
    expect(state.conclusion.written.value.citations).toEqual([4, 0]);
    told([4, 0]);
    await vi.runAllTimersAsync();
    expect(state.conclusion.written.value.citations).toEqual([4, 0]);
    told([4, 0, 2]);
    expect(state.conclusion.written.value.citations).toEqual([4, 0, 2]);
  });

  it('taken back as a whole is none', async () => {
    const state = openPage({ evidence: evidence({ conclusion: { statement: 'x', confidence: 'inconclusive', citations: [], author: 'Eve', time: TIME } }) });
    state.conclusion.write({ statement: '' });
    await state.conclusion.save();
    expect(host.conclusions).toEqual([null]);
  });

  it('of a colleague does not take away what is being written', () => {
    const state = openPage();
    state.conclusion.write({ statement: 'half a tho' });
    state.listen().onEvidence({ conclusion: { statement: 'theirs', confidence: 'low', citations: [1], author: 'Ada', time: TIME } });
    expect(state.conclusion.written.value.statement).toBe('half a tho');
    const other = openPage();
    other.listen().onEvidence({ conclusion: { statement: 'theirs', confidence: 'low', citations: [1], author: 'Ada', time: TIME } });
    expect(other.conclusion.written.value).toEqual({ statement: 'theirs', confidence: 'low', citations: [1] });
  });

  it('can be drafted by a model, and is the draft only when the reader takes it', async () => {
    const state = openPage();
    host.draft = { statement: 'Glass [#0].', confidence: 'medium', citations: [0], draftedBy: 'm', problems: [] };
    await state.conclusion.askForDraft({ score: 'meanGap', framing: null });
    expect(state.conclusion.written.value.statement).toBe('');
    await state.conclusion.takeDraft();
    expect(host.conclusions).toEqual([{ statement: 'Glass [#0].', confidence: 'medium', citations: [0], draftedBy: 'm' }]);
    expect(state.conclusion.drafting.value.state).toBe('idle');
    host.draft = { reason: 'no model here' };
    await state.conclusion.askForDraft({ score: 'meanGap', framing: null });
    expect(state.conclusion.drafting.value).toEqual({ state: 'none', reason: 'no model here' });
  });
});

describe('a blind slice', () => {
  it('is all that the list shows, in its own order, by number', () => {
    const state = openPage({ evidence: evidence({ slices: [drawn([5, 0, 3, 1])] }) });
    expect(state.list.value.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
    state.changeFilter({ framing: 'raw', query: 'glass' });
    state.change({ blindSeed: 7, sort: 'ascending', groupAlike: true });
    expect(state.rows.value.map(({ completion }) => completion.id)).toEqual([5, 0, 3, 1]);
    expect(state.nameOf.value(3)).toBe('Number 3');
    state.move(-100);
    expect(state.selectedId.value).toBe(5);
    state.change({ blindSeed: null });
    expect(state.nameOf.value(2)).toBe('raw 2');
  });

  it('hides what others said about spans', () => {
    const state = openPage({ evidence: evidence({ slices: [drawn([5, 0])], spans: [span('mine'), span('theirs', { author: 'Ada' })] }) });
    expect(state.shownSpans(0)).toHaveLength(2);
    state.change({ blindSeed: 7 });
    expect(state.shownSpans(0).map(({ span: { finding } }) => finding)).toEqual(['mine']);
  });

  it('is drawn from the ranking that is looked at, begun at the first without a label, and left with its figures', async () => {
    const state = openPage({ findings: [judged(5, 'Eve', 'revealing')], evidence: evidence() });
    state.changeFilter({ framing: 'chat' });
    state.change({ score: 'peakGap' });
    host.slice = drawn([5, 3, 1]);
    const openFigures = vi.fn();
    const blind = new BlindCommands(state, () => undefined, openFigures);
    expect(await blind.start(2, true)).toBeNull();
    expect(host.drawn).toEqual([{ k: 2, isWhole: true, score: 'peakGap', framing: 'chat' }]);
    expect(state.selectedId.value).toBe(5);
    expect(countLabelled(state.blind.value!, state.judgements.own.value)).toEqual({ labelled: 0, of: 3 });
    blind.leave();
    expect(state.blind.value).toBeNull();
    expect(openFigures).toHaveBeenCalledOnce();
    expect(blind.figuresOf.value?.slice.seed).toBe(7);
  });

  it('takes no account of what was said in sight, and shows nothing of it', async () => {
    const state = openPage({ evidence: evidence({ slices: [drawn([5, 0, 1])] }), findings: [judged(5, 'Eve', 'revealing')] });
    const commands = new PageCommands(state);
    state.select(0);
    commands.label('revealing', true);
    await vi.runAllTimersAsync();
    expect(state.judgements.lastSave.value?.completionId).toBe(0);
    commands.blind.enter(state.evidence.slices.value[0]!);
    expect(state.judgements.lastSave.value).toBeNull();
    expect(state.judgements.labelOf(0)).toBe('unlabelled');
    expect(state.judgements.labelOf(5)).toBe('unlabelled');
    expect(state.judgements.judgementOf(5)).toEqual({ label: null, category: null, note: '' });
    const sent = host.sent.length;
    commands.run('undo');
    expect(commands.notice.value).toMatch(/Nothing to take back/);
    commands.run('unlabel');
    await vi.runAllTimersAsync();
    expect(host.sent).toHaveLength(sent);
  });

  it('counts the labels that are given in it, also when they are edited later in sight, and no others', async () => {
    const state = openPage({ evidence: evidence({ slices: [drawn([5, 0, 1])] }) });
    const commands = new PageCommands(state);
    commands.blind.enter(state.evidence.slices.value[0]!);
    commands.label('revealing', true);
    state.move(1);
    commands.label('notRevealing', true);
    await vi.runAllTimersAsync();
    expect(host.sent.map(({ completionId, blind }) => [completionId, blind])).toEqual([
      [5, 7],
      [0, 7],
    ]);
    expect(countLabelled(state.blind.value!, state.judgements.own.value)).toEqual({ labelled: 2, of: 3 });
    const [slice] = state.evidence.slices.value;
    commands.blind.leave();
    state.select(0);
    commands.label('revealing', true);
    await state.judgements.set(5, { ...state.judgements.judgementOf(5), note: 'seen' });
    await vi.runAllTimersAsync();
    expect([...labelsOf(state.judgements.inForce.value, slice)]).toEqual([[5, 'revealing']]);
    expect([...labelsOf(state.judgements.inForce.value)]).toEqual([
      [5, 'revealing'],
      [0, 'revealing'],
    ]);
  });

  it('of an earlier version counts the labels that are no older than it', () => {
    const { slice, ...signature } = drawn([5, 0, 1]);
    const { marked: _marked, ...before } = slice;
    const own = new Map([5, 0].map((id) => [id, { ...judged(id, 'Eve', 'revealing'), time: id === 0 ? '2020-01-01T00:00:00.000Z' : TIME }] as const));
    expect(countLabelled({ slice: before, ...signature }, own)).toEqual({ labelled: 1, of: 3 });
  });

  it('says why none can be drawn, and stays in sight', async () => {
    const state = openPage();
    const blind = new BlindCommands(
      state,
      () => undefined,
      () => undefined,
    );
    expect(await blind.start(2, true)).toBe('nothing to draw');
    expect(state.settings.value.blindSeed).toBeNull();
  });

  it('is gone on with when the page comes back, and selects nothing outside of it', () => {
    const slices = [drawn([5, 3])];
    const first = openPage({ evidence: evidence({ slices }) });
    first.select(0);
    first.change({ blindSeed: 7 });
    expect(first.selectedId.value).toBe(5);
    const again = openPage({ evidence: evidence({ slices }) });
    expect(again.blind.value?.slice.seed).toBe(7);
    expect(again.selectedId.value).toBe(5);
    expect(openPage({ evidence: evidence() }).blind.value).toBeNull();
  });

  it('lets no command show the ranking', () => {
    const state = openPage({ evidence: evidence({ slices: [drawn([5, 0])] }) });
    const commands = new PageCommands(state);
    expect(commands.isBlind).toBe(false);
    vi.stubGlobal('requestAnimationFrame', () => 0);
    commands.run('keywords');
    vi.unstubAllGlobals();
    expect(state.settings.value.panel).toBe('keywords');
    state.change({ blindSeed: 7 });
    expect(commands.isBlind).toBe(true);
    commands.run('conclusion');
    expect(state.settings.value.panel).toBe('keywords');
    expect(commands.notice.value).toMatch(/^Not while labelling blind: .*Shift\+B ends it\.$/);
  });
});

describe('words in the place of tokens', () => {
  it('are the text when they are joined', () => {
    for (const text of ['', ' a  b\n\nc ', 'Ein Satz, dann “noch” einer.', '日本語の文']) expect(splitAtWords(text).join('')).toBe(text);
    expect(splitAtWords(' a boat.')).toEqual([' a', ' boat', '.']);
  });
});
