/** What a server's test has shown, in an editor tab that can be read and nothing else. */
import type { Disposable } from 'vscode';
import type { EndpointSource } from '../audit/plan.js';
import { asPathPart, registerMarkdownPreviews, showMarkdown } from './markdown-preview.js';

const SCHEME = 'finetune-auditor-test';

/** A report that is open already shows the new one. */
export async function showEndpointReport({ endpoint, model }: EndpointSource, markdown: string): Promise<void> {
  const { host } = new URL(endpoint);
  await showMarkdown({ scheme: SCHEME, path: `/${host}/${asPathPart(model)}.md`, query: endpoint }, markdown);
}

export function registerEndpointReports(): Disposable {
  return registerMarkdownPreviews(SCHEME);
}
