/** Markdown documents about audits: a comparison of two, and a drafted conclusion. */
import { showMarkdown } from './markdown-pages.js';

/** @param about tells documents of the same name apart */
export async function showAuditDocument(name: string, about: string, markdown: string): Promise<void> {
  await showMarkdown({ key: JSON.stringify(['audits', name, about]), title: name }, markdown);
}
