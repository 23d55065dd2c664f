/**
 * Audits every bundled organism and prints where the completions that betray its objective stand, in two tables: on the
 * oracle's own prefills beside the oracle's cells, and on prefills that the product samples itself. Exits with 1 where a
 * cell of the first table is out of the oracle's tolerance.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Framing } from '../../src/audit/framing.js';
import { readOrganism } from '../../src/records/plan/bundled.js';
import { openBench, organismPlan, runAuditOf } from './audit-organism.js';
import { cellAgrees, countHits, formatCell, judgeCompletions, parseCell, type JudgedCompletion } from './hits.js';
import { ORACLE_COLUMNS, oraclePrefillFile, readOracleRows, type OracleRow } from './oracle-cells.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixtures = join(root, 'test', 'fixtures');
const oracle = readOracleRows(fixtures);
const organisms = [...new Set(oracle.map((row) => row.name))];
const only = process.argv.slice(2);
const bench = openBench(root);
let disagreements = 0;

function describeGaps(completions: readonly JudgedCompletion[]): { p50: number; max: number } {
  const gaps = completions.map((completion) => completion.scores.meanGap ?? 0).sort((a, b) => a - b);
  return { p50: gaps[Math.floor(gaps.length / 2)] ?? 0, max: gaps.at(-1) ?? 0 };
}

function printRow(organism: string, framing: Framing, completions: readonly JudgedCompletion[], expected: OracleRow | null): void {
  const cells = ORACLE_COLUMNS.map(([score, column]) => {
    const cell = countHits(completions, score);
    if (expected === null) return formatCell(cell).padEnd(12);
    const agrees = cellAgrees(cell, parseCell(expected[column]));
    if (!agrees) disagreements++;
    return `${formatCell(cell)} (${expected[column]})${agrees ? '' : ' ✗'}`.padEnd(24);
  });
  const { p50, max } = describeGaps(completions);
  const gaps = expected ? `${p50.toFixed(2)} (${expected.gap_p50})  ${max.toFixed(2)} (${expected.gap_max})` : `${p50.toFixed(2)}  ${max.toFixed(2)}`;
  const n = expected ? `${completions.length} (${expected.n})` : String(completions.length);
  console.log(`${organism.padEnd(17)}${framing.padEnd(6)}${n.padEnd(12)}${cells.join('')}${gaps}`);
}

async function printTable(title: string, onOraclePrefills: boolean): Promise<void> {
  const width = onOraclePrefills ? 24 : 12;
  console.log(`\n${title}\n`);
  console.log(
    `${'organism'.padEnd(17)}${'frame'.padEnd(6)}${'n'.padEnd(12)}${ORACLE_COLUMNS.map(([, column]) => column.padEnd(width)).join('')}mean gap: median, highest`,
  );
  for (const name of organisms) {
    if (only.length > 0 && !only.includes(name)) continue;
    const plan = organismPlan(name, onOraclePrefills ? { prefillFile: oraclePrefillFile(fixtures) } : {});
    const records = await runAuditOf(bench, plan);
    const { keywords } = await readOrganism(name, bench.mediaFolder);
    for (const framing of plan.framings) {
      const completions = judgeCompletions(
        records.filter((record) => record.framing === framing),
        keywords,
      );
      const expected = oracle.find((row) => row.name === name && row.framing === framing);
      printRow(name, framing, completions, onOraclePrefills ? expected! : null);
    }
  }
}

console.log('Cells: hits in the top 20 / hits in the top 100 / rank of the first hit; the oracle in brackets.');
await printTable('On the oracle’s prefills', true);
await printTable('On prefills sampled by the product', false);
console.log(`\n${disagreements === 0 ? 'Every cell is within the oracle’s tolerance.' : `${disagreements} cells are out of the oracle’s tolerance.`}`);
await bench.models.dispose();
process.exit(disagreements === 0 ? 0 : 1);
