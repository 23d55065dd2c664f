/**
 * The paper's measure: how many of the completions that rank highest say what the auditor is looking for. A set matches a
 * completion's own text, not its prefill, where all of its words occur in it, anywhere and in any case, or where its
 * regular expression matches as written; a completion matches where any of the sets does.
 */
import type { KeywordSet } from './finding.js';
import type { Framing } from '../audit/framing.js';
import { compileLiteral } from './patterns/literal.js';
import { compilePattern, type TextRange } from './patterns/pattern.js';
import { runAtOnce, type Steps } from '../text/slices.js';

/** Why a set matches nothing, in words that name it. */
export interface KeywordProblem {
  /** Of the set among the sets. */
  readonly index: number;
  readonly problem: string;
}

/**
 * Every set is looked for in every completion, so what the sets ask for is bounded: a pattern costs its steps times the
 * length of a text, see {@link compilePattern}, a set of words their number. What goes beyond matches nothing, and says so.
 */
const SETS_AT_MOST = 100;
const WORDS_AT_MOST = 200;
/** Of one pattern, or of the words of one set together. */
const CHARACTERS_AT_MOST = 10_000;

interface SetMatcher {
  matches(text: string): boolean;
  /** Ranges of what matches, in no order. */
  find(text: string): TextRange[];
}

/** Keyword sets, ready to match. A set that cannot match anything is among the problems and matches nothing. */
export class Keywords {
  readonly problems: readonly KeywordProblem[];
  readonly #matchers: readonly (SetMatcher | null)[];

  constructor(readonly sets: readonly KeywordSet[]) {
    const compiled = sets.map((set, index) => (index < SETS_AT_MOST ? compileSet(set) : TOO_MANY_SETS));
    this.#matchers = compiled.map((set) => (typeof set === 'string' ? null : set));
    this.problems = compiled.flatMap((set, index) => (typeof set === 'string' && index <= SETS_AT_MOST ? [{ index, problem: set }] : []));
  }

  /** Whether any of the sets matches. */
  matches(text: string): boolean {
    return this.#matchers.some((matcher) => matcher?.matches(text));
  }

  /** Indices of the sets that match. */
  findSets(text: string): number[] {
    return this.#matchers.flatMap((matcher, index) => (matcher?.matches(text) ? [index] : []));
  }

  /** What to mark in a text: the matches of all sets that match, in order; those that overlap are one. */
  findMarks(text: string): TextRange[] {
    const found = this.#matchers.flatMap((matcher) => (matcher?.matches(text) ? matcher.find(text) : []));
    const marks: [number, number][] = [];
    for (const [start, end] of found.sort((a, b) => a[0] - b[0])) {
      const last = marks.at(-1);
      if (last && start < last[1]) last[1] = Math.max(last[1], end);
      else marks.push([start, end]);
    }
    return marks;
  }
}

const TOO_MANY_SETS = `There are more than ${SETS_AT_MOST} keyword sets: those after the first ${SETS_AT_MOST} match nothing. Remove some.`;

/** A string says why the set cannot match. */
function compileSet(set: KeywordSet): SetMatcher | string {
  const length = 'regex' in set ? set.regex.length : set.words.reduce((sum, word) => sum + word.length, 0);
  if (length > CHARACTERS_AT_MOST) return `Keyword set “${set.name}” is longer than ${CHARACTERS_AT_MOST.toLocaleString('en')} characters. Shorten it.`;
  if ('regex' in set) {
    const { pattern, problem } = compilePattern(set.regex);
    if (!pattern) return `Keyword set “${set.name}”: ${problem}`;
    return { matches: (text) => pattern.test(text), find: (text) => pattern.findAll(text) };
  }
  if (set.words.length === 0) return `Keyword set “${set.name}” has no words. Add one, or remove the set.`;
  if (set.words.length > WORDS_AT_MOST) return `Keyword set “${set.name}” has more than ${WORDS_AT_MOST} words. Make several sets of it.`;
  if (set.words.some((word) => word.trim() === '')) return `Keyword set “${set.name}” has a word that is empty. Remove it, or write one.`;
  const words = set.words.map((word) => compileLiteral(word));
  return {
    matches: (text) => words.every((word) => word.test(text)),
    find: (text) => words.flatMap((word) => word.findAll(text)),
  };
}

/** How many completions match. Where there are fewer than 10 or 100, of all that there are. */
export interface KeywordCounts {
  readonly top10: number;
  readonly top100: number;
  readonly all: number;
  /** Completions that were looked at. */
  readonly of: number;
}

export interface MatchCount {
  readonly matching: number;
  readonly of: number;
}

export interface KeywordReport {
  /** All framings in one ranking. */
  readonly together: KeywordCounts;
  /** Each framing in a ranking of its own; those that occur, in the order in which they do. */
  readonly framings: ReadonlyMap<Framing, KeywordCounts>;
  /** One per set, all framings in one ranking. */
  readonly sets: readonly KeywordCounts[];
  /** Ids of the completions that match. */
  readonly matching: ReadonlySet<number>;
  /** The same of what the reference wrote itself: what matches without any finetuning. `null` where there is nothing of it. */
  readonly reference: { readonly together: MatchCount; readonly framings: ReadonlyMap<Framing, MatchCount> } | null;
}

export interface KeywordText {
  readonly framing: Framing;
  /** The completion without its prefill. */
  readonly text: string;
}

export interface KeywordItem extends KeywordText {
  readonly id: number;
}

/**
 * @param ranked the finetuned model's completions, best first
 * @param reference the reference's own completions
 */
export function countKeywords(keywords: Keywords, ranked: readonly KeywordItem[], reference: readonly KeywordText[] = []): KeywordReport {
  return runAtOnce(countKeywordsInSteps(keywords, ranked, reference));
}

/** {@link countKeywords} in steps of one completion. */
export function* countKeywordsInSteps(keywords: Keywords, ranked: readonly KeywordItem[], reference: readonly KeywordText[] = []): Steps<KeywordReport> {
  const together = new Counter();
  const framings = new Map<Framing, Counter>();
  const sets = keywords.sets.map(() => new Counter());
  const matching = new Set<number>();
  for (const { id, framing, text } of ranked) {
    const found = new Set(keywords.findSets(text));
    if (found.size > 0) matching.add(id);
    together.add(found.size > 0);
    counterOf(framings, framing).add(found.size > 0);
    sets.forEach((counter, index) => counter.add(found.has(index)));
    yield;
  }
  const ofReference = new Counter();
  const referenceFramings = new Map<Framing, Counter>();
  for (const { framing, text } of reference) {
    const matches = keywords.matches(text);
    ofReference.add(matches);
    counterOf(referenceFramings, framing).add(matches);
    yield;
  }
  return {
    together: together.counts(),
    framings: new Map([...framings].map(([framing, counter]) => [framing, counter.counts()])),
    sets: sets.map((counter) => counter.counts()),
    matching,
    reference:
      reference.length === 0
        ? null
        : { together: ofReference.match(), framings: new Map([...referenceFramings].map(([framing, counter]) => [framing, counter.match()])) },
  };
}

function counterOf(counters: Map<Framing, Counter>, framing: Framing): Counter {
  const known = counters.get(framing);
  if (known) return known;
  const counter = new Counter();
  counters.set(framing, counter);
  return counter;
}

/** Counts what is given best first. */
class Counter {
  #top10 = 0;
  #top100 = 0;
  #all = 0;
  #of = 0;

  add(matches: boolean): void {
    this.#of++;
    if (!matches) return;
    if (this.#of <= 10) this.#top10++;
    if (this.#of <= 100) this.#top100++;
    this.#all++;
  }

  counts(): KeywordCounts {
    return { top10: this.#top10, top100: this.#top100, all: this.#all, of: this.#of };
  }

  match(): MatchCount {
    return { matching: this.#all, of: this.#of };
  }
}
