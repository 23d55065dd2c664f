/** The plan of a journal that an earlier version wrote, run again: what the program computes must not change with its inner shape. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOISE, recordsOf } from '../../../src/audit/passes.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import { readMeasuredAudit } from '../../measured-audit.js';
import { never, useLocalModels } from '../models/local-process.js';
import { MEDIA } from './built-package.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/journals-0.1');
/**
 * Nats. On the machine that wrote a journal the values are the same to the last digit; another processor sums in another order. Where the
 * two best tokens are no further apart than this, another one may be chosen, and the rest of the text with it.
 */
const BOUND = 0.02;

const idsOf = (record: MeasuredRecord): number[] => record.tokens.map(({ id }) => id);
const openingsOf = (records: readonly MeasuredRecord[]) => records.map(({ id, framing, prefill }) => [id, framing, prefill.pieces.map((piece) => piece.id)]);
const byId = (records: readonly MeasuredRecord[]): MeasuredRecord[] => [...records].sort((a, b) => a.id - b.id);

/** Logprobs of F and R as far as both wrote the same, and a word where they part though nothing was close. */
function compare(before: MeasuredRecord, now: MeasuredRecord): { readonly same: boolean; readonly largest: number } {
  const [old, own] = [idsOf(before), idsOf(now)];
  const parting = old.findIndex((id, index) => id !== own[index]);
  const same = parting < 0 && old.length === own.length;
  const common = parting < 0 ? Math.min(old.length, own.length) : parting;
  const differences = before.logprobsFinetuned.slice(0, common).map((logprob, index) => Math.abs(logprob - now.logprobsFinetuned[index]!));
  // Each is the likeliest of those who wrote it.
  if (!same && parting >= 0) differences.push(Math.abs(before.logprobsFinetuned[parting]! - now.logprobsFinetuned[parting]!));
  if (same) {
    expect(now.reference?.kind).toBe(before.reference?.kind);
    const [oldR, ownR] = [before.reference?.logprobs ?? [], now.reference?.logprobs ?? []];
    expect(ownR).toHaveLength(oldR.length);
    oldR.forEach((logprob, index) => differences.push(Math.abs(logprob - ownR[index]!)));
  }
  return { same, largest: Math.max(0, ...differences) };
}

describe.each([
  ['measured', 'node-llama-cpp'],
  ['passes', 'native'],
  ['resumed', 'node-llama-cpp'],
  ['resumed', 'native'],
] as const)('the audit %s, run again by the %s engine', (name, engine) => {
  const local = useLocalModels({ engine });

  it('draws the same openings, and writes and scores the same', { timeout: 240_000 }, async () => {
    const before = await readMeasuredAudit(join(FIXTURES, name));
    const folder = join(local.folder, name);
    const runner = new LocalAuditRunner({ models: local.models, mediaFolder: MEDIA, toolVersion: '0.0.0-test' });
    expect(await runner.run({ plan: before.plan!, folder, resume: false, allowDownload: false }, {}, never)).toMatchObject({ state: 'finished' });
    const now = await readMeasuredAudit(folder);
    for (const pass of ['plain', NOISE]) {
      const [old, own] = [byId(recordsOf(before, pass)), byId(recordsOf(now, pass))];
      expect(openingsOf(own)).toEqual(openingsOf(old));
      const compared = old.map((record, index) => compare(record, own[index]!));
      expect(Math.max(0, ...compared.map(({ largest }) => largest))).toBeLessThan(BOUND);
      expect(compared.filter(({ same }) => !same).length).toBeLessThanOrEqual(old.length / 5);
    }
  });
});
