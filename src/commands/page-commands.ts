/** Commands for the results page in front, for those who look for them in the palette. The page has keys of its own. */
import type { CommandSignatures } from './command-ids.js';
import type { Services } from './services.js';

type PageCommandId = Extract<keyof CommandSignatures, `finetuneAuditor.page.${string}`>;

export function makePageCommands({ panels }: Services): Pick<CommandSignatures, PageCommandId> {
  return {
    'finetuneAuditor.page.search': async () => panels.tellActive('search'),
    'finetuneAuditor.page.help': async () => panels.tellActive('help'),
    'finetuneAuditor.page.next': async () => panels.tellActive('next'),
    'finetuneAuditor.page.previous': async () => panels.tellActive('previous'),
    'finetuneAuditor.page.undo': async () => panels.tellActive('undo'),
  };
}
