/** Values that no file should have, where a text, a number or a list is expected: refused in words by whoever reads them. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AuditError } from '../../../src/audit/errors.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { findJournalWriter } from '../../../src/records/journal/journal-lock.js';
import { listPlanProblems } from '../../../src/records/plan/plan-file.js';
import { readPrefillFile } from '../../../src/records/plan/prefill-file.js';
import { checkShape } from '../../../src/text/check-shape.js';

/** Neither a text nor a number can be made of it, and it has a length. */
const TRAP = { length: { toString: 1, valueOf: 1 } };

describe('checkShape', () => {
  it.each([
    z.string().min(1),
    z.array(z.string()).min(1),
    z.string().max(5),
    z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    z.object({ a: z.string().min(1) }),
  ])('refuses what the library trips over (%#)', (schema) => {
    const traps = [TRAP, [TRAP], { a: TRAP }];
    expect(traps.map((trap) => checkShape(schema, trap).success)).toEqual([false, false, false]);
    expect(
      traps.some((trap) => {
        try {
          schema.safeParse(trap);
          return false;
        } catch {
          return true;
        }
      }),
    ).toBe(true);
  });

  it('gives what fits, as the library does', () => {
    expect(checkShape(z.object({ a: z.string().default('b') }), {})).toEqual({ success: true, data: { a: 'b' } });
    expect(checkShape(z.string(), 1).error?.issues[0]?.code).toBe('invalid_type');
  });
});

describe('a value that the library trips over', () => {
  const folder = mkdtempSync(join(tmpdir(), 'finetune-auditor-shapes-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('in a plan is a problem of the plan', () => {
    for (const plan of [
      { finetuned: TRAP, reference: 'b' },
      { finetuned: 'a', reference: 'b', framings: TRAP },
      { finetuned: 'a', reference: 'b', corpus: [TRAP] },
    ]) {
      const problems = listPlanProblems(JSON.stringify(plan), '/a.audit-plan.json');
      expect(problems.length).toBeGreaterThan(0);
      expect(problems[0]!.message).not.toMatch(/TypeError|primitive value/);
    }
  });

  it('in an event of the findings leaves that line out, and no other', async () => {
    cpSync('test/fixtures/journals-0.1/measured', folder, { recursive: true });
    const label = {
      kind: 'label',
      id: 'good',
      supersedes: [],
      author: 'a',
      time: '2020-01-02T00:00:00Z',
      completionId: 0,
      label: 'revealing',
      category: null,
      note: '',
    };
    writeFileSync(
      join(folder, 'findings.jsonl'),
      [{ ...label, id: TRAP }, { ...label, kind: 'later', id: TRAP }, label].map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
    const findings = await FindingsFile.open(folder, 'a');
    expect(findings.current().get(0)?.label).toBe('revealing');
  });

  it('in a lock or a file of prefills is told in words', async () => {
    writeFileSync(join(folder, 'audit.lock.json'), JSON.stringify({ pid: 1, host: TRAP, user: TRAP, since: TRAP }));
    await findJournalWriter(folder);
    writeFileSync(join(folder, 'p.json'), JSON.stringify(TRAP));
    await expect(readPrefillFile(join(folder, 'p.json'))).rejects.toBeInstanceOf(AuditError);
  });
});
