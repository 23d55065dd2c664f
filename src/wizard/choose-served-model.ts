/** Asks which of a server's models is meant: from its list, or by a typed name. */
import { l10n } from 'vscode';
import { EndpointError } from '../models/api/transport/endpoint-error.js';
import { presetOf } from '../models/api/dialects/presets.js';
import { askHeaders, askKey } from '../endpoints/ask-secrets.js';
import { hostOf, makeEndpointSource } from '../endpoints/endpoint-address.js';
import type { Endpoints } from '../endpoints/endpoints.js';
import type { ServedModel } from '../endpoints/list-served-models.js';
import { askPick, askText, separator, type Choice, type ChoiceLine } from '../editor/ask.js';
import type { EndpointDraft, EndpointQuestion } from './choose-endpoint.js';
import { BACK, CANCELLED, type Answer, type Step } from '../editor/multi-step.js';

type Picked = { readonly model: string } | 'type' | 'key' | 'headers' | 'retry';

export function chooseServedModel(endpoints: Endpoints, { title, place, role }: EndpointQuestion): Step<EndpointDraft> {
  const where = { title, canGoBack: true, ...(place && { place }) };
  return async (answers, before) => {
    const endpoint = answers.endpoint!;
    const host = hostOf({ endpoint });
    const wanted = before?.endpoint === endpoint ? before.model : undefined;
    for (;;) {
      const connection = await describeConnection(endpoints, endpoint);
      const lines = [waiting(host), ...connection];
      const picked = await askPick<Picked>({
        ...where,
        placeholder: l10n.t('Which model of {0}?', host),
        lines,
        active: undefined,
        refresh: (show, signal) =>
          void endpoints.listModels(endpoint, signal).then(
            (models) => signal.aborted || show([...describeModels(role === 'finetuned' ? putAdaptersFirst(models) : models, wanted, host), ...connection]),
            (error: unknown) => signal.aborted || show([...describeFailure(error, host), ...connection]),
          ),
      });
      if (picked === BACK || picked === CANCELLED) return picked;
      if (typeof picked === 'object') return { ...answers, model: picked.model };
      const answer = await follow(picked);
      if (answer === CANCELLED) return CANCELLED;
      if (typeof answer === 'string') return { ...answers, model: answer };
    }

    /** A name where one was typed. */
    async function follow(way: Exclude<Picked, object>): Promise<Answer<unknown>> {
      switch (way) {
        case 'key':
          return askKey(endpoints.secrets, { endpoint, ...where });
        case 'headers':
          return askHeaders(endpoints.secrets, { endpoint, ...where });
        case 'type':
          return askText({
            ...where,
            prompt: l10n.t('Name of the model at {0}: {1}', host, presetOf(endpoint)?.modelHint ?? l10n.t('as the server names it')),
            value: wanted ?? '',
            validate: (text) => (text === '' ? l10n.t('Every request names a model') : undefined),
          });
        case 'retry':
          return undefined;
      }
    }
  };
}

function waiting(host: string): Choice<Picked> {
  const label = l10n.t('Asking {0} for its models…', host);
  return { icon: 'loading~spin', label, value: 'retry', refusal: l10n.t('not answered yet') };
}

/** What is audited is an adapter rather than what it sits on. */
function putAdaptersFirst(models: readonly ServedModel[]): ServedModel[] {
  return [...models.filter(({ parent }) => parent !== undefined), ...models.filter(({ parent }) => parent === undefined)];
}

/** The model chosen before comes first. */
function describeModels(models: readonly ServedModel[], wanted: string | undefined, host: string): ChoiceLine<Picked>[] {
  if (models.length === 0) return [{ icon: 'info', label: l10n.t('{0} names no models', host), description: l10n.t('Type the name instead'), value: 'type' }];
  const choices = models.map(({ id, parent, contextLength }): Choice<Picked> => {
    const context = contextLength === undefined ? [] : [l10n.t('{0} tokens of context', contextLength.toLocaleString())];
    const over = parent === undefined ? [] : [l10n.t('adapter over {0}', parent)];
    return { label: id, description: [...over, ...context].join(' · '), value: { model: id } };
  });
  const first = choices.filter(({ label }) => label === wanted);
  return [separator(l10n.t('models of {0}', host)), ...first, ...choices.filter((choice) => !first.includes(choice))];
}

function describeFailure(error: unknown, host: string): ChoiceLine<Picked>[] {
  const again: Choice<Picked> = {
    icon: 'warning',
    label: l10n.t('{0} returned no list of models', host),
    description: l10n.t('Enter asks again'),
    detail: error instanceof Error ? error.message : String(error),
    value: 'retry',
  };
  const wantsKey = error instanceof EndpointError && error.kind === 'keyRefused';
  return wantsKey ? [{ icon: 'key', label: l10n.t('Enter the key for {0}…', host), value: 'key' }, again] : [again];
}

async function describeConnection({ secrets }: Endpoints, endpoint: string): Promise<ChoiceLine<Picked>[]> {
  const source = makeEndpointSource(endpoint, '');
  const place = await secrets.locateKey(source);
  const headers = Object.keys(await secrets.findHeaders(endpoint));
  const key: Choice<Picked> = { icon: 'key', label: l10n.t('Key…'), description: describeKey(place, source.apiKeyEnv), value: 'key' };
  return [
    separator(l10n.t('or')),
    { icon: 'edit', label: l10n.t('Another name…'), description: l10n.t('a model that is not in the list'), value: 'type' },
    place === 'environment' ? { ...key, refusal: l10n.t('the environment variable comes first') } : key,
    { icon: 'list-flat', label: l10n.t('Extra headers…'), description: headers.length === 0 ? l10n.t('none') : headers.join(', '), value: 'headers' },
  ];
}

function describeKey(place: 'environment' | 'storage' | 'nowhere', variable: string | undefined): string {
  switch (place) {
    case 'environment':
      return l10n.t('from the environment variable {0}', variable ?? '');
    case 'storage':
      return l10n.t("in VS Code's secret storage");
    case 'nowhere':
      return l10n.t('none');
  }
}
