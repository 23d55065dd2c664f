/** What a machine can find wrong with a page for people who do not see it or do not use a mouse. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type axe from 'axe-core';
import type { Frame } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** In the words of axe-core: the rule, what it is about, and where. */
export async function findFaults(frame: Frame): Promise<string[]> {
  await frame.evaluate(AXE);
  return frame.evaluate(async () => {
    const { violations, passes } = await (window as unknown as { axe: typeof axe }).axe.run(document);
    if (passes.length < 15) return [`only ${passes.length} rules had something to look at`];
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)} (${node.any[0]?.message ?? ''})`));
  });
}
