/** The noise floor is a question of its own: what it suggests, remembers and refuses. */
import { beforeEach, expect, test, vi } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import type { ModelSource } from '../../../src/audit/plan.js';
import type { Choice, ChoiceLine, PickQuestion } from '../../../src/editor/ask.js';
import type { AuditChoices } from '../../../src/wizard/choices.js';
import { chooseNoiseFloor } from '../../../src/wizard/choose-noise-floor.js';
import { DEMO_REFERENCE, makeDemoSource } from '../../../src/wizard/demo-models.js';
import { BACK } from '../../../src/editor/multi-step.js';
import { RecentChoices } from '../../../src/wizard/recent-choices.js';
import type { Endpoints } from '../../../src/endpoints/endpoints.js';
import { MapMemory } from './map-memory.js';

const warnings: string[] = [];
/** Begins of the labels that are picked, one question after the other. */
const picks: (string | typeof BACK)[] = [];
const questions: string[][] = [];
/** Files that are chosen in the dialog. */
const chosen: ModelSource[] = [];

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])) },
  QuickPickItemKind: { Separator: -1 },
  ProgressLocation: { Notification: 15 },
  window: {
    showErrorMessage: async (text: string, { detail }: { detail: string }) => void warnings.push(`${text}: ${detail}`),
    showOpenDialog: async () => [{ fsPath: (chosen.shift() as { gguf: string }).gguf }],
    withProgress: (_options: unknown, task: () => Promise<unknown>) => task(),
  },
}));
// Reached by way of the questions about servers, which are not asked here.
vi.mock('../../../src/views/endpoint-report.js', () => ({}));
vi.mock('../../../src/editor/ask.js', () => ({
  separator: (label: string) => ({ label, kind: -1 }),
  askText: async () => BACK,
  askPick: async <T>({ lines, active }: PickQuestion<T>) => {
    const choices = lines.filter((line: ChoiceLine<T>): line is Choice<T> => 'value' in line);
    const show = ({ icon, label }: Choice<T>) => (icon === undefined ? label : `$(${icon}) ${label}`);
    questions.push(choices.map(show));
    const pick = picks.shift()!;
    if (pick === 'Enter') return active!.value;
    return pick === BACK ? BACK : choices.find((choice) => show(choice).startsWith(pick))!.value;
  },
}));

const model = (gguf: string): ModelSource => ({ gguf, lora: [] });
const known = { finetuned: model('/tuned.gguf'), reference: model('/base.Q8_0.gguf'), prefillSource: { corpus: ['/texts'] } };
const endpoints = { forbidden: false } as Endpoints;
let recent: RecentChoices;
const refused = new Map<string, string>();
const checked: string[] = [];

beforeEach(() => {
  recent = new RecentChoices(new MapMemory(), new MapMemory());
  for (const list of [warnings, picks, questions, checked]) list.length = 0;
  refused.clear();
});

async function choose(answers: Partial<AuditChoices>, before?: Partial<AuditChoices>): Promise<Partial<AuditChoices>> {
  const step = chooseNoiseFloor({
    recent,
    endpoints,
    inspect: async (paths) => paths.map(() => null),
    check: async ({ gguf }) => {
      checked.push(gguf);
      if (refused.has(gguf)) throw new AuditError('notGguf', refused.get(gguf)!);
    },
  });
  return (await step(answers, before, { step: 3, totalSteps: 6 })) as Partial<AuditChoices>;
}

test('Enter goes on without one', async () => {
  picks.push('Enter');
  expect(await choose(known)).toMatchObject({ noiseFloor: null });
});

test('another quantisation is chosen among the models that were used', async () => {
  await recent.rememberModels([model('/base.Q4_0.gguf'), known.reference, known.finetuned]);
  picks.push('base.Q4_0');
  expect(await choose(known)).toMatchObject({ noiseFloor: model('/base.Q4_0.gguf') });
  expect(questions[0]!.filter((label) => !label.startsWith('$('))).toEqual(['base.Q4_0']);
  expect(checked).toEqual(['/base.Q4_0.gguf']);
});

test('what was chosen for the same models is kept, and can be taken back', async () => {
  const noiseFloor = model('/base.Q4_0.gguf');
  picks.push('Enter', 'Enter', '$(close)');
  expect(await choose(known, { ...known, noiseFloor })).toMatchObject({ noiseFloor });
  expect(await choose({ ...known, reference: model('/other.gguf') }, { ...known, noiseFloor })).toMatchObject({ noiseFloor: null });
  expect(await choose(known, { ...known, noiseFloor })).toMatchObject({ noiseFloor: null });
});

test('a demonstration has the one that comes along, and still offers it where another was chosen', async () => {
  const demo = { ...known, finetuned: makeDemoSource('false-fact'), reference: DEMO_REFERENCE };
  picks.push('Enter', 'Enter');
  expect(await choose(demo)).toMatchObject({ noiseFloor: model('bundled:base-a.q8_0') });
  expect(await choose(demo, { ...demo, noiseFloor: model('/mine.gguf') })).toMatchObject({ noiseFloor: model('/mine.gguf') });
  expect(questions[1]).toEqual(expect.arrayContaining(['base-a.q8_0', 'mine']));
});

test('a file that cannot be used is refused with the reason, forgotten, and asked for again', async () => {
  await recent.rememberModels([model('/notes.gguf')]);
  refused.set('/notes.gguf', 'notes.gguf is not a GGUF file.');
  picks.push('notes', 'Enter');
  await recent.rememberModels([model('/notes.gguf'), model('/base.Q4_0.gguf')]);
  picks.splice(1, 1, '$(close)');
  expect(await choose(known)).toMatchObject({ noiseFloor: null });
  expect(warnings).toEqual(['notes cannot be used: notes.gguf is not a GGUF file.']);
  expect(recent.models()).toEqual([model('/base.Q4_0.gguf')]);
});

test('the reference itself is refused', async () => {
  picks.push('$(file)', '$(close)');
  chosen.push(known.reference);
  expect(await choose(known)).toMatchObject({ noiseFloor: null });
  expect(warnings).toEqual([expect.stringContaining('is the reference model itself')]);
});
