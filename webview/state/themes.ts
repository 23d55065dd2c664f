/** Finds the completions of a theme, and the places of its words in them. */
import type { AuditOverview } from '../../src/analysis/audit-analysis.js';
import type { Theme } from '../../src/analysis/themes/theme.js';
import { compileLiteral } from '../../src/analysis/patterns/literal.js';
import type { TextMatcher, TextRange } from '../../src/analysis/patterns/pattern.js';
import type { CompletionSummary } from '../../src/messages/page.js';

export function findTheme(overview: AuditOverview | null, phrase: string): Theme | null {
  return overview?.themes.find((theme) => theme.phrase === phrase) ?? null;
}

/** Shows the completions of a theme. Where it is none of the themes by now, or not yet known, those that say its phrase. */
export class ThemeFilter {
  readonly #places: ReadonlyMap<number, TextRange> | null;
  readonly #phrase: TextMatcher;

  constructor(phrase: string, theme: Theme | null) {
    this.#places = theme && new Map(theme.places.map(({ id, start, end }) => [id, [start, end]]));
    this.#phrase = compileLiteral(phrase);
  }

  has({ id, text }: CompletionSummary): boolean {
    return this.#places ? this.#places.has(id) : this.#phrase.test(text);
  }

  /** In the completion's text, in UTF-16 units, in order. */
  placesIn({ id, text }: CompletionSummary): readonly TextRange[] {
    const said = this.#phrase.findAll(text, MOST_PLACES);
    const place = this.#places?.get(id);
    if (!place || said.some(([start, end]) => start < place[1] && end > place[0])) return said;
    return [...said, place].sort((a, b) => a[0] - b[0]);
  }
}

const MOST_PLACES = 500;
