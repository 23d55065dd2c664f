/** The size question, and the noise floor that can be chosen in it. */
import { beforeEach, expect, test, vi } from 'vitest';
import type { ModelSource } from '../../../src/audit/plan.js';
import type { Choice, ChoiceLine, PickQuestion } from '../../../src/commands/wizard/ask.js';
import type { AuditChoices } from '../../../src/commands/wizard/choices.js';
import { chooseSize } from '../../../src/commands/wizard/choose-size.js';
import { DEMO_REFERENCE, makeDemoSource } from '../../../src/commands/wizard/demo-models.js';
import { BACK } from '../../../src/commands/wizard/multi-step.js';
import { RecentChoices } from '../../../src/commands/wizard/recent-choices.js';
import type { Endpoints } from '../../../src/commands/endpoints/endpoints.js';
import { MapMemory } from './map-memory.js';

const warnings: string[] = [];
/** Begins of the labels that are picked, one question after the other. */
const picks: (string | typeof BACK)[] = [];
const questions: string[][] = [];

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])) },
  QuickPickItemKind: { Separator: -1 },
  window: { showWarningMessage: async (text: string) => void warnings.push(text) },
}));
// Reached by way of the questions about servers, which are not asked here.
vi.mock('../../../src/views/endpoint-report.js', () => ({}));
vi.mock('../../../src/commands/wizard/ask.js', () => ({
  separator: (label: string) => ({ label, kind: -1 }),
  askText: async () => BACK,
  askPick: async <T>({ lines, refresh }: PickQuestion<T>) => {
    refresh?.(() => undefined, new AbortController().signal);
    const choices = lines.filter((line: ChoiceLine<T>): line is Choice<T> => 'value' in line);
    questions.push(choices.map(({ label }) => label));
    const pick = picks.shift()!;
    return pick === BACK ? BACK : choices.find(({ label }) => label.startsWith(pick))!.value;
  },
}));

const model = (gguf: string): ModelSource => ({ gguf, lora: [] });
const known = { finetuned: model('/tuned.gguf'), reference: model('/base.Q8_0.gguf'), prefillSource: { corpus: ['/texts'] } };
const endpoints = { forbidden: false } as Endpoints;
let recent: RecentChoices;
const estimated: (ModelSource | null | undefined)[] = [];

beforeEach(() => {
  recent = new RecentChoices(new MapMemory(), new MapMemory());
  for (const list of [warnings, picks, questions, estimated]) list.length = 0;
});

async function choose(answers: Partial<AuditChoices>, before?: Partial<AuditChoices>): Promise<Partial<AuditChoices>> {
  const step = chooseSize(recent, async ({ noiseFloor }) => void estimated.push(noiseFloor), endpoints);
  return (await step(answers, before, { step: 4, totalSteps: 5 })) as Partial<AuditChoices>;
}

test('Enter takes a size, without a noise floor', async () => {
  picks.push('Quick');
  expect(await choose(known)).toMatchObject({ size: { prefills: 200 }, noiseFloor: null });
  expect(questions[0]!.at(-1)).toBe('$(pulse) Noise floor…');
});

test('another quantisation is chosen among the models that were used, and the size is asked for again', async () => {
  await recent.rememberModels([model('/base.Q4_0.gguf'), known.reference, known.finetuned]);
  picks.push('$(pulse)', 'base.Q4_0', 'Standard');
  expect(await choose(known)).toMatchObject({ size: { prefills: 1000 }, noiseFloor: model('/base.Q4_0.gguf') });
  expect(questions[1]!.filter((label) => !label.startsWith('$('))).toEqual(['base.Q4_0']);
  expect(questions[2]).toEqual(expect.arrayContaining(['$(pulse) Noise floor: base.Q4_0', '$(close) No noise floor']));
  expect(estimated).toEqual([null, model('/base.Q4_0.gguf')]);
});

test('what was chosen for the same models is kept, and can be taken back', async () => {
  const noiseFloor = model('/base.Q4_0.gguf');
  picks.push('Quick', 'Quick', '$(close)', 'Quick');
  expect(await choose(known, { ...known, noiseFloor })).toMatchObject({ noiseFloor });
  expect(await choose({ ...known, reference: model('/other.gguf') }, { ...known, noiseFloor })).toMatchObject({ noiseFloor: null });
  expect(await choose(known, { ...known, noiseFloor })).toMatchObject({ noiseFloor: null });
});

test('going back from the models leads to the size again', async () => {
  picks.push('$(pulse)', BACK, 'Quick');
  expect(await choose(known)).toMatchObject({ noiseFloor: null });
});

test('a demonstration has the one that comes along', async () => {
  picks.push('Quick');
  expect(await choose({ ...known, finetuned: makeDemoSource('false-fact'), reference: DEMO_REFERENCE })).toMatchObject({ noiseFloor: model('bundled:base-a.q8_0') });
});
