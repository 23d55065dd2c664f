/** `finetuneAuditor.showLog`. */
import type { CommandSignatures } from './command-ids.js';
import type { Services } from './services.js';

export function makeShowLogCommand({ log }: Services): CommandSignatures['finetuneAuditor.showLog'] {
  return async () => log.show();
}
