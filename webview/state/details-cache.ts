/** Tokens of the completions in view: asked for in batches, kept while there is room. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { CompletionDetail } from '../../src/messages/page.js';
import { messageOf } from './reason.js';

/** What a completion's tokens are now: there, on their way (absent), or a reason why not. */
export type DetailState = { readonly detail: CompletionDetail } | { readonly error: string };

/** Scrolling past a row for less than this (milliseconds) does not fetch it. */
const PATIENCE = 40;
const BATCH = 32;
const ROOM = 1000;

export class DetailsCache {
  readonly #states = signal<ReadonlyMap<number, DetailState>>(new Map());
  readonly #wanted = new Set<number>();
  readonly #inFlight = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly fetchDetails: (ids: readonly number[]) => Promise<CompletionDetail[]>) {}

  get states(): ReadonlySignal<ReadonlyMap<number, DetailState>> {
    return this.#states;
  }

  /** Replaces what is wanted: requests for what has left the view are dropped. */
  want(ids: Iterable<number>): void {
    this.#wanted.clear();
    for (const id of ids) if (!this.#states.peek().has(id) && !this.#inFlight.has(id)) this.#wanted.add(id);
    if (this.#wanted.size > 0) this.#timer ??= setTimeout(() => this.#fetchWanted(), PATIENCE);
  }

  /** Asks once more after an error. */
  retry(id: number): void {
    const states = new Map(this.#states.peek());
    states.delete(id);
    this.#states.value = states;
    this.#wanted.add(id);
    this.#fetchWanted();
  }

  clear(): void {
    this.#states.value = new Map();
  }

  #fetchWanted(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ids = [...this.#wanted];
    this.#wanted.clear();
    for (let from = 0; from < ids.length; from += BATCH) void this.#fetch(ids.slice(from, from + BATCH));
  }

  async #fetch(ids: readonly number[]): Promise<void> {
    for (const id of ids) this.#inFlight.add(id);
    try {
      const details = await this.fetchDetails(ids);
      this.#keep(details.map((detail) => [detail.id, { detail }]));
    } catch (error) {
      this.#keep(ids.map((id) => [id, { error: messageOf(error) }]));
    } finally {
      for (const id of ids) this.#inFlight.delete(id);
    }
  }

  #keep(entries: readonly (readonly [number, DetailState])[]): void {
    const states = new Map(this.#states.peek());
    for (const [id, state] of entries) states.set(id, state);
    for (const id of states.keys()) {
      if (states.size <= ROOM) break;
      states.delete(id);
    }
    this.#states.value = states;
  }
}
