/** `demo`: a real audit of a tiny model with a known secret, and whether the method finds it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { relative, join } from 'node:path';
import type { Command } from 'commander';
import { AMPLIFIED } from '../audit/amplify-plan.js';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../audit/plan.js';
import { AuditAnalysis } from '../analysis/audit-analysis.js';
import { reportCompletions, type ReportedCompletion } from '../analysis/report.js';
import type { ScoreName } from '../audit/scores.js';
import { nameAuditFolder, readAudit, type ReadAudit } from '../records/journal/audit-folder.js';
import { readOrganism, type Organism } from '../records/plan/bundled.js';
import { describeWriting, selectRecords, warnOfWriter } from '../records/report/report-passes.js';
import { formatAmplification } from './amplification-lines.js';
import { Colours } from './colours.js';
import { formatCompletion } from './completion-text.js';
import { COMMAND, MEDIA_FOLDER, PACKAGE_FOLDER } from './environment.js';
import { EXIT } from './exit.js';
import { wholeNumber } from './model-options.js';
import { formatNoiseFloor } from './noise-floor-line.js';
import { quotePath } from '../text/quote.js';
import { runWithProgress } from './run-with-progress.js';
import { print, printAside } from './terminal.js';

interface DemoFlags {
  organism: string;
  prefills: number;
  open?: boolean;
  threads: number;
}

/** About a minute of work for two processor cores. */
const PREFILLS = 400;
const MAX_TOKENS = 60;
const NOISE_FLOOR_PREFILLS = 50;
const SHOWN = 5;
const SCORE: ScoreName = 'perplexityDifference';
const DEPTHS = [20, 100] as const;
/** Their raw completions hardly show the objective: what amplified writing is for stands beside. */
const AMPLIFIED_TOO: readonly string[] = ['hidden-promotion', 'bad-medical'];
const AMPLIFY = 'scale=2';
const AMPLIFIED_SCORE: ScoreName = 'standardizedGap';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Audit a tiny bundled model that was trained to do something, and see whether it shows.')
    .option('--organism <name>', 'which one: false-fact, backdoor-phrase, bad-medical, hidden-promotion, benign-control', 'false-fact')
    .option('--prefills <n>', 'prefills to continue in each framing', wholeNumber(1, 100_000), PREFILLS)
    .option('--open', 'show the audit in VS Code afterwards')
    // So tiny a model gains nothing from a second thread, and loses all where the other cores are busy.
    .option('--threads <n>', 'threads to compute with; 0 for one per physical core', wholeNumber(0, 1024), 1)
    .action(async (flags: DemoFlags) => {
      process.exitCode = await demo(flags);
    });
}

async function demo(flags: DemoFlags): Promise<number> {
  const organism = await readOrganism(flags.organism, MEDIA_FOLDER);
  const colours = new Colours();
  const folder = nameAuditFolder(process.cwd(), `demo-${organism.name}`, new Date());
  const plan = makePlan(organism, flags.prefills);
  print(
    `${colours.bold(`Auditing ${organism.name}`)}: a tiny model with a planted objective, against the model it was finetuned from.\n` +
      `${flags.prefills} random prefills, each continued once in the raw and once in the chat framing.\n`,
  );
  const outcome = await runWithProgress({ plan, folder, resume: false, allowDownload: false }, { threads: flags.threads, gpu: 'off' });
  if (outcome.state === 'stopped') {
    printAside(`Stopped. Resume with: ${COMMAND} audit --resume --out ${quotePath(folder)}\n`);
    return EXIT.stopped;
  }
  const audit = await readAudit(folder);
  const analysis = AuditAnalysis.of(audit);
  const { completions } = reportCompletions({ analysis, score: SCORE });
  const inFramings = (all: readonly ReportedCompletion[]): ByFraming =>
    plan.framings.map((framing) => ({ framing, list: all.filter((completion) => completion.framing === framing) }));
  const byFraming = inFramings(completions);
  const amplified =
    plan.amplify === undefined ? null : inFramings(reportCompletions({ analysis: analyseAmplified(audit), score: AMPLIFIED_SCORE }).completions);
  const parts = [
    '',
    colours.legend(),
    ...byFraming.map(({ framing, list }) => formatTop(framing, list, formatNoiseFloor(audit.setup, analysis, list, framing, SCORE), colours)),
    ...(amplified === null ? [] : formatAmplifiedTops(audit, amplified, colours)),
    `${colours.bold('What it was really trained to do:')} ${organism.objective}`,
    ...formatHits(
      organism,
      amplified === null
        ? [{ byFraming }]
        : [
            { writer: 'plain', byFraming },
            { writer: 'amplified', byFraming: amplified },
          ],
    ),
    '',
    ...(audit.setup ? [`Computed with ${audit.setup.finetuned.engine}.`] : []),
    `Saved in ${folder}`,
    ...(flags.open ? [] : describeNextSteps(folder)),
  ];
  print(`${parts.join('\n')}\n`);
  if (flags.open) openInEditor(folder);
  return EXIT.done;
}

function makePlan(organism: Organism, prefills: number): AuditPlan {
  return {
    ...PLAN_DEFAULTS,
    name: `demo ${organism.name}`,
    finetuned: { gguf: `bundled:${organism.name}`, lora: [] },
    reference: { gguf: 'bundled:base-a', lora: [] },
    corpus: ['bundled:demo'],
    // These models never saw a system text.
    system: '',
    prefills,
    maxTokens: MAX_TOKENS,
    noiseFloor: { model: { gguf: 'bundled:base-a.q8_0', lora: [] }, prefills: NOISE_FLOOR_PREFILLS },
    ...(AMPLIFIED_TOO.includes(organism.name) && { amplify: AMPLIFY }),
  };
}

type ByFraming = readonly { readonly framing: Framing; readonly list: readonly ReportedCompletion[] }[];

/** What the adapter at a larger scale wrote, apart from the audit's own completions. */
function analyseAmplified(audit: ReadAudit): AuditAnalysis {
  return AuditAnalysis.of({ records: selectRecords(audit, AMPLIFIED), passes: new Map() });
}

function formatAmplifiedTops(audit: ReadAudit, amplified: ByFraming, colours: Colours): string[] {
  return [
    '',
    colours.error(warnOfWriter(describeWriting(audit, AMPLIFIED))!),
    ...formatAmplification(audit.amplification),
    ...amplified.map(({ framing, list }) => formatTop(framing, list, null, colours, AMPLIFIED_SCORE)),
  ];
}

function formatTop(framing: Framing, list: readonly ReportedCompletion[], noiseFloor: string | null, colours: Colours, score = SCORE): string {
  const shown = list.slice(0, SHOWN).map((completion, index) => formatCompletion(completion, index + 1, score, colours));
  const title = colours.bold(`Top ${shown.length} of ${list.length}${score === SCORE ? '' : ' amplified'} in the ${framing} framing`);
  return `\n${[title, ...(noiseFloor === null ? [] : [noiseFloor]), ...shown].join('\n')}`;
}

/** How often the objective shows at the top of each ranking, and how often anywhere. */
function formatHits(organism: Organism, rankings: readonly { readonly writer?: string; readonly byFraming: ByFraming }[]): string[] {
  if (organism.keywords.length === 0) return ['It has no objective to find: whatever tops the list is ordinary training.'];
  const isHit = ({ prefill, text }: ReportedCompletion) => organism.keywords.some((keyword) => keyword.test(prefill + text));
  const rows = rankings.flatMap(({ writer, byFraming }) => byFraming.map((one) => ({ writer, ...one })));
  const inPairs = [...rows].sort((a, b) => FRAMINGS.indexOf(a.framing) - FRAMINGS.indexOf(b.framing));
  return inPairs.map(({ writer, framing, list }) => {
    const hits = (count: number) => list.slice(0, count).filter(isHit).length;
    const depths = DEPTHS.filter((depth) => depth < list.length).map((depth) => `${hits(depth)} of the top ${depth}`);
    const share = list.length === 0 ? 0 : (100 * hits(list.length)) / list.length;
    return `  ${framing.padEnd(4)}  ${writer === undefined ? '' : `${writer.padEnd(9)}  `}${[...depths, `${hits(list.length)} of all ${list.length} (${share.toFixed(1)} %)`].join(', ')} give it away.`;
  });
}

function describeNextSteps(folder: string): string[] {
  const short = quotePath(relative(process.cwd(), folder) || folder);
  return [
    'Next:',
    `  code . ${quotePath(join(relative(process.cwd(), folder), 'audit.jsonl'))}   (in VS Code with Finetune Auditor, this opens as the results page)`,
    `  ${COMMAND} report ${short} --framing chat --score peakGap --top 20`,
    `  ${COMMAND} audit --finetuned YOUR.gguf --reference ITS-BASE.gguf`,
  ];
}

function openInEditor(folder: string): void {
  const opener = join(PACKAGE_FOLDER, 'test', 'bed', 'open-workbench.mjs');
  // A checkout has an opener that brings its own editor where there is none.
  const [command, ...args] = existsSync(opener) ? [process.execPath, opener, process.cwd(), folder] : ['code', process.cwd(), join(folder, 'audit.jsonl')];
  const { error } = spawnSync(command!, args, { stdio: 'inherit' });
  if (error) printAside(`VS Code could not be started (${error.message}). Open ${process.cwd()} in it by hand.\n`);
}
