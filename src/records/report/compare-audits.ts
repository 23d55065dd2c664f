/** Two audits side by side, framing by framing: what a table or a page about it says. */
import { modelsOfImport } from '../import/imported-facts.js';
import { AuditAnalysis, type OtherAudit } from '../../analysis/audit-analysis.js';
import { compareAudits, findMovers, type Comparable, type RankingComparison, type RankedPair } from '../../analysis/compare.js';
import type { SaidElsewhere } from '../../analysis/themes/elsewhere.js';
import { FIRST_THEMES } from '../../analysis/themes/theme.js';
import { prefillTextOf } from '../../audit/completion.js';
import { AuditError } from '../../audit/errors.js';
import { FRAMINGS, type Framing } from '../../audit/framing.js';
import { defaultScore } from '../../audit/ranking.js';
import { nameInSentence, SCORE_NAMES, type ScoreName } from '../../audit/scores.js';
import { runAtOnce, type Steps } from '../../text/slices.js';
import { isSameFolder } from '../journal/audit-files.js';
import { readAudit, type ReadAudit } from '../journal/audit-folder.js';
import { findAuditName } from '../findings/findings.js';

/** An audit read back, with what it was renamed to; `null` where it has the name of its plan. */
export type NamedAudit = ReadAudit & {
  readonly auditName: string | null;
};

export interface ComparisonRequest {
  readonly first: NamedAudit;
  readonly second: NamedAudit;
  /** What is ranked by; by what both audits have where it is left out. */
  readonly score?: ScoreName;
  /** Only this framing. */
  readonly framing?: Framing;
  /** How many of the best the overlap is of. */
  readonly k?: number;
  /** How many of those that rose, and that fell, are listed. */
  readonly movers?: number;
}

export interface ComparedAudit {
  readonly name: string;
  readonly folder: string;
  readonly finetunedName: string | null;
  readonly referenceName: string | null;
  /** Of all framings. */
  readonly completions: number;
}

export interface FramingComparison {
  readonly framing: Framing;
  readonly comparison: RankingComparison;
  readonly rose: readonly RankedPair[];
  readonly fell: readonly RankedPair[];
}

export interface AuditComparison {
  readonly first: ComparedAudit;
  readonly second: ComparedAudit;
  readonly score: ScoreName;
  /** Within a sentence. */
  readonly rankedBy: string;
  /** What makes the scores of the two audits hard to compare, in sentences. */
  readonly cautions: readonly string[];
  /** What recurs in either, each held against the other. */
  readonly themes: readonly ComparedTheme[];
  /** Those that either audit has. */
  readonly framings: readonly FramingComparison[];
}

/** A theme of one of the two, or of both. */
export interface ComparedTheme {
  readonly phrase: string;
  readonly of: 'first' | 'second' | 'both';
  readonly first: SaidElsewhere;
  readonly second: SaidElsewhere;
}

const TOP = 100;
const MOVERS = 10;

/** @throws AuditError `fileNotFound`, `badJournal` */
export async function readNamedAudit(folder: string): Promise<NamedAudit> {
  return { ...(await readAudit(folder)), auditName: await findAuditName(folder) };
}

/** @throws AuditError `badPlan` where both are the same folder, by whatever way; `fileNotFound` and `badJournal` as {@link readNamedAudit} does */
export async function readTwoAudits(first: string, second: string): Promise<{ readonly first: NamedAudit; readonly second: NamedAudit }> {
  if (await isSameFolder(first, second)) throw new AuditError('badPlan', `${first} would be compared with itself. Choose another audit.`);
  return { first: await readNamedAudit(first), second: await readNamedAudit(second) };
}

/**
 * An audit that the themes of another are held against.
 * @throws AuditError `badPlan` where both are the same folder; `fileNotFound` and `badJournal` as {@link readNamedAudit} does
 */
export async function readOtherAudit(folder: string, other: string): Promise<OtherAudit> {
  if (await isSameFolder(folder, other)) throw new AuditError('badPlan', `${folder} would be held against itself. Choose another audit.`);
  const audit = await readNamedAudit(other);
  return runAtOnce(AuditAnalysis.of(audit).asOther(nameOfAudit(audit)));
}

/** @throws AuditError `badJournal` where an audit has nothing to compare */
export function compareReadAudits(request: ComparisonRequest): AuditComparison {
  return runAtOnce(compareReadAuditsInSteps(request));
}

/** The same in steps of one completion. */
export function* compareReadAuditsInSteps({
  first,
  second,
  score: wanted,
  framing: only,
  k = TOP,
  movers = MOVERS,
}: ComparisonRequest): Steps<AuditComparison> {
  const analyses = { first: AuditAnalysis.of(first), second: AuditAnalysis.of(second) };
  const [firsts, seconds] = [yield* measure(analyses.first), yield* measure(analyses.second)];
  for (const [audit, list] of [
    [first, firsts],
    [second, seconds],
  ] as const) {
    if (list.length === 0) throw new AuditError('badJournal', `The audit in ${audit.folder} has no completions to compare. Run it first.`);
  }
  const score = wanted ?? chooseScore(first, second, firsts, seconds);
  const has = (framing: Framing) => [...firsts, ...seconds].some((item) => item.framing === framing);
  const framings = FRAMINGS.filter((framing) => (only === undefined || framing === only) && has(framing)).map((framing): FramingComparison => {
    const comparison = compareAudits({ first: firsts, second: seconds, score, framing, k });
    return { framing, comparison, ...findMovers(comparison.pairs, movers) };
  });
  const unscored = [firsts, seconds].map((list) => list.every(({ scores }) => scores[score] === null));
  const cautions = [...findCautions(first, second, score), ...tellUnscored(unscored)];
  return {
    first: describe(first),
    second: describe(second),
    score,
    rankedBy: unscored.includes(false) ? nameInSentence(score) : 'the order of the files',
    cautions,
    themes: yield* compareThemes(analyses, only ?? null),
    framings,
  };
}

/** First what either alone has, then what they share. */
function* compareThemes({ first, second }: Readonly<Record<'first' | 'second', AuditAnalysis>>, framing: Framing | null): Steps<ComparedTheme[]> {
  const there = { first: yield* second.asOther('second'), second: yield* first.asOther('first') };
  const themes: ComparedTheme[] = [];
  for (const [of, analysis] of [
    ['first', first],
    ['second', second],
  ] as const) {
    const completions = analysis.records.filter((record) => framing === null || record.framing === framing).length;
    analysis.others = [there[of]];
    const found = yield* analysis.themes(framing);
    for (const { phrase, completions: here, others, shared } of [
      ...found.filter((theme) => !theme.shared).slice(0, FIRST_THEMES),
      ...found.filter((theme) => theme.shared),
    ]) {
      if (shared && themes.some((known) => known.of === 'both' && known.phrase === phrase)) continue;
      const own = { completions: here, of: completions };
      // An audit without completions of this framing is not held against.
      const other = { completions: others[0]?.completions ?? 0, of: others[0]?.of ?? 0 };
      themes.push({ phrase, of: shared ? 'both' : of, ...(of === 'first' ? { first: own, second: other } : { first: other, second: own }) });
    }
  }
  const order = ['first', 'second', 'both'];
  return themes.sort((a, b) => order.indexOf(a.of) - order.indexOf(b.of));
}

function* measure(analysis: AuditAnalysis): Steps<Comparable[]> {
  const items: Comparable[] = [];
  for (const record of analysis.records) {
    const { scores } = analysis.figuresOf(record);
    items.push({
      id: record.id,
      framing: record.framing,
      prefillText: prefillTextOf(record),
      text: analysis.textOf(record),
      imported: record.kind === 'imported',
      scores,
    });
    yield;
  }
  return items;
}

/** The score that the first audit is ranked by, unless one of the two has nothing of it. */
function chooseScore(first: ReadAudit, second: ReadAudit, firsts: readonly Comparable[], seconds: readonly Comparable[]): ScoreName {
  const defaults = [first, second].map(({ imported, setup }) => imported?.defaultScore ?? defaultScore(setup?.sameTokenizer ?? true));
  const isThere = (score: ScoreName) => [firsts, seconds].every((list) => list.some(({ scores }) => scores[score] !== null));
  // Across tokenizers only what is per byte compares.
  const preferred: ScoreName[] = defaults.includes('bitsPerByte') ? ['bitsPerByte', ...defaults] : defaults;
  return [...preferred, ...SCORE_NAMES].find(isThere) ?? defaults[0]!;
}

/** @param unscored whether there is no score of the first, and of the second */
function tellUnscored(unscored: readonly boolean[]): string[] {
  const names = ['first', 'second'].filter((_, index) => unscored[index]);
  return names.map((name) => `No score of a known kind came with the ${name} audit: its ranks are those of its file.`);
}

/** Scores are comparable where the same text would get the same. */
function findCautions(first: NamedAudit, second: NamedAudit, score: ScoreName): string[] {
  const [one, other] = [first.setup, second.setup];
  if (first.imported || second.imported) {
    if (first.imported && second.imported) return ['Both audits were imported: whether their figures were measured alike is not known.'];
    return ['One of the audits was imported: its figures were measured elsewhere, and over what is not known. Compare the orders rather than the scores.'];
  }
  if (!one || !other) return [];
  const cautions: string[] = [];
  if (one.sameTokenizer !== other.sameTokenizer) {
    const across = one.sameTokenizer ? 'second' : 'first';
    const fair = score === 'bitsPerByte' ? 'Bits per byte, which is shown, is fair to both.' : 'Bits per byte is the score that is fair to both.';
    cautions.push(
      `The reference of the ${across} audit has another tokenizer than its finetuned model: its scores are over segments of text, those of the other audit over tokens. ${fair}`,
    );
  } else if (!one.sameTokenizer && one.reference.tokenizerFingerprint !== other.reference.tokenizerFingerprint) {
    cautions.push(
      'The references of the two audits have different tokenizers: their texts were cut into different segments. Bits per byte is the score that is fair to both.',
    );
  }
  if (one.finetuned.tokenizerFingerprint !== other.finetuned.tokenizerFingerprint) {
    cautions.push('The finetuned models of the two audits have different tokenizers: their prefills and their scores per token are over different tokens.');
  }
  return cautions;
}

/** What it was renamed to, else its plan's name, else that of its folder. */
function nameOfAudit({ auditName, imported, plan, folder }: NamedAudit): string {
  const fallback = folder.split(/[\\/]/).findLast((part) => part !== '') ?? folder;
  return auditName ?? (imported?.header.name || plan?.name || fallback);
}

function describe(audit: NamedAudit): ComparedAudit {
  const { setup, imported, folder, records } = audit;
  const models = imported ? modelsOfImport(imported) : setup;
  return {
    name: nameOfAudit(audit),
    folder,
    finetunedName: models?.finetuned.name ?? null,
    referenceName: models?.reference.name ?? null,
    completions: records.length,
  };
}
