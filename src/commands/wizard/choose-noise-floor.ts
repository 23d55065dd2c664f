/** Which model measures the noise floor: asked only where the user wants one. */
import { l10n, window } from 'vscode';
import type { ModelSource } from '../../audit/plan.js';
import type { Endpoints } from '../endpoints/endpoints.js';
import { separator, type Choice, type ChoiceLine } from './ask.js';
import { findDemoNoiseFloor, isSameSource, nameSource, type AuditChoices } from './choices.js';
import { askModel, describeRecent, listWays, type Picked } from './choose-model.js';
import { BACK, CANCELLED, type Answer, type StepPlace } from './multi-step.js';
import type { RecentChoices } from './recent-choices.js';

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

/** The lines about it in another question. */
export function listNoiseFloorLines(reference: ModelSource, noise: ModelSource | null): Choice<'noise' | 'noNoise'>[] {
  const choose: Choice<'noise'> = {
    label: noise === null ? l10n.t('$(pulse) Noise floor…') : l10n.t('$(pulse) Noise floor: {0}', nameSource(noise)),
    description: l10n.t('another quantisation of {0}: how large scores are between models that ought to be the same', nameSource(reference)),
    value: 'noise',
  };
  return noise === null ? [choose] : [choose, { label: l10n.t('$(close) No noise floor'), value: 'noNoise' }];
}

export interface NoiseFloorQuestion extends Models {
  readonly place: StepPlace;
  readonly wanted: ModelSource | null;
}

/** BACK where the user wants none after all. */
export async function askNoiseModel({ finetuned, reference, place, wanted }: NoiseFloorQuestion, recent: RecentChoices, endpoints: Endpoints): Promise<Answer<ModelSource>> {
  const used = describeRecent(recent, (source) => !isSameSource(source, finetuned) && !isSameSource(source, reference));
  const lines: ChoiceLine<Picked>[] = [
    ...(used.length > 0 ? [separator<Picked>(l10n.t('recent')), ...used] : []),
    separator(l10n.t('another model')),
    ...listWays(endpoints),
  ];
  const title = l10n.t('Noise floor');
  const placeholder = l10n.t('Which other quantisation of {0} measures the noise floor?', nameSource(reference));
  for (;;) {
    // It scores what the reference writes, as a reference does.
    const model = await askModel({ title, placeholder, place, role: 'reference', lines, wanted: wanted ?? undefined, canGoBack: true }, endpoints);
    if (model === BACK || model === CANCELLED || !isSameSource(model, reference)) return model;
    void window.showWarningMessage(l10n.t('{0} is the reference model itself: its noise floor would be nothing.', nameSource(model)));
  }
}
