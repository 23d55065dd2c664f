/** A model behind an API: which server, which of its models, and what an audit with it can be. */
import { l10n } from 'vscode';
import type { EndpointSource } from '../audit/plan.js';
import { ENDPOINT_PRESETS, presetOf, type EndpointPreset } from '../models/api/dialects/presets.js';
import { askKey } from '../endpoints/ask-secrets.js';
import { findBaseUrlFault, hostOf, makeEndpointSource, normaliseBaseUrl, type BaseUrlFault } from '../endpoints/endpoint-address.js';
import type { Endpoints } from '../endpoints/endpoints.js';
import { askPick, askText, separator, type Choice, type ChoiceLine } from '../editor/ask.js';
import { chooseServedModel } from './choose-served-model.js';
import { BACK, CANCELLED, SKIPPED, askSubSteps, type Answer, type Step, type StepPlace } from '../editor/multi-step.js';
import { testChosen, type EndpointRole } from './test-chosen.js';

export interface EndpointDraft {
  readonly preset?: EndpointPreset | undefined;
  readonly endpoint?: string;
  readonly model?: string;
}

export interface EndpointQuestion {
  readonly title: string;
  /** Left out where the question is no step of a longer chain. */
  readonly place?: StepPlace;
  /** What it is to be in the audit; with `any` it is taken as it is, and not tested here. */
  readonly role: EndpointRole | 'any';
  /** What is known already and not asked for: the server, or the server and its model. */
  readonly known?: { readonly endpoint: string; readonly model?: string };
}

export async function chooseEndpoint(endpoints: Endpoints, question: EndpointQuestion): Promise<Answer<EndpointSource>> {
  const { known, role } = question;
  const steps: Step<EndpointDraft>[] = [
    ...(known ? [] : [askPreset(question), askBaseUrl(question), askKeyFirst(endpoints, question)]),
    ...(known?.model === undefined ? [chooseServedModel(endpoints, question)] : []),
    ...(role === 'any' ? [] : [testChosen(endpoints, { ...question, role })]),
  ];
  const draft = await askSubSteps<EndpointDraft>(steps, known ?? {});
  return draft === BACK || draft === CANCELLED ? draft : makeEndpointSource(draft.endpoint!, draft.model!);
}

function askPreset({ title, place }: EndpointQuestion): Step<EndpointDraft> {
  return async (_answers, before) => {
    const describe = (preset: EndpointPreset): Choice<EndpointPreset | undefined> => ({
      label: preset.label,
      description: preset.baseUrl.replace(/^https?:\/\//, ''),
      detail: preset.note,
      value: preset,
    });
    const other: Choice<EndpointPreset | undefined> = {
      icon: 'globe',
      label: l10n.t('Another server'),
      description: l10n.t('any server with an OpenAI-compatible API'),
      value: undefined,
    };
    const lines: ChoiceLine<EndpointPreset | undefined>[] = [
      separator(l10n.t('servers that you run')),
      ...ENDPOINT_PRESETS.filter(({ keyNeeded }) => !keyNeeded).map(describe),
      separator(l10n.t('services')),
      ...ENDPOINT_PRESETS.filter(({ keyNeeded }) => keyNeeded).map(describe),
      separator(l10n.t('others')),
      other,
    ];
    const choices = lines.filter((line): line is Choice<EndpointPreset | undefined> => 'value' in line);
    const active = choices.find(({ value }) => before && value === before.preset);
    const preset = await askPick({
      title,
      placeholder: l10n.t('Which server is it?'),
      lines,
      active: active ?? choices[0],
      canGoBack: true,
      ...(place && { place }),
    });
    return preset === BACK || preset === CANCELLED ? preset : { preset };
  };
}

function askBaseUrl({ title, place }: EndpointQuestion): Step<EndpointDraft> {
  return async (answers, before) => {
    const { preset } = answers;
    const wanted = before?.endpoint !== undefined && before.preset === preset ? before.endpoint : preset?.baseUrl;
    const address = await askText({
      title,
      canGoBack: true,
      ...(place && { place }),
      prompt: l10n.t('Base URL of the server, usually with /v1 at its end'),
      placeholder: 'http://localhost:8000/v1',
      value: wanted ?? 'http://',
      validate: (text) => describeFault(findBaseUrlFault(text)),
    });
    return typeof address === 'string' ? { ...answers, endpoint: normaliseBaseUrl(address) } : address;
  };
}

export function describeFault(fault: BaseUrlFault | undefined): string | undefined {
  switch (fault) {
    case undefined:
      return undefined;
    case 'notHttp':
      return l10n.t('Begin with http:// or https://, e.g. http://localhost:8000/v1');
    case 'credentials':
      return l10n.t('Leave out the user name and the password: you are asked for the key separately');
    case 'query':
      return l10n.t('Leave out everything after the path: “?” and “#” are not part of a base URL');
    case 'placeholder':
      return l10n.t('Put the name of your own resource in the place of RESOURCE');
  }
}

/** At once where the server is known to want a key or nothing is known of it; otherwise when the server asks for one. */
function askKeyFirst(endpoints: Endpoints, { title, place }: EndpointQuestion): Step<EndpointDraft> {
  return async (answers) => {
    const endpoint = answers.endpoint!;
    const isUnlikely = presetOf(endpoint)?.keyNeeded === false || /^(localhost|127\.|\[::1\])/.test(hostOf({ endpoint }));
    if (isUnlikely || (await endpoints.secrets.locateKey(makeEndpointSource(endpoint, ''))) !== 'nowhere') return SKIPPED;
    const answer = await askKey(endpoints.secrets, { endpoint, title, canGoBack: true, ...(place && { place }) });
    return answer === BACK || answer === CANCELLED ? answer : answers;
  };
}
