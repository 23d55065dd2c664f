/** The auditors' findings as a report takes them. */
import type { CompletionFinding, Conclusion, DrawnSlice, KeywordSet, SpanFinding } from '../../analysis/finding.js';
import { describeCut } from '../findings/describe-problems.js';
import { FINDINGS_FILE, type FindingsFile } from '../findings/findings.js';
import type { ReportContent } from './report-content.js';

/** What auditors have said, as far as it is in force. */
export interface ReportFindings {
  /** What the audit was renamed to; `null` where it has the name of its plan. */
  readonly auditName: string | null;
  /** Per completion the judgements of all authors, in any order. */
  readonly judgements: ReadonlyMap<number, readonly CompletionFinding[]>;
  readonly spans: readonly SpanFinding[];
  readonly conclusion: Conclusion | null;
  /** Written apart from the one that shows, as on another branch; latest first. */
  readonly otherConclusions: readonly Conclusion[];
  readonly keywordSets: readonly KeywordSet[];
  readonly slices: readonly DrawnSlice[];
  /** Lines of the findings that could not be read, in words. */
  readonly problems: readonly string[];
}

export const NO_FINDINGS: ReportFindings = {
  auditName: null,
  judgements: new Map(),
  spans: [],
  conclusion: null,
  otherConclusions: [],
  keywordSets: [],
  slices: [],
  problems: [],
};

/** @param file open and read */
export function gatherFindings(file: FindingsFile): ReportFindings {
  const { unreadable, newer, cut } = file;
  const lines = (count: number) => `${count} line${count === 1 ? '' : 's'} of ${FINDINGS_FILE}`;
  return {
    auditName: file.auditName(),
    judgements: file.judgements(),
    spans: file.spans(),
    conclusion: file.conclusion(),
    otherConclusions: file.otherConclusions(),
    keywordSets: file.keywordSets(),
    slices: file.blindSlices(),
    problems: [
      ...(unreadable.length === 0 ? [] : [`${lines(unreadable.length)} could not be read (line ${unreadable[0]!.line}${unreadable.length > 1 ? ', …' : ''}).`]),
      ...(newer.length === 0 ? [] : [`${lines(newer.length)} can only be read by a later version of Finetune Auditor.`]),
      ...(cut === 0 ? [] : [describeCut(cut)]),
    ],
  };
}

/** The findings by completion, and those about completions that are not here. */
export class FindingsByCompletion {
  readonly spans = new Map<number, SpanFinding[]>();
  readonly cited: ReadonlySet<number>;

  constructor(
    private readonly findings: ReportFindings,
    candidates: readonly { readonly id: number }[],
  ) {
    this.cited = new Set(findings.conclusion?.citations);
    const here = new Set(candidates.map(({ id }) => id));
    for (const span of findings.spans) {
      if (!here.has(span.completionId)) continue;
      const list = this.spans.get(span.completionId);
      if (list) list.push(span);
      else this.spans.set(span.completionId, [span]);
    }
    for (const list of this.spans.values()) list.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end || compare(a.finding, b.finding));
  }

  judgementsOf(id: number): CompletionFinding[] {
    return orderJudgements(this.findings.judgements.get(id) ?? []);
  }

  foreign(all: readonly { readonly id: number }[]): ReportContent['foreign'] {
    const known = new Set(all.map(({ id }) => id));
    return {
      judgements: [...this.findings.judgements].flatMap(([id, list]) => (known.has(id) ? [] : [...list])),
      spans: this.findings.spans.filter(({ completionId }) => !known.has(completionId)),
    };
  }
}

/** Latest last. */
export function orderJudgements(judgements: readonly CompletionFinding[]): CompletionFinding[] {
  return [...judgements].sort((a, b) => compare(a.time, b.time) || compare(a.author, b.author));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
