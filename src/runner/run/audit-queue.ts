/** Audits that wait for each other: one runs at a time, in the order in which they came. */
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { AuditError, isCancelled } from '../../audit/errors.js';
import type { AuditStatus } from '../../messages/page.js';
import type { AuditSession } from './audit-session.js';
import type { AuditRunner, RunOutcome, RunRequest } from './types.js';

interface Entry {
  readonly session: AuditSession;
  readonly request: RunRequest;
  readonly abort: AbortController;
  readonly done: Promise<RunOutcome>;
  settle(outcome: RunOutcome | Promise<never>): void;
}

export class AuditQueue {
  readonly #runner: AuditRunner;
  readonly #changed = new Emitter<void>();
  /** The first one runs, the others wait. */
  readonly #entries: Entry[] = [];

  constructor(runner: AuditRunner) {
    this.#runner = runner;
  }

  /** Running and waiting audits, in order; one that has ended is not among them. */
  get sessions(): readonly AuditSession[] {
    return this.#entries.map((entry) => entry.session);
  }

  get running(): AuditSession | null {
    return this.#entries[0]?.session ?? null;
  }

  /** Fires when an audit is added, starts or ends. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /**
   * Puts an audit at the end of the queue.
   * @param session of the request's folder; it is told what happens
   * @throws AuditError `journalLocked` where the folder's audit is running or waiting already
   */
  enqueue(request: RunRequest, session: AuditSession): void {
    if (this.#entries.some((entry) => entry.session.folder === request.folder)) {
      throw new AuditError('journalLocked', `The audit in ${request.folder} is running or waiting already.`);
    }
    let settle!: Entry['settle'];
    const done = new Promise<RunOutcome>((resolve) => {
      settle = resolve;
    });
    done.catch(() => undefined);
    this.#entries.push({ session, request, abort: new AbortController(), done, settle });
    session.listener.onStatus({ ...session.status, state: 'queued', message: 'Waiting to start.', canResume: false });
    if (this.#entries.length === 1) this.#startFirst();
    else this.#changed.fire();
  }

  /** Resolves when the session's run has ended, rejects when it failed; at once where it is not in the queue. */
  async whenDone(session: AuditSession): Promise<RunOutcome | null> {
    return (await this.#find(session)?.done) ?? null;
  }

  /** Stops a running audit, with its journal complete, or takes a waiting one out of the queue. */
  cancel(session: AuditSession): void {
    const entry = this.#find(session);
    if (!entry) return;
    if (entry === this.#entries[0]) {
      entry.abort.abort();
      return;
    }
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    entry.session.listener.onStatus(endStatus(entry.session.status, 'stopped', 'Taken out of the queue.', entry.request.resume));
    entry.settle({
      state: 'stopped',
      completions: entry.session.records.length,
      message: 'Stopped before it began.',
      setAside: 0,
      passesSetAside: new Map(),
      requests: [],
    });
    this.#changed.fire();
  }

  /** Stops everything and waits for it. */
  async dispose(): Promise<void> {
    const entries = [...this.#entries];
    for (const { session } of entries.reverse()) this.cancel(session);
    await Promise.allSettled(entries.map((entry) => entry.done));
    this.#changed.dispose();
  }

  #startFirst(): void {
    const entry = this.#entries[0];
    if (entry) void this.#run(entry);
    this.#changed.fire();
  }

  async #run(entry: Entry): Promise<void> {
    const { session, request, abort } = entry;
    try {
      entry.settle(await this.#runner.run(request, session.listener, abort.signal));
    } catch (error) {
      // The runner reports how it failed with a last status; one that failed before it could is reported here.
      if (!['failed', 'stopped'].includes(session.status.state)) {
        const message = error instanceof Error ? error.message : String(error);
        session.listener.onStatus(endStatus(session.status, isCancelled(error) ? 'stopped' : 'failed', message, true));
      }
      entry.settle(Promise.reject(error as Error));
    }
    this.#entries.shift();
    this.#startFirst();
  }

  #find(session: AuditSession): Entry | undefined {
    return this.#entries.find((entry) => entry.session === session);
  }
}

function endStatus(status: AuditStatus, state: 'stopped' | 'failed', message: string, canResume: boolean): AuditStatus {
  return { ...status, state, message, canResume, tokensPerSecond: null, secondsLeft: null };
}
