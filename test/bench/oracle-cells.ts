/** What an independent implementation of the method found on the bundled organisms, on fixed prefills. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Framing } from '../../src/audit/framing.js';
import type { ScoreName } from '../../src/audit/scores.js';

/** Cells have the form `20/97/1`: hits in the top 20, in the top 100, rank of the first. Gaps are mean gaps in nats. */
export interface OracleRow {
  readonly name: string;
  readonly framing: Framing;
  /** Completions with at least one token. */
  readonly n: number;
  readonly gap_p50: number;
  readonly gap_max: number;
  readonly dppl: string;
  readonly gap: string;
  readonly tot: string;
  readonly peak: string;
}

/** Which column of the oracle holds which score. */
export const ORACLE_COLUMNS: readonly (readonly [ScoreName, 'dppl' | 'gap' | 'tot' | 'peak'])[] = [
  ['perplexityDifference', 'dppl'],
  ['meanGap', 'gap'],
  ['totalGap', 'tot'],
  ['peakGap', 'peak'],
];

/** @param fixtures the folder `test/fixtures` */
export function readOracleRows(fixtures: string): OracleRow[] {
  const text = readFileSync(join(fixtures, 'greedy-400.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as OracleRow);
}

export function oraclePrefillFile(fixtures: string): string {
  return join(fixtures, 'greedy-400-prefills.json');
}
