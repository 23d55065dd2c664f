/** The themes of an audit, first the one that says most (DESIGN part 2). */
import { runAtOnce, type Steps } from '../../text/slices.js';
import { bundledBackground, type Background } from './background.js';
import { findCandidates } from './candidates.js';
import { chooseThemes } from './choose.js';
import { informationOfGaps, informationOfTexts } from './information.js';
import { countResamples } from './stability.js';
import { extendPhrase, stemsShown } from './extend.js';
import { MOST_THEMES, type Theme, type ThemeExample } from './theme.js';
import { WordTable, type ThemeSource } from './word-table.js';

/** What a theme is called that came of the audit's own completions. */
export const OWN_PASS = 'plain';
/** Of an example, on either side of its phrase, in UTF-16 units. */
const EXAMPLE_UNITS = 120;
const SENTENCE_END = /[.!?\n\r。！？]/;

/** {@link findThemesInSteps} at once. */
export function findThemes(sources: Iterable<ThemeSource>, background?: Background): Theme[] {
  return runAtOnce(findThemesInSteps(sources, background));
}

/**
 * In steps of a millisecond or so. Each completion is asked for once. Completions with token gaps are told from those without by the first:
 * an audit is of one kind.
 * @param background what texts without gaps are compared with
 */
export function* findThemesInSteps(sources: Iterable<ThemeSource>, background?: Background): Steps<Theme[]> {
  const table = new WordTable();
  for (const source of sources) {
    table.add(source);
    yield;
  }
  if (table.sources.length === 0) return [];
  const information = table.sources[0]!.gaps ? informationOfGaps(table) : informationOfTexts(table, background ?? bundledBackground());
  yield;
  const candidates = yield* findCandidates(table, information);
  const chosen = chooseThemes(candidates, MOST_THEMES, (candidate) => stemsShown(table, candidate));
  yield;
  const resamples = yield* countResamples(table, information, candidates);
  return chosen.map(({ candidate, amount, heaviest }): Theme => {
    const { words, places } = extendPhrase(table, candidate);
    const example = exampleAt(table, strongest(candidate.words, places, information.amounts), words);
    return {
      phrase: example.phrase,
      score: amount,
      completions: candidate.places.length,
      prefills: new Set(candidate.places.map((place) => table.prefills[table.documents[place]!]!)).size,
      passes: [...new Set(candidate.places.map((place) => table.sources[table.documents[place]!]!.pass ?? OWN_PASS))],
      stability: resamples.get(heaviest) ?? 0,
      places: candidate.places.map((place) => ({
        id: table.sources[table.documents[place]!]!.id,
        start: table.starts[place]!,
        end: table.ends[place + candidate.words - 1]!,
      })),
      example,
    };
  });
}

/** The place where a phrase says most. */
function strongest(words: number, places: readonly number[], amounts: Float64Array): number {
  const amountAt = (place: number) => amounts.subarray(place, place + words).reduce((sum, amount) => sum + amount, 0);
  return places.reduce((best, place) => (amountAt(place) > amountAt(best) ? place : best));
}

function exampleAt(table: WordTable, place: number, words: number): ThemeExample {
  const source = table.sources[table.documents[place]!]!;
  let last = place;
  while (last + 1 < place + words && table.documents[last + 1] === table.documents[place] && table.continues[last + 1] === 1) last++;
  const start = table.starts[place]!;
  const end = table.ends[last]!;
  const before = source.text
    .slice(Math.max(0, start - EXAMPLE_UNITS), start)
    .split(SENTENCE_END)
    .at(-1)!;
  const after = source.text.slice(end, end + EXAMPLE_UNITS).split(SENTENCE_END)[0]!;
  return { id: source.id, before: trimHalves(before), phrase: source.text.slice(start, end), after: trimHalves(after) };
}

/** Without half a character at either end. */
function trimHalves(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '');
}
