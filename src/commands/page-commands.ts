/** Commands for the results page in front, for those who look for them in the palette. The page has a key for each. */
import { PAGE_COMMANDS } from '../messages/page-commands.js';
import { pageCommandId, type CommandSignatures, type PageCommandId } from './command-ids.js';
import type { Services } from './services.js';

export function makePageCommands({ panels }: Services): Pick<CommandSignatures, PageCommandId> {
  const entries = PAGE_COMMANDS.map((name) => [pageCommandId(name), async () => panels.tellActive(name)]);
  return Object.fromEntries(entries) as Pick<CommandSignatures, PageCommandId>;
}
