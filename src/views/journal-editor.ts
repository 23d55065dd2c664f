/** Opens an audit's `audit.jsonl` as its results page. */
import { dirname } from 'node:path';
import type { CustomDocument, CustomReadonlyEditorProvider, Uri, WebviewPanel } from 'vscode';
import { makeFailureHtml, REOPEN_AS_TEXT } from './results/failure-html.js';
import type { ResultsPanels } from './results/results-panels.js';

export const JOURNAL_EDITOR_VIEW_TYPE = 'finetuneAuditor.journal';

export class JournalEditor implements CustomReadonlyEditorProvider {
  constructor(private readonly panels: Pick<ResultsPanels, 'adopt'>) {}

  openCustomDocument(uri: Uri): CustomDocument {
    return { uri, dispose: () => undefined };
  }

  /** An audit that cannot be read says so in the page's place: an error thrown here would show without its message. */
  async resolveCustomEditor(document: CustomDocument, panel: WebviewPanel): Promise<void> {
    let closed = false;
    panel.onDidDispose(() => (closed = true));
    try {
      await this.panels.adopt(dirname(document.uri.fsPath), panel);
    } catch (error) {
      if (closed) return;
      panel.webview.options = { enableCommandUris: [REOPEN_AS_TEXT] };
      panel.webview.html = makeFailureHtml(error instanceof Error ? error.message : String(error));
    }
  }
}
