/** Finds the framings that the chosen models cannot do: of a file by its chat template, of a server by its test. */
import { l10n } from 'vscode';
import { FRAMINGS } from '../audit/framing.js';
import { isEndpoint } from '../audit/plan.js';
import type { Services } from './services.js';
import { nameSource } from '../wizard/choices.js';
import type { FindFramingRefusals } from '../wizard/choose-framings.js';
import { findChatTemplate } from '../wizard/find-chat-template.js';

export function makeFindFramingRefusals({ mediaFolder, endpoints }: Pick<Services, 'mediaFolder' | 'endpoints'>): FindFramingRefusals {
  return async ({ finetuned }, signal) => {
    if (!isEndpoint(finetuned)) {
      if ((await findChatTemplate(finetuned, mediaFolder, signal)) !== false) return {};
      const reason = l10n.t('{0} has no chat template: choose raw', nameSource(finetuned));
      return { chat: reason, ask: reason, dialogue: reason };
    }
    const framings = endpoints.verdictOf(finetuned)?.framings;
    if (!framings) return {};
    return Object.fromEntries(FRAMINGS.flatMap((framing) => (framings[framing] === null ? [] : [[framing, framings[framing]]])));
  };
}
