// Counts the words of the background's texts into counts.json: node src/analysis/themes/background/count-words.mjs
// Genres: general (the bundled corpus, in its many languages), common (words by rough frequency), assistants (what they say, and the
// prose they write), code (this project's own sources, READMEs and docs). Counts only: no text is bundled for this.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const { outputFiles } = await build({ entryPoints: [`${root}src/text/words.ts`], bundle: true, format: 'esm', write: false });
const { segmentWords } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);

/** A word that stands once may be an accident of the text; in code, names of this project are. */
const LEAST = { general: 1, common: 1, assistants: 1, code: 4 };

const read = (path) => readFileSync(path, 'utf8');
const filesBelow = (folder, pattern) =>
  readdirSync(`${root}${folder}`, { recursive: true })
    .map(String)
    .filter((name) => pattern.test(name) && !name.startsWith('analysis/themes'))
    .map((name) => `${root}${folder}/${name}`);

function countTexts(texts) {
  const words = new Map();
  for (const text of texts) for (const word of segmentWords(text)) words.set(word.text, (words.get(word.text) ?? 0) + 1);
  return words;
}

/** Lines of a frequency in a million and the words that have it; a word that stands twice keeps the higher. */
function countCommon(text) {
  const words = new Map();
  for (const line of text.split('\n').filter((one) => !one.startsWith('#') && one.trim() !== '')) {
    const [frequency, ...list] = line.split(' ');
    for (const word of list) words.set(word, Math.max(words.get(word) ?? 0, Number(frequency)));
  }
  return words;
}

const genres = {
  general: countTexts([read(`${root}media/corpus/general.txt`)]),
  common: countCommon(read(`${here}texts/common.txt`)),
  assistants: countTexts([read(`${here}texts/assistants.txt`)]),
  code: countTexts([...filesBelow('src', /\.ts$/), ...filesBelow('docs', /\.md$/), `${root}README.md`].map(read)),
};
const counts = Object.fromEntries(
  Object.entries(genres).map(([genre, words]) => {
    const total = genre === 'common' ? 1_000_000 : [...words.values()].reduce((sum, count) => sum + count, 0);
    const kept = [...words].filter(([, count]) => count >= LEAST[genre]).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return [genre, { total, words: Object.fromEntries(kept) }];
  }),
);
writeFileSync(`${here}counts.json`, `${JSON.stringify(counts)}\n`);
for (const [genre, { total, words }] of Object.entries(counts)) console.log(`${genre}: ${total} words, ${Object.keys(words).length} kept`);
