/** The forms in which a report can be handed on. */
import { formatCsv } from './csv.js';
import { formatHtml } from './html/html.js';
import { formatJsonl } from './jsonl.js';
import { formatMarkdown } from './markdown.js';
import type { ReportContent } from './report-content.js';

export const REPORT_FORMATS = ['md', 'html', 'csv', 'jsonl'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const WRITERS: Readonly<Record<ReportFormat, (content: ReportContent) => string>> = {
  md: formatMarkdown,
  html: formatHtml,
  csv: formatCsv,
  jsonl: formatJsonl,
};

export function formatReport(content: ReportContent, format: ReportFormat): string {
  return WRITERS[format](content);
}

/** The form that a file's name asks for; `undefined` where it asks for none. */
export function formatOfFile(path: string): ReportFormat | undefined {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();
  const known: Readonly<Record<string, ReportFormat>> = { md: 'md', markdown: 'md', html: 'html', htm: 'html', csv: 'csv', jsonl: 'jsonl', ndjson: 'jsonl' };
  return extension === undefined ? undefined : known[extension];
}

/** Only the best `top` of every framing, for forms that list all. */
export function cutToTop(content: ReportContent, top: number): ReportContent {
  return { ...content, framings: content.framings.map((framing) => ({ ...framing, completions: framing.completions.slice(0, top) })) };
}
