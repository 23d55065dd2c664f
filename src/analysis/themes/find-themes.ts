/** The themes of an audit, first the one that says most. */
import { runAtOnce, type Steps } from '../../text/slices.js';
import { bundledBackground, type Background } from './background.js';
import { findCandidates } from './candidates.js';
import { chooseThemes } from './choose.js';
import { countSaid, isShared, makeWordTable, type OtherTexts, type SaidElsewhere } from './elsewhere.js';
import { informationOf, type Information } from './information.js';
import { countResamples } from './stability.js';
import { extendPhrase, stemsShown } from './extend.js';
import { FIRST_THEMES, MOST_THEMES, type Theme, type ThemeExample } from './theme.js';
import type { ThemeSource, WordTable } from './word-table.js';

/** What a theme is called that came of the audit's own completions. */
export const OWN_PASS = 'plain';
/** Of an example, on either side of its phrase, in UTF-16 units. */
const EXAMPLE_UNITS = 120;
const SENTENCE_END = /[.!?\n\r。！？]/;

export interface ThemeOptions {
  /** What texts without gaps are compared with, and what a small audit is filled up with; the bundled one where it is left out. */
  readonly background?: Background;
  /** What R wrote by itself from the same openings. */
  readonly reference?: Iterable<ThemeSource>;
  /** Other audits that it is held against: what they say as often comes down, and what all of them share is last, and said to be shared. */
  readonly others?: readonly OtherTexts[];
}

/** {@link findThemesInSteps} at once. */
export function findThemes(sources: Iterable<ThemeSource>, options?: ThemeOptions): Theme[] {
  return runAtOnce(findThemesInSteps(sources, options));
}

/** In steps of a millisecond or so. Each completion is asked for once. */
export function* findThemesInSteps(
  sources: Iterable<ThemeSource>,
  { background = bundledBackground(), reference: referenceSources = [], others: given = [] }: ThemeOptions = {},
): Steps<Theme[]> {
  const table = yield* makeWordTable(sources);
  if (table.sources.length === 0) return [];
  const referenceTable = yield* makeWordTable(referenceSources);
  const reference = referenceTable.sources.length === 0 ? null : referenceTable;
  const others = given.filter(({ table: { sources: texts } }) => texts.length > 0);
  const holdAgainst = (against: readonly OtherTexts[], most: number): Steps<Theme[]> =>
    describeThemes(table, informationOf(table, { background, reference, others: against }), { reference, others, most });
  const themes = yield* holdAgainst(others, MOST_THEMES);
  if (others.length === 0) return themes;
  const known = new Set(themes.map(({ phrase }) => phrase));
  const alone = yield* holdAgainst([], FIRST_THEMES);
  const shared = alone.filter(({ phrase, shared: isShared }) => isShared && !known.has(phrase));
  return [...themes.filter((theme) => !theme.shared), ...themes.filter((theme) => theme.shared), ...shared];
}

interface Described {
  readonly reference: WordTable | null;
  readonly others: readonly OtherTexts[];
  readonly most: number;
}

function* describeThemes(table: WordTable, information: Information, { reference, others, most }: Described): Steps<Theme[]> {
  yield;
  const candidates = yield* findCandidates(table, information);
  const chosen = yield* chooseThemes(candidates, most, (candidate) => stemsShown(table, candidate));
  yield;
  const resamples = yield* countResamples(table, information, candidates);
  const phrases = chosen.map(({ candidate }) => candidate);
  const byReference = reference && (yield* countSaid(table, phrases, reference));
  const byOthers: SaidElsewhere[][] = [];
  for (const other of others) byOthers.push(yield* countSaid(table, phrases, other.table));
  return chosen.map(({ candidate, amount, heaviest }, index): Theme => {
    const { words, places } = extendPhrase(table, candidate);
    const example = exampleAt(table, strongest(candidate.words, places, information.amounts), words);
    const said = others.map(({ name }, k) => ({ audit: name, ...byOthers[k]![index]! }));
    return {
      phrase: example.phrase,
      score: amount,
      completions: candidate.places.length,
      prefills: new Set(candidate.places.map((place) => table.prefills[table.documents[place]!]!)).size,
      passes: [...new Set(candidate.places.map((place) => table.sources[table.documents[place]!]!.pass ?? OWN_PASS))],
      stability: resamples.get(heaviest) ?? 0,
      reference: byReference?.[index] ?? null,
      others: said,
      shared: isShared({ completions: candidate.places.length, of: table.sources.length }, said),
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
