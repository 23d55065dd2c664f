/** Markdown that was made here, in an editor tab that can be read and nothing else. Its links open completions. */
import { randomBytes } from 'node:crypto';
import { commands, ViewColumn, type WebviewPanel } from 'vscode';
import { createWebviewPanel, setTitle } from '../editor/shown/editor-parts.js';
import { harmlessLine, LONGEST_TITLE } from '../editor/shown/harmless-text.js';
import { escapeHtml } from './results/results-html.js';

const VIEW_TYPE = 'finetuneAuditor.document';
/** The one command that a link of these pages can run. It only shows something. */
const OPEN_COMPLETION = 'finetuneAuditor.openCompletion';

const STYLE = `
body { max-width: 60em; margin: 0 auto; padding: 1em 2em 3em; font-size: var(--vscode-font-size); line-height: 1.5; overflow-wrap: anywhere; }
h1, h2, h3 { font-weight: 600; line-height: 1.25; margin: 1.4em 0 0.5em; }
h1 { font-size: 1.6em; } h2 { font-size: 1.3em; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); } h3 { font-size: 1.1em; }
table { border-collapse: collapse; margin: 0.8em 0; }
th, td { text-align: start; vertical-align: top; padding: 0.3em 0.8em; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, var(--vscode-editorGroup-border))); overflow-wrap: break-word; }
blockquote { margin: 0.8em 0; padding: 0.2em 1em; border-inline-start: 4px solid var(--vscode-textBlockQuote-border); background: var(--vscode-textBlockQuote-background); }
code { font-family: var(--vscode-editor-font-family); }
a { color: var(--vscode-textLink-foreground); }
a:hover { color: var(--vscode-textLink-activeForeground); }
a:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
`;

export interface MarkdownPage {
  /** What tells it apart: one that is open already shows the new text. */
  readonly key: string;
  readonly title: string;
}

const open = new Map<string, WebviewPanel>();

/** @param markdown in which texts of other origin are escaped */
export async function showMarkdown({ key, title }: MarkdownPage, markdown: string): Promise<void> {
  const body = await commands.executeCommand<string>('markdown.api.render', markdown);
  const panel = open.get(key) ?? openPanel(key, title);
  setTitle(panel, title);
  panel.webview.html = makeDocument(title, body);
  panel.reveal();
}

/** A link of {@link showMarkdown}'s pages. @param shown Markdown */
export function linkCompletion(folder: string, id: number, shown: string): string {
  return `[${shown}](<command:${OPEN_COMPLETION}?${encodeURIComponent(JSON.stringify([{ folder, id }]))}>)`;
}

/** A name as one part of a path. */
export function asPathPart(name: string): string {
  return harmlessLine(name, LONGEST_TITLE).replaceAll('/', '∕').replaceAll('\\', '∖');
}

function openPanel(key: string, title: string): WebviewPanel {
  const panel = createWebviewPanel(VIEW_TYPE, title, ViewColumn.Active, {
    enableScripts: false,
    localResourceRoots: [],
    enableCommandUris: [OPEN_COMPLETION],
    enableFindWidget: true,
  });
  open.set(key, panel);
  panel.onDidDispose(() => open.delete(key));
  return panel;
}

function makeDocument(title: string, body: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; form-action 'none'">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeHtml(title)}</title>
  <style nonce="${nonce}">${STYLE}</style>
</head>
<body class="markdown-body">
${body}
</body>
</html>`;
}
