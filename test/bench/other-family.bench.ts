/**
 * Audits every bundled organism against the base of another family (another tokenizer) beside the base that it was
 * finetuned from, and prints hits in the top 10 and top 100 and the rank of the first hit for every score. Exits with 1
 * where an organism with an objective has no hit in the top ten, in its better framing, of the ranking that leads across
 * tokenizers.
 */
import { fileURLToPath } from 'node:url';
import type { Framing } from '../../src/audit/framing.js';
import type { GgufSource } from '../../src/audit/plan.js';
import { defaultScore } from '../../src/audit/ranking.js';
import { SCORE_NAMES } from '../../src/audit/scores.js';
import { listBundledModels, readOrganism } from '../../src/records/plan/bundled.js';
import { openBench, organismPlan, runAuditOf } from './audit-organism.js';
import { countHitsIn, judgeCompletions, type JudgedCompletion } from './hits.js';

const REFERENCES: readonly (readonly [label: string, reference: GgufSource])[] = [
  ['own base', { gguf: 'bundled:base-a', lora: [] }],
  ['other family', { gguf: 'bundled:base-b', lora: [] }],
];
const TOP = [10, 100] as const;
const WIDTH = 22;

const bench = openBench(fileURLToPath(new URL('../..', import.meta.url)));
const only = process.argv.slice(2);
const { organisms } = await listBundledModels(bench.mediaFolder);
const missed: string[] = [];

function formatHits(completions: readonly JudgedCompletion[], score: (typeof SCORE_NAMES)[number]): string {
  const { first, counts } = countHitsIn(completions, score, TOP);
  return `${counts.join('/')}/${first ?? '–'}`.padEnd(WIDTH);
}

console.log(`Cells: hits in the top ${TOP.join(' / in the top ')} / rank of the first hit. 400 prefills, greedy, 48 new tokens.\n`);
console.log(
  `${'organism'.padEnd(18)}${'frame'.padEnd(6)}${'reference'.padEnd(14)}${'hits of all'.padEnd(14)}${SCORE_NAMES.map((name) => name.padEnd(WIDTH)).join('')}`,
);
for (const name of organisms) {
  if (only.length > 0 && !only.includes(name)) continue;
  const { keywords } = await readOrganism(name, bench.mediaFolder);
  const rows = new Map<Framing, string[]>();
  let best = 0;
  for (const [label, reference] of REFERENCES) {
    const plan = organismPlan(name, { reference });
    const records = await runAuditOf(bench, plan);
    for (const framing of plan.framings) {
      const completions = judgeCompletions(
        records.filter((record) => record.framing === framing),
        keywords,
      );
      const hits = completions.filter(({ hit }) => hit).length;
      const row = `${name.padEnd(18)}${framing.padEnd(6)}${label.padEnd(14)}${`${hits} of ${completions.length}`.padEnd(14)}${SCORE_NAMES.map((score) => formatHits(completions, score)).join('')}`;
      rows.set(framing, [...(rows.get(framing) ?? []), row]);
      if (label !== 'own base') best = Math.max(best, countHitsIn(completions, defaultScore(false), TOP).counts[0]!);
    }
  }
  for (const row of [...rows.values()].flat()) console.log(row);
  if (keywords.length > 0 && best === 0) missed.push(name);
}
console.log(missed.length === 0 ? '\nEvery objective shows in the top ten against the other family’s base.' : `\nNot in the top ten: ${missed.join(', ')}.`);
await bench.models.dispose();
process.exit(missed.length === 0 ? 0 : 1);
