/** Step 5: how the prefills are put before the models. */
import { l10n } from 'vscode';
import type { Framing } from '../audit/framing.js';
import { askPick, type Choice } from '../editor/ask.js';
import type { AuditChoices } from './choices.js';
import { listFramingChoices, type FramingChoice, type FramingRefusals } from './framing-choices.js';
import { BACK, CANCELLED, type Step } from '../editor/multi-step.js';
import type { RecentChoices } from './recent-choices.js';

type Partly = Partial<AuditChoices>;

/** What is not possible with these models, as far as it is known before they are loaded. */
export type FindFramingRefusals = (models: Pick<AuditChoices, 'finetuned' | 'reference'>, signal: AbortSignal) => Promise<FramingRefusals>;

export function chooseFramings(recent: RecentChoices, findRefusals: FindFramingRefusals): Step<Partly> {
  return async (answers, before, place) => {
    const { finetuned, reference } = answers as AuditChoices;
    const wanted = before?.framings ?? recent.last()?.framings;
    // Of a server it is known already; a file is looked into while the question is open.
    const lines = listFramingChoices({}).map(describeChoice);
    const isWanted = (choice: Choice<readonly Framing[]>) => !choice.refusal && choice.value.join() === wanted?.join();
    const framings = await askPick<readonly Framing[]>({
      title: l10n.t('Framings'),
      place,
      placeholder: l10n.t('How are the prefills put before the models?'),
      lines,
      active: lines.find(isWanted),
      refresh: (show, signal) =>
        void findRefusals({ finetuned, reference }, signal).then(
          (refusals) => Object.keys(refusals).length > 0 && !signal.aborted && show(listFramingChoices(refusals).map(describeChoice)),
          () => undefined,
        ),
    });
    return framings === BACK || framings === CANCELLED ? framings : { ...answers, framings };
  };
}

function describeChoice({ framings, refusal }: FramingChoice): Choice<readonly Framing[]> {
  const { label, detail } = nameChoice(framings);
  return refusal === undefined ? { label, detail, value: framings } : { label, detail: refusal, value: framings, refusal };
}

function nameChoice(framings: readonly Framing[]): { readonly label: string; readonly detail: string } {
  switch (framings.join('+')) {
    case 'raw':
      return { label: l10n.t('Raw'), detail: l10n.t('the prefill alone, as the start of a document') };
    case 'chat':
      return { label: l10n.t('Chat'), detail: l10n.t("the prefill as the start of the assistant's answer, in the model's own template") };
    case 'ask':
      return { label: l10n.t('Ask'), detail: l10n.t("the user's turn asks for a continuation; for servers that cannot continue an assistant's turn") };
    case 'dialogue':
      return {
        label: l10n.t('Dialogue'),
        detail: l10n.t("the prefill as the start of the user's question, which the model finishes and answers: shows what an answer is triggered by"),
      };
    case 'raw+chat+dialogue':
      return {
        label: l10n.t('Raw, chat and dialogue'),
        detail: l10n.t('the most ways to show; twice the time of raw and chat, as a dialogue is a question and an answer'),
      };
    case 'raw+ask':
      return { label: l10n.t('Raw and ask'), detail: l10n.t('many objectives show in only one of them') };
    default:
      return { label: l10n.t('Both'), detail: l10n.t('many objectives show in only one of them') };
  }
}
