/** Divergence within a run, with models of bigrams, whose distributions are summed here once more. */
import { describe, expect, it } from 'vitest';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { AuditSetup } from '../../../src/audit/events.js';
import { LOWEST_LOGPROB } from '../../../src/audit/logprob.js';
import { runAudit } from '../../../src/audit/run-audit.js';
import { catchError, createFinetuned, createPlan, createReference, OPENINGS, setUp } from './models.js';
import { ASSISTANT, type NgramModel } from './ngram-model.js';

const PLAN = createPlan({ framings: ['raw', 'chat', 'dialogue'], system: '', divergence: true, maxTokens: 10 });
const answers = ['The town is old', 'The town is old'];
const round = (value: number): number => Math.round(value * 1e5) / 1e5;

async function run({
  finetuned = createFinetuned({ answers }),
  reference = createReference({ answers }),
  change = (setup) => setup,
}: { finetuned?: NgramModel; reference?: NgramModel; change?: (setup: AuditSetup) => AuditSetup } = {}): Promise<MeasuredRecord[]> {
  const setup = change(await setUp(PLAN, finetuned, reference, OPENINGS.slice(0, 5)));
  const records: MeasuredRecord[] = [];
  const { signal } = new AbortController();
  for await (const event of runAudit({ plan: PLAN, setup, finetuned, reference, done: new Set(), signal }))
    if (event.type === 'completion') records.push(event.record);
  return records;
}

/** KL of what two models expect after a token. */
function divergenceAfter(previous: number, a: NgramModel, b: NgramModel): number {
  let sum = 0;
  for (let id = 0; id < a.identity.vocabularySize; id++) sum += Math.exp(a.logprob(previous, id)) * (a.logprob(previous, id) - b.logprob(previous, id));
  return sum;
}

describe('divergence', () => {
  it('is measured in both directions before each token of a completion, the template’s turn of a dialogue left out', async () => {
    const [finetuned, reference] = [createFinetuned({ answers }), createReference({ answers })];
    const records = await run({ finetuned, reference });
    expect(records).toHaveLength(15);
    expect(records.some(({ turn, tokens }) => turn && turn.at < tokens.length)).toBe(true);
    for (const { prefill, tokens, turn, divergence } of records) {
      if (tokens.length === 0) {
        expect(divergence).toBeUndefined();
        continue;
      }
      const before = tokens.map((_, index) => (index === turn?.at ? ASSISTANT : (tokens[index - 1] ?? prefill.pieces.at(-1)!).id));
      expect(divergence!.forward).toEqual(before.map((previous) => round(divergenceAfter(previous, finetuned, reference))));
      expect(divergence!.backward).toEqual(before.map((previous) => round(divergenceAfter(previous, reference, finetuned))));
    }
  });

  it('has the bounds of a journalled logprob: nothing below 0, and the lowest logprob where one model excludes what the other says', async () => {
    const finetuned = createFinetuned({ answers });
    const divergence = finetuned.divergence.bind(finetuned);
    finetuned.divergence = async function* (...args) {
      for await (const { id, positions } of divergence(...args))
        yield { id, positions: positions.map((one) => ({ ...one, forward: -1e-9, backward: Infinity })) };
    };
    const measured = (await run({ finetuned })).filter((record) => record.divergence);
    expect(measured.length).toBeGreaterThan(5);
    for (const record of measured) {
      expect(new Set(record.divergence!.forward)).toEqual(new Set([0]));
      expect(new Set(record.divergence!.backward)).toEqual(new Set([-LOWEST_LOGPROB]));
    }
  });

  it('is not asked for where the two models are given other ids, and of the others as before', async () => {
    const id = createFinetuned().encode(' old')[0]!;
    const calls: number[] = [];
    const finetuned = createFinetuned({ answers });
    const records = await run({ finetuned, change: (setup) => ({ ...setup, unlikeIds: [[id, id + 1]] }) });
    for (const call of finetuned.calls) if (call.kind === 'divergence') calls.push(...call.ids);
    const unlike = records.filter(({ prefill, tokens }) => [...prefill.pieces, ...tokens].some((piece) => piece.id === id));
    expect(unlike.length).toBeGreaterThan(0);
    for (const record of records) {
      const expected = record.tokens.length > 0 && !unlike.includes(record);
      expect([record.id, record.divergence !== undefined, calls.includes(record.id)]).toEqual([record.id, expected, expected]);
    }
  });

  it('is not asked for where the reference is given a frame or a turn of its own', async () => {
    for (const part of ['tokens', 'reply'] as const) {
      const records = await run({
        change: (setup) => {
          const pair = setup.frames.dialogue!;
          const reference =
            part === 'tokens' ? { ...pair.reference, tokens: [...pair.reference.tokens, 9] } : { ...pair.reference, reply: { tokens: [9], text: '' } };
          return { ...setup, frames: { ...setup.frames, dialogue: { ...pair, reference } } };
        },
      });
      const whole = records.filter(({ framing, turn }) => framing === 'dialogue' && (part === 'tokens' || turn));
      expect(whole.length).toBeGreaterThan(2);
      for (const { divergence } of whole) expect(divergence).toBeUndefined();
      for (const { framing, tokens, divergence } of records) if (framing !== 'dialogue') expect(divergence !== undefined).toBe(tokens.length > 0);
    }
  });

  it('ends the audit where an answer cannot be used: none, of another length, set aside, not a number', async () => {
    const cases: [string, (positions: readonly unknown[]) => object | null][] = [
      ['gave no complete answer', () => null],
      ['gave no complete answer', (positions) => ({ positions: positions.slice(1) })],
      ['gave no complete answer', () => ({ setAside: 'too long' })],
      ['is not a number', (positions) => ({ positions: positions.map((one) => ({ ...(one as object), backward: NaN })) })],
      ['is not a number', (positions) => ({ positions: positions.map((one) => ({ ...(one as object), forward: NaN })) })],
    ];
    for (const [message, answer] of cases) {
      const finetuned = createFinetuned({ answers });
      const divergence = finetuned.divergence.bind(finetuned);
      finetuned.divergence = async function* (...args) {
        for await (const { id, positions } of divergence(...args)) {
          const changed = id === 1 ? answer(positions) : { positions };
          if (changed) yield { id, ...changed } as never;
        }
      };
      const error = await catchError(run({ finetuned }));
      expect(error).toMatchObject({ code: 'internal', message: expect.stringMatching(/completion 1\b/) });
      expect(error.message).toContain(message);
    }
  });

  it('is refused where the model gives no distributions', async () => {
    const finetuned = createFinetuned({ answers });
    Object.assign(finetuned, { divergence: undefined });
    expect(await catchError(run({ finetuned }))).toMatchObject({ code: 'cannotScore', message: expect.stringContaining('tuned gives no distributions') });
  });
});
