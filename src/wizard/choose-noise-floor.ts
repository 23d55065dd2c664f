/** Asks whether a noise floor is measured, and which model measures it. */
import { l10n } from 'vscode';
import type { ModelSource } from '../audit/plan.js';
import { askPick, separator, type Choice, type ChoiceLine } from '../editor/ask.js';
import { findDemoNoiseFloor, isSameSource, nameSource, type AuditChoices } from './choices.js';
import { lookBeside, tellRefusal } from './check-files.js';
import { describeRecent, isSource, listWays, takePicked, type ModelHelp, type Picked } from './choose-model.js';
import { findQuantisations } from './files-beside.js';
import { BACK, CANCELLED, type Step } from '../editor/multi-step.js';

type Models = Pick<AuditChoices, 'finetuned' | 'reference'>;
type Chosen = Models & Pick<AuditChoices, 'noiseFloor'>;

/** What was chosen for the same models; else what comes along with a demonstration; `null` for none. */
export function findNoiseFloor({ finetuned, reference }: Models, former: readonly (Partial<Chosen> | undefined)[]): ModelSource | null {
  for (const choices of former) {
    if (!choices?.finetuned || !choices.reference || choices.noiseFloor === undefined) continue;
    if (isSameSource(choices.finetuned, finetuned) && isSameSource(choices.reference, reference)) return choices.noiseFloor;
  }
  return findDemoNoiseFloor({ finetuned, reference })?.model ?? null;
}

/** What is picked for none. */
const NONE = 'none';
type NoisePicked = Picked | typeof NONE;

/** Step 3: asked on its own, so that it is no answer to another question; none is the first answer unless there is a known one. */
export function chooseNoiseFloor(help: ModelHelp): Step<Partial<AuditChoices>> {
  const { recent, endpoints, inspect } = help;
  return async (answers, before, place) => {
    const models = { finetuned: answers.finetuned!, reference: answers.reference! };
    const { finetuned, reference } = models;
    const wanted = findNoiseFloor(models, [before, recent.last()]);
    const ofDemo = findDemoNoiseFloor(models)?.model;
    const beside = await lookBeside(reference, (source, signal) => findQuantisations(source, inspect, signal));
    const sources = [...(ofDemo ? [ofDemo] : []), ...beside];
    const isNew = (source: ModelSource, others: readonly ModelSource[]) => ![finetuned, reference, ...others].some((other) => isSameSource(source, other));
    const known = [...sources, ...(wanted && isNew(wanted, sources) ? [wanted] : [])];
    const used = describeRecent(recent, (source) => isNew(source, known));
    const none: Choice<NoisePicked> = { icon: 'close', label: l10n.t('No noise floor'), description: l10n.t('scores are shown as they are'), value: NONE };
    const suggested = known.map((source): Choice<NoisePicked> => ({
      label: nameSource(source),
      description: l10n.t('another quantisation of {0}: how large scores are between models that ought to be the same', nameSource(reference)),
      value: source,
    }));
    const lines: ChoiceLine<NoisePicked>[] = [
      ...(wanted ? [] : [none]),
      ...(suggested.length > 0 ? [separator<NoisePicked>(l10n.t('suggested')), ...suggested] : []),
      ...(wanted ? [none] : []),
      ...(used.length > 0 ? [separator<NoisePicked>(l10n.t('recent')), ...used] : []),
      separator(l10n.t('another model')),
      ...listWays(endpoints),
    ];
    const title = l10n.t('Noise floor');
    const placeholder = l10n.t('Is noise measured, with another quantisation of {0}?', nameSource(reference));
    let active = lines.find(
      (line): line is Choice<NoisePicked> =>
        'value' in line && (wanted ? typeof line.value === 'object' && isSource(line.value) && isSameSource(line.value, wanted) : line.value === NONE),
    );
    for (;;) {
      const picked = await askPick<NoisePicked>({ title, place, placeholder, lines, active });
      if (picked === BACK || picked === CANCELLED) return picked;
      if (picked === NONE) return { ...answers, noiseFloor: null };
      // It scores what the reference writes, as a reference does.
      const model = await takePicked(picked, { title, place, role: 'reference', canGoBack: true }, help);
      if (model === CANCELLED) return CANCELLED;
      active = lines.find((line): line is Choice<NoisePicked> => 'value' in line && line.value === picked);
      if (model === BACK) continue;
      if (!isSameSource(model, reference)) return { ...answers, noiseFloor: model };
      await tellRefusal(model, l10n.t('{0} is the reference model itself: its noise floor would be zero.', nameSource(model)));
    }
  };
}
