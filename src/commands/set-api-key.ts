/** `finetuneAuditor.setApiKey`: a key of a server, into the secret storage. */
import type { CommandSignatures } from './command-ids.js';
import { enterKey } from '../wizard/enter-key.js';
import type { Services } from './services.js';

export function makeSetApiKeyCommand(services: Services): CommandSignatures['finetuneAuditor.setApiKey'] {
  return async () => {
    await enterKey(services);
  };
}
