/** The changes of one session that can be taken back, latest last. */
import type { Signature } from '../../analysis/finding.js';
import type { UndoAnswer } from '../../messages/evidence.js';
import type { EventContent, FindingEvent } from './events.js';

/** What was in force before a change. */
export interface Former {
  readonly content: EventContent;
  /** Where it is put back in the name of who said it. */
  readonly signature?: Signature;
}

export interface Change {
  readonly answer: UndoAnswer;
  /** What the change wrote, or what stands for it since a later change was taken back. */
  readonly event: FindingEvent;
  /** Ids of the events that it replaced. */
  readonly replaced: readonly string[];
  /** Put back together, in this order. */
  readonly former: readonly Former[];
}

export class UndoList {
  #changes: Change[] = [];

  get last(): Change | undefined {
    return this.#changes.at(-1);
  }

  add(change: Change): void {
    this.#changes.push(change);
  }

  /** The last change stays as it is for good. */
  drop(): void {
    this.#changes.pop();
  }

  /** The last change is taken back: what was put back stands for the one event that it had replaced. */
  settle(restored: readonly FindingEvent[]): void {
    const { replaced } = this.#changes.pop()!;
    const [event] = restored;
    if (!event || restored.length > 1 || replaced.length > 1) return;
    this.#changes = this.#changes.map((change) => (change.event.id === replaced[0] ? { ...change, event } : change));
  }
}
