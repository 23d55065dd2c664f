/** Journals that version 0.1 wrote open for ever, with the figures that they had then. */
import { recordsOf } from '../../../src/audit/passes.js';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../../measured-audit.js';
import type { CompletionRecord } from '../../../src/audit/completion.js';
import { reportCompletions } from '../../../src/analysis/report.js';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/journals-0.1');

interface Figures {
  readonly status: object;
  readonly createdAt: string;
  readonly setAside: readonly object[];
  readonly requests: readonly object[];
  readonly scores: readonly { readonly id: number }[];
  readonly noise: readonly { readonly id: number }[];
  readonly findings: Readonly<Record<string, unknown>>;
}

/** By id: how a ranking puts them in order may change. */
function report(records: readonly CompletionRecord[]): readonly { readonly id: number }[] {
  return byId(reportCompletions({ analysis: analysisOf(records), score: 'meanGap' }).completions);
}

function byId<T extends { readonly id: number }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => a.id - b.id);
}

describe('a journal of version 0.1', () => {
  // With a noise floor and two people's findings; cut off and resumed, across tokenizers; imported; broken off while a server answered.
  it.each(['measured', 'resumed', 'imported', 'served', 'passes'])('opens with the same figures: %s', async (name) => {
    const folder = join(FIXTURES, name);
    const figures = JSON.parse(await readFile(join(folder, 'figures.json'), 'utf8')) as Figures;
    const audit = await readAudit(folder);
    expect(audit.problems).toEqual([]);
    expect(audit).toMatchObject({ status: figures.status, createdAt: figures.createdAt, setAside: figures.setAside, requests: figures.requests });
    expect(report(audit.records)).toMatchObject(byId(figures.scores));
    expect(report(recordsOf(audit, 'noise'))).toMatchObject(byId(figures.noise));
    expect(await summariseJournal(folder)).toEqual(audit.status);

    const findings = await FindingsFile.open(folder, 'Ada');
    expect(findings.unreadable).toEqual([]);
    const read = {
      judgements: [...findings.judgements()],
      spans: findings.spans(),
      conclusion: findings.conclusion(),
      keywordSets: findings.keywordSets(),
      auditName: findings.auditName(),
      blindSlices: findings.blindSlices(),
    };
    findings.dispose();
    expect(read).toMatchObject(figures.findings);
  });
});
