/** Step 5: how many prefills, with what that takes. */
import { l10n } from 'vscode';
import type { Framing } from '../audit/framing.js';
import { AUDIT_SIZES, PLAN_DEFAULTS } from '../audit/plan.js';
import { askPick, askText, separator, type Choice, type ChoiceLine } from '../editor/ask.js';
import { DEFAULT_SIZE, type AuditChoices, type SizeChoice } from './choices.js';
import { BACK, CANCELLED, type Answer, type Step, type StepPlace } from '../editor/multi-step.js';
import type { RecentChoices } from './recent-choices.js';

type Partly = Partial<AuditChoices>;
type Picked = SizeChoice | 'custom';

type Known = Pick<AuditChoices, 'finetuned' | 'reference' | 'prefillSource' | 'noiseFloor'>;

/**
 * Tells what an audit of each size would take, each time it knows better, until the signal aborts.
 * @param framings those that every prefill will be continued in, as far as can be said before they are chosen
 */
export type EstimateSizes = (
  known: Known,
  framings: readonly Framing[],
  sizes: readonly SizeChoice[],
  tell: (size: SizeChoice, text: string) => void,
  signal: AbortSignal,
) => Promise<void>;

export function chooseSize(recent: RecentChoices, estimateSizes: EstimateSizes): Step<Partly> {
  return async (answers, before, place) => {
    const title = l10n.t('Size');
    const last = recent.last();
    const wanted = before?.size ?? last?.size;
    const sizes = listSizes(wanted);
    const custom: Choice<Picked> = {
      icon: 'settings',
      label: l10n.t('Custom…'),
      description: l10n.t('prefills, lengths, temperature'),
      value: 'custom',
    };
    const estimates = new Map<SizeChoice, string>();
    const makeLines = (): ChoiceLine<Picked>[] => [
      ...sizes.map((choice) => ({ ...choice, detail: estimates.get(choice.value) ?? l10n.t('estimating…') })),
      separator(l10n.t('your own')),
      custom,
    ];
    for (;;) {
      const lines = makeLines();
      const picked = await askPick<Picked>({
        title,
        place,
        placeholder: l10n.t('How many prefills are continued?'),
        lines,
        active: lines.find((line): line is Choice<Picked> => 'value' in line && !!wanted && isSameSize(line.value, wanted)),
        refresh: (show, signal) => {
          const tell = (size: SizeChoice, text: string) => {
            estimates.set(size, text);
            if (!signal.aborted) show(makeLines());
          };
          const framings = last?.framings ?? PLAN_DEFAULTS.framings;
          void estimateSizes(
            answers as Known,
            framings,
            sizes.map((choice) => choice.value),
            tell,
            signal,
          );
        },
      });
      if (picked === BACK || picked === CANCELLED) return picked;
      const size = picked === 'custom' ? await askCustom(wanted ?? { prefills: AUDIT_SIZES.quick, ...DEFAULT_SIZE }, title, place) : picked;
      if (size === CANCELLED) return CANCELLED;
      if (size !== BACK) return { ...answers, size };
    }
  };
}

function listSizes(last: SizeChoice | undefined): Choice<SizeChoice>[] {
  const prefills = (count: number) => l10n.t('{0} prefills', count.toLocaleString());
  const named: Choice<SizeChoice>[] = [
    { label: l10n.t('Quick'), description: prefills(AUDIT_SIZES.quick), value: { prefills: AUDIT_SIZES.quick, ...DEFAULT_SIZE } },
    { label: l10n.t('Standard'), description: prefills(AUDIT_SIZES.standard), value: { prefills: AUDIT_SIZES.standard, ...DEFAULT_SIZE } },
    { label: l10n.t("The paper's"), description: prefills(AUDIT_SIZES.paper), value: { prefills: AUDIT_SIZES.paper, ...DEFAULT_SIZE } },
  ];
  if (!last || named.some((choice) => isSameSize(choice.value, last))) return named;
  const description = l10n.t('{0}, {1} new tokens, temperature {2}', prefills(last.prefills), last.maxTokens, last.temperature);
  return [{ label: l10n.t('As last time'), description, value: last }, ...named];
}

function isSameSize(a: Picked, b: SizeChoice): boolean {
  return (
    typeof a === 'object' && a.prefills === b.prefills && a.maxTokens === b.maxTokens && a.prefillTokens === b.prefillTokens && a.temperature === b.temperature
  );
}

/** Going back from a later question asks the one before it. */
async function askCustom(start: SizeChoice, title: string, place: StepPlace): Promise<Answer<SizeChoice>> {
  const questions: { key: keyof SizeChoice; prompt: string; min: number; max: number; whole: boolean }[] = [
    { key: 'prefills', prompt: l10n.t('Prefills (1 to 1,000,000)'), min: 1, max: 1_000_000, whole: true },
    { key: 'maxTokens', prompt: l10n.t('New tokens per completion at most (1 to 4,096; the paper: 100)'), min: 1, max: 4096, whole: true },
    { key: 'prefillTokens', prompt: l10n.t('Tokens per prefill (1 to 64; the paper: 3)'), min: 1, max: 64, whole: true },
    { key: 'temperature', prompt: l10n.t('Temperature (0 to 2; the paper: 0, which is greedy)'), min: 0, max: 2, whole: false },
  ];
  let size = start;
  for (let index = 0; index < questions.length;) {
    const { key, prompt, min, max, whole } = questions[index]!;
    const text = await askText({
      title,
      place,
      prompt,
      value: String(size[key]),
      validate: (typed) => {
        const number = Number(typed);
        const fits = typed !== '' && number >= min && number <= max && (!whole || Number.isInteger(number));
        return fits ? undefined : whole ? l10n.t('A whole number from {0} to {1}', min, max) : l10n.t('A number from {0} to {1}', min, max);
      },
    });
    if (text === CANCELLED) return CANCELLED;
    if (text === BACK) {
      if (index === 0) return BACK;
      index--;
    } else {
      size = { ...size, [key]: Number(text) };
      index++;
    }
  }
  return size;
}
