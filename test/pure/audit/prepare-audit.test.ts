import { describe, expect, it } from 'vitest';
import { prepareAudit, type Preparation } from '../../../src/audit/prepare-audit.js';
import { catchError, createFinetuned, createForeignReference, createPlan, createReference } from './models.js';
import { ASSISTANT, BOS, END, USER } from './ngram-model.js';

const signal = new AbortController().signal;

function prepare(fields: Partial<Preparation>): ReturnType<typeof prepareAudit> {
  const openings = [[100], [101, 102, 103]];
  return prepareAudit({
    plan: createPlan(),
    finetuned: createFinetuned(),
    reference: createReference(),
    prefills: { raw: openings, chat: openings },
    signal,
    ...fields,
  });
}

describe('prepareAudit', () => {
  it("gives the reference F's exact frame with one tokenizer", async () => {
    // Its own template would be another one, without a system turn.
    const setup = await prepare({ reference: createReference({ hasSystemTurn: false }) });
    expect(setup.sameTokenizer).toBe(true);
    expect(setup.frames.raw!.finetuned.tokens).toEqual([BOS]);
    expect(setup.frames.chat!.reference).toEqual(setup.frames.chat!.finetuned);
    expect(setup.frames.chat!.finetuned.tokens.filter((id) => id < 4)).toEqual([BOS, USER, END, USER, END, ASSISTANT]);
    expect(setup.remarks).toEqual([]);
  });

  it('lets the reference render its own template with another tokenizer', async () => {
    const setup = await prepare({ reference: createForeignReference() });
    expect(setup.sameTokenizer).toBe(false);
    expect(setup.frames.chat!.reference.text).toBe(setup.frames.chat!.finetuned.text);
    expect(setup.frames.chat!.reference.tokens).not.toEqual(setup.frames.chat!.finetuned.tokens);
    expect(setup.remarks).toEqual([
      expect.stringMatching(/^The two tokenizers differ: tuned has 271 pieces in its vocabulary and foreign has 272\. Gaps belong to segments/),
    ]);
  });

  it("gives a foreign reference without a template F's turn as text, and says so", async () => {
    const setup = await prepare({ reference: createForeignReference({ hasChatTemplate: false }) });
    const { finetuned, reference } = setup.frames.chat!;
    expect(reference.borrowed).toBe(true);
    expect(reference.text).toBe(`<bos>${finetuned.text}`);
    expect(setup.frames.raw!.reference.borrowed).toBe(false);
    expect(setup.remarks[0]).toBe('foreign has no chat template: it was given the turn of tuned as plain text.');
  });

  it('records a folded system text of either model', async () => {
    const setup = await prepare({
      finetuned: createFinetuned({ hasSystemTurn: false }),
      reference: createForeignReference({ hasSystemTurn: false }),
      remarks: ['only 2 distinct openings'],
    });
    expect(setup.remarks).toHaveLength(4);
    expect(setup.remarks[0]).toBe('only 2 distinct openings');
    expect(setup.remarks[1]).toMatch(/template of tuned has no system turn/);
    expect(setup.remarks[2]).toMatch(/template of foreign has no system turn/);
  });

  it('gives the reference its own turn where F’s has tokens that it lacks', async () => {
    const finetuned = createFinetuned({ hasSystemTurn: false });
    const lacks = (unlikeIds: (readonly [number, number])[]) =>
      Object.assign(finetuned, { compareTokenizer: () => Promise.resolve({ same: true as const, unlikeIds }) });
    const reference = createReference();
    Object.assign(reference, { identity: { ...reference.identity, tokenizerFingerprint: 'other' } });
    const unlikeUser = await prepare({ finetuned: lacks([[USER, USER + 1]]), reference });
    expect(unlikeUser).toMatchObject({ sameTokenizer: true, unlikeIds: [[USER, USER + 1]] });
    expect(unlikeUser.frames.raw!.reference).toEqual(unlikeUser.frames.raw!.finetuned);
    expect(unlikeUser.frames.chat!.reference.tokens).toEqual((await reference.frame({ framing: 'chat', texts: createPlan() }, signal)).tokens);
    expect(unlikeUser.remarks.slice(1)).toEqual([
      expect.stringMatching(/^The chat turn of tuned has tokens that base has not/),
      expect.stringMatching(/^1 token id of tuned/),
    ]);
    const unlikeText = await prepare({ finetuned: lacks([[200, 203]]), reference });
    expect(unlikeText.frames.chat!.reference).toEqual(unlikeText.frames.chat!.finetuned);
    expect(unlikeText.remarks.at(-1)).toMatch(/^3 token ids of tuned stand for something else in the vocabulary of base, or for nothing/);
  });

  it('has only the framings and prefills of the plan', async () => {
    const setup = await prepare({ plan: createPlan({ framings: ['chat'] }) });
    expect(Object.keys(setup.frames)).toEqual(['chat']);
    expect(setup.prefills).toEqual({ chat: [[100], [101, 102, 103]] });
    expect(setup.finetuned.name).toBe('tuned');
    expect(setup.reference.name).toBe('base');
  });

  it('offers the raw framing where F has no chat template', async () => {
    const finetuned = createFinetuned({ hasChatTemplate: false });
    const error = await catchError(prepare({ finetuned }));
    expect(error.code).toBe('noChatTemplate');
    expect(error.message).toMatch(/tuned has no chat template.*raw framing/);
    await expect(prepare({ finetuned, plan: createPlan({ framings: ['raw'] }) })).resolves.toBeDefined();
  });

  it('names the greatest length that fits both contexts', async () => {
    const raw = { framings: ['raw'] as const };
    // BOS and three tokens leave 28 of 32.
    const finetuned = createFinetuned({ contextLength: 32 });
    await expect(prepare({ finetuned, plan: createPlan({ ...raw, maxTokens: 28 }) })).resolves.toBeDefined();
    const error = await catchError(prepare({ finetuned, plan: createPlan({ ...raw, maxTokens: 29 }) }));
    expect(error.code).toBe('contextTooShort');
    expect(error.message).toMatch(/tuned.*32 tokens.*28 tokens at most/);
    const reference = createReference({ contextLength: 24 });
    const tighter = await catchError(prepare({ finetuned, reference, plan: createPlan({ ...raw, maxTokens: 28 }) }));
    expect(tighter.message).toMatch(/base.*20 tokens at most/);
    const full = await catchError(prepare({ reference: createReference({ contextLength: 3 }), plan: createPlan(raw) }));
    expect(full.message).toMatch(/no completion fits/);
  });

  it('wants models that can do what the plan needs', async () => {
    const cannot = { capabilities: { generate: false, score: false, framings: [] } };
    expect((await catchError(prepare({ finetuned: createFinetuned(cannot) }))).code).toBe('cannotGenerate');
    expect((await catchError(prepare({ reference: createReference(cannot) }))).code).toBe('cannotScore');
    const onlyGenerates = createFinetuned({ capabilities: { score: false } });
    await expect(prepare({ finetuned: onlyGenerates })).resolves.toBeDefined();
    const forward = await catchError(prepare({ finetuned: onlyGenerates, plan: createPlan({ finetunedLogprobs: 'forward' }) }));
    expect(forward.code).toBe('cannotScore');
    const onlyTexts = createFinetuned({ capabilities: { tokenIds: false } });
    expect((await catchError(prepare({ finetuned: onlyTexts, plan: createPlan({ finetunedLogprobs: 'forward' }) }))).message).toMatch(/given token ids/);
    const noTurn = createFinetuned({ capabilities: { framings: ['raw', 'ask'] } });
    expect((await catchError(prepare({ finetuned: noTurn }))).message).toMatch(/cannot continue an assistant's turn.*raw or ask framing/);
    const onlyTurns = createFinetuned({ capabilities: { framings: ['ask'] } });
    expect((await catchError(prepare({ finetuned: onlyTurns }))).message).toMatch(/continues no plain text.*Use the ask framing/);
  });

  it('wants the turn as text for a reference that takes nothing else', async () => {
    const reference = createReference({ capabilities: { tokenIds: false, independent: true } });
    const frame = reference.frame.bind(reference);
    reference.frame = async (request, own) => ({ ...(await frame(request, own)), tokens: [], text: '' });
    const error = await catchError(prepare({ reference, plan: createPlan({ framings: ['chat'] }) }));
    expect(error).toMatchObject({ code: 'cannotScore', message: expect.stringMatching(/base takes plain texts only.*tuned.*raw framing/) as string });
    await expect(prepare({ reference, plan: createPlan({ framings: ['raw'] }) })).resolves.toBeDefined();
  });

  it('wants openings with tokens for every framing', async () => {
    expect((await catchError(prepare({ prefills: { raw: [[100]] } }))).message).toMatch(/no prefill for the chat framing/);
    expect((await catchError(prepare({ prefills: { raw: [[100], []], chat: [[100]] } }))).message).toMatch(/Prefill 2 of the raw framing/);
    expect((await catchError(prepare({ plan: createPlan({ framings: [] }) }))).code).toBe('badPlan');
  });

  it('is cancelled with its signal', async () => {
    expect((await catchError(prepare({ signal: AbortSignal.abort() }))).code).toBe('cancelled');
  });
});
