/** Turns what a run does into status snapshots, not more often than a person can read. */
import type { AuditProgress } from '../../audit/events.js';
import { describePass, namePass, PLAIN } from '../../audit/passes.js';
import type { AuditState, AuditStatus } from '../../messages/page.js';
import type { LoadProgress } from '../../messages/model-process.js';
import type { RunListener } from './types.js';

const INTERVAL_MS = 100;

export class StatusReporter {
  readonly #listener: RunListener;
  #completionsDone = 0;
  #completionsTotal: number;
  #setAside = 0;
  #pass: string = PLAIN;
  #standstill = '';
  #last = { time: -Infinity, message: '' };

  constructor(listener: RunListener, completionsTotal: number) {
    this.#listener = listener;
    this.#completionsTotal = completionsTotal;
  }

  get completionsDone(): number {
    return this.#completionsDone;
  }

  /** Name of the pass under way; with another one than the main one, the audit's own completions are all there. */
  get pass(): string {
    return this.#pass;
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
    if (isNewStage || this.#isDue()) this.#send(this.#isMain ? 'loading' : 'running', message);
  }

  /** From here on models are loaded for another pass than the main one: the audit's own completions are all there. */
  beginPass(name: string): void {
    this.#pass = name;
    this.reportStage(`${describePass(name)}…`);
  }

  reportLoading(name: string, progress: Omit<LoadProgress, 'progressToken'>): void {
    const doing = { downloading: 'Downloading', hashing: 'Checking', loading: 'Loading' }[progress.stage];
    const purpose = this.#isMain ? '' : ` for the ${namePass(this.#pass)}`;
    this.reportStage(`${doing} ${name}${purpose}… ${Math.floor(progress.fraction * 100)} %`);
  }

  reportProgress(progress: AuditProgress): void {
    this.setTotals(progress.completionsDone, progress.completionsTotal);
    if (!this.#isDue()) return;
    this.#send('running', 'Generating and scoring completions…', progress);
  }

  /** @param progress of the pass under way alone, which is not the main one */
  reportPass(progress: AuditProgress): void {
    if (!this.#isDue()) return;
    const { completionsDone, completionsTotal } = progress;
    this.#send('running', `${describePass(this.#pass)}… ${completionsDone} of ${completionsTotal}`, progress);
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
    this.#pass = PLAIN;
    this.#standstill = '';
    this.#send(state, message, null, canResume);
  }

  get #isMain(): boolean {
    return this.#pass === PLAIN;
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
      ...(!this.#isMain && { pass: this.#pass }),
    };
    this.#listener.onStatus?.(status);
  }
}

function stageOf(message: string): string {
  return message.replace(/\d+ %$/, '');
}
