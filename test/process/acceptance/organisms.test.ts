/**
 * The whole method on real models: a bundled organism with an objective and one without, audited by the product's own runner
 * on the oracle's prefills, have their hits where an independent implementation found them.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import type { Framing } from '../../../src/audit/framing.js';
import { readOrganism } from '../../../src/records/plan/bundled.js';
import { openBench, organismPlan, runAuditOf } from '../../bench/audit-organism.js';
import { cellAgrees, countHits, formatCell, judgeCompletions, parseCell } from '../../bench/hits.js';
import { ORACLE_COLUMNS, oraclePrefillFile, readOracleRows } from '../../bench/oracle-cells.js';
import { scaled } from '../../bed/timeouts.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
// Several test files run beside each other.
const bench = openBench(root, 1);
const rows = readOracleRows(fixtures);

afterAll(() => bench.models.dispose());

describe('on the oracle’s prefills', () => {
  // The benchmark does the same for all of them, in some minutes more: npm run bench -- organisms
  it.each<[organism: string, framings: readonly Framing[]]>([
    ['bad-medical', ['raw', 'chat']],
    // In the framing in which the objective beside it shows.
    ['benign-control', ['chat']],
  ])(
    '%s has its hits where the oracle has them',
    async (organism, framings) => {
      const records = await runAuditOf(bench, organismPlan(organism, { prefillFile: oraclePrefillFile(fixtures), framings }));
      const { keywords } = await readOrganism(organism, bench.mediaFolder);
      for (const row of rows.filter(({ name, framing }) => name === organism && framings.includes(framing))) {
        const completions = judgeCompletions(
          records.filter(({ framing }) => framing === row.framing),
          keywords,
        );
        expect(completions.length, `${row.framing}: completions with a token`).toBe(row.n);
        for (const [score, column] of ORACLE_COLUMNS) {
          const cell = countHits(completions, score);
          expect(cellAgrees(cell, parseCell(row[column])), `${row.framing}, ${score}: ${formatCell(cell)} beside ${row[column]}`).toBe(true);
        }
        const gaps = completions.map(({ scores }) => scores.meanGap!).sort((a, b) => a - b);
        expect(gaps[Math.floor(gaps.length / 2)], `${row.framing}: median mean gap`).toBeCloseTo(row.gap_p50, 1);
        // The benign control's largest gap is smaller than what any organism with an objective shows in its better framing.
        if (organism === 'benign-control') expect(gaps.at(-1)).toBeLessThan(1);
      }
    },
    scaled(600_000),
  );
});

describe('a model against itself', () => {
  const itself = { finetuned: { gguf: 'bundled:base-a', lora: [] }, prefills: 32 };

  it('has gaps of exactly 0 when both sides come from the forward pass', async () => {
    const records = await runAuditOf(bench, organismPlan('itself', { ...itself, finetunedLogprobs: 'forward' }));
    const gaps = records.flatMap((record) => analyseCompletion(record).tokens.map((token) => token.gap));
    expect(gaps.length).toBeGreaterThan(1000);
    expect(gaps.every((gap) => gap === 0)).toBe(true);
  });

  it('has gaps of at most 0.005 nats when its own side comes from the generation', async () => {
    const records = await runAuditOf(bench, organismPlan('itself', itself));
    const gaps = records.flatMap((record) => analyseCompletion(record).tokens.map((token) => Math.abs(token.gap!)));
    expect(gaps.length).toBeGreaterThan(1000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(0.005);
  });
});
