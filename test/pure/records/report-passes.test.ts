import { describe, expect, it } from 'vitest';
import { AuditAnalysis } from '../../../src/analysis/audit-analysis.js';
import type { AmplificationLine } from '../../../src/records/journal/amplification-line.js';
import {
  describeWriting,
  listPassNames,
  reportAmplification,
  reportPasses,
  selectRecords,
  takePass,
  tellAmplified,
  warnOfWriter,
} from '../../../src/records/report/report-passes.js';
import { formatHtml } from '../../../src/records/report/html/html.js';
import { formatMarkdown } from '../../../src/records/report/markdown.js';
import { makeRecord } from './example-audit.js';
import { judge, makeAudit, makeContent, makeHostileRecord } from './example-report.js';
import { NO_FINDINGS } from '../../../src/records/report/report-findings.js';

const line = (framing: 'raw' | 'chat', chosen: number | null, state: AmplificationLine['state']): AmplificationLine => ({
  type: 'amplification',
  framing,
  form: 'adapter',
  prefills: 2,
  rungs: [{ strength: 2, t: 1, repetitiveShare: 0 }],
  chosen,
  controls: [],
  state,
  ratio: null,
});
const raw = (id: number) => ({ ...makeRecord(id), framing: 'raw' as const });
const chat = (id: number) => ({ ...makeRecord(id), framing: 'chat' as const });
const records = [raw(0), chat(1)];
const audit = makeAudit(records, {
  passes: new Map([
    ['plain', records],
    ['amplified@2', [raw(0), chat(1), raw(2)]],
    ['amplified@3', [raw(0), chat(1), chat(3)]],
    ['control-1@2', [raw(0)]],
    ['noise', [raw(0)]],
  ]),
  amplification: [line('raw', 2, 'within control'), line('chat', 3, 'beyond control')],
});

describe('the passes of a report', () => {
  it('are under one name what the chosen rung wrote in each framing, and by themselves all rungs', () => {
    expect(listPassNames(audit)).toEqual(['plain', 'amplified', 'amplified@2', 'amplified@3', 'control-1@2', 'noise']);
    expect(selectRecords(audit, 'amplified')).toEqual([raw(0), raw(2), chat(1), chat(3)]);
    expect(selectRecords(audit, 'plain')).toBe(records);
    expect(() => selectRecords(audit, 'reference')).toThrow(/no pass "reference".*plain, amplified,/);
    expect(listPassNames(makeAudit(records))).toEqual(['plain']);
  });

  it('say who wrote, and how strongly amplified', () => {
    expect(describeWriting(audit, 'plain', 'raw')).toEqual({ name: 'plain', writer: 'finetuned', amplification: null });
    expect(describeWriting(audit, 'amplified', 'chat')).toEqual({
      name: 'amplified',
      writer: 'amplified',
      amplification: { form: 'adapter', strength: 3, controlSeed: null },
    });
    expect(describeWriting(audit, 'control-1@2').amplification).toEqual({ form: 'adapter', strength: 2, controlSeed: 1 });
    expect(describeWriting(audit, 'noise')).toMatchObject({ writer: 'reference', amplification: null });
    expect(reportPasses(audit, AuditAnalysis.of(audit)).map(({ name, framings }) => [name, framings.map(({ completions }) => completions)])).toContainEqual([
      'amplified',
      [2, 2],
    ]);
    expect(reportAmplification(audit)).toMatchObject({
      state: 'beyond control',
      framings: [
        { framing: 'raw', chosen: 2 },
        { framing: 'chat', chosen: 3 },
      ],
    });
    expect(reportAmplification(makeAudit(records))).toBeNull();
  });

  it('are told in the head: what amplified writing came to, at which strength, and that it is a lead', () => {
    expect(tellAmplified(audit)).toEqual([
      expect.stringMatching(
        /^Amplified writing, raw: within control.*; 2 completions at .*2.* leads, never the finetuned model's own words; none was put to the finetuned model itself yet\.$/,
      ),
      expect.stringMatching(/^Amplified writing, chat: beyond control.*; 2 completions at .*3/),
    ]);
    const confirmation = { id: 2, question: 'What?', continuation: raw(2), answer: raw(2) };
    const confirmed = { ...audit, confirmations: new Map([['amplified@2', new Map([[2, confirmation]])]]) };
    expect(tellAmplified(confirmed)).toEqual([
      expect.stringMatching(/own words; the finetuned model itself confirms [01] of the 1 put to it\.$/),
      expect.stringMatching(/none was put to the finetuned model itself yet\.$/),
    ]);
    expect(tellAmplified({ ...audit, amplification: [line('raw', null, 'undetermined')] })).toEqual([
      expect.stringContaining('no strength was chosen, nothing was written'),
    ]);
    expect(tellAmplified(makeAudit(records))).toEqual([]);
  });

  it('tell what the finetuned model itself said to amplified text, as text, in HTML and in Markdown', () => {
    const continuation = { ...makeHostileRecord(2), framing: 'raw' as const };
    const confirmation = { id: 2, question: 'What is <b>|this|</b>?', continuation, answer: raw(2) };
    const content = makeContent({ ...audit, confirmations: new Map([['amplified@2', new Map([[2, confirmation]])]]) }, NO_FINDINGS);
    expect(content.confirmations).toMatchObject([{ id: 2, pass: 'amplified@2' }]);
    const markdown = formatMarkdown(content);
    expect(markdown).toContain('## Amplified text put to the finetuned model');
    expect(markdown).toContain('| raw \\#2, amplified |');
    expect(markdown).toContain('What is &lt;b&gt;\\|this\\|&lt;/b&gt;?');
    const page = formatHtml(content);
    expect(page).toContain('What is &lt;b&gt;|this|&lt;/b&gt;?');
    expect(formatHtml(makeContent(audit, NO_FINDINGS))).not.toContain('Amplified text put to');
  });

  it('never stand under findings on the finetuned model’s own words, nor without a word of warning', () => {
    const findings = { ...NO_FINDINGS, judgements: new Map([[0, [judge(0, 'revealing')]]]) };
    const source = { audit, analysis: AuditAnalysis.of(audit), findings, sha256: '0'.repeat(64) };
    const taken = takePass(source, 'amplified');
    expect(taken.findings.judgements.size).toBe(0);
    const content = makeContent(taken.audit, taken.findings);
    expect(content.remarks[0]).toMatch(/AMPLIFIED.*never the finetuned model's own words/);
    expect(content.framings.flatMap(({ completions }) => completions.map(({ id }) => id)).sort()).toEqual([0, 1, 2, 3]);
    expect(takePass(source, 'plain')).toBe(source);
    expect(warnOfWriter(describeWriting(audit, 'plain'))).toBeNull();
    for (const name of listPassNames(audit).slice(1)) expect(warnOfWriter(describeWriting(audit, name))).toMatch(new RegExp(`^Pass ${name}: `));
  });
});
