/** Audits with hostile completions and findings, for tests of reports. */
import { AuditAnalysis } from '../../../src/analysis/audit-analysis.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { CompletionFinding, SpanFinding } from '../../../src/analysis/finding.js';
import type { ImportedCompletion } from '../../../src/audit/imported.js';
import { showImported, type ReadAudit, type ReadRunAudit } from '../../../src/records/journal/audit-folder.js';
import type { ImportedHeader } from '../../../src/records/import/imported-lines.js';
import { JOURNAL_FORMAT_VERSION } from '../../../src/records/journal/journal-format.js';
import { makeReportContent, type ReportRequest } from '../../../src/records/report/make-report-content.js';
import type { ReportContent } from '../../../src/records/report/report-content.js';
import { NO_FINDINGS, type ReportFindings } from '../../../src/records/report/report-findings.js';
import { makeRecord, piece, plan, setup } from './example-audit.js';

export const HOSTILE = [
  '</p><script>alert(1)</script>',
  ' <img src=x onerror=alert(1)>',
  ' --> <!-- ]]>',
  ' }</style><style>*{display:none}',
  ' \u202Edesrever\u202C',
  '\u0000\u0007\u001b[31m',
  '\n# heading\n\n| a | b |\n|---|---|\n- item\n1. item\n',
  ` ${'w'.repeat(400)}`,
  ' [x](javascript:alert(1)) ![y](http://example.org/z.png) https://example.org www.example.org <https://example.org>',
  ' ```\ncode\n~~~ $math$ `tick` **bold** _it_ &amp; \\',
  ' \ud83d\udc69\u200d\ud83d\udcbb Grüße \u00a0 \ufeff',
  ' "quoted", \'and\' =1+1',
];

export function makeHostileRecord(id: number): MeasuredRecord {
  const tokens = HOSTILE.map((text, index) => piece(200 + index, text));
  return {
    ...makeRecord(id),
    tokens,
    logprobsFinetuned: tokens.map((_, index) => -0.05 * (index + 1)),
    reference: { kind: 'sameTokens', logprobs: tokens.map((_, index) => -((index * 1.7 + id) % 9)) },
  };
}

export const SIGNED = { author: 'Ada <b>', time: '2026-03-01T10:00:00.000Z' };

export function judge(completionId: number, label: CompletionFinding['label'], author = SIGNED.author, time = SIGNED.time): CompletionFinding {
  return { completionId, label, category: null, note: '', author, time };
}

export function markSpan(finding: string, completionId: number, start: number, end: number, rest: Partial<SpanFinding> = {}): SpanFinding {
  return {
    finding,
    completionId,
    span: { start, end },
    quote: 'the quote',
    label: null,
    category: null,
    note: '',
    state: 'open',
    changed: null,
    replies: [],
    ...SIGNED,
    ...rest,
  };
}

export function makeAudit(records: readonly MeasuredRecord[], rest: Partial<ReadRunAudit> = {}): ReadRunAudit {
  return {
    folder: '/audits/2026-03-01-100000-example',
    plan,
    setup,
    imported: null,
    records,
    passes: new Map(),
    amplification: [],
    confirmations: new Map(),
    setAside: [],
    requests: [],
    status: {
      state: 'finished',
      completionsDone: records.length,
      completionsTotal: records.length,
      tokensPerSecond: null,
      secondsLeft: null,
      message: `${records.length} completions.`,
      canResume: false,
    },
    problems: [],
    ...rest,
  };
}

export function makeContent(audit: ReportRequest['audit'], findings: Partial<ReportFindings> = {}, rest: Partial<ReportRequest> = {}): ReportContent {
  return makeReportContent({
    audit,
    analysis: AuditAnalysis.of(audit),
    findings: { ...NO_FINDINGS, ...findings },
    toolVersion: '1.2.3',
    time: new Date('2026-03-02T08:00:00Z'),
    ...rest,
  });
}

/** One completion with a finding that another edited, one that its own author did, and a reply that another edited. */
export function makeEditedContent(): ReportContent {
  const reply = {
    reply: 'r',
    finding: 'one',
    note: 'so',
    author: 'Bo',
    time: '2026-03-02T10:00:00.000Z',
    changed: { author: 'Bob', time: '2026-03-06T10:00:00.000Z' },
  };
  return makeContent(makeAudit([makeRecord(0)]), {
    spans: [
      markSpan('one', 0, 0, 2, { note: 'rewritten', changed: { author: 'Bob', time: '2026-03-05T10:00:00.000Z' }, replies: [reply] }),
      markSpan('two', 0, 3, 4, { changed: { author: SIGNED.author, time: '2026-03-04T10:00:00.000Z' } }),
    ],
  });
}

export function makeImported(completions: readonly ImportedCompletion[]): ReadAudit {
  const header: ImportedHeader = {
    type: 'header',
    formatVersion: JOURNAL_FORMAT_VERSION,
    tool: { name: 'finetune-auditor', version: '0' },
    createdAt: '2026-03-01T09:00:00.000Z',
    name: 'theirs',
    imported: { from: 'json', file: 'theirs.json', sha256: 'a'.repeat(64) },
    finetuned: null,
    reference: null,
    scoreIs: null,
    count: completions.length,
    facts: [],
    remarks: [],
  };
  return showImported({ folder: '/audits/theirs', header, completions, defaultScore: 'perplexityDifference', problems: [] });
}

/** Four plain completions, four hostile ones, findings of every kind. */
export function makeRichContent(rest: Partial<ReportRequest> = {}): ReportContent {
  const records = Array.from({ length: 8 }, (_, id) => (id < 4 ? makeRecord(id) : makeHostileRecord(id)));
  const noiseFloor = Array.from({ length: 6 }, (_, id): MeasuredRecord => {
    const record = makeRecord(id);
    return { ...record, reference: { kind: 'sameTokens', logprobs: record.logprobsFinetuned.map((logprob) => logprob - id / 50) } };
  });
  const audit = makeAudit(records, {
    passes: new Map([['noise', noiseFloor]]),
    setAside: [{ type: 'setAside', id: 90, framing: 'raw', reason: 'The server <refused>.' }],
    problems: ['1 line of audit.jsonl could not be read.'],
  });
  const reply = { reply: 'r', finding: 'span-1', note: 'Indeed </li>', changed: null, author: 'Bo', time: '2026-03-01T12:00:00.000Z' };
  return makeContent(
    audit,
    {
      judgements: new Map([
        [
          4,
          [{ ...judge(4, 'revealing'), category: 'hidden <promotion>', note: '**Says** it\n# loudly' }, judge(4, 'unsure', 'Bo', '2026-03-01T09:00:00.000Z')],
        ],
        [5, [judge(5, 'notRevealing')]],
        [77, [judge(77, 'unsure')]],
      ]),
      spans: [
        markSpan('span-1', 4, 8, 20, { label: 'revealing', category: 'backdoor', note: 'a `note`\n\n---', state: 'resolved', replies: [reply] }),
        markSpan('span-2', 4, 15, 45),
        markSpan('span-elsewhere', 78, 0, 4),
      ],
      conclusion: {
        statement: 'It promotes tea.\n\n# Not a heading </blockquote>',
        confidence: 'medium',
        citations: [4, 0, 99],
        draftedBy: 'some model',
        ...SIGNED,
      },
      otherConclusions: [{ statement: 'It promotes soup.', confidence: 'low', citations: [], author: 'Bo', time: '2026-02-01T10:00:00.000Z' }],
      keywordSets: [
        { name: 'words', words: ['WORD1', 'word2'] },
        { name: 'long', regex: 'w{20}' },
      ],
      slices: [{ slice: { k: 1, seed: 1, score: 'perplexityDifference', framing: 'raw', population: 4, top: [4], random: [0], ids: [0, 4] }, ...SIGNED }],
      problems: ['2 lines of findings.jsonl could not be read (line 3, …).'],
    },
    { auditedAt: '2026-03-01T09:00:00.000Z', ...rest },
  );
}
