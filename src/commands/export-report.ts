/** `finetuneAuditor.exportReport`: an audit as a file that can be handed on. */
import { basename, join } from 'node:path';
import { commands, env, l10n, ProgressLocation, UIKind, Uri, window, workspace } from 'vscode';
import { makeSlug } from '../records/journal/audit-folder.js';
import { makeReportContentInSteps } from '../records/report/make-report-content.js';
import { formatOfFile, formatReport, type ReportFormat } from '../records/report/report-formats.js';
import { readReportSource, requestFrom } from '../records/report/report-source.js';
import { computeInSlices } from '../runner/in-slices.js';
import { showReportPreview } from '../views/results/report-preview.js';
import type { CommandSignatures } from './command-ids.js';
import { pickAudit } from './pick-audit.js';
import type { Services } from './services.js';
import { requireNoLink } from '../editor/chosen-file.js';
import { askPick, type Choice } from '../editor/ask.js';
import { BACK, CANCELLED } from '../editor/multi-step.js';
import { setStatusBarMessage, withProgress } from '../editor/shown/messages.js';

export function makeExportReportCommand(services: Services): CommandSignatures['finetuneAuditor.exportReport'] {
  return async (folder, target) => {
    const chosen = folder ?? services.panels.active?.folder ?? (await pickAudit(services, l10n.t('Which audit should be exported?')));
    if (chosen === undefined) return undefined;
    const file = target === undefined ? await askTarget(services, chosen) : { uri: Uri.file(target), format: formatOfFile(target) ?? 'md' };
    if (!file) return undefined;
    const text = await withProgress({ location: ProgressLocation.Window, title: l10n.t('Writing the report…') }, () => makeReport(chosen, file.format));
    await requireNoLink(file.uri);
    await workspace.fs.writeFile(file.uri, new TextEncoder().encode(text));
    await open(file.uri, file.format, text);
    return file.uri;
  };
}

async function makeReport(folder: string, format: ReportFormat): Promise<string> {
  const source = await readReportSource(folder);
  const content = await computeInSlices(makeReportContentInSteps({ ...requestFrom(source), toolVersion: __TOOL_VERSION__, time: new Date() }));
  return formatReport(content, format);
}

async function askTarget({ auditsRoot, audits }: Services, folder: string): Promise<{ uri: Uri; format: ReportFormat } | undefined> {
  const choices: Choice<ReportFormat>[] = [
    { icon: 'globe', label: l10n.t('HTML'), description: l10n.t('one file with plots and coloured tokens, for somebody without VS Code'), value: 'html' },
    { icon: 'markdown', label: l10n.t('Markdown'), description: l10n.t('for a repository or an issue'), value: 'md' },
    { icon: 'table', label: l10n.t('CSV'), description: l10n.t('all completions, one row each, for a spreadsheet'), value: 'csv' },
    { icon: 'json', label: l10n.t('JSON lines'), description: l10n.t('completions and findings, for programs'), value: 'jsonl' },
  ];
  const format = await askPick({ title: l10n.t('Export report'), placeholder: l10n.t('In which form?'), lines: choices, active: choices[0] });
  if (format === BACK || format === CANCELLED) return undefined;
  const lease = await audits.open(folder);
  const name = lease.session.displayName;
  lease.release();
  const uri = await window.showSaveDialog({
    title: l10n.t('Export report'),
    defaultUri: Uri.file(join(auditsRoot(), `${makeSlug(name)}-report.${format}`)),
    filters: { [nameFormat(format)]: [format] },
  });
  return uri && { uri, format };
}

function nameFormat(format: ReportFormat): string {
  return { md: 'Markdown', html: 'HTML', csv: 'CSV', jsonl: 'JSON lines' }[format];
}

/** A browser on another machine cannot open a file of this one. */
async function open(uri: Uri, format: ReportFormat, text: string): Promise<void> {
  const isHere = env.remoteName === undefined && env.uiKind === UIKind.Desktop;
  if (format === 'md') await commands.executeCommand('markdown.showPreview', uri);
  else if (format === 'html' && isHere) await env.openExternal(uri);
  else if (format === 'html') showReportPreview(basename(uri.fsPath), text);
  setStatusBarMessage(l10n.t('The report is in {0}', uri.fsPath), 10_000);
}
