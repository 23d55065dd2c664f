/** The document in a page's place where the audit cannot be read: why, and a way to the file itself. */
import { randomBytes } from 'node:crypto';
import { l10n } from 'vscode';
import { escapeHtml } from './results-html.js';

/** VS Code's own; a webview that shows this document must be allowed to run it. */
export const REOPEN_AS_TEXT = 'workbench.action.reopenTextEditor';

/** No script, no network: only VS Code's own colours and fonts, and one link to a command. */
export function makeFailureHtml(reason: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
  <style nonce="${nonce}">
    body { max-width: 60ch; margin: 3em auto; line-height: 1.5; }
    p { overflow-wrap: anywhere; }
  </style>
</head>
<body>
  <main>
    <h1>${escapeHtml(l10n.t('This audit cannot be shown'))}</h1>
    <p role="alert">${escapeHtml(reason)}</p>
    <p><a href="command:${REOPEN_AS_TEXT}">${escapeHtml(l10n.t('Reopen as text'))}</a></p>
  </main>
</body>
</html>`;
}
