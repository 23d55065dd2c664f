/** Step 5: how the prefills are put before the models. */
import { l10n } from 'vscode';
import type { Framing } from '../../audit/framing.js';
import type { ModelSource } from '../../audit/plan.js';
import { askPick, type Choice } from './ask.js';
import { nameSource, type AuditChoices } from './choices.js';
import { BACK, CANCELLED, type Step } from './multi-step.js';
import type { RecentChoices } from './recent-choices.js';

type Partly = Partial<AuditChoices>;

/** Whether a model brings a chat template; undefined where that is not known before it is loaded. */
export type FindChatTemplate = (source: ModelSource, signal: AbortSignal) => Promise<boolean | undefined>;

export function chooseFramings(recent: RecentChoices, findChatTemplate: FindChatTemplate): Step<Partly> {
  return async (answers, before, place) => {
    const finetuned = answers.finetuned!;
    const wanted = before?.framings ?? recent.last()?.framings;
    const list = (hasTemplate: boolean | undefined) => listFramings(hasTemplate === false ? nameSource(finetuned) : undefined);
    const lines = list(undefined);
    const isWanted = (choice: Choice<readonly Framing[]>) => choice.value.join() === wanted?.join();
    const framings = await askPick<readonly Framing[]>({
      title: l10n.t('Framings'),
      place,
      placeholder: l10n.t('How are the prefills put before the models?'),
      lines,
      active: lines.find(isWanted),
      refresh: (show, signal) =>
        void findChatTemplate(finetuned, signal).then(
          (hasTemplate) => hasTemplate === false && !signal.aborted && show(list(hasTemplate)),
          () => undefined,
        ),
    });
    return framings === BACK || framings === CANCELLED ? framings : { ...answers, framings };
  };
}

/** @param withoutTemplate name of the model that has no chat template */
function listFramings(withoutTemplate: string | undefined): Choice<readonly Framing[]>[] {
  const refusal = withoutTemplate && l10n.t('{0} has no chat template: choose raw', withoutTemplate);
  const unlessRefused = (label: string, detail: string, value: readonly Framing[]): Choice<readonly Framing[]> =>
    refusal ? { label, detail: refusal, value, refusal } : { label, detail, value };
  const both = unlessRefused(l10n.t('Both'), l10n.t('many objectives show in only one of them'), ['raw', 'chat']);
  const raw: Choice<readonly Framing[]> = {
    label: l10n.t('Raw'),
    detail: l10n.t('the prefill alone, as the start of a document'),
    value: ['raw'],
  };
  const chat = unlessRefused(l10n.t('Chat'), l10n.t("the prefill as the start of the assistant's answer, in the model's own template"), ['chat']);
  return refusal ? [raw, both, chat] : [both, raw, chat];
}
