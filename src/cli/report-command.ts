/** `report`: an audit's completions, best first, as JSON or for people. */
import { Option, type Command } from 'commander';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { defaultScore } from '../audit/ranking.js';
import { reportCompletions } from '../audit/report.js';
import { SCORE_NAMES, type ScoreName } from '../audit/scores.js';
import { readAudit } from '../records/audit-folder.js';
import { formatReportJson } from '../records/report-json.js';
import { Colours } from './colours.js';
import { formatCompletion, SCORE_LABELS } from './completion-text.js';
import { parsePath, wholeNumber } from './model-options.js';
import { formatNoiseFloor } from './noise-floor-line.js';
import { summariseSetAside } from './server-notices.js';

interface ReportFlags {
  format: 'text' | 'json';
  json?: boolean;
  framing?: Framing;
  score?: ScoreName;
  top?: number;
}

const TOP_OF_TEXT = 10;

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('Show the completions of an audit, best first, each framing on its own.')
    .argument('<folder>', 'folder of the audit', parsePath)
    .addOption(new Option('--format <format>', 'text for people, json for programs').choices(['text', 'json']).default('text'))
    .option('--json', 'the same as --format json')
    .addOption(new Option('--framing <framing>', 'only this framing').choices(FRAMINGS))
    .addOption(new Option('--score <name>', 'what to rank by').choices(SCORE_NAMES))
    .option('--top <n>', `completions per framing at most (default: all as JSON, ${TOP_OF_TEXT} as text)`, wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .action(async (folder: string, flags: ReportFlags) => {
      const audit = await readAudit(folder);
      const setAside = summariseSetAside(audit.setAside.map(({ reason }) => reason));
      for (const note of [...audit.problems, ...(setAside === null ? [] : [setAside])]) process.stderr.write(`note: ${note}\n`);
      const score = flags.score ?? defaultScore(audit.setup?.sameTokenizer ?? true);
      const json = flags.json === true || flags.format === 'json';
      const report = reportCompletions({
        records: audit.records,
        score,
        ...(flags.framing && { framing: flags.framing }),
        ...(json && flags.top !== undefined && { top: flags.top }),
      });
      if (json) {
        process.stdout.write(formatReportJson(report));
        return;
      }
      const colours = new Colours();
      const lines = [colours.legend(), ''];
      for (const framing of FRAMINGS) {
        const list = report.completions.filter((completion) => completion.framing === framing);
        if (list.length === 0) continue;
        lines.push(colours.bold(`${framing}, by ${SCORE_LABELS[score]}`));
        const noiseFloor = formatNoiseFloor(audit, list, framing, score);
        if (noiseFloor !== null) lines.push(noiseFloor);
        lines.push(...list.slice(0, flags.top ?? TOP_OF_TEXT).map((completion, index) => formatCompletion(completion, index + 1, score, colours)));
      }
      if (report.completions.length === 0) lines.push(`No completions yet: ${audit.status.message}`);
      process.stdout.write(`${lines.join('\n')}\n`);
    });
}
