/** A report in HTML as its reader will see it, in a tab: where a browser cannot open a file of this machine. */
import { l10n, ViewColumn } from 'vscode';
import { createWebviewPanel } from '../../editor/shown/editor-parts.js';

/** @param html a whole document that needs nothing else; no script of it is run */
export function showReportPreview(fileName: string, html: string): void {
  const options = { enableScripts: false, enableFindWidget: true, localResourceRoots: [] };
  const panel = createWebviewPanel('finetuneAuditor.report', l10n.t('Preview of {0}', fileName), ViewColumn.Active, options);
  panel.webview.html = html;
}
