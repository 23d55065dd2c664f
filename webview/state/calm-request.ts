/** Something that the host computes of all completions: asked for while someone looks at it, at once for another question, calmly for more completions. */
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from './reason.js';

export interface Question<T> {
  /** What is asked: another one is asked at once. */
  readonly about: T;
  /** What the answer is of, such as the number of completions: where that alone is another, it is asked calmly. */
  readonly version: string;
  /** More completions are to come: what is answered now will soon be old. */
  readonly isRunning: boolean;
}

/** The same is asked at most this often (milliseconds): while an audit runs, and once it has ended, where what is shown must soon be true. */
const CALM = { running: 5000, ended: 500 };

export class CalmRequest<T, A> {
  readonly #answer = signal<A | null>(null);
  readonly #error = signal<string | null>(null);
  readonly #asking = signal(false);
  readonly #isStale = signal(false);
  #wanted: Question<T> | null = null;
  #asked: Question<T> | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly fetch: (about: T) => Promise<A>) {}

  /** The last answer; null before the first. */
  get answer(): ReadonlySignal<A | null> {
    return this.#answer;
  }

  get error(): ReadonlySignal<string | null> {
    return this.#error;
  }

  get asking(): ReadonlySignal<boolean> {
    return this.#asking;
  }

  /** What is wanted is not what was answered last. */
  get isStale(): ReadonlySignal<boolean> {
    return this.#isStale;
  }

  /** Says what is looked at now; null where nobody looks. */
  want(question: Question<T> | null): void {
    this.#wanted = question;
    clearTimeout(this.#timer);
    const isKnown = question === null || isSame(question, this.#asked);
    this.#isStale.value = !isKnown || (question !== null && this.#asking.peek());
    if (isKnown || this.#asking.peek()) return;
    const isOther = JSON.stringify(question.about) !== JSON.stringify(this.#asked?.about);
    const wait = isOther ? 0 : Math.max(0, this.#askedAt + (question.isRunning ? CALM.running : CALM.ended) - Date.now());
    this.#timer = setTimeout(() => void this.#ask(question), wait);
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

  async #ask(question: Question<T>): Promise<void> {
    this.#asked = question;
    this.#askedAt = Date.now();
    this.#asking.value = true;
    try {
      const answer = await this.fetch(question.about);
      batch(() => {
        // Of another audit by now.
        if (this.#asked === question) this.#answer.value = answer;
        this.#error.value = null;
      });
    } catch (error) {
      this.#error.value = messageOf(error);
    } finally {
      this.#asking.value = false;
      this.want(this.#wanted);
    }
  }
}

function isSame<T>(a: Question<T>, b: Question<T> | null): boolean {
  return b !== null && a.version === b.version && JSON.stringify(a.about) === JSON.stringify(b.about);
}
