/** `finetuneAuditor.testEndpoint`: asks a server what it can do, and shows what an audit with it can be. */
import { l10n } from 'vscode';
import { isCancelled } from '../audit/errors.js';
import type { EndpointSource } from '../audit/plan.js';
import { showEndpointReport } from '../views/endpoint-report.js';
import type { CommandSignatures } from './command-ids.js';
import { describeReport } from '../endpoints/describe-report.js';
import { hostOf } from '../endpoints/endpoint-address.js';
import type { Services } from './services.js';
import { askPick, separator, type Choice } from '../editor/ask.js';
import { chooseEndpoint } from '../wizard/choose-endpoint.js';
import { BACK, CANCELLED } from '../editor/multi-step.js';
import { testWithProgress } from '../wizard/test-chosen.js';

export function makeTestEndpointCommand(services: Services): CommandSignatures['finetuneAuditor.testEndpoint'] {
  return async () => {
    const { endpoints, recent } = services;
    const source = await chooseSource(services);
    if (!source) return;
    const result = await testWithProgress(endpoints, source);
    if (isCancelled(result)) return;
    if (result instanceof Error) throw result;
    await recent.rememberModels([source]);
    await showEndpointReport(source, describeReport(source, result));
  };
}

async function chooseSource({ endpoints, recent }: Services): Promise<EndpointSource | undefined> {
  const title = l10n.t('Test endpoint');
  for (;;) {
    const used = recent.endpoints();
    const choices = used.map((source): Choice<EndpointSource | 'other'> => ({
      label: source.model,
      description: l10n.t('at {0}', hostOf(source)),
      value: source,
    }));
    const other: Choice<EndpointSource | 'other'> = { icon: 'globe', label: l10n.t('Model behind an API…'), value: 'other' };
    const lines = [separator<EndpointSource | 'other'>(l10n.t('used before')), ...choices, separator<EndpointSource | 'other'>(l10n.t('or')), other];
    const picked = used.length === 0 ? 'other' : await askPick({ title, placeholder: l10n.t('Which model should be tested?'), lines, active: choices[0] });
    if (picked === CANCELLED || picked === BACK) return undefined;
    if (picked !== 'other') return picked;
    const source = await chooseEndpoint(endpoints, { title, role: 'any' });
    if (source !== BACK) return source === CANCELLED ? undefined : source;
    if (used.length === 0) return undefined;
  }
}
