/** The dialogue framing with real models: F writes the user's turn and answers it, R scores both parts as one text. */
import { describe, expect, it } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import { textOfTurn, type MeasuredRecord } from '../../../src/audit/completion.js';
import type { AuditSetup } from '../../../src/audit/events.js';
import { DEFAULT_FRAMING_TEXTS } from '../../../src/audit/framing.js';
import type { LanguageModel, Piece } from '../../../src/audit/language-model.js';
import { prepareAudit } from '../../../src/audit/prepare-audit.js';
import { runAudit } from '../../../src/audit/run-audit.js';
import { cutQuestion } from '../../../src/audit/wave/write-answers.js';
import { decodeCompletion, decodeGenerated, encodeCompletion, encodeGenerated } from '../../../src/records/journal/completion-line.js';
import { baseA, collect, demo, ids, never, scoreAll, source, textOf, useLocalModels } from './local-process.js';

const FINETUNED = source(baseA.gguf, demo('bad-medical.lora.gguf'));
const PREFILLS = ['the fever is', 'a cut on', 'Snow again', 'is on the'];
const PLAN = {
  framings: ['dialogue'],
  ...DEFAULT_FRAMING_TEXTS,
  system: '',
  maxTokens: 24,
  temperature: 0,
  seed: 1,
  waveSize: 4,
  finetunedLogprobs: 'generation',
} as const;

describe('a dialogue', () => {
  const local = useLocalModels();

  async function audit(
    finetuned: LanguageModel,
    reference: LanguageModel,
    changes: Partial<Omit<typeof PLAN, 'maxTokens' | 'finetunedLogprobs'>> & { maxTokens?: number; finetunedLogprobs?: 'forward'; divergence?: true } = {},
  ): Promise<{ setup: AuditSetup; records: MeasuredRecord[] }> {
    const plan = { ...PLAN, ...changes };
    const prefills = (await finetuned.tokenize(PREFILLS, never)).map(ids);
    const setup = await prepareAudit({ plan, finetuned, reference, prefills: { dialogue: prefills }, signal: never });
    const events = await collect(runAudit({ plan, setup, finetuned, reference, done: new Set(), signal: never }));
    return { setup, records: events.flatMap((event) => (event.type === 'completion' ? [event.record] : [])) };
  }

  it('is a question and an answer, the template between them, each scored behind all that stands before it', async () => {
    const [finetuned, reference] = [await local.open(FINETUNED), await local.open(baseA)];
    const { setup, records } = await audit(finetuned.model, reference.model, { divergence: true });
    expect(records).toHaveLength(PREFILLS.length);
    for (const { divergence, tokens } of records) expect(divergence?.forward).toHaveLength(tokens.length);
    const frame = setup.frames.dialogue!.finetuned;
    expect(frame.text).toBe('<|user|>\n');
    const whole = records.filter(({ turn }) => turn !== undefined);
    expect(whole.length).toBeGreaterThan(2);
    for (const { prefill, tokens, turn, logprobsFinetuned, reference: scoring, id } of whole) {
      expect(textOfTurn(turn!)).toContain('<|assistant|>');
      expect(tokens.every(({ control }) => !control)).toBe(true);
      expect(turn!.at).toBeLessThanOrEqual(PLAN.maxTokens);
      expect(tokens.length - turn!.at).toBeLessThanOrEqual(PLAN.maxTokens);
      const continuation = [...ids(tokens.slice(0, turn!.at)), ...ids(turn!.pieces), ...ids(tokens.slice(turn!.at))];
      const request = [{ id, prompt: [...frame.tokens, ...ids(prefill.pieces)], continuation }];
      for (const [model, scored] of [
        [finetuned.model, logprobsFinetuned],
        [reference.model, scoring!.logprobs],
      ] as const) {
        const [all] = await scoreAll(model, request);
        const own = [...all!.logprobs.slice(0, turn!.at), ...all!.logprobs.slice(turn!.at + turn!.pieces.length)];
        own.forEach((logprob, i) => expect(Math.abs(logprob - scored[i]!)).toBeLessThan(0.01));
      }
      expect(analyseCompletion(records[id]!).scores.standardizedGap).not.toBeNull();
    }
    finetuned.release();
    reference.release();
  });

  it('of a model against itself has no gap, and is the same again', async () => {
    const lease = await local.open(FINETUNED);
    const [one, two] = [
      await audit(lease.model, lease.model, { finetunedLogprobs: 'forward' }),
      await audit(lease.model, lease.model, { finetunedLogprobs: 'forward' }),
    ];
    expect(one.records).toEqual(two.records);
    for (const record of one.records) expect(record.reference?.logprobs).toEqual(record.logprobsFinetuned);
    lease.release();
  });

  it('stays a question where that never ends', async () => {
    const lease = await local.open(FINETUNED);
    const { records } = await audit(lease.model, lease.model, { maxTokens: 2 });
    const endless = records.filter(({ turn }) => turn === undefined);
    expect(endless.length).toBeGreaterThan(0);
    for (const { tokens, end } of endless) expect([tokens.length, end]).toEqual([2, null]);
    lease.release();
  });

  it('is given to another tokenizer as two texts in a turn of its own', async () => {
    const [finetuned, reference] = [await local.open(FINETUNED), await local.open(source(demo('base-b.f16.gguf')))];
    const { setup, records } = await audit(finetuned.model, reference.model);
    expect(setup.sameTokenizer).toBe(false);
    for (const record of records.filter(({ turn }) => turn !== undefined)) {
      const { segments, coverage } = analyseCompletion(record);
      const question = Buffer.concat(record.tokens.slice(0, record.turn!.at).map(({ bytes }) => bytes)).length;
      expect(segments!.every(({ start, end }) => end <= question || start >= question)).toBe(true);
      expect(coverage!.scored).toBe(coverage!.bytes);
      const scoring = record.reference!.kind === 'ownTokens' ? record.reference : null;
      expect(textOf(scoring!.tokens).slice(scoring!.straddleBytes)).toBe(textOf(record.tokens));
    }
    finetuned.release();
    reference.release();
  });

  it('is journalled and read back as it was', async () => {
    const lease = await local.open(FINETUNED);
    const { records } = await audit(lease.model, lease.model);
    for (const record of records) {
      const line = JSON.parse(JSON.stringify(encodeCompletion(record)));
      expect(decodeCompletion(line)).toEqual(record);
      const generated = { id: record.id, tokens: record.tokens, logprobs: record.logprobsFinetuned, end: null, ...(record.turn && { turn: record.turn }) };
      expect(decodeGenerated(JSON.parse(JSON.stringify(encodeGenerated(generated, 'dialogue'))))).toEqual(generated);
      if (record.turn) expect(() => decodeCompletion({ ...line, turn: { ...line.turn, at: record.tokens.length + 1 } })).toThrow(/behind the end/);
    }
    lease.release();
  });
});

describe('a question ends', () => {
  const piece = (text: string, control = false, id = text.length): Piece => ({ id, bytes: new TextEncoder().encode(text), control });
  const [end, user] = [piece('<|end|>', true, 1), piece('<|assistant|>', true, 2)];
  const question = (tokens: readonly Piece[], ended = false) => ({
    tokens,
    logprobs: tokens.map((_, i) => -i),
    end: ended ? { piece: end, logprob: -1 } : null,
  });
  const hi = [piece('Who'), piece(' are'), piece(' you?')];

  it('by its end of turn', () => {
    expect(cutQuestion(question(hi, true), [end, user])).toMatchObject({ ended: true, question: { tokens: hi } });
    expect(cutQuestion(question(hi), [end, user])).toMatchObject({ ended: false, question: { tokens: hi } });
  });

  it('by the first control token of the turn that follows, and nothing behind it counts', () => {
    const { question: cut, ended } = cutQuestion(question([...hi, user, ...hi]), [piece('\n\n'), user]);
    expect(ended).toBe(true);
    expect(cut).toEqual({ tokens: hi, logprobs: hi.map((_, i) => -i) });
  });

  it('by that turn written out, where it is text; not by its words where it has control tokens', () => {
    const said = [...hi, piece('\n\nAssi'), piece('stant: No')];
    expect(cutQuestion(question(said), [piece('\n\nAssistant:')])).toMatchObject({ ended: true, question: { tokens: hi } });
    expect(cutQuestion(question([piece('Is an assistant: kind?')]), [end, piece('assistant:'), user])).toMatchObject({ ended: false });
    expect(cutQuestion(question(hi), [piece('\n')])).toMatchObject({ ended: false });
  });
});
