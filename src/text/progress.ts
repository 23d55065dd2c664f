/** Progress of an audit in words, the same for the page, the status bar, the tree and the terminal. */
import { countOf, formatCount, formatDuration } from './numbers.js';
import { visibleLine } from './visible-text.js';

/** What of an audit's status says how far it is. */
export interface Progress {
  readonly state: string;
  readonly completionsDone: number;
  readonly completionsTotal: number;
  /** `null` while nothing is computed. */
  readonly tokensPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly message: string;
  readonly setAside?: number;
  /** Which server does not answer: what was measured before it fell silent is not said then. */
  readonly standstill?: string;
  /** Another pass than the main one, which is under way: `message` says how far that is. */
  readonly pass?: string;
}

/**
 * One line, e.g. `120 of 400 completions · 310 tokens/s · 40 s left`, or with the server that is waited for in place of the
 * rate; of an audit that does not measure, its message.
 */
export function describeProgress(progress: Progress): string {
  const { state, standstill, tokensPerSecond, secondsLeft } = progress;
  const isMeasuring = state === 'running';
  const done = describeDone(progress);
  const pace = [
    ...(tokensPerSecond === null ? [] : [`${formatCount(Math.round(tokensPerSecond))} tokens/s`]),
    ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
  ];
  const parts = [done, ...(standstill !== undefined ? [standstill] : isMeasuring ? pace : [])];
  return parts
    .filter((part) => part !== '')
    .map(visibleLine)
    .join(' · ');
}

/**
 * What is under way and how far it is, without rate and time: the main pass by its count, another pass by its name, since the
 * audit's own completions are all there by then.
 */
export function describeDone(progress: Pick<Progress, 'state' | 'pass' | 'message' | 'completionsDone' | 'completionsTotal' | 'setAside'>): string {
  return progress.state === 'running' && progress.pass === undefined ? countDone(progress) : progress.message;
}

/** How many there are of how many, and without which. */
export function countDone({
  completionsDone: done,
  completionsTotal: total,
  setAside = 0,
}: Pick<Progress, 'completionsDone' | 'completionsTotal' | 'setAside'>): string {
  const count = done === total ? countOf(done, 'completion') : `${formatCount(done)} of ${countOf(total, 'completion')}`;
  return setAside === 0 ? count : `${count} (${formatCount(setAside)} set aside)`;
}
