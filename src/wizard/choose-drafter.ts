/** Asks who writes a draft: a language model of VS Code, or one behind an API. */
import { l10n, type LanguageModelChat } from 'vscode';
import type { EndpointSource } from '../audit/plan.js';
import { ChatDrafter } from '../models/api/chat-drafter.js';
import type { Drafter } from '../runner/drafting/draft-conclusion.js';
import { isLoopback } from '../models/api/transport/loopback.js';
import { listLanguageModels, makeLanguageModelDrafter } from '../views/language-model-drafter.js';
import { readSettings } from '../editor/settings.js';
import { hostOf } from '../endpoints/endpoint-address.js';
import type { Log } from '../editor/log.js';
import type { Endpoints } from '../endpoints/endpoints.js';
import type { AgreedServers } from '../models/api/transport/server-access.js';
import type { RecentChoices } from './recent-choices.js';
import { askPick, separator, type Choice, type ChoiceLine } from '../editor/ask.js';
import { chooseEndpoint } from './choose-endpoint.js';
import { BACK, CANCELLED } from '../editor/multi-step.js';
import { showWarningMessage } from '../editor/shown/messages.js';

type Picked = { readonly chat: LanguageModelChat } | { readonly source: EndpointSource } | 'other';

/** What choosing a drafter needs of the extension. */
export interface DrafterServices {
  readonly log: Log;
  readonly endpoints: Endpoints;
  readonly recent: RecentChoices;
  readonly agreedServers: AgreedServers;
}

/**
 * Asks who writes, and before anything is sent to another machine whether it may be. VS Code asks for its own models itself.
 * @param sent what is sent, for people
 * @returns undefined where the user does not want it
 * @throws AuditError `networkForbidden`, `keyMissing`, `badPlan`
 */
export async function chooseDrafter(services: DrafterServices, sent: string): Promise<Drafter | undefined> {
  const picked = await pickDrafter(services);
  if (!picked) return undefined;
  if ('chat' in picked) return makeLanguageModelDrafter(picked.chat);
  const { source } = picked;
  const { secrets } = services.endpoints;
  if (!(await mayReceive(source, sent))) return undefined;
  services.agreedServers.add(source, 'draft');
  const drafter = await ChatDrafter.open(source, {
    requireAgreed: (one) => services.agreedServers.require(one),
    findKey: (one) => secrets.findKey(one),
    findHeaders: ({ endpoint }) => secrets.findHeaders(endpoint),
    readEnvironment: (name) => process.env[name],
    forbidNetwork: () => readSettings().forbidNetwork,
    timeoutMs: readSettings().requestTimeoutSeconds * 1000,
  });
  services.log.info(l10n.t('{0} receives: {1}', drafter.host, sent));
  await services.recent.rememberModels([source]);
  return drafter;
}

/** Asked every time: what is sent are texts that the user may have read only in part. */
async function mayReceive(source: EndpointSource, sent: string): Promise<boolean> {
  if (isLoopback(new URL(source.endpoint).hostname)) return true;
  const send = l10n.t('Send');
  return (
    (await showWarningMessage(
      l10n.t('Send texts to {0}?', hostOf(source)),
      { modal: true, detail: l10n.t('{0} receives\n{1}', hostOf(source), `• ${source.model}: ${sent}`) },
      send,
    )) === send
  );
}

async function pickDrafter({ endpoints, recent }: DrafterServices): Promise<Exclude<Picked, 'other'> | undefined> {
  const title = l10n.t('Draft a conclusion');
  for (;;) {
    const chats = (await listLanguageModels()).map((chat): Choice<Picked> => ({ label: chat.name, description: chat.vendor, value: { chat } }));
    const used = recent
      .endpoints()
      .map((source): Choice<Picked> => ({ label: source.model, description: l10n.t('at {0}', hostOf(source)), value: { source } }));
    const other: Choice<Picked> = { icon: 'globe', label: l10n.t('Model behind an API…'), value: 'other' };
    const lines: ChoiceLine<Picked>[] = [
      ...(chats.length > 0 ? [separator<Picked>(l10n.t('language models of VS Code')), ...chats] : []),
      ...(used.length > 0 ? [separator<Picked>(l10n.t('used before')), ...used] : []),
      separator<Picked>(l10n.t('or')),
      other,
    ];
    const picked = await askPick({ title, placeholder: l10n.t('Which model should write the draft?'), lines, active: chats[0] ?? used[0] ?? other });
    if (picked === BACK || picked === CANCELLED) return undefined;
    if (picked !== 'other') return picked;
    const source = await chooseEndpoint(endpoints, { title, role: 'any' });
    if (source === CANCELLED) return undefined;
    if (source !== BACK) return { source };
  }
}
