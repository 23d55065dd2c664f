/** The recurring high-gap phrases: asked of the host while someone looks at them. */
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type { Framing } from '../../src/audit/framing.js';
import type { PhrasesAnswer } from '../../src/messages/page.js';
import { reasonOf } from './reason.js';

/** What the list depends on. */
export interface PhraseScope {
  readonly framing: Framing | null;
  /** Completions that the page has. */
  readonly completionCount: number;
}

/** While an audit runs, phrases are asked for at most this often (milliseconds). */
const CALM = 5000;

export class PhraseList {
  readonly #answer = signal<PhrasesAnswer | null>(null);
  readonly #error = signal<string | null>(null);
  readonly #asking = signal(false);
  #wanted: PhraseScope | null = null;
  #asked: PhraseScope | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly fetchPhrases: (framing: Framing | null) => Promise<PhrasesAnswer>) {}

  /** The last answer; null before the first. */
  get answer(): ReadonlySignal<PhrasesAnswer | null> {
    return this.#answer;
  }

  get error(): ReadonlySignal<string | null> {
    return this.#error;
  }

  get asking(): ReadonlySignal<boolean> {
    return this.#asking;
  }

  /** Says what is looked at now; null where nobody looks. Another framing is asked for at once, more completions calmly. */
  want(scope: PhraseScope | null): void {
    this.#wanted = scope;
    clearTimeout(this.#timer);
    if (scope === null || this.#asking.peek() || isSame(scope, this.#asked)) return;
    const isOther = scope.framing !== this.#asked?.framing;
    const wait = isOther ? 0 : Math.max(0, this.#askedAt + CALM - Date.now());
    this.#timer = setTimeout(() => void this.#ask(scope), wait);
  }

  /** Asks once more after an error. */
  retry(): void {
    this.#asked = null;
    this.want(this.#wanted);
  }

  /** Forgets what it knows, for another audit. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#asked = null;
    this.#answer.value = null;
    this.#error.value = null;
  }

  async #ask(scope: PhraseScope): Promise<void> {
    this.#asked = scope;
    this.#askedAt = Date.now();
    this.#asking.value = true;
    try {
      const answer = await this.fetchPhrases(scope.framing);
      batch(() => {
        this.#answer.value = answer;
        this.#error.value = null;
      });
    } catch (error) {
      this.#error.value = reasonOf(error);
    } finally {
      this.#asking.value = false;
      this.want(this.#wanted);
    }
  }
}

function isSame(a: PhraseScope, b: PhraseScope | null): boolean {
  return a.framing === b?.framing && a.completionCount === b.completionCount;
}
