/** `finetuneAuditor.stopAudit`: ends a run, or takes a waiting one out of the queue. What is journalled stays. */
import type { CommandSignatures } from './command-ids.js';
import type { Services } from './services.js';

export function makeStopAuditCommand({ queue }: Services): CommandSignatures['finetuneAuditor.stopAudit'] {
  return async (folder) => {
    const session = folder === undefined ? queue.running : queue.sessions.find((other) => other.folder === folder);
    if (session) queue.cancel(session);
  };
}
