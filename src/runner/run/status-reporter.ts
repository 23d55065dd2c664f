/** Turns what a run does into status snapshots, not more often than a person can read. */
import type { AuditProgress } from '../../audit/events.js';
import type { AuditState, AuditStatus } from '../../messages/page.js';
import type { LoadProgress } from '../../messages/model-process.js';
import type { RunListener } from './types.js';

const INTERVAL_MS = 100;

export class StatusReporter {
  readonly #listener: RunListener;
  #completionsDone = 0;
  #completionsTotal: number;
  #setAside = 0;
  #measuringNoiseFloor = false;
  #standstill = '';
  #last = { time: -Infinity, message: '' };

  constructor(listener: RunListener, completionsTotal: number) {
    this.#listener = listener;
    this.#completionsTotal = completionsTotal;
  }

  get completionsDone(): number {
    return this.#completionsDone;
  }

  /** The audit's own completions are all there. */
  get measuringNoiseFloor(): boolean {
    return this.#measuringNoiseFloor;
  }

  setTotals(completionsDone: number, completionsTotal: number): void {
    this.#completionsDone = completionsDone;
    this.#completionsTotal = completionsTotal;
  }

  /** @param count of completions that the audit goes on without */
  setSetAside(count: number): void {
    this.#setAside = count;
  }

  get setAside(): number {
    return this.#setAside;
  }

  reportStage(message: string): void {
    // A new stage shows at once, its percentages now and then.
    const isNewStage = stageOf(message) !== stageOf(this.#last.message);
    if (isNewStage || this.#isDue()) this.#send(this.#measuringNoiseFloor ? 'running' : 'loading', message);
  }

  /** From here on models are loaded for the noise floor: the audit's own completions are all there. */
  beginNoiseFloor(): void {
    this.#measuringNoiseFloor = true;
    this.reportStage('Measuring the noise floor…');
  }

  reportLoading(name: string, progress: Omit<LoadProgress, 'progressToken'>): void {
    const doing = { downloading: 'Downloading', hashing: 'Checking', loading: 'Loading' }[progress.stage];
    const purpose = this.#measuringNoiseFloor ? ' for the noise floor' : '';
    this.reportStage(`${doing} ${name}${purpose}… ${Math.floor(progress.fraction * 100)} %`);
  }

  reportProgress(progress: AuditProgress): void {
    this.setTotals(progress.completionsDone, progress.completionsTotal);
    if (!this.#isDue()) return;
    this.#send('running', 'Generating and scoring completions…', progress);
  }

  /** @param progress of the noise floor alone */
  reportNoiseFloor(progress: AuditProgress): void {
    if (!this.#isDue()) return;
    const { completionsDone, completionsTotal } = progress;
    this.#send('running', `Measuring the noise floor… ${completionsDone} of ${completionsTotal}`, progress);
  }

  /** @param standstill which servers do not answer; empty where all do. What was said last is said again, with it. */
  reportStandstill(standstill: string): void {
    if (standstill === this.#standstill) return;
    this.#standstill = standstill;
    this.#send('running', this.#last.message);
  }

  reportStopping(): void {
    this.#standstill = '';
    this.#send('running', 'Stopping…');
  }

  reportEnd(state: 'finished' | 'stopped' | 'failed', message: string, canResume: boolean): void {
    this.#measuringNoiseFloor = false;
    this.#standstill = '';
    this.#send(state, message, null, canResume);
  }

  #isDue(): boolean {
    return performance.now() - this.#last.time >= INTERVAL_MS;
  }

  #send(state: AuditState, message: string, progress: AuditProgress | null = null, canResume = false): void {
    this.#last = { time: performance.now(), message };
    // What was measured before says nothing while nothing comes.
    const measured = this.#standstill === '' ? progress : null;
    const status: AuditStatus = {
      state,
      completionsDone: this.#completionsDone,
      completionsTotal: this.#completionsTotal,
      tokensPerSecond: measured?.tokensPerSecond ?? null,
      secondsLeft: measured?.secondsLeft ?? null,
      message,
      canResume,
      ...(this.#setAside > 0 && { setAside: this.#setAside }),
      ...(this.#standstill !== '' && { standstill: this.#standstill }),
      ...(this.#measuringNoiseFloor && { measuringNoiseFloor: true }),
    };
    this.#listener.onStatus?.(status);
  }
}

function stageOf(message: string): string {
  return message.replace(/\d+ %$/, '');
}
