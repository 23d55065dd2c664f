/** What is told of audits as Markdown: two compared, a conclusion that was drafted. */
import type { Disposable } from 'vscode';
import { asPathPart, registerMarkdownPreviews, showMarkdown } from './markdown-preview.js';

const SCHEME = 'finetune-auditor-audits';

/** @param about tells documents of the same name apart */
export async function showAuditDocument(name: string, about: string, markdown: string): Promise<void> {
  await showMarkdown({ scheme: SCHEME, path: `/${asPathPart(name)}.md`, query: about }, markdown);
}

export function registerAuditDocuments(): Disposable {
  return registerMarkdownPreviews(SCHEME);
}
