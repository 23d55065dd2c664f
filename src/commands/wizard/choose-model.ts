/** Steps 1 and 2: the finetuned model, and what it is compared with. */
import { dirname } from 'node:path';
import { l10n, Uri, window } from 'vscode';
import type { ModelSource } from '../../audit/plan.js';
import { askPick, askText, separator, type Choice, type ChoiceLine } from './ask.js';
import { isSameSource, nameSource, type AuditChoices } from './choices.js';
import { DEMO_NAMES, DEMO_OTHER_REFERENCE, DEMO_REFERENCE, isDemoSource, makeDemoSource, type DemoName } from './demo-models.js';
import { BACK, CANCELLED, type Answer, type Step, type StepPlace } from './multi-step.js';
import type { RecentChoices } from './recent-choices.js';

type Partly = Partial<AuditChoices>;
type Way = 'file' | 'adapter' | 'address';
type Picked = ModelSource | Way;

export function chooseFinetuned(recent: RecentChoices): Step<Partly> {
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
      ...listWays(),
    ];
    const wanted = before?.finetuned ?? recent.last()?.finetuned;
    const finetuned = await askModel(title, l10n.t('Which model do you want to audit?'), place, lines, wanted);
    return finetuned === BACK || finetuned === CANCELLED ? finetuned : { ...answers, finetuned };
  };
}

export function chooseReference(recent: RecentChoices): Step<Partly> {
  return async (answers, before, place) => {
    const finetuned = answers.finetuned!;
    const suggested = suggestReferences(finetuned);
    const isNew = (source: ModelSource) =>
      !isSameSource(source, finetuned) && !suggested.some((choice) => isSameSource(choice.value as ModelSource, source));
    const used = describeRecent(recent, isNew);
    const lines: ChoiceLine<Picked>[] = [
      ...(suggested.length > 0 ? [separator<Picked>(l10n.t('suggested')), ...suggested] : []),
      ...(used.length > 0 ? [separator<Picked>(l10n.t('recent')), ...used] : []),
      separator(l10n.t('another model')),
      ...listWays(),
    ];
    const last = recent.last();
    const wanted = before?.reference ?? (last && isSameSource(last.finetuned, finetuned) ? last.reference : undefined);
    const placeholder = l10n.t('Which trusted model is {0} compared with?', nameSource(finetuned));
    const reference = await askModel(l10n.t('Reference model'), placeholder, place, lines, wanted);
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
function suggestReferences(finetuned: ModelSource): Choice<Picked>[] {
  if (finetuned.lora.length > 0) {
    return [
      {
        label: l10n.t('{0} without the adapter', nameSource({ ...finetuned, lora: [] })),
        description: l10n.t('the base that it sits on; its weights are in memory once'),
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

function describeRecent(recent: RecentChoices, isWanted: (source: ModelSource) => boolean): Choice<Picked>[] {
  return recent
    .models()
    .filter((source) => !isDemoSource(source) && isWanted(source))
    .map((source) => ({
      label: nameSource(source),
      description: source.lora.length > 0 ? l10n.t('over {0}', source.gguf) : source.gguf,
      value: source,
    }));
}

function listWays(): Choice<Picked>[] {
  return [
    { label: l10n.t('$(file) GGUF file…'), value: 'file' },
    { label: l10n.t('$(layers) GGUF plus LoRA adapter…'), value: 'adapter' },
    { label: l10n.t('$(cloud-download) hf: address…'), description: l10n.t('downloaded after you confirm'), value: 'address' },
  ];
}

async function askModel(
  title: string,
  placeholder: string,
  place: StepPlace,
  lines: readonly ChoiceLine<Picked>[],
  wanted: ModelSource | undefined,
): Promise<Answer<ModelSource>> {
  const choices = lines.filter((line): line is Choice<Picked> => 'value' in line);
  let active = choices.find((choice) => wanted && typeof choice.value === 'object' && isSameSource(choice.value, wanted));
  for (;;) {
    const picked = await askPick<Picked>({ title, placeholder, place, lines, active: active ?? choices[0] });
    if (picked === BACK || picked === CANCELLED || typeof picked === 'object') return picked;
    const source = await findSource(picked, title, place);
    if (source) return source;
    active = choices.find((choice) => choice.value === picked);
  }
}

async function findSource(way: Way, title: string, place: StepPlace): Promise<ModelSource | undefined> {
  if (way === 'address') return askAddress(title, place);
  const gguf = await askGguf(l10n.t('{0}: GGUF file', title), l10n.t('Choose Model'));
  if (gguf === undefined) return undefined;
  if (way === 'file') return { gguf, lora: [] };
  const path = await askGguf(l10n.t('{0}: LoRA adapter (GGUF)', title), l10n.t('Choose Adapter'), dirname(gguf));
  return path === undefined ? undefined : { gguf, lora: [{ path, scale: 1 }] };
}

async function askGguf(title: string, openLabel: string, folder?: string): Promise<string | undefined> {
  const chosen = await window.showOpenDialog({
    title,
    openLabel,
    filters: { GGUF: ['gguf'] },
    ...(folder !== undefined && { defaultUri: Uri.file(folder) }),
  });
  return chosen?.[0]?.fsPath;
}

async function askAddress(title: string, place: StepPlace): Promise<ModelSource | undefined> {
  const address = await askText({
    title,
    place,
    prompt: l10n.t('Address of a GGUF model on Hugging Face'),
    placeholder: 'hf:user/repository:Q8_0',
    value: 'hf:',
    validate: (text) =>
      /^(hf|huggingface):[\w.-]+\/[\w.-]+([:/].+)?$/i.test(text) ? undefined : l10n.t('An address looks like hf:user/repository:Q8_0'),
  });
  return typeof address === 'string' ? { gguf: address, lora: [] } : undefined;
}
