/** Keyword sets as they are written, kept and counted. */
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { KeywordSet } from '../../src/analysis/finding.js';
import { Keywords } from '../../src/analysis/keywords.js';
import type { ScoreName } from '../../src/audit/scores.js';
import type { KeywordAnswer } from '../../src/messages/evidence.js';
import type { Host } from '../host.js';
import { messageOf } from './reason.js';

/** A set as its author types it: words and phrases between commas, or a regular expression. */
export interface KeywordRow {
  readonly text: string;
  readonly regex: boolean;
  /** Kept as long as nobody types: sets may come with names from elsewhere. */
  readonly name: string | null;
}

const EMPTY_ROW: KeywordRow = { text: '', regex: false, name: null };

export function rowOf(set: KeywordSet): KeywordRow {
  return 'words' in set ? { text: set.words.join(', '), regex: false, name: set.name } : { text: set.regex, regex: true, name: set.name };
}

/** `null` where nothing was typed. */
export function setOf({ text, regex, name }: KeywordRow): KeywordSet | null {
  if (regex) return text === '' ? null : { name: name ?? text, regex: text };
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return words.length === 0 ? null : { name: name ?? words.join(', '), words };
}

/** What is counted. */
export interface CountedCompletions {
  /** What the best are the best by. */
  readonly score: ScoreName;
  /** How many completions there are by now, and how many of the reference's own. */
  readonly counts: string;
}

/** Milliseconds: typing is waited for, and while completions come in they are counted calmly. */
const TYPING = 150;
const CALM = 1000;

export class KeywordState {
  readonly #rows = signal<readonly KeywordRow[]>([EMPTY_ROW]);
  readonly #report = signal<KeywordAnswer | null>(null);
  readonly #error = signal<string | null>(null);
  /** What the audit has, as JSON. */
  #saved = '[]';
  #counted: CountedCompletions | null = null;
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** One per row; `null` for a row without anything. */
  readonly sets = computed(() => this.#rows.value.map(setOf));
  readonly keywords = computed(() => new Keywords(this.sets.value.filter((set) => set !== null)));
  readonly any = computed(() => this.keywords.value.sets.length > 0);

  constructor(private readonly host: Pick<Host, 'setKeywords' | 'countKeywords'>) {
    effect(() => {
      void this.keywords.value;
      this.#countSoon(TYPING);
    });
  }

  get rows(): ReadonlySignal<readonly KeywordRow[]> {
    return this.#rows;
  }

  /** Counts of the sets as they are typed; `null` before the first. */
  get report(): ReadonlySignal<KeywordAnswer | null> {
    return this.#report;
  }

  /** Why they are not saved, or not counted. */
  get error(): ReadonlySignal<string | null> {
    return this.#error;
  }

  /** Takes over what the audit has, unless it is what was saved from here. */
  replaceAll(sets: readonly KeywordSet[]): void {
    const json = JSON.stringify(sets);
    if (json === this.#saved) return;
    this.#saved = json;
    if (json === JSON.stringify(this.keywords.peek().sets)) return;
    this.#rows.value = [...sets.map(rowOf), EMPTY_ROW];
  }

  /** What a row says from now on; the last row is always an empty one to write in. */
  edit(index: number, change: Partial<Pick<KeywordRow, 'text' | 'regex'>>): void {
    const rows = this.#rows.peek().map((row, at) => (at === index ? { ...row, ...change, name: null } : row));
    this.#rows.value = rows.at(-1)?.text === '' ? rows : [...rows, EMPTY_ROW];
  }

  /** A phrase as a set of its own, unless it is one already. */
  add(phrase: string): void {
    if (this.sets.peek().some((set) => set !== null && 'words' in set && set.words.length === 1 && set.words[0] === phrase)) return;
    // Commas part the words of a set: the phrase is looked for in its parts then.
    this.#rows.value = [...this.#rows.peek().filter(({ text }) => text !== ''), { text: phrase, regex: false, name: null }, EMPTY_ROW];
    void this.save();
  }

  remove(index: number): void {
    const rows = this.#rows.peek().filter((_, at) => at !== index);
    this.#rows.value = rows.at(-1)?.text === '' ? rows : [...rows, EMPTY_ROW];
    void this.save();
  }

  /** Puts what is written on disk, where it is something else than what is there. */
  async save(): Promise<void> {
    const { sets } = this.keywords.peek();
    const json = JSON.stringify(sets);
    if (json === this.#saved) return;
    const before = this.#saved;
    this.#saved = json;
    try {
      await this.host.setKeywords({ sets });
      this.#error.value = null;
    } catch (error) {
      if (this.#saved === json) this.#saved = before;
      this.#error.value = `The keywords are not saved: ${messageOf(error)}`;
    }
  }

  /** Says what is counted now; `null` where nobody looks. */
  want(counted: CountedCompletions | null): void {
    const before = this.#counted;
    this.#counted = counted;
    if (!counted) return;
    this.#countSoon(before ? CALM : 0);
  }

  /** For another audit. */
  clear(): void {
    this.#saved = '[]';
    this.#rows.value = [EMPTY_ROW];
    this.#report.value = null;
  }

  #countSoon(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#count(), wait);
  }

  async #count(): Promise<void> {
    const counted = this.#counted;
    const round = ++this.#round;
    if (!counted) return;
    try {
      const report = await this.host.countKeywords({ sets: this.keywords.peek().sets, score: counted.score });
      if (round === this.#round) this.#report.value = report;
    } catch (error) {
      if (round === this.#round) this.#error.value = `The keywords are not counted: ${messageOf(error)}`;
    }
  }
}
