/** The report of a server's test, in a read-only editor tab. */
import type { EndpointSource } from '../audit/plan.js';
import { showMarkdown } from './markdown-pages.js';

/** A report that is open already shows the new one. */
export async function showEndpointReport({ endpoint, model }: EndpointSource, markdown: string): Promise<void> {
  await showMarkdown({ key: JSON.stringify(['endpoint', endpoint, model]), title: model }, markdown);
}
