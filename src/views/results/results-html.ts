/** The page's document: nothing but the program, its style and a place to put things. */
import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';

/** No network, no inline code but what carries this page's nonce, no images but the extension's own. */
export function makeResultsHtml(webview: Webview, extensionUri: Uri, title: string): string {
  const nonce = randomBytes(16).toString('base64url');
  const resource = (name: string) => webview.asWebviewUri(Uri.joinPath(extensionUri, 'dist', name)).toString();
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta property="csp-nonce" content="${nonce}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeHtml(title)}</title>
  <link rel="stylesheet" nonce="${nonce}" href="${resource('webview.css')}">
</head>
<body>
  <div id="root"></div>
  <script nonce="${nonce}" src="${resource('webview.js')}"></script>
</body>
</html>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
