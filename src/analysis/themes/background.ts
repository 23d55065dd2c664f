/**
 * How often words stand in texts that say nothing of any finetune: what imports, which have no token gaps, are compared with, and what an audit
 * is filled up with that is too small to be its own stop list.
 */
import counts from './background/counts.json' with { type: 'json' };

/** Counts of words by genre; only those of {@link Genre.words} are kept, rarer ones count as unseen. */
interface Genre {
  readonly total: number;
  readonly words: Readonly<Record<string, number>>;
}

/** Of a word that no genre has: about the rarest that a reader of the language still knows. */
const UNSEEN_FREQUENCY = 1e-5;

export class Background {
  readonly #genres: readonly { readonly total: number; readonly words: ReadonlyMap<string, number> }[];

  readonly #known: ReadonlySet<string>;

  constructor(genres: Readonly<Record<string, Genre>>) {
    this.#genres = Object.values(genres).map(({ total, words }) => ({ total, words: new Map(Object.entries(words)) }));
    this.#known = new Set(this.#genres.flatMap(({ words }) => [...words.keys()]));
  }

  /** Whether any genre has the word, in lower case. */
  has(word: string): boolean {
    return this.#known.has(word);
  }

  /**
   * The word's share of all words, in the genre that has it most; 0 where none has it.
   * @param word in lower case
   */
  frequencyOf(word: string): number {
    let frequency = 0;
    for (const genre of this.#genres) frequency = Math.max(frequency, (genre.words.get(word) ?? 0) / genre.total);
    return frequency;
  }

  /**
   * In what share of texts of so many words the word is expected, by the genre that has it most.
   * @param word in lower case
   */
  shareOfTexts(word: string, words: number): number {
    const frequency = Math.max(UNSEEN_FREQUENCY, this.frequencyOf(word));
    return 1 - (1 - Math.min(frequency, 0.5)) ** Math.max(1, words);
  }
}

let bundled: Background | undefined;

/** The word counts that come along. */
export function bundledBackground(): Background {
  return (bundled ??= new Background(counts));
}
