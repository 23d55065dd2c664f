/** What a server's test has shown, in an editor tab that can be read and nothing else. */
import { commands, EventEmitter, Uri, workspace, type Disposable, type TextDocumentContentProvider } from 'vscode';
import type { EndpointSource } from '../audit/plan.js';

const SCHEME = 'finetune-auditor-test';

const reports = new Map<string, string>();
const changed = new EventEmitter<Uri>();

/** A report that is open already shows the new one. */
export async function showEndpointReport({ endpoint, model }: EndpointSource, markdown: string): Promise<void> {
  const { host } = new URL(endpoint);
  // The last part of the path is what the tab is called.
  const uri = Uri.from({ scheme: SCHEME, path: `/${host}/${model.replaceAll('/', '∕')}.md`, query: endpoint });
  reports.set(uri.toString(), markdown);
  changed.fire(uri);
  await commands.executeCommand('markdown.showPreview', uri);
}

export function registerEndpointReports(): Disposable {
  const provider: TextDocumentContentProvider = {
    onDidChange: changed.event,
    // After the window was reloaded there is nothing left to show.
    provideTextDocumentContent: (uri) => reports.get(uri.toString()) ?? '',
  };
  return workspace.registerTextDocumentContentProvider(SCHEME, provider);
}
