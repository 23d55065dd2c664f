/** A report as the text of a JSON file. */
import type { CompletionsReport } from '../../analysis/report.js';

/**
 * One completion per line, so that a report of thousands can be looked at and compared line by line.
 * @param more fields that follow the completions, one per line
 */
export function formatReportJson(report: CompletionsReport, more: Readonly<Record<string, unknown>> = {}): string {
  const lines = report.completions.map((completion) => JSON.stringify(completion));
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n]`;
  const fields = [`"completions": ${list}`, ...Object.entries(more).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)];
  return `{${fields.join(',\n')}}\n`;
}
