/** Opens an audit's `audit.jsonl` as its results page. */
import { dirname } from 'node:path';
import type { CustomDocument, CustomReadonlyEditorProvider, Uri, WebviewPanel } from 'vscode';
import type { ResultsPanels } from './results-panels.js';

export const JOURNAL_EDITOR_VIEW_TYPE = 'finetuneAuditor.journal';

export class JournalEditor implements CustomReadonlyEditorProvider {
  constructor(private readonly panels: ResultsPanels) {}

  openCustomDocument(uri: Uri): CustomDocument {
    return { uri, dispose: () => undefined };
  }

  /** @throws AuditError `badJournal`: the editor shows the message in the page's place */
  async resolveCustomEditor(document: CustomDocument, panel: WebviewPanel): Promise<void> {
    await this.panels.adopt(dirname(document.uri.fsPath), panel);
  }
}
