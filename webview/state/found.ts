/**
 * Which completions a search finds. A pattern can be costly on ten thousand texts: what does not take long is found at
 * once, the rest between two frames of the page, and what is found so far shows.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { TextMatcher } from '../../src/analysis/patterns/pattern.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import { searchedText } from './search.js';

/** Milliseconds without a pause. */
const SLICE_MS = 40;

export class FoundCompletions {
  readonly #found = signal<ReadonlySet<number> | null>(null);
  readonly #searching = signal(false);
  readonly #matches = new Map<number, boolean>();
  #pattern: TextMatcher | null = null;
  #completions: readonly CompletionSummary[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Ids; `null` where nothing is searched for. */
  get found(): ReadonlySignal<ReadonlySet<number> | null> {
    return this.#found;
  }

  get searching(): ReadonlySignal<boolean> {
    return this.#searching;
  }

  /** Says what is looked for, and where. Completions are only ever added, or all of them replaced by none. */
  want(pattern: TextMatcher | null, completions: readonly CompletionSummary[]): void {
    if (pattern !== this.#pattern || completions.length === 0) this.#matches.clear();
    this.#pattern = pattern;
    this.#completions = completions;
    clearTimeout(this.#timer);
    this.#search();
  }

  #search(): void {
    const pattern = this.#pattern;
    if (pattern === null) {
      this.#found.value = null;
      this.#searching.value = false;
      return;
    }
    const end = performance.now() + SLICE_MS;
    let isDone = true;
    for (const completion of this.#completions) {
      if (this.#matches.has(completion.id)) continue;
      if (performance.now() > end) {
        isDone = false;
        break;
      }
      this.#matches.set(completion.id, pattern.test(searchedText(completion)));
    }
    this.#found.value = new Set([...this.#matches].flatMap(([id, matches]) => (matches ? [id] : [])));
    this.#searching.value = !isDone;
    if (!isDone) this.#timer = setTimeout(() => this.#search());
  }
}
