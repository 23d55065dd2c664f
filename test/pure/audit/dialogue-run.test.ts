/** The dialogue framing with models of bigrams: what follows what is known of every token, so that each number has one right value. */
import { describe, expect, it } from 'vitest';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { AuditEvent, AuditSetup } from '../../../src/audit/events.js';
import type { GeneratedCompletion, Piece, SetAside } from '../../../src/audit/language-model.js';
import { runAudit } from '../../../src/audit/run-audit.js';
import { cutQuestion } from '../../../src/audit/wave/write-answers.js';
import { textOfTokens } from '../../../src/text/utf8.js';
import * as models from './models.js';
import { catchError, createPlan, OPENINGS, setUp } from './models.js';
import { ASSISTANT, BOS, END, NgramModel, USER, type NgramOptions } from './ngram-model.js';

const signal = new AbortController().signal;
const PLAN = createPlan({ framings: ['dialogue'], system: '', maxTokens: 20 });
const answers = ['The town is old', 'The town is old'];
const createFinetuned = (options: Partial<NgramOptions> = {}): NgramModel => models.createFinetuned({ answers, ...options });
const createReference = (options: Partial<NgramOptions> = {}): NgramModel => models.createReference({ answers, ...options });
const createForeignReference = (options: Partial<NgramOptions> = {}): NgramModel => models.createForeignReference({ answers, ...options });
const round = (value: number): number => Math.round(value * 1e5) / 1e5;
const idsOf = (pieces: readonly Piece[]): number[] => pieces.map(({ id }) => id);

async function run({
  finetuned = createFinetuned(),
  reference = createReference(),
  plan = PLAN,
  change = (setup) => setup,
  openings = OPENINGS,
}: {
  finetuned?: NgramModel;
  reference?: NgramModel;
  plan?: typeof PLAN;
  change?: (setup: AuditSetup) => AuditSetup;
  openings?: readonly string[];
} = {}): Promise<{ records: MeasuredRecord[]; events: AuditEvent[]; finetuned: NgramModel; reference: NgramModel }> {
  const setup = change(await setUp(plan, finetuned, reference, openings));
  const events: AuditEvent[] = [];
  for await (const event of runAudit({ plan, setup, finetuned, reference, done: new Set(), signal })) events.push(event);
  return { records: events.flatMap((event) => (event.type === 'completion' ? [event.record] : [])), events, finetuned, reference };
}

/** Logprobs of ids of which each follows the one before, the first `before`. */
function chain(model: NgramModel, before: number, ids: readonly number[]): number[] {
  return ids.map((next, index) => round(model.logprob(ids[index - 1] ?? before, next)));
}

/** Each part of a dialogue behind what stands before it: the question behind its prefill, the answer behind the template's turn. */
function expected(model: NgramModel, { prefill, tokens, turn }: MeasuredRecord): number[] {
  const at = turn?.at ?? tokens.length;
  const ids = idsOf(tokens);
  return [...chain(model, prefill.pieces.at(-1)!.id, ids.slice(0, at)), ...chain(model, ASSISTANT, ids.slice(at))];
}

function ownTokens({ reference }: MeasuredRecord): readonly Piece[] {
  if (reference?.kind !== 'ownTokens') throw new Error('It has no tokens of R.');
  return reference.tokens;
}

/** F, writing that many tokens whatever it is asked for. */
function writing(maxTokens: number): NgramModel {
  const model = createFinetuned();
  const generate = model.generate.bind(model);
  model.generate = (wave, options) =>
    generate(
      wave.map((request) => ({ ...request, maxTokens })),
      options,
    );
  return model;
}

/** A model whose answers a test may change, set aside or leave out (`null`). */
class Scripted extends NgramModel {
  script: (answer: GeneratedCompletion, part: 'question' | 'answer') => GeneratedCompletion | SetAside | null = (answer) => answer;

  override async *generate(...[wave, options]: Parameters<NgramModel['generate']>): AsyncGenerator<GeneratedCompletion> {
    const part = wave.some(({ prompt }) => prompt.includes(ASSISTANT)) ? 'answer' : 'question';
    for await (const answer of super.generate(wave, options)) {
      const changed = this.script(answer, part);
      if (changed) yield changed as GeneratedCompletion;
    }
  }
}

function scripted(script: Scripted['script']): Scripted {
  const model = new Scripted({ name: 'tuned', longTokens: [' is', ' old', 'The', ' town'], training: ['The town is old', 'The town is old'], answers });
  model.script = script;
  return model;
}

const base = (): NgramModel => new NgramModel({ name: 'base', longTokens: [' is', ' old', 'The', ' town'], training: ['The town is old'], answers });

describe('a dialogue', () => {
  it('is a question and its answer, each token behind all that stands before it, by both models', async () => {
    const { records, finetuned, reference } = await run();
    expect(records).toHaveLength(OPENINGS.length);
    const whole = records.filter(({ turn }) => turn !== undefined);
    expect(whole.length).toBeGreaterThan(3);
    for (const record of records) {
      expect(record.logprobsFinetuned).toEqual(expected(finetuned, record));
      expect(record.reference).toEqual(record.tokens.length === 0 ? null : { kind: 'sameTokens', logprobs: expected(reference, record) });
    }
    for (const { turn, tokens } of whole) {
      expect(idsOf(turn!.pieces)).toEqual([END, ASSISTANT]);
      expect(turn!.at).toBeLessThanOrEqual(PLAN.maxTokens);
      expect(tokens.length).toBeGreaterThan(turn!.at);
    }
  });

  it('is asked for in two waves, the second with frame, prefill, question and the template’s turn, under a seed of its own', async () => {
    const { records, finetuned } = await run();
    const [questions, answers] = finetuned.calls.filter(({ kind }) => kind === 'generate');
    expect(questions!.prompts).toEqual(records.slice(0, 4).map(({ prefill }) => [BOS, USER, ...idsOf(prefill.pieces)]));
    const whole = records.slice(0, 4).filter(({ turn }) => turn !== undefined);
    expect(answers!.ids).toEqual(whole.map(({ id }) => id));
    expect(answers!.prompts).toEqual(
      whole.map(({ prefill, tokens, turn }) => [BOS, USER, ...idsOf(prefill.pieces), ...idsOf(tokens.slice(0, turn!.at)), END, ASSISTANT]),
    );
  });

  it('gives a server the answer’s prompt in its parts: all before it is the frame', async () => {
    const frames: { text: string; tokens: readonly number[]; prefill: number; reply: unknown; seed: number }[] = [];
    const finetuned = createFinetuned();
    const generate = finetuned.generate.bind(finetuned);
    finetuned.generate = (wave, options) => {
      for (const { parts, seed } of wave)
        frames.push({ text: parts!.frame.text, tokens: parts!.frame.tokens, prefill: parts!.prefill.length, reply: parts!.frame.reply, seed });
      return generate(wave, options);
    };
    const { records } = await run({ finetuned, openings: ['The old'] });
    const { prefill, tokens, turn } = records[0]!;
    expect(turn).toBeDefined();
    const [question, answer] = frames;
    expect(question!.prefill).toBe(prefill.pieces.length);
    expect(answer!.prefill).toBe(0);
    expect(answer!.text).toBe(`<bos><user>${textOfTokens(prefill.pieces)}${textOfTokens(tokens.slice(0, turn!.at))}<end><assistant>`);
    expect(answer!.tokens).toEqual([BOS, USER, ...idsOf(prefill.pieces), ...idsOf(tokens.slice(0, turn!.at)), END, ASSISTANT]);
    expect(answer!.reply).toBeUndefined();
    expect(answer!.seed).not.toBe(question!.seed);
  });

  it('stays a question where the writer did not end it', async () => {
    const { records } = await run({ plan: { ...PLAN, maxTokens: 1 } });
    const open = records.filter(({ turn }) => turn === undefined);
    expect(open.length).toBeGreaterThan(3);
    for (const { tokens, end, logprobsFinetuned } of open) {
      expect([tokens.length, logprobsFinetuned.length]).toEqual([1, 1]);
      expect(end).toBeNull();
    }
  });

  it('has F’s logprobs from the forward pass too, over both parts', async () => {
    const { records, finetuned } = await run({ plan: { ...PLAN, finetunedLogprobs: 'forward' } });
    expect(records.some(({ turn }) => turn !== undefined)).toBe(true);
    for (const record of records) expect(record.logprobsFinetuned).toEqual(expected(finetuned, record));
  });

  it('is scored by R’s own tokens where the tokenizers differ: the question’s, then the answer’s behind R’s own turn', async () => {
    const { records, reference } = await run({ reference: createForeignReference() });
    const whole = records.filter(({ turn }) => turn !== undefined);
    expect(whole.length).toBeGreaterThan(3);
    for (const { prefill, tokens, turn, reference: scoring } of whole) {
      if (scoring?.kind !== 'ownTokens') throw new Error('It has no tokens of R.');
      const question = reference.encode(textOfTokens(prefill.pieces) + textOfTokens(tokens.slice(0, turn!.at)));
      const answer = reference.encode(textOfTokens(tokens.slice(turn!.at)));
      const own = idsOf(scoring.tokens);
      const ofQuestion = own.slice(0, own.length - answer.length);
      expect(own.slice(ofQuestion.length)).toEqual(answer);
      expect(question.slice(question.length - ofQuestion.length)).toEqual(ofQuestion);
      const before = question.at(-ofQuestion.length - 1) ?? USER;
      expect(scoring.logprobs).toEqual([...chain(reference, before, ofQuestion), ...chain(reference, ASSISTANT, answer)]);
      // The two are cut where the template's turn stands, which has no bytes of the text.
      const at = textOfTokens(tokens.slice(0, turn!.at)).length;
      expect(scoring.cuts).toEqual([[at, at]]);
    }
  });

  it('gives R no more than its context holds, the template’s turn counted', async () => {
    const openings = ['The old'];
    const { records, reference } = await run({ reference: createForeignReference(), openings });
    const whole = ownTokens(records[0]!);
    const [prompt, continuation] = (({ prompts, continuations }) => [prompts[0]!, continuations[0]!])(reference.calls.find(({ kind }) => kind === 'score')!);
    expect(continuation).toHaveLength(whole.length + 2);
    for (const left of [0, 1, 3]) {
      const short = createForeignReference({ contextLength: prompt.length + continuation.length - left });
      // The plan is made for less, so that preparing finds room for it.
      const changed = await run({ reference: short, openings, plan: { ...PLAN, maxTokens: 8 }, finetuned: writing(20) });
      expect(ownTokens(changed.records[0]!)).toEqual(whole.slice(0, whole.length - left));
    }
  });
});

describe('a dialogue that cannot be had', () => {
  it('is set aside where the server set its question or its answer aside', async () => {
    for (const part of ['question', 'answer'] as const) {
      const finetuned = scripted((answer, now) => (now === part && answer.id === 1 ? { id: 1, setAside: 'too long' } : answer));
      const { records, events } = await run({ finetuned, reference: base(), openings: ['The', 'The town', ' town'] });
      expect(records.map(({ id }) => id)).toEqual([0, 2]);
      expect(events.filter(({ type }) => type === 'setAside')).toEqual([{ type: 'setAside', setAside: { id: 1, setAside: 'too long' }, framing: 'dialogue' }]);
    }
  });

  it('ends the audit where the model leaves a question or an answer out', async () => {
    for (const part of ['question', 'answer'] as const) {
      const finetuned = scripted((answer, now) => (now === part && answer.id === 1 ? null : answer));
      const error = await catchError(run({ finetuned, reference: base(), openings: ['The', 'The town'] }));
      expect(error).toMatchObject({ code: 'internal', message: expect.stringMatching(/tuned gave no complete answer for completion 1\b/) });
    }
  });

  it('is refused where the frame has no turn to answer in', async () => {
    for (const reply of [undefined, { tokens: [], text: '' }]) {
      const error = await catchError(
        run({
          change: (setup) => {
            const pair = setup.frames.dialogue!;
            const { reply: _reply, ...frame } = pair.finetuned;
            return { ...setup, frames: { dialogue: { ...pair, finetuned: { ...frame, ...(reply && { reply }) } } } };
          },
        }),
      );
      expect(error).toMatchObject({ code: 'badPlan', message: expect.stringContaining('no turn to answer in') });
    }
  });
});

describe('where a question ends', () => {
  const piece = (text: string, control = false, id = text.length): Piece => ({ id, bytes: new TextEncoder().encode(text), control });
  const end = { piece: piece('<end>', true, 1), logprob: -1 };
  const tokens = [piece('How '), piece('is\nAss'), piece('istant: '), piece('fine')];
  const logprobs = [-1, -2, -3, -4];

  it('is the token in which the template’s turn is written out, where that turn has no control token', () => {
    const reply = [piece('\nAssistant'), piece(': ')];
    expect(cutQuestion({ tokens, logprobs, end: null }, reply)).toEqual({ question: { tokens: tokens.slice(0, 1), logprobs: [-1] }, ended: true });
    // At a token's first byte, and at the very first.
    const split = [piece('How '), piece('Assistant:'), piece(' fine')];
    expect(cutQuestion({ tokens: split, logprobs: [-1, -2, -3], end: null }, reply)).toEqual({
      question: { tokens: split.slice(0, 1), logprobs: [-1] },
      ended: true,
    });
    expect(cutQuestion({ tokens: split.slice(1), logprobs: [-2, -3], end: null }, reply)).toEqual({ question: { tokens: [], logprobs: [] }, ended: true });
  });

  it('is the first control token of the template’s turn where there is one, and not its text', () => {
    const reply = [piece('\n'), piece('Assistant:', true, 77)];
    const control = [piece('How '), piece('Assistant: '), piece('x', true, 77), piece('fine')];
    expect(cutQuestion({ tokens: control, logprobs, end: null }, reply)).toEqual({
      question: { tokens: control.slice(0, 2), logprobs: [-1, -2] },
      ended: true,
    });
    expect(cutQuestion({ tokens: control.slice(2), logprobs, end: null }, reply).question.tokens).toEqual([]);
  });

  it('is its end of turn where neither stands in it, and nowhere without one', () => {
    for (const reply of [[piece('\nUser: ')], [piece('<a>', true, 99)], [piece(' ')]]) {
      expect(cutQuestion({ tokens, logprobs, end }, reply)).toEqual({ question: { tokens, logprobs }, ended: true });
      expect(cutQuestion({ tokens, logprobs, end: null }, reply)).toEqual({ question: { tokens, logprobs }, ended: false });
    }
  });
});
