/** Words that say the same in another form, roughly: what a theme has shown shall not be the next theme in the plural. */

const ENDINGS = [
  'ically',
  'ations',
  'ation',
  'ingly',
  'ments',
  'ment',
  'ness',
  'ings',
  'edly',
  'ing',
  'ies',
  'ied',
  'ers',
  'est',
  'ful',
  'ion',
  'ity',
  'ed',
  'er',
  'es',
  'ly',
  'al',
  's',
  'y',
  'e',
];
/** What is left of a word has at least this many letters. */
const MIN_STEM = 4;

/** @param word in lower case */
export function stem(word: string): string {
  const bare = word.replace(/['’]s?$/u, '');
  const ending = ENDINGS.find((one) => bare.length - one.length >= MIN_STEM && bare.endsWith(one));
  return ending === undefined ? bare : bare.slice(0, bare.length - ending.length);
}
