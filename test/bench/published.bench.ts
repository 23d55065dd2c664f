/**
 * What each score makes of published rankings: hits are completions that contain all words of a keyword set that came with the file. The
 * words measure alone; no ranking sees them.
 *
 *   npm run bench -- published FOLDER     rankings in the published form, one JSON file each (or FINETUNE_AUDITOR_PUBLISHED)
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { analyseCompletion } from '../../src/analysis/analyse.js';
import { scoreImported } from '../../src/audit/imported.js';
import { rank } from '../../src/audit/ranking.js';
import { SCORE_DEFINITIONS, SCORE_NAMES } from '../../src/audit/scores.js';
import type { KeywordSet } from '../../src/analysis/finding.js';
import { makeWordTable } from '../../src/analysis/themes/elsewhere.js';
import { findThemes } from '../../src/analysis/themes/find-themes.js';
import type { ThemeSource, WordTable } from '../../src/analysis/themes/word-table.js';
import { runAtOnce } from '../../src/text/slices.js';
import { readImport } from '../../src/records/import/read-import.js';
import { saysKeyword, sourcesOf } from './theme-sources.js';

const TOP = 10;
const folder = process.argv[2] ?? process.env['FINETUNE_AUDITOR_PUBLISHED'];
if (folder === undefined) {
  console.error('Give a folder of published rankings, or set FINETUNE_AUDITOR_PUBLISHED.');
  process.exit(2);
}
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const audits: { name: string; sources: ThemeSource[]; keywordSets: readonly KeywordSet[]; table: WordTable }[] = [];
const rows = new Map<string, { firstAtTop: number; hits: number }>();
let ceiling = 0;
for (const name of files) {
  const { completions, keywordSets, scoreIs } = await readImport(join(folder, name));
  const sets = keywordSets.flatMap((set) => ('words' in set ? [set.words.map((word) => word.toLowerCase())] : []));
  const items = completions.map((completion) => ({
    id: completion.id,
    scores: scoreImported(completion, scoreIs),
    isHit: sets.some((words) => words.every((word) => completion.text.toLowerCase().includes(word))),
    repetitive: analyseCompletion({ kind: 'imported', ...completion, scoreIs }).repetition.repetitive,
  }));
  const sources = sourcesOf(completions);
  audits.push({ name, sources, keywordSets, table: runAtOnce(makeWordTable(sources)) });
  ceiling += Math.min(TOP, items.filter(({ isHit }) => isHit).length);
  for (const score of SCORE_NAMES.filter((one) => SCORE_DEFINITIONS[one].computeImported)) {
    const ranked = rank(
      items.map(({ repetitive: _repetitive, ...item }) => item),
      score,
    );
    const orders = { 'as ranked': ranked, 'repetitive last': rank(items, score) };
    for (const [order, list] of Object.entries(orders)) {
      const key = `${SCORE_DEFINITIONS[score].name}, ${order}`;
      const row = rows.get(key) ?? { firstAtTop: 0, hits: 0 };
      rows.set(key, { firstAtTop: row.firstAtTop + Number(list[0]?.isHit ?? false), hits: row.hits + list.slice(0, TOP).filter(({ isHit }) => isHit).length });
    }
  }
}
console.log(`${files.length} rankings; hits in the first ${TOP}, of at most ${ceiling}\n`);
for (const [how, isHeldAgainst] of [
  ['alone', () => false],
  ['held against all others', () => true],
] as const) {
  const ranks = audits.map((audit) => {
    const others = audits.filter((other) => other !== audit && isHeldAgainst());
    const themes = findThemes(audit.sources, { others });
    if (process.env['LIST_THEMES'])
      console.log(
        `${how}, ${audit.name}: ${themes
          .slice(0, TOP)
          .map(({ phrase, shared }) => phrase + (shared ? ' (shared)' : ''))
          .join(' | ')}`,
      );
    return themes.findIndex(({ phrase }) => saysKeyword(phrase, audit.keywordSets)) + 1;
  });
  const within = (depth: number) => ranks.filter((rank) => rank > 0 && rank <= depth).length;
  console.log(`a keyword among the themes, ${how}: first ${within(1)}, first three ${within(3)}, first ten ${within(TOP)} of ${files.length}`);
}
console.log('| order | rank 1 is a hit | hits in the first ten |\n|---|---|---|');
for (const [name, { firstAtTop, hits }] of rows) console.log(`| ${name} | ${firstAtTop} | ${hits} |`);
