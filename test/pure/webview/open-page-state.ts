/** A page's state with an audit opened in it, as the host would. */
import { vi } from 'vitest';
import type { AuditOpenedParams, AuditStatus, CompletionSummary } from '../../../src/messages/page.js';
import { PageState } from '../../../webview/state/page-state.js';
import type { RecordingHost } from './recording-host.js';

export function finishedStatus(completions: number): AuditStatus {
  return {
    state: 'finished',
    completionsDone: completions,
    completionsTotal: completions,
    tokensPerSecond: null,
    secondsLeft: null,
    message: '',
    canResume: false,
  };
}

/** A finished audit of so many completions. */
export function openedAudit(completions: number, more: Partial<AuditOpenedParams> = {}): AuditOpenedParams {
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
    status: finishedStatus(completions),
    findings: [],
    completionCount: completions,
    localModels: true,
    ...more,
  };
}

/** What the page keeps from one opening to the next. */
export interface StoredView {
  value: unknown;
}

/** Needs fake timers. */
export function openPageState(host: RecordingHost, stored: StoredView, opened: AuditOpenedParams, arriving: readonly CompletionSummary[]): PageState {
  const state = new PageState(host, { getState: () => stored.value, setState: (view) => (stored.value = view) });
  const listener = state.listen();
  host.completions = arriving;
  listener.onOpened(opened);
  listener.onCompletions([...arriving]);
  vi.runAllTimers();
  return state;
}
