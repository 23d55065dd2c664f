/** Markdown that was made here, in an editor tab that can be read and nothing else. */
import { commands, EventEmitter, Uri, workspace, type Disposable, type TextDocumentContentProvider } from 'vscode';
import { harmlessLine, LONGEST_TITLE } from '../editor/shown/harmless-text.js';

const documents = new Map<string, string>();
const changed = new EventEmitter<Uri>();

export interface MarkdownPreview {
  /** One that was registered with {@link registerMarkdownPreviews}. */
  readonly scheme: string;
  /** Its last part is what the tab is called. */
  readonly path: string;
  /** Tells documents of the same path apart. */
  readonly query?: string;
}

/** A document that is open already shows the new text. */
export async function showMarkdown({ scheme, path, query }: MarkdownPreview, markdown: string): Promise<void> {
  const uri = Uri.from({ scheme, path, ...(query !== undefined && { query }) });
  documents.set(uri.toString(), markdown);
  changed.fire(uri);
  await commands.executeCommand('markdown.showPreview', uri);
}

/** A name as one part of a path. */
export function asPathPart(name: string): string {
  return harmlessLine(name, LONGEST_TITLE).replaceAll('/', '∕').replaceAll('\\', '∖');
}

export function registerMarkdownPreviews(scheme: string): Disposable {
  const provider: TextDocumentContentProvider = {
    onDidChange: changed.event,
    // After the window was reloaded there is nothing left to show.
    provideTextDocumentContent: (uri) => documents.get(uri.toString()) ?? '',
  };
  return workspace.registerTextDocumentContentProvider(scheme, provider);
}
