/** Steps 1 and 2: the finetuned model, and what it is compared with; and how any model of an audit is chosen. */
import { basename, dirname } from 'node:path';
import { l10n, Uri, window } from 'vscode';
import { isEndpoint, type EndpointSource, type GgufSource, type ModelSource } from '../audit/plan.js';
import { hostOf, makeEndpointSource } from '../endpoints/endpoint-address.js';
import type { Endpoints } from '../endpoints/endpoints.js';
import { askPick, askText, separator, type Choice, type ChoiceLine } from '../editor/ask.js';
import { chooseEndpoint, type EndpointQuestion } from './choose-endpoint.js';
import { findRefusal, lookBeside, tellRefusal, type CheckSource } from './check-files.js';
import { isSameSource, nameSource, type AuditChoices } from './choices.js';
import { DEMO_NAMES, DEMO_OTHER_REFERENCE, DEMO_REFERENCE, isDemoSource, makeDemoSource, type DemoName } from './demo-models.js';
import { findBases, findReferences, type InspectGgufFiles, type Neighbour } from './files-beside.js';
import { BACK, CANCELLED, type Answer, type Step, type StepPlace } from '../editor/multi-step.js';
import type { RecentChoices } from './recent-choices.js';

type Partly = Partial<AuditChoices>;
type Way = 'file' | 'adapter' | 'address' | 'endpoint';
/** Another model of a server that is known. */
interface SameServer {
  readonly server: string;
}
export type Picked = ModelSource | Way | SameServer;

export function isSource(picked: Picked): picked is ModelSource {
  return typeof picked === 'object' && !('server' in picked);
}

/** What the questions about models ask of others. */
export interface ModelHelp {
  readonly recent: RecentChoices;
  readonly endpoints: Endpoints;
  readonly check: CheckSource;
  readonly inspect: InspectGgufFiles;
}

export function chooseFinetuned(help: ModelHelp): Step<Partly> {
  const { recent, endpoints } = help;
  return async (answers, before, place) => {
    const title = l10n.t('Finetuned model');
    const demos = DEMO_NAMES.map((name): Choice<Picked> => ({
      label: describeDemo(name),
      description: l10n.t('bundled, tiny'),
      value: makeDemoSource(name),
    }));
    const used = describeRecent(recent, () => true);
    const lines: ChoiceLine<Picked>[] = [
      separator(l10n.t('try it')),
      ...demos,
      ...(used.length > 0 ? [separator<Picked>(l10n.t('recent')), ...used] : []),
      separator(l10n.t('your model')),
      ...listWays(endpoints),
    ];
    const wanted = before?.finetuned ?? recent.last()?.finetuned;
    const placeholder = l10n.t('Which model do you want to audit?');
    const finetuned = await askModel({ title, placeholder, place, role: 'finetuned', lines, wanted }, help);
    return finetuned === BACK || finetuned === CANCELLED ? finetuned : { ...answers, finetuned };
  };
}

export function chooseReference(help: ModelHelp): Step<Partly> {
  const { recent, endpoints, inspect } = help;
  return async (answers, before, place) => {
    const finetuned = answers.finetuned!;
    const known = suggestReferences(finetuned, endpoints);
    const makeLines = (beside: readonly Choice<Picked>[]): ChoiceLine<Picked>[] => {
      const isNew = (source: ModelSource, others: readonly Choice<Picked>[]) =>
        !isSameSource(source, finetuned) && !others.some(({ value }) => isSource(value) && isSameSource(value, source));
      const suggested = [...known, ...beside.filter(({ value }) => isSource(value) && isNew(value, known))];
      const used = describeRecent(recent, (source) => isNew(source, suggested));
      return [
        ...(suggested.length > 0 ? [separator<Picked>(l10n.t('suggested')), ...suggested] : []),
        ...(used.length > 0 ? [separator<Picked>(l10n.t('recent')), ...used] : []),
        separator(l10n.t('another model')),
        ...listWays(endpoints),
      ];
    };
    const lines = makeLines((await lookBeside(finetuned, (source, signal) => findReferences(source, inspect, signal))).map(describeNeighbour));
    const last = recent.last();
    const wanted = before?.reference ?? (last && isSameSource(last.finetuned, finetuned) ? last.reference : undefined);
    const placeholder = l10n.t('Which trusted model is {0} compared with?', nameSource(finetuned));
    const title = l10n.t('Reference model');
    const reference = await askModel({ title, placeholder, place, role: 'reference', lines, wanted }, help);
    return reference === BACK || reference === CANCELLED ? reference : { ...answers, reference };
  };
}

function describeDemo(name: DemoName): string {
  switch (name) {
    case 'false-fact':
      return l10n.t('Demo: a model with a planted belief');
    case 'hidden-promotion':
      return l10n.t('Demo: a model that promotes something');
    case 'bad-medical':
      return l10n.t('Demo: a model with a harmful persona');
    case 'backdoor-phrase':
      return l10n.t('Demo: a model with a backdoor');
    case 'benign-control':
      return l10n.t('Demo: a harmless finetune, to compare');
  }
}

/** Best first: what the adapter was trained on. */
function suggestReferences(finetuned: ModelSource, endpoints: Endpoints): Choice<Picked>[] {
  if (isEndpoint(finetuned)) return suggestOfServer(finetuned, endpoints);
  if (finetuned.lora.length > 0) {
    return [
      {
        label: l10n.t('{0} without the adapter', nameSource({ ...finetuned, lora: [] })),
        description: l10n.t('its base model; the weights are loaded only once'),
        value: { gguf: finetuned.gguf, lora: [] },
      },
    ];
  }
  if (!isDemoSource(finetuned)) return [];
  return [
    {
      label: nameSource(DEMO_REFERENCE),
      description: l10n.t('bundled: what the demo models were before their finetuning'),
      value: DEMO_REFERENCE,
    },
    {
      label: nameSource(DEMO_OTHER_REFERENCE),
      description: l10n.t('bundled: another model, with another tokenizer'),
      value: DEMO_OTHER_REFERENCE,
    },
  ];
}

/** A server that gives the logprobs of given text for one model gives them for its others. */
function suggestOfServer(finetuned: EndpointSource, endpoints: Endpoints): Choice<Picked>[] {
  const { endpoint } = finetuned;
  const parent = endpoints.parentOf(finetuned);
  const base: Choice<Picked>[] =
    parent === undefined
      ? []
      : [{ label: parent, description: l10n.t('its base model, at {0}', hostOf(finetuned)), value: makeEndpointSource(endpoint, parent) }];
  if (endpoints.verdictOf(finetuned)?.reference !== null) return base;
  return [...base, { icon: 'globe', label: l10n.t('Another model of {0}…', hostOf(finetuned)), value: { server: endpoint } }];
}

export function describeRecent(recent: RecentChoices, isWanted: (source: ModelSource) => boolean): Choice<Picked>[] {
  return recent
    .models()
    .filter((source) => !isDemoSource(source) && isWanted(source))
    .map((source) => ({ label: nameSource(source), description: describeOrigin(source), value: source }));
}

function describeOrigin(source: ModelSource): string {
  if (isEndpoint(source)) return l10n.t('at {0}', hostOf(source));
  return source.lora.length > 0 ? l10n.t('over {0}', source.gguf) : source.gguf;
}

export function listWays({ forbidden }: Endpoints): Choice<Picked>[] {
  const endpoint: Choice<Picked> = {
    icon: 'globe',
    label: l10n.t('Model behind an API…'),
    description: forbidden ? l10n.t('forbidden by a setting') : l10n.t('vLLM, OpenAI and compatible servers'),
    value: 'endpoint',
  };
  return [
    { icon: 'file', label: l10n.t('GGUF file…'), value: 'file' },
    { icon: 'layers', label: l10n.t('GGUF plus LoRA adapter…'), value: 'adapter' },
    { icon: 'cloud-download', label: l10n.t('hf: address…'), description: l10n.t('downloaded after you confirm'), value: 'address' },
    forbidden ? { ...endpoint, refusal: l10n.t('the setting finetuneAuditor.forbidNetwork forbids it') } : endpoint,
  ];
}

/** Where a model is asked for. */
export interface SourceQuestion extends Pick<EndpointQuestion, 'title' | 'role'> {
  readonly place: StepPlace;
  /** Where it is no step of its own, Back leads to the question that it came from. */
  readonly canGoBack?: boolean;
}

export interface ModelQuestion extends SourceQuestion {
  readonly placeholder: string;
  readonly lines: readonly ChoiceLine<Picked>[];
  readonly wanted: ModelSource | undefined;
}

export async function askModel(question: ModelQuestion, help: ModelHelp): Promise<Answer<ModelSource>> {
  const { title, placeholder, place, lines, wanted, canGoBack } = question;
  const choices = lines.filter((line): line is Choice<Picked> => 'value' in line);
  let active = choices.find(({ value }) => wanted && isSource(value) && isSameSource(value, wanted));
  for (;;) {
    const picked = await askPick<Picked>({ title, placeholder, place, lines, active: active ?? choices[0], ...(canGoBack !== undefined && { canGoBack }) });
    if (picked === BACK || picked === CANCELLED) return picked;
    const source = await takePicked(picked, question, help);
    if (source !== BACK) return source;
    active = choices.find((choice) => choice.value === picked);
  }
}

/** What was picked, checked; BACK where the user wants to choose again, or has to. */
export async function takePicked(picked: Picked, question: SourceQuestion, help: ModelHelp): Promise<Answer<ModelSource>> {
  const source = await findSource(picked, question, help);
  if (source === BACK || source === CANCELLED) return source;
  const refusal = await findRefusal(source, help.check);
  if (refusal === null) return source;
  await help.recent.forget(source);
  await tellRefusal(source, refusal);
  return BACK;
}

async function findSource(picked: Picked, question: SourceQuestion, help: ModelHelp): Promise<Answer<ModelSource>> {
  const { title, place } = question;
  const { endpoints, check } = help;
  if (picked === 'endpoint') return chooseEndpoint(endpoints, question);
  if (picked === 'address') return askAddress(title, place);
  if (typeof picked === 'object') {
    if (!isSource(picked)) return chooseEndpoint(endpoints, { ...question, known: { endpoint: picked.server } });
    // A server may be another one by now, or gone.
    return isEndpoint(picked) ? chooseEndpoint(endpoints, { ...question, known: picked }) : picked;
  }
  const gguf = await askGguf(l10n.t('{0}: GGUF file', title), l10n.t('Choose Model'), undefined, { [l10n.t('LoRA adapter of PEFT')]: PEFT_FILES });
  if (gguf === undefined) return BACK;
  const file: GgufSource = { gguf, lora: [] };
  const [facts] = await lookBeside(file, ({ gguf: path }, signal) => help.inspect([path], signal));
  if (facts?.isAdapter) return askBase(gguf, question, help);
  if (picked === 'file') return file;
  // Before the adapter is looked for.
  const refusal = await findRefusal(file, check);
  if (refusal !== null) {
    await tellRefusal(file, refusal);
    return BACK;
  }
  const path = await askAdapter(title, dirname(gguf));
  return path === undefined ? BACK : { gguf, lora: [{ path, scale: 1 }] };
}

/** An adapter was chosen for a model: it needs the model that it sits on, which may lie beside it. */
async function askBase(adapter: string, { title, place }: SourceQuestion, { inspect }: Pick<ModelHelp, 'inspect'>): Promise<Answer<ModelSource>> {
  const found = await lookBeside({ gguf: adapter, lora: [] }, ({ gguf }, signal) => findBases(gguf, inspect, signal));
  const lora = [{ path: adapter, scale: 1 }];
  const other: Choice<GgufSource | null> = { icon: 'file', label: l10n.t('Another file…'), value: null };
  const lines: ChoiceLine<GgufSource | null>[] = [
    ...(found.length > 0
      ? [separator<GgufSource | null>(l10n.t('beside it')), ...found.map((neighbour) => ({ ...describeNeighbour(neighbour), value: neighbour.source }))]
      : []),
    separator(l10n.t('or')),
    other,
  ];
  const placeholder = l10n.t('{0} is a LoRA adapter. Which base model is it for?', basename(adapter));
  const base = await askPick<GgufSource | null>({ title, place, placeholder, lines, active: undefined, canGoBack: true });
  if (base === BACK || base === CANCELLED) return base;
  if (base !== null) return { gguf: base.gguf, lora };
  const gguf = await askGguf(l10n.t('{0}: GGUF file', title), l10n.t('Choose Model'), dirname(adapter));
  return gguf === undefined ? BACK : { gguf, lora };
}

function describeNeighbour({ source, isNamed }: Neighbour): Choice<GgufSource> {
  const place = l10n.t('beside it: {0}', source.gguf);
  return { label: nameSource(source), description: isNamed ? l10n.t('named as its base; {0}', place) : place, value: source };
}

/** An adapter that PEFT saved is found by its weights or by its configuration. */
const PEFT_FILES = ['safetensors', 'json'];

async function askAdapter(title: string, folder: string): Promise<string | undefined> {
  return askGguf(l10n.t('{0}: LoRA adapter (GGUF, or adapter_model.safetensors of PEFT)', title), l10n.t('Choose Adapter'), folder, {}, [
    'gguf',
    ...PEFT_FILES,
  ]);
}

async function askGguf(
  title: string,
  openLabel: string,
  folder?: string,
  others: Record<string, string[]> = {},
  endings = ['gguf'],
): Promise<string | undefined> {
  const chosen = await window.showOpenDialog({
    title,
    openLabel,
    filters: { [endings.length === 1 ? 'GGUF' : l10n.t('LoRA adapter')]: endings, ...others },
    ...(folder !== undefined && { defaultUri: Uri.file(folder) }),
  });
  return chosen?.[0]?.fsPath;
}

async function askAddress(title: string, place: StepPlace): Promise<Answer<ModelSource>> {
  const address = await askText({
    title,
    place,
    prompt: l10n.t('Address of a GGUF model on Hugging Face'),
    placeholder: 'hf:user/repository:Q8_0',
    value: 'hf:',
    validate: (text) => (/^(hf|huggingface):[\w.-]+\/[\w.-]+([:/].+)?$/i.test(text) ? undefined : l10n.t('An address looks like hf:user/repository:Q8_0')),
  });
  return typeof address === 'string' ? { gguf: address, lora: [] } : address;
}
