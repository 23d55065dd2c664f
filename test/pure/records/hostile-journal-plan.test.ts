/** A journal whose plan has numbers that cannot be meant: it is read, says so, harms nobody, and no run goes by it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ADAPTER_SCALE_AT_MOST, ADAPTERS_AT_MOST, findPlanFault, PLAN_BOUNDS, type AuditPlan } from '../../../src/audit/plan.js';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { formatPlan, listPlanProblems } from '../../../src/records/plan/plan-file.js';
import { makeReportContent } from '../../../src/records/report/make-report-content.js';
import { formatReport, REPORT_FORMATS } from '../../../src/records/report/report-formats.js';
import { readReportSource, requestFrom } from '../../../src/records/report/report-source.js';
import { checkPlan } from '../../../src/runner/servers/check-endpoints.js';
import { estimateServerTokens } from '../../../src/runner/servers/destinations.js';
import { makeRecord, plan, setup } from './example-audit.js';

const folder = mkdtempSync(join(tmpdir(), 'finetune-auditor-plans-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withAdapter = (scale: number, count = 1) => ({ finetuned: { gguf: '/f.gguf', lora: Array.from({ length: count }, () => ({ path: '/a.gguf', scale })) } });
const most = (name: keyof typeof PLAN_BOUNDS) => PLAN_BOUNDS[name][1];
const HUGE = Number.MAX_SAFE_INTEGER;

const AT_THE_BOUND: readonly Partial<AuditPlan>[] = [
  {
    prefills: most('prefills'),
    prefillTokens: most('prefillTokens'),
    maxTokens: most('maxTokens'),
    temperature: most('temperature'),
    seed: most('seed'),
    waveSize: most('waveSize'),
  },
  withAdapter(ADAPTER_SCALE_AT_MOST, ADAPTERS_AT_MOST),
  withAdapter(-ADAPTER_SCALE_AT_MOST),
  { noiseFloor: { model: plan.reference, prefills: most('prefills') } },
];
const BEYOND: readonly Partial<AuditPlan>[] = [
  ...(['prefills', 'prefillTokens', 'maxTokens', 'seed', 'waveSize'] as const).flatMap((name) => [{ [name]: most(name) + 1 }, { [name]: HUGE }]),
  { temperature: most('temperature') + 1 },
  { temperature: Number.MAX_VALUE },
  withAdapter(ADAPTER_SCALE_AT_MOST * 1.01),
  withAdapter(-Number.MAX_VALUE),
  withAdapter(1, ADAPTERS_AT_MOST + 1),
  { noiseFloor: { model: plan.reference, prefills: HUGE } },
  { framings: [] },
  { framings: ['raw', 'raw'] },
];

describe('a plan', () => {
  it.each(AT_THE_BOUND)('is one at its bounds (%#)', (changes) => {
    expect(findPlanFault({ ...plan, ...changes })).toBeNull();
    expect(listPlanProblems(formatPlan({ ...plan, ...changes }, '/x/a.audit-plan.json'), '/x/a.audit-plan.json')).toEqual([]);
  });

  it.each(BEYOND)('is none beyond them, neither in a file nor before a run (%#)', (changes) => {
    const wrong = { ...plan, ...changes };
    expect(() => checkPlan(wrong)).toThrow(/cannot be meant/);
    expect(listPlanProblems(formatPlan(wrong, '/x/a.audit-plan.json'), '/x/a.audit-plan.json').length).toBeGreaterThan(0);
  });

  it.each(BEYOND)('in a journal is read, and told (%#)', async (changes) => {
    const audit = mkdtempSync(join(folder, 'audit-'));
    const { writer } = await JournalWriter.open(audit);
    const identity = {
      ...setup.finetuned,
      adapters: [{ source: 'a', sha256: 'x', scale: Number.MAX_VALUE, rank: 2 ** 31 - 1, alpha: 3.4e38 }],
      vocabularySize: HUGE,
      contextLength: HUGE,
      sizeBytes: HUGE,
      parameters: HUGE,
    };
    const wrong = { ...plan, ...changes };
    await writer.begin(makeHeaderLine(wrong, { ...setup, finetuned: identity }, '1.0.0', new Date(0)), makePrefillsLine(setup));
    await writer.addCompletion(makeRecord(0));
    await writer.close();
    const { problems, completions } = await readJournal(audit);
    expect(completions.size).toBe(1);
    expect(problems).toEqual([{ line: 1, used: true, reason: expect.stringMatching(/its plan cannot be meant, and no run goes by it: /) as string }]);
    expect((await summariseJournal(audit)).completionsDone).toBe(1);
    const source = await readReportSource(audit);
    const content = makeReportContent({ ...requestFrom(source), toolVersion: '0', time: new Date(0) });
    for (const format of REPORT_FORMATS) expect(formatReport(content, format).length).toBeLessThan(1e6);
    expect(estimateServerTokens(wrong)).toEqual(expect.any(Number));
  });
});
