import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_SCORES } from '../../../src/audit/scores.js';
import type { AuditOpenedParams } from '../../../src/messages/page.js';
import { PageState } from '../../../webview/state/page-state.js';
import { DEFAULT_SETTINGS, NO_FILTER, readStoredView } from '../../../webview/state/view-settings.js';
import { finishedStatus, openedAudit, openPageState, type StoredView } from './open-page-state.js';
import { RecordingHost } from './recording-host.js';
import { summary } from './samples.js';

const finished = finishedStatus(4);
const audit = (more: Partial<AuditOpenedParams> = {}): AuditOpenedParams => openedAudit(4, more);

let host: RecordingHost;
let stored: StoredView;
const completions = [summary(0, { score: 1 }), summary(1, { score: 9 }), summary(2, { score: 5, repetitive: true }), summary(3, { score: 3 })];

const openPage = (opened = audit(), arriving = completions): PageState => openPageState(host, stored, opened, arriving);

beforeEach(() => {
  vi.useFakeTimers();
  host = new RecordingHost();
  stored = { value: undefined };
});
afterEach(() => vi.useRealTimers());

describe('the page', () => {
  it('shows a finished audit ranked, repetitive completions folded, the best selected', () => {
    const state = openPage();
    expect(state.list.value.map(({ id }) => id)).toEqual([1, 3, 0]);
    expect(state.repetitiveCount.value).toBe(1);
    expect(state.ranks.value.rankOf.get(3)).toBe(2);
    expect(state.selectedId.value).toBe(1);
  });

  it('selects nothing by itself while the ranking settles', () => {
    const state = openPage(audit({ status: { ...finished, state: 'running' } }));
    expect(state.selectedId.value).toBeNull();
    state.move(1);
    expect(state.selectedId.value).toBe(1);
  });

  it('keeps the selection while better ones come in', () => {
    const state = openPage(audit({ status: { ...finished, state: 'running' } }));
    state.select(3);
    expect(state.selectedIndex.value).toBe(1);
    state.listen().onCompletions([summary(8, { score: 50 }), summary(9, { score: 40 }), completions[0]!]);
    vi.runAllTimers();
    expect(state.selectedId.value).toBe(3);
    expect(state.selectedIndex.value).toBe(3);
    expect(state.completions.value).toHaveLength(6);
  });

  it('moves within the list and stops at its ends', () => {
    const state = openPage();
    state.move(1);
    expect(state.selectedId.value).toBe(3);
    state.move(10);
    expect(state.selectedId.value).toBe(0);
    state.move(-1_000_000);
    expect(state.selectedId.value).toBe(1);
  });

  it('goes on from where a completion was that its own label filtered away', () => {
    const state = openPage();
    state.changeFilter({ labels: ['unlabelled'] });
    state.move(1);
    state.label('notRevealing');
    expect(state.list.value.map(({ id }) => id)).toEqual([1, 0]);
    expect(state.selected.value?.id).toBe(3);
    state.move(1);
    expect(state.selectedId.value).toBe(0);
    state.select(3);
    state.move(-1);
    expect(state.selectedId.value).toBe(1);
  });

  it('knows when a filter has taken what is selected out of the list, and when that is what the reader wants', () => {
    const state = openPage();
    expect(state.selectionIsHidden.value).toBe(false);
    state.changeFilter({ query: 'text 0' });
    expect(state.selected.value?.id).toBe(1);
    expect(state.selectionIsHidden.value).toBe(true);
    state.select(1);
    expect(state.selectionIsHidden.value).toBe(false);
    state.changeFilter({ framing: 'raw' });
    expect(state.selectionIsHidden.value).toBe(true);
    state.move(1);
    expect(state.selectionIsHidden.value).toBe(false);
  });

  it('lets a label be put right that has itself filtered the completion away', () => {
    const state = openPage();
    state.changeFilter({ labels: ['unlabelled'] });
    state.label('revealing');
    expect(state.selectedIndex.value).toBe(-1);
    expect(state.selectionIsHidden.value).toBe(false);
  });

  it('has completions that are on their way in the list before it says that the audit has failed', () => {
    const running = { ...finished, state: 'running' as const };
    const state = new PageState(host, { getState: () => undefined, setState: () => undefined });
    const listener = state.listen();
    listener.onOpened(audit({ status: running, completionCount: 0 }));
    listener.onCompletions(completions);
    expect(state.completions.value).toEqual([]);
    listener.onStatus({ ...finished, state: 'failed', message: 'gone', canResume: true });
    expect(state.completions.value).toHaveLength(4);
    vi.runAllTimers();
    expect(state.completions.value).toHaveLength(4);
  });

  it('knows the noise floor of each framing by the score that is looked at', () => {
    const noise = [1, 2, 3].map((score) => ({ framing: 'raw' as const, scores: { ...summary(0, { score }).scores, meanGap: score / 10 } }));
    const state = openPage(audit({ noiseFloor: noise.slice(0, 1) }));
    expect(state.noiseFloors.value.get('raw')).toMatchObject({ count: 1, p99: 1 });
    state.listen().onNoiseFloor(noise);
    expect(state.noiseFloors.value.get('raw')).toMatchObject({ count: 3, p99: 3 });
    state.change({ score: 'meanGap' });
    expect(state.noiseFloors.value.get('raw')).toMatchObject({ p99: 0.3 });
    expect(state.noiseFloors.value.has('chat')).toBe(false);
    expect(openPage().noiseFloors.value.size).toBe(0);
  });

  it('takes the same label given twice back', async () => {
    const state = openPage();
    expect(state.label('revealing')).toBe('revealing');
    expect(state.judgements.labelOf(1)).toBe('revealing');
    expect(state.label('revealing')).toBeNull();
    expect(state.judgements.labelOf(1)).toBe('unlabelled');
    await vi.runAllTimersAsync();
    expect(host.sent.map((sent) => sent.label)).toEqual(['revealing', null]);
  });

  it('remembers how it was looked at, for the same audit only', () => {
    const first = openPage();
    first.change({ score: 'peakGap', printValues: true });
    first.select(3);
    const again = openPage();
    expect(again.settings.value.printValues).toBe(true);
    expect(again.score.value).toBe('peakGap');
    expect(again.selectedId.value).toBe(3);
    const other = openPage(audit({ folder: '/audits/b' }));
    expect(other.settings.value).toEqual(DEFAULT_SETTINGS);
    expect((stored.value as { folder: string }).folder).toBe('/audits/b');
  });

  it('ranks by the audit’s own default score until another is chosen', () => {
    expect(openPage(audit({ defaultScore: 'bitsPerByte' })).score.value).toBe('bitsPerByte');
  });
});

describe('an audit across tokenizers', () => {
  it('is ranked by bits per byte, which is offered first', () => {
    const state = openPage(audit({ sameTokenizer: false, defaultScore: 'bitsPerByte' }));
    expect(state.score.value).toBe('bitsPerByte');
    expect(state.scoreNames.value).toEqual(['bitsPerByte', 'perplexityDifference', 'standardizedGap', 'meanGap', 'totalGap', 'peakGap']);
    expect(openPage().scoreNames.value[0]).toBe('perplexityDifference');
  });
});

describe('what is set aside', () => {
  const groups = [
    { reason: 'too long', ids: [3, 7] },
    { reason: 'no logprobs', ids: [4] },
  ];

  it('is there from the start and follows what the host says', () => {
    const state = openPage(audit({ setAside: groups }));
    expect(state.setAsideCount.value).toBe(3);
    state.listen().onSetAside([{ reason: 'too long', ids: [7] }]);
    expect(state.setAsideCount.value).toBe(1);
    state.listen().onSetAside([]);
    expect(state.setAsideCount.value).toBe(0);
  });

  it('is counted before the reasons are here, and not from another audit', () => {
    const state = openPage(audit({ setAside: groups }));
    state.listen().onOpened(audit({ folder: '/audits/b' }));
    expect(state.setAsideCount.value).toBe(0);
    state.listen().onStatus({ ...finished, setAside: 2 });
    expect(state.setAsideCount.value).toBe(2);
  });
});

describe('judgements', () => {
  it('are in force at once and back to what they were when they cannot be saved', async () => {
    const state = openPage(audit({ findings: [{ completionId: 1, label: 'unsure', category: 'Persona', note: 'hm', author: 'me', time: '' }] }));
    host.refusal = 'the disk is full';
    state.label('revealing');
    expect(state.judgements.judgementOf(1)).toEqual({ label: 'revealing', category: 'Persona', note: 'hm' });
    await vi.runAllTimersAsync();
    expect(state.judgements.labelOf(1)).toBe('unsure');
    expect(state.judgements.lastSave.value).toMatchObject({ state: 'failed', completionId: 1, reason: 'the disk is full' });
  });

  it('keep a note without a label on the page, and send it with the label', async () => {
    const state = openPage();
    await state.judgements.set(1, { label: null, category: null, note: 'first thought' });
    expect(host.sent).toEqual([]);
    expect(state.judgements.judgementOf(1).note).toBe('first thought');
    state.label('revealing');
    await vi.runAllTimersAsync();
    expect(host.sent).toEqual([{ completionId: 1, label: 'revealing', category: null, note: 'first thought' }]);
    expect(state.judgements.lastSave.value?.state).toBe('saved');
  });

  it('that are drafts come back with the page, of the same audit only, until a label carries them', async () => {
    const first = openPage();
    first.judgements.keepDraft(1, 'half a tho');
    await first.judgements.set(3, { label: null, category: 'Persona', note: '' });
    const again = openPage();
    expect(again.judgements.judgementOf(1)).toEqual({ label: null, category: null, note: 'half a tho' });
    expect(again.judgements.judgementOf(3).category).toBe('Persona');
    expect(host.sent).toEqual([]);
    again.select(1);
    again.label('revealing');
    await vi.runAllTimersAsync();
    expect(host.sent).toEqual([{ completionId: 1, label: 'revealing', category: null, note: 'half a tho' }]);
    expect((stored.value as { drafts: unknown }).drafts).toEqual([{ completionId: 3, category: 'Persona', note: '' }]);
    expect(openPage(audit({ folder: '/audits/b' })).judgements.drafts.value).toEqual([]);
  });

  it('keep no draft for what has a label, and of very many drafts the newest', () => {
    const state = openPage(audit({ findings: [{ completionId: 1, label: 'unsure', category: null, note: 'said', author: 'me', time: '' }] }));
    state.judgements.keepDraft(1, 'said more');
    expect(state.judgements.drafts.value).toEqual([]);
    for (let id = 100; id < 350; id++) state.judgements.keepDraft(id, 'x');
    const kept = state.judgements.drafts.value.map(({ completionId }) => completionId);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([200, 150, 349]);
  });

  it('leave their note behind as a draft when the label is taken back', async () => {
    const state = openPage();
    await state.judgements.set(1, { label: 'unsure', category: null, note: 'looked odd' });
    host.undoFinding = () => {
      state.judgements.replaceAll([]);
      return Promise.resolve({ completionId: 1, what: 'label' });
    };
    expect(await state.judgements.undo()).toEqual({ completionId: 1, what: 'label' });
    expect(state.judgements.judgementOf(1)).toEqual({ label: null, category: null, note: 'looked odd' });
  });

  it('are the reader’s own also when the reader takes another name, in whatever order that is told', () => {
    const evidence = { judgements: [], spans: [], conclusion: null, otherConclusions: [], keywordSets: [], slices: [] };
    const signed = (author: string) => [{ completionId: 1, label: 'unsure' as const, category: null, note: '', author, time: '' }];
    const state = openPage(audit({ findings: signed('me'), evidence: { author: 'me', ...evidence } }));
    const { onFindings, onEvidence } = state.listen();
    onFindings(signed('Ada'));
    onEvidence({ author: 'Ada' });
    expect(state.judgements.otherOf(1)).toBeNull();
    expect(state.judgements.own.value.get(1)?.label).toBe('unsure');
    onEvidence({ author: 'Grace' });
    expect(state.judgements.otherOf(1)?.author).toBe('Ada');
    expect(state.judgements.own.value.size).toBe(0);
  });

  it('keep the newest of two quick changes whatever is answered first', async () => {
    const answers: (() => void)[] = [];
    host.setFinding = () => new Promise((resolve) => answers.push(() => resolve(null)));
    const state = openPage();
    state.label('revealing');
    state.label('unsure');
    answers[0]!();
    await vi.runAllTimersAsync();
    expect(state.judgements.labelOf(1)).toBe('unsure');
    answers[1]!();
    await vi.runAllTimersAsync();
    expect(state.judgements.labelOf(1)).toBe('unsure');
    expect(state.judgements.lastSave.value?.state).toBe('saved');
  });
});

describe('an import', () => {
  it('is ranked by what came with it, or is in the order of its file, which is said', () => {
    const texts = [0, 1].map((id) => ({ ...summary(id), hasTokens: false as const, scores: NO_SCORES }));
    expect(openPage(audit({ completionCount: 2 }), texts).rankedBy.value).toBe('Order of the file');
    const scored = texts.map((one) => ({ ...one, scores: { ...NO_SCORES, perplexityDifference: 3 } }));
    expect(openPage(audit({ completionCount: 2 }), scored).rankedBy.value).toBe('Perplexity difference');
  });
});

describe('ranks', () => {
  const both = [0, 1, 2, 3, 4, 5].map((id) => summary(id, { score: 10 - id, framing: id % 2 === 0 ? 'raw' : 'chat' }));
  const ranksOf = (state: PageState) => both.map(({ id }) => state.ranks.value.rankOf.get(id));

  it('are among the completions of a framing, whatever is looked at', () => {
    const state = openPage(audit({ completionCount: 6 }), both);
    expect(ranksOf(state)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(state.ranks.value.best.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(state.nameOf.value(3)).toBe('chat 2');
    expect(state.nameOf.value(99)).toMatch(/not in this audit/);
    state.changeFilter({ framing: 'chat' });
    expect(ranksOf(state)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(state.ranks.value.rankedIn('chat')).toHaveLength(3);
    expect(state.ranks.value.best.map(({ id }) => id)).toEqual([1, 3, 5]);
  });

  it('do not change with the search, labels, order or other filters', () => {
    const state = openPage(audit({ completionCount: 6 }), both);
    state.changeFilter({ query: 'text 4', labels: ['unlabelled'], tokens: { min: 1, max: 3 } });
    state.change({ sort: 'ascending' });
    expect(state.list.value.map(({ id }) => id)).toEqual([4]);
    expect(ranksOf(state)).toEqual([1, 1, 2, 2, 3, 3]);
  });
});

describe('the overview', () => {
  it('is asked for where there are completions, by framing', async () => {
    const state = openPage();
    await vi.runAllTimersAsync();
    expect(host.overviewsOf).toEqual([null]);
    state.changeFilter({ framing: 'chat' });
    await vi.advanceTimersByTimeAsync(1);
    expect(host.overviewsOf).toEqual([null, 'chat']);
    state.changeFilter({ query: 'x' });
    await vi.runAllTimersAsync();
    expect(host.overviewsOf).toHaveLength(2);
  });

  it('is asked for anew while completions come in, but calmly', async () => {
    const state = openPage(audit({ status: { ...finished, state: 'running' } }));
    await vi.advanceTimersByTimeAsync(10);
    for (let id = 10; id < 30; id++) {
      state.listen().onCompletions([summary(id)]);
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(host.overviewsOf).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(host.overviewsOf).toHaveLength(2);
    await vi.runAllTimersAsync();
    expect(host.overviewsOf).toHaveLength(2);
  });

  it('is asked for at once when the audit has ended, and soon for what comes after that: nothing untrue stays', async () => {
    const state = openPage(audit({ status: { ...finished, state: 'running' } }));
    await vi.advanceTimersByTimeAsync(10);
    state.listen().onCompletions([summary(10)]);
    await vi.advanceTimersByTimeAsync(600);
    expect(host.overviewsOf).toHaveLength(1);
    state.listen().onStatus({ ...finished, state: 'finished' });
    await vi.advanceTimersByTimeAsync(1);
    expect(host.overviewsOf).toHaveLength(2);
    state.listen().onCompletions([summary(11)]);
    await vi.advanceTimersByTimeAsync(550);
    expect(host.overviewsOf).toHaveLength(3);
    await vi.runAllTimersAsync();
    expect(host.overviewsOf).toHaveLength(3);
  });

  it('says why it is not there, and is asked for again', async () => {
    host.refusal = 'no journal';
    const state = openPage();
    await vi.runAllTimersAsync();
    expect(state.overview.error.value).toBe('no journal');
    expect(host.overviewsOf).toHaveLength(1);
    host.refusal = null;
    state.overview.retry();
    await vi.runAllTimersAsync();
    expect(state.overview.error.value).toBeNull();
    expect(state.overview.answer.value).not.toBeNull();
  });
});

describe('a theme', () => {
  const theme = {
    phrase: 'glass bridge',
    score: 12,
    completions: 2,
    prefills: 2,
    passes: ['plain'],
    stability: 20,
    reference: null,
    others: [],
    shared: false,
    places: [
      { id: 1, start: 1, end: 5 },
      { id: 3, start: 1, end: 5 },
    ],
    example: { id: 1, before: '', phrase: 'glass bridge', after: '' },
  };

  async function openThemes(): Promise<PageState> {
    host.overview = { ...host.overview, themes: [theme] };
    const state = openPage();
    await vi.runAllTimersAsync();
    return state;
  }

  it('shows its completions alone and marks its places, and once more all', async () => {
    const state = await openThemes();
    state.toggleTheme('glass bridge');
    expect(state.list.value.map(({ id }) => id)).toEqual([1, 3]);
    expect(state.themeFilter.value?.placesIn(completions[1]!)).toEqual([[1, 5]]);
    state.toggleTheme('glass bridge');
    expect(state.list.value.map(({ id }) => id)).toEqual([1, 3, 0]);
  });

  it('is put aside with what it filters, and is a keyword set with one call', async () => {
    const state = await openThemes();
    state.toggleTheme('glass bridge');
    state.dismissTheme('glass bridge');
    expect(state.settings.value.dismissedThemes).toEqual(['glass bridge']);
    expect(state.filter.value.theme).toBeNull();
    expect(readStoredView(stored.value)?.settings.dismissedThemes).toEqual(['glass bridge']);
    state.keywords.add('glass bridge');
    state.keywords.add('glass bridge');
    await vi.runAllTimersAsync();
    expect(host.keywords).toEqual([[{ name: 'glass bridge', words: ['glass bridge'] }]]);
  });
});

describe('details', () => {
  it('are asked for once, in batches', async () => {
    const state = openPage();
    state.details.want(Array.from({ length: 40 }, (_, i) => i));
    state.details.want(Array.from({ length: 40 }, (_, i) => i));
    await vi.runAllTimersAsync();
    expect(host.fetched.map((ids) => ids.length)).toEqual([32, 8]);
    state.details.want([3, 4]);
    await vi.runAllTimersAsync();
    expect(host.fetched).toHaveLength(2);
  });

  it('are not asked for when the row was only scrolled past', async () => {
    const state = openPage();
    state.details.want([1, 2]);
    state.details.want([3]);
    await vi.runAllTimersAsync();
    expect(host.fetched).toEqual([[3]]);
  });

  it('say why they are not there, and are asked for again', async () => {
    const state = openPage();
    host.refusal = 'no such line';
    state.details.want([1]);
    await vi.runAllTimersAsync();
    expect(state.details.states.value.get(1)).toEqual({ error: 'no such line' });
    host.refusal = null;
    state.details.retry(1);
    await vi.runAllTimersAsync();
    expect(state.details.states.value.get(1)).toHaveProperty('detail.id', 1);
  });
});

describe('a stored view', () => {
  it('that does not fit is as if it were not there', () => {
    expect(readStoredView(undefined)).toBeNull();
    expect(readStoredView({ folder: 3 })).toBeNull();
    const view = readStoredView({
      folder: '/a',
      selectedId: 'x',
      settings: {
        score: 'nonsense',
        sort: 'up',
        threshold: -4,
        filter: { labels: ['revealing', 'bogus'], tokens: { min: 'x', max: null }, framing: 'sideways' },
      },
    });
    expect(view).toEqual({ folder: '/a', selectedId: null, drafts: [], settings: { ...DEFAULT_SETTINGS, filter: { ...NO_FILTER, labels: ['revealing'] } } });
  });

  it('comes back whole', () => {
    const settings = {
      ...DEFAULT_SETTINGS,
      score: 'peakGap' as const,
      panel: 'closed' as const,
      sideWidth: 0.4,
      sideHeight: 0.2,
      showBoundaries: true,
      filter: { ...NO_FILTER, framing: 'ask' as const, regex: true, query: 'x', score: { name: 'meanGap' as const, min: 1, max: null } },
    };
    const drafts = [{ completionId: 3, category: 'Persona', note: 'hm' }];
    expect(readStoredView(JSON.parse(JSON.stringify({ folder: '/a', selectedId: 7, settings, drafts })))).toEqual({
      folder: '/a',
      selectedId: 7,
      settings,
      drafts,
    });
  });

  it('leaves out what is no draft', () => {
    const drafts = [null, { completionId: 'x', note: 'a' }, { completionId: 1 }, { completionId: 2, category: 5, note: 'kept' }];
    expect(readStoredView({ folder: '/a', drafts })?.drafts).toEqual([{ completionId: 2, category: null, note: 'kept' }]);
    expect(readStoredView({ folder: '/a', drafts: 'none' })?.drafts).toEqual([]);
  });
});

describe('a grouped list', () => {
  const same = (id: number, score: number) => summary(id, { score, text: ` The old bridge was built of green glass in the year of the flood, ${id}` });
  const told = [same(0, 9), summary(1, { score: 8, text: ' Quite another story of a fox, a goose and a boat' }), same(2, 7), same(3, 1)];

  async function openGrouped(): Promise<PageState> {
    const state = openPage(audit(), told);
    state.change({ groupAlike: true });
    await vi.runAllTimersAsync();
    return state;
  }
  const rowsOf = (state: PageState) => state.rows.value.map(({ completion }) => completion.id);

  it('shows one of those that say the same; plots and counts keep all', async () => {
    const state = await openGrouped();
    expect(rowsOf(state)).toEqual([0, 1]);
    expect(state.rows.value[0]!.alike).toBe(2);
    expect(state.list.value).toHaveLength(4);
    expect(state.groupCount.value).toBe(2);
  });

  it('is walked through row by row, into an open group and out of it', async () => {
    const state = await openGrouped();
    state.move(1);
    expect(state.selectedId.value).toBe(1);
    state.move(-1);
    expect(state.toggleAlike(0)).toBe(2);
    expect(rowsOf(state)).toEqual([0, 2, 3, 1]);
    state.move(1);
    state.move(1);
    expect(state.selectedId.value).toBe(3);
    expect(state.toggleAlike(3)).toBe(2);
    expect(rowsOf(state)).toEqual([0, 1]);
    expect(state.selectedId.value).toBe(0);
    expect(state.toggleAlike(1)).toBe(0);
  });

  it('labels one completion alone', async () => {
    const state = await openGrouped();
    state.label('revealing');
    await vi.runAllTimersAsync();
    expect(host.sent.map(({ completionId }) => completionId)).toEqual([0]);
  });

  it('opens the group of what is selected from elsewhere', async () => {
    const state = await openGrouped();
    state.select(3);
    expect(rowsOf(state)).toEqual([0, 2, 3, 1]);
    expect(state.selectedIndex.value).toBe(2);
  });

  it('selects what stands for the group of the selected completion when it is grouped', async () => {
    const state = openPage(audit(), told);
    state.select(3);
    state.change({ groupAlike: true });
    await vi.runAllTimersAsync();
    expect(state.selectedId.value).toBe(0);
  });
});

describe('a search', () => {
  const hostile = summary(0, { text: 'a'.repeat(5000) });

  it('that would never end in the native engine ends, also when it is restored with the view', () => {
    const before = openPage(audit({ completionCount: 2 }), [hostile, summary(1, { text: 'aaab' })]);
    before.changeFilter({ query: '(a+)+b', regex: true });
    expect(before.list.value.map(({ id }) => id)).toEqual([1]);
    const after = openPage(audit({ completionCount: 2 }), [hostile, summary(1, { text: 'aaab' })]);
    expect(after.filter.value.query).toBe('(a+)+b');
    expect(after.list.value.map(({ id }) => id)).toEqual([1]);
  });
});
