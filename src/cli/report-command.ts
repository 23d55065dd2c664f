/** `report`: an audit's completions, best first, and what was found, for people, for programs, or to be handed on. */
import { describeUncovered } from '../audit/coverage.js';
import { Option, type Command } from 'commander';
import { PLAIN } from '../audit/passes.js';
import { runAtOnce } from '../text/slices.js';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { defaultScore } from '../audit/ranking.js';
import type { OtherAudit } from '../analysis/audit-analysis.js';
import { readOtherAudit } from '../records/report/compare-audits.js';
import { reportCompletions } from '../analysis/report.js';
import { describeImportedBasis, findImportedBasis } from '../audit/imported.js';
import { nameInSentence, SCORE_NAMES, type ScoreName } from '../audit/scores.js';
import type { ReadAudit } from '../records/journal/audit-folder.js';
import { formatReportJson } from '../records/report/report-json.js';
import { listConfirmations } from '../analysis/confirmations.js';
import { makeReportContent, TOP_OF_A_REPORT } from '../records/report/make-report-content.js';
import type { ReportContent } from '../records/report/report-content.js';
import { cutToTop, formatOfFile, formatReport, REPORT_FORMATS, type ReportFormat } from '../records/report/report-formats.js';
import { SHOWN_BELOW } from '../records/report/shown.js';
import { describeWriting, reportAmplification, reportPasses, takePass, warnOfWriter } from '../records/report/report-passes.js';
import { readReportSource, requestFrom, type ReportSource } from '../records/report/report-source.js';
import { formatAmplification } from './amplification-lines.js';
import { formatAnswer } from './answer-text.js';
import { Colours } from './colours.js';
import { formatCompletion } from './completion-text.js';
import { formatConfirmation, formatConfirmationCount } from './confirmation-lines.js';
import { formatConclusion } from './conclusion-text.js';
import { COMMAND } from './environment.js';
import { parsePath, wholeNumber } from './model-options.js';
import { formatNoiseFloor } from './noise-floor-line.js';
import { quotePath } from '../text/quote.js';
import { summariseSetAside } from './server-notices.js';
import { printNote } from './terminal.js';
import { writeOutput } from './write-output.js';

type Format = 'text' | 'json' | ReportFormat;

interface ReportFlags {
  format?: Format;
  json?: boolean;
  framing?: Framing;
  score?: ScoreName;
  top?: number;
  pass: string;
  against?: string[];
  out?: string;
}

const TOP_OF_TEXT = 10;
const FORMATS: readonly Format[] = ['text', ...REPORT_FORMATS, 'json'];

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('Show the completions of an audit, best first, each framing on its own, with what was found.')
    .argument('<folder>', 'folder of the audit', parsePath)
    .addOption(
      new Option(
        '--format <format>',
        'text for people; md and html to hand on; csv, jsonl and json for programs (default: as the name of --out says, or text)',
      ).choices(FORMATS),
    )
    .option('--json', 'the same as --format json')
    .option('--out <file>', 'write to a file', parsePath)
    .addOption(new Option('--framing <framing>', 'only this framing').choices(FRAMINGS))
    .addOption(new Option('--score <name>', 'what to rank by').choices(SCORE_NAMES))
    .option('--pass <name>', `whose completions: ${PLAIN}, amplified, reference, noise, or a rung such as amplified@2`, PLAIN)
    .option(
      '--top <n>',
      `completions per framing at most; in md and html how many of the best are shown in full, beside ${SHOWN_BELOW} (default: ${TOP_OF_TEXT} as text, ${TOP_OF_A_REPORT} in md and html, else all)`,
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--against <folders...>', 'other audits that the themes are held against: what they say as often comes down', collectPaths)
    .action(async (folder: string, flags: ReportFlags) => {
      const source = await readReportSource(folder);
      const { audit } = source;
      const setAside = summariseSetAside(audit.setAside.map(({ reason }) => reason));
      for (const note of [...audit.problems, ...source.findings.problems, ...(setAside === null ? [] : [setAside])]) printNote(note);
      const format = chooseFormat(flags);
      const others = await readOthers(folder, flags);
      await writeOutput(makeReport(source, others, flags, format), flags.out, format === 'text' ? 'people' : 'programs');
    });
}

function collectPaths(path: string, before: readonly string[] = []): string[] {
  return [...before, parsePath(path)];
}

/** @throws AuditError `badPlan` for the audit itself; `fileNotFound` and `badJournal` as {@link readOtherAudit} does */
async function readOthers(folder: string, { against = [] }: ReportFlags): Promise<OtherAudit[]> {
  const others = [];
  for (const path of against) others.push(await readOtherAudit(folder, path));
  return others;
}

function chooseFormat({ json = false, format, out }: ReportFlags): Format {
  return json ? 'json' : (format ?? (out === undefined ? undefined : formatOfFile(out)) ?? 'text');
}

function makeReport(whole: ReportSource, others: readonly OtherAudit[], flags: ReportFlags, format: Format): string {
  const source = takePass(whole, flags.pass);
  source.analysis.others = others;
  if (format === 'json') return makeJson(source, whole, flags);
  if (format === 'text') return makeText(source, flags);
  const content = makeContent(source, flags, flags.top);
  const listsAll = format === 'csv' || format === 'jsonl';
  return formatReport(listsAll && flags.top !== undefined ? cutToTop(content, flags.top) : content, format);
}

function makeContent(source: ReportSource, { framing, score }: ReportFlags, top: number | undefined): ReportContent {
  return makeReportContent({
    ...requestFrom(source),
    toolVersion: __TOOL_VERSION__,
    time: new Date(),
    ...(framing && { framing }),
    ...(score && { score }),
    ...(top !== undefined && { top }),
  });
}

function makeJson(source: ReportSource, whole: ReportSource, flags: ReportFlags): string {
  const { audit, analysis, findings } = source;
  const { figures, keywordCounts, answer, framings } = makeContent(source, flags, 0);
  const { completions } = rankRecords(source, flags, flags.top);
  const confirmations = new Map(listConfirmations(audit, flags.pass).map(({ id, framing: _framing, pass: _pass, ...said }) => [id, said]));
  const written = completions.map((completion) => {
    const confirmation = confirmations.get(completion.id);
    return { ...completion, pass: describeWriting(audit, flags.pass, completion.framing), ...(confirmation && { confirmation }) };
  });
  return formatReportJson(
    { completions: written },
    {
      ...(audit.imported ? {} : { passes: reportPasses(whole.audit, whole.analysis), amplification: reportAmplification(whole.audit) }),
      ...(audit.imported && { imported: audit.imported.header.imported }),
      verdict: answer.verdict,
      themes: answer.themes.map(({ places: _places, example: _example, ...theme }) => theme),
      groups: runAtOnce(analysis.groups()),
      noiseFloor: Object.fromEntries(framings.map(({ framing, noiseFloor }) => [framing, noiseFloor?.summary ?? null])),
      hidden: answer.hidden,
      judgements: [...findings.judgements.values()].flat(),
      spans: findings.spans,
      keywordSets: findings.keywordSets,
      keywordCounts,
      figures,
      conclusion: findings.conclusion,
      otherConclusions: findings.otherConclusions,
    },
  );
}

function makeText(source: ReportSource, flags: ReportFlags): string {
  const { audit, analysis, findings } = source;
  const score = chooseScore(audit, flags);
  const report = rankRecords(source, flags, undefined);
  const basis = nameBasis(source, score);
  const colours = new Colours();
  const lines = [audit.imported ? `${audit.status.message} There is no token data, so no token is shaded.` : colours.legend(), ''];
  const uncovered = describeUncovered(report.completions.filter(({ coverage }) => coverage !== undefined).length, report.completions.length);
  if (uncovered !== null) lines.push(uncovered, '');
  if (report.completions.length > 0) lines.push(...formatAnswer(makeContent(source, flags, 0), colours), '');
  const warning = warnOfWriter(describeWriting(audit, flags.pass));
  if (warning !== null) lines.push(colours.error(warning), '');
  if (audit.amplification.length > 0) {
    const hint = flags.pass === PLAIN ? [`What was written amplified: --pass amplified. It is a lead, never the finetuned model's own words.`] : [];
    const confirmed = reportAmplification(audit)?.confirmations ?? null;
    const told =
      confirmed === null
        ? `Not confirmed yet: ${COMMAND} confirm ${quotePath(audit.folder)} asks the finetuned model itself.`
        : formatConfirmationCount(confirmed);
    lines.push(...formatAmplification(audit.amplification), told, ...hint, '');
  }
  for (const framing of FRAMINGS) {
    const list = report.completions.filter((completion) => completion.framing === framing);
    if (list.length === 0) continue;
    lines.push(colours.bold(`${flags.pass === PLAIN ? '' : `${flags.pass} · `}${framing}, by ${basis}`));
    const noiseFloor = flags.pass === PLAIN ? formatNoiseFloor(audit.setup, analysis, list, framing, score) : null;
    if (noiseFloor !== null) lines.push(noiseFloor);
    const said = new Map(listConfirmations(audit, flags.pass).map((one) => [one.id, one]));
    for (const [index, completion] of list.slice(0, flags.top ?? TOP_OF_TEXT).entries()) {
      const confirmation = said.get(completion.id);
      lines.push(formatCompletion(completion, index + 1, score, colours), ...(confirmation ? [...formatConfirmation(confirmation, colours), ''] : []));
    }
  }
  if (report.completions.length === 0) lines.push(`No completions yet: ${audit.status.message}`);
  lines.push(...formatConclusion(findings, colours));
  return `${lines.join('\n')}\n`;
}

function rankRecords({ audit, analysis }: ReportSource, flags: ReportFlags, top: number | undefined): ReturnType<typeof reportCompletions> {
  return reportCompletions({
    analysis,
    score: chooseScore(audit, flags),
    ...(flags.framing && { framing: flags.framing }),
    ...(top !== undefined && { top }),
  });
}

/** Within a sentence. */
function nameBasis({ audit, analysis }: ReportSource, score: ScoreName): string {
  if (!audit.imported) return nameInSentence(score);
  const items = audit.records.map((record) => ({ scores: analysis.figuresOf(record).scores, ownScore: record.kind === 'imported' ? record.score : null }));
  return describeImportedBasis(findImportedBasis(items, score), score).name.toLowerCase();
}

function chooseScore({ imported, setup }: ReadAudit, { score }: ReportFlags): ScoreName {
  return score ?? imported?.defaultScore ?? defaultScore(setup?.sameTokenizer ?? true);
}
