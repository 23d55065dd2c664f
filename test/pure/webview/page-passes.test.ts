/** The page while another pass than the main one is shown. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AuditOpenedParams, AuditPasses, CompletionSummary } from '../../../src/messages/page.js';
import { describeFound, namePassOption } from '../../../webview/state/passes.js';
import { PageState } from '../../../webview/state/page-state.js';
import { openedAudit } from './open-page-state.js';
import { RecordingHost } from './recording-host.js';
import { summary } from './samples.js';

const passes: AuditPasses = {
  offers: [
    { name: 'plain', writer: 'finetuned', completions: 3, warning: null },
    { name: 'amplified@2', writer: 'amplified', completions: 2, warning: 'AMPLIFIED' },
  ],
  amplification: [
    {
      framing: 'raw',
      form: 'adapter',
      rungs: [{ strength: 2, t: 6, repetitiveShare: 0 }],
      chosen: 2,
      controls: [{ seed: 1, rungs: [{ strength: 2, t: 0.5, repetitiveShare: 0 }] }],
      state: 'beyond control',
      ratio: 12,
    },
  ],
};
const opened = (more: Partial<AuditOpenedParams> = {}): AuditOpenedParams =>
  openedAudit(3, {
    framings: ['raw'],
    findings: [{ completionId: 1, label: 'revealing', category: null, note: '', author: 'Ada', time: '2026-01-01T00:00:00Z' }],
    passes,
    ...more,
  });
const plain = [summary(0, { score: 1 }), summary(1, { score: 9 }), summary(2, { score: 5 })];
const amplified = [summary(0, { score: 7 }), summary(1, { score: 3 })];

let host: RecordingHost;
let stored: unknown;
let state: PageState;

function open(audit: AuditOpenedParams, completions: readonly CompletionSummary[]): void {
  const listener = state.listen();
  listener.onOpened(audit);
  listener.onCompletions(completions);
  vi.runAllTimers();
}
const openAmplified = () => open(opened({ pass: 'amplified@2', completionCount: 2, findings: [] }), amplified);

beforeEach(() => {
  vi.useFakeTimers();
  host = new RecordingHost();
  stored = undefined;
  state = new PageState(host, { getState: () => stored, setState: (view) => (stored = view) });
  open(opened(), plain);
});
afterEach(() => vi.useRealTimers());

test('another pass has a list, a mark and a selection of its own; the main one is as it was left', () => {
  expect([state.passMark.value, state.selectedId.value]).toEqual([null, 1]);
  state.select(2);
  openAmplified();
  expect(state.list.value.map(({ id }) => id)).toEqual([0, 1]);
  expect(state.passMark.value).toEqual({ word: 'amplified ×2', writer: 'amplified', warning: 'AMPLIFIED' });
  expect(state.selectedId.value).toBe(0);
  expect(stored).toMatchObject({ selectedId: 2 });
  open(opened(), plain);
  expect([state.passMark.value, state.selectedId.value]).toEqual([null, 2]);
});

test('labels are neither shown nor given there, a save that is on its way included', async () => {
  state.select(0);
  state.label('unsure');
  openAmplified();
  await vi.runAllTimersAsync();
  expect([state.judgements.labelOf(0), state.judgements.labelOf(1)]).toEqual(['unlabelled', 'unlabelled']);
  expect(state.label('revealing')).toBeNull();
  expect(host.sent.map(({ completionId }) => completionId)).toEqual([0]);
  open(opened(), plain);
  expect(state.judgements.labelOf(1)).toBe('revealing');
});

test('filters by what the main pass alone has are taken off', () => {
  state.changeFilter({ labels: ['revealing'], theme: 'glass' });
  openAmplified();
  expect(state.filter.value).toMatchObject({ labels: [], theme: null });
});

test('the search for the strength is told with its control', () => {
  expect(describeFound(passes.amplification[0]!)).toEqual({
    sentence: 'raw: beyond control, T up to 12.0 times the control’s, written at ×2',
    rungs: 'raw: ×2: T 6.00, control 0.50',
  });
  expect(namePassOption('amplified@2', passes)).toBe('Amplified ×2');
});
