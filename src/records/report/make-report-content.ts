/** From a journal read back and the findings about it to all that a report says. */
import { describeUncovered, isCovered } from '../../audit/coverage.js';
import { isGivenBlind } from '../../analysis/figures/blind-slice.js';
import type { KeywordSet } from '../../analysis/finding.js';
import { FRAMINGS, type Framing } from '../../audit/framing.js';
import { FIXED_MAXIMUM } from '../../text/gap-shade.js';
import { prefillTextOf } from '../../audit/completion.js';
import { describeImportedBasis, findImportedBasis, type NamedModel } from '../../audit/imported.js';
import { Keywords } from '../../analysis/keywords.js';
import { summariseNoiseFloor } from '../../analysis/noise-floor.js';
import { NOISE } from '../../audit/passes.js';
import type { AuditAnalysis, CompletionFigures } from '../../analysis/audit-analysis.js';
import { defaultScore, rankByFraming } from '../../audit/ranking.js';
import { explainScore, SCORE_DEFINITIONS, type ScoreName } from '../../audit/scores.js';
import { listingConfirmations } from '../../analysis/confirmations.js';
import { AMPLIFIED } from '../../audit/amplify-plan.js';
import { runAtOnce, type Steps } from '../../text/slices.js';
import type { ReadAudit, ReadRunAudit } from '../journal/audit-folder.js';
import { JOURNAL_FILE } from '../journal/journal-format.js';
import type { ReadImportedAudit } from '../import/imported-audit.js';
import { modelsOfImport } from '../import/imported-facts.js';
import { describeFrames, describeModels, describePlan } from './describe-plan.js';
import { countKeywordsByFraming } from './keyword-counts.js';
import { describeLimits } from './limits.js';
import { describeFigures } from './label-figures.js';
import type { ReportContent, ReportDetail, ReportedRank, ReportFraming, ReportModel } from './report-content.js';
import { tellAmplified } from './report-passes.js';
import { FindingsByCompletion, type ReportFindings } from './report-findings.js';
import { detailImported, detailRecord } from './report-detail.js';

export const TOP_OF_A_REPORT = 100;

export interface ReportRequest {
  readonly audit: ReadAudit;
  /** Of the audit's completions. */
  readonly analysis: AuditAnalysis;
  readonly findings: ReportFindings;
  readonly toolVersion: string;
  /** SHA-256 of `audit.jsonl`, in hexadecimal. */
  readonly sha256?: string;
  /** ISO 8601: when an audit that ran here began. */
  readonly auditedAt?: string;
  /** When the report is written. */
  readonly time: Date;
  /** What each framing is ranked by; the audit's own default where it is left out. */
  readonly score?: ScoreName;
  /** How many of the best of each framing are shown in full; {@link TOP_OF_A_REPORT} where it is left out. */
  readonly top?: number;
  /** Only this framing. */
  readonly framing?: Framing;
}

/** For a thread that has nothing else to do: ten thousand completions take seconds. */
export function makeReportContent(request: ReportRequest): ReportContent {
  return runAtOnce(makeReportContentInSteps(request));
}

/** The same in steps of one completion. */
export function* makeReportContentInSteps(request: ReportRequest): Steps<ReportContent> {
  const { audit, analysis, findings, top = TOP_OF_A_REPORT } = request;
  const { imported, setAside } = audit;
  const all = yield* gatherCandidates(analysis);
  const candidates = all.filter(({ framing }) => request.framing === undefined || framing === request.framing);
  const sameTokenizer = audit.setup?.sameTokenizer ?? true;
  const score = request.score ?? imported?.defaultScore ?? defaultScore(sameTokenizer);
  const basis = imported ? findImportedBasis(candidates, score) : 'score';
  const own = basis === 'fileScore';
  const ranking = imported ? describeImportedBasis(basis, score) : { name: SCORE_DEFINITIONS[score].name, explanation: explainScore(score, sameTokenizer) };
  const noise = yield* analysis.figures(NOISE);
  const about = new FindingsByCompletion(findings, candidates);
  const framings = orderByFraming(candidates, score).map(([framing, ranked]) => ({
    framing,
    completions: ranked.map((candidate, index) => describeRank(candidate, index + 1, own ? candidate.ownScore : candidate.scores[score], about, top)),
    noiseFloor: describeNoise(noise, score, framing),
  }));
  const keywords = new Keywords(findings.keywordSets);
  const reference = analysis.ownOfReference().map((record) => ({ framing: record.framing, text: analysis.textOf(record) }));
  return {
    ...describeAudit(request),
    answer: yield* analysis.overview(request.framing ?? null, audit.status.state === 'running'),
    amplified: tellAmplified({
      ...audit,
      amplification: audit.amplification.filter(({ framing }) => request.framing === undefined || framing === request.framing),
    }),
    confirmations: (yield* listingConfirmations(audit, AMPLIFIED))
      .filter(({ framing }) => request.framing === undefined || framing === request.framing)
      .slice(0, top),
    writtenAt: request.time.toISOString(),
    tool: { name: 'Finetune Auditor', version: request.toolVersion },
    problems: [...audit.problems, ...findings.problems, ...keywords.problems.map(({ problem }) => problem)],
    setAside: groupReasons(setAside.map(({ reason }) => reason)),
    ranking: { score, own, ...ranking },
    top,
    gapScale: FIXED_MAXIMUM,
    figures: describeFigures(framings, findings, ranking.name),
    keywordSets: findings.keywordSets.map((set) => ({ name: set.name, matches: describeSet(set) })),
    keywordCounts: yield* countKeywordsByFraming(framings, keywords, reference),
    conclusion: findings.conclusion,
    otherConclusions: findings.otherConclusions,
    slices: findings.slices,
    framings: shownFirst(framings),
    foreign: about.foreign(all),
    limits: describeLimits({
      plan: audit.plan,
      sameTokenizer,
      imported: imported !== null,
      setAside: setAside.length,
      uncovered: describeUncovered(all.filter(({ coverage }) => coverage !== null && !isCovered(coverage)).length, all.length),
      hasNoiseFloor: framings.some(({ noiseFloor }) => noiseFloor !== null),
      hasRandomSlice: findings.slices.some((drawn) =>
        drawn.slice.random.some((id) => findings.judgements.get(id)?.some((judgement) => isGivenBlind(judgement, drawn))),
      ),
      top,
    }),
  };
}

/** Framings with what is cited first, then those with findings: what a report concludes from is what it begins with. */
function shownFirst(framings: readonly ReportFraming[]): ReportFraming[] {
  const pointedAt = ({ completions }: ReportFraming) =>
    completions.some(({ cited }) => cited)
      ? 2
      : completions.some(({ judgements, spans }) => judgements.some(({ label }) => label === 'revealing') || spans.length > 0)
        ? 1
        : 0;
  return framings.toSorted((a, b) => pointedAt(b) - pointedAt(a));
}

/** A completion with all that a rank says but for its place. */
interface Candidate extends CompletionFigures, Pick<ReportedRank, 'prefill' | 'text' | 'imported' | 'ownScore'> {
  /** Laid out only where it is shown: that of all would not fit into memory. */
  readonly layOut: () => ReportDetail;
}

function* gatherCandidates(analysis: AuditAnalysis): Steps<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const record of analysis.records) {
    const { id, framing, perplexityFinetuned, perplexityReference, scores, repetitive, coverage } = analysis.figuresOf(record);
    candidates.push({
      ...{ id, framing, perplexityFinetuned, perplexityReference, scores, ownScore: record.kind === 'imported' ? record.score : null },
      prefill: prefillTextOf(record),
      text: analysis.textOf(record),
      imported: record.kind === 'imported',
      ...{ repetitive, coverage },
      layOut: () => (record.kind === 'imported' ? detailImported(record) : detailRecord(record, analysis.detailOf(record))),
    });
    yield;
  }
  return candidates;
}

function orderByFraming(candidates: readonly Candidate[], score: ScoreName): [Framing, Candidate[]][] {
  const rankings = rankByFraming(candidates, score);
  return FRAMINGS.flatMap((framing): [Framing, Candidate[]][] => {
    const ranked = rankings.get(framing);
    return ranked ? [[framing, ranked]] : [];
  });
}

function describeRank({ layOut, ...candidate }: Candidate, rank: number, value: number | null, about: FindingsByCompletion, top: number): ReportedRank {
  const spans = about.spans.get(candidate.id) ?? [];
  const cited = about.cited.has(candidate.id);
  return {
    ...candidate,
    rank,
    value,
    judgements: about.judgementsOf(candidate.id),
    spans,
    cited,
    // What somebody pointed at is shown wherever it ranks.
    detail: rank <= top || cited || spans.length > 0 ? layOut() : null,
  };
}

function describeNoise(noise: readonly CompletionFigures[], score: ScoreName, framing: Framing): ReportFraming['noiseFloor'] {
  const summary = summariseNoiseFloor(noise, score, framing);
  if (!summary) return null;
  return { summary, values: noise.filter((one) => one.framing === framing).flatMap(({ scores }) => scores[score] ?? []) };
}

function describeSet(set: KeywordSet): string {
  return 'regex' in set ? `/${set.regex}/` : set.words.map((word) => `“${word}”`).join(' and ');
}

function groupReasons(reasons: readonly string[]): ReportContent['setAside'] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

type AuditDescription = Pick<ReportContent, 'name' | 'auditedAt' | 'imported' | 'models' | 'plan' | 'status' | 'remarks'>;

function describeAudit({ audit, auditedAt, findings, sha256 }: ReportRequest): AuditDescription {
  const described = audit.imported ? describeImported(audit.imported) : describeRun(audit, auditedAt ?? null);
  const origin = [
    ...(audit.measuredBy === undefined ? [] : [{ name: 'Measured by', value: audit.measuredBy }]),
    ...(sha256 === undefined ? [] : [{ name: `SHA-256 of ${JOURNAL_FILE}`, value: sha256 }]),
  ];
  return { ...described, plan: [...described.plan, ...origin], name: findings.auditName ?? described.name };
}

function describeRun({ plan, setup, status, folder }: ReadRunAudit, auditedAt: string | null): AuditDescription {
  const name = plan === null || plan.name === '' ? (folder.split(/[\\/]/).findLast((part) => part !== '') ?? 'audit') : plan.name;
  return {
    name,
    auditedAt,
    imported: null,
    models: setup ? describeModels(setup) : [],
    plan: plan ? describePlan(plan) : [],
    status: status.message,
    remarks: setup ? [...new Set([...setup.remarks, ...describeFrames(setup)])] : [],
  };
}

function describeImported(imported: ReadImportedAudit): AuditDescription {
  const { header, completions } = imported;
  const { finetuned, reference } = modelsOfImport(imported);
  const model = (role: string, { name }: NamedModel): ReportModel => ({ role, name, facts: [{ name: 'Source', value: 'not told by the imported file' }] });
  return {
    name: header.name,
    auditedAt: header.createdAt,
    imported: header.imported,
    models: [model('Finetuned model (F)', finetuned), model('Reference model (R)', reference)],
    plan: header.facts,
    status: `${completions.length} completions imported from ${header.imported.file}.`,
    remarks: header.remarks,
  };
}
