import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditOpenedParams, AuditStatus } from '../../../src/messages/page.js';
import type { Host, Judgement } from '../../../webview/host.js';
import { PageState } from '../../../webview/state/page-state.js';
import { DEFAULT_SETTINGS, NO_FILTER, readStoredView } from '../../../webview/state/view-settings.js';
import { detail, summary } from './samples.js';

const finished: AuditStatus = { state: 'finished', completionsDone: 4, completionsTotal: 4, tokensPerSecond: null, secondsLeft: null, message: '', canResume: false };

function audit(more: Partial<AuditOpenedParams> = {}): AuditOpenedParams {
  return {
    name: 'a',
    folder: '/audits/a',
    finetuned: null,
    reference: null,
    sameTokenizer: true,
    framings: ['raw', 'chat'],
    planFacts: [],
    remarks: [],
    defaultScore: 'perplexityDifference',
    categories: [],
    status: finished,
    findings: [],
    completionCount: 4,
    localModels: true,
    ...more,
  };
}

class RecordingHost implements Host {
  readonly sent: { id: number; judgement: Judgement }[] = [];
  readonly fetched: number[][] = [];
  refusal: string | null = null;
  fetchDetails(ids: readonly number[]) {
    this.fetched.push([...ids]);
    return this.refusal === null ? Promise.resolve(ids.map((id) => detail(id, []))) : Promise.reject(new Error(this.refusal));
  }
  fetchAlternatives() {
    return Promise.resolve({ finetuned: [], reference: [] });
  }
  setFinding(id: number, judgement: Judgement) {
    this.sent.push({ id, judgement });
    return this.refusal === null ? Promise.resolve() : Promise.reject(new Error(this.refusal));
  }
  undoFinding() {
    return Promise.resolve(this.sent.at(-1)?.id ?? null);
  }
  act() {}
}

let host: RecordingHost;
let stored: unknown;
const completions = [summary(0, { score: 1 }), summary(1, { score: 9 }), summary(2, { score: 5, repetitive: true }), summary(3, { score: 3 })];

function openPage(opened = audit(), arriving = completions): PageState {
  const state = new PageState(host, { getState: () => stored, setState: (view) => (stored = view) });
  const listener = state.listen();
  listener.onOpened(opened);
  listener.onCompletions(arriving);
  vi.runAllTimers();
  return state;
}

beforeEach(() => {
  vi.useFakeTimers();
  host = new RecordingHost();
  stored = undefined;
});
afterEach(() => vi.useRealTimers());

describe('the page', () => {
  it('shows a finished audit ranked, repetitive completions folded, the best selected', () => {
    const state = openPage();
    expect(state.list.value.map(({ id }) => id)).toEqual([1, 3, 0]);
    expect(state.repetitiveCount.value).toBe(1);
    expect(state.ranks.value.get(3)).toBe(3);
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

  it('takes the same label given twice back', async () => {
    const state = openPage();
    expect(state.label('revealing')).toBe('revealing');
    expect(state.judgements.labelOf(1)).toBe('revealing');
    expect(state.label('revealing')).toBeNull();
    expect(state.judgements.labelOf(1)).toBe('unlabelled');
    await vi.runAllTimersAsync();
    expect(host.sent.map(({ judgement }) => judgement.label)).toEqual(['revealing', null]);
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
    expect((stored as { folder: string }).folder).toBe('/audits/b');
  });

  it('ranks by the audit’s own default score until another is chosen', () => {
    expect(openPage(audit({ defaultScore: 'bitsPerByte' })).score.value).toBe('bitsPerByte');
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
    expect(host.sent).toEqual([{ id: 1, judgement: { label: 'revealing', category: null, note: 'first thought' } }]);
    expect(state.judgements.lastSave.value?.state).toBe('saved');
  });

  it('keep the newest of two quick changes whatever is answered first', async () => {
    const answers: (() => void)[] = [];
    host.setFinding = () => new Promise((resolve) => answers.push(() => resolve(undefined)));
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
    const view = readStoredView({ folder: '/a', selectedId: 'x', settings: { score: 'nonsense', sort: 'up', threshold: -4, filter: { labels: ['revealing', 'bogus'], tokens: { min: 'x', max: null }, framing: 'sideways' } } });
    expect(view).toEqual({ folder: '/a', selectedId: null, settings: { ...DEFAULT_SETTINGS, filter: { ...NO_FILTER, labels: ['revealing'] } } });
  });

  it('comes back whole', () => {
    const settings = { ...DEFAULT_SETTINGS, score: 'peakGap' as const, plotsOpen: false, filter: { ...NO_FILTER, regex: true, query: 'x', score: { name: 'meanGap' as const, min: 1, max: null } } };
    expect(readStoredView(JSON.parse(JSON.stringify({ folder: '/a', selectedId: 7, settings })))).toEqual({ folder: '/a', selectedId: 7, settings });
  });
});
