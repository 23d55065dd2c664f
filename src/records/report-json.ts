/** A report as the text of a JSON file. */
import type { CompletionsReport } from '../audit/report.js';

/** One completion per line, so that a report of thousands can be looked at and compared line by line. */
export function formatReportJson(report: CompletionsReport): string {
  const lines = report.completions.map((completion) => JSON.stringify(completion));
  return lines.length === 0 ? '{"completions": []}\n' : `{"completions": [\n${lines.join(',\n')}\n]}\n`;
}
