import { describe, expect, it } from 'vitest';
import { prepareAudit, type Preparation } from '../../../src/audit/prepare-audit.js';
import { catchError, createFinetuned, createForeignReference, createPlan, createReference } from './models.js';
import { ASSISTANT, BOS, END, USER, type NgramModel } from './ngram-model.js';

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

describe('a dialogue', () => {
  const dialogue = createPlan({ framings: ['dialogue'], system: '', maxTokens: 10 });
  const prefills = { dialogue: [[100], [101, 102, 103]] };

  it('needs a reference that takes ids', async () => {
    const reference = createReference({ capabilities: { tokenIds: false, independent: true } });
    expect(await catchError(prepare({ plan: dialogue, prefills, reference }))).toMatchObject({
      code: 'cannotScore',
      message: expect.stringContaining('base takes plain texts only, and a dialogue has two') as string,
    });
    await expect(prepare({ plan: createPlan({ framings: ['raw'] }), reference })).resolves.toBeDefined();
  });

  it('has room for its two parts, each as long as a completion, the template’s turn between them', async () => {
    // BOS, the user's turn, three tokens of the prefill and two of the turn between leave room for two parts of ten.
    const finetuned = createFinetuned({ contextLength: 2 + 3 + 2 + 20 });
    await expect(prepare({ plan: dialogue, prefills, finetuned })).resolves.toBeDefined();
    for (const contextLength of [26, 25]) {
      const error = await catchError(prepare({ plan: dialogue, prefills, finetuned: createFinetuned({ contextLength }) }));
      expect(error.message).toMatch(/the dialogue framing with the longest prefill takes 7 of them.*9 tokens at most/);
    }
  });

  it('lends its turns as text, the one between question and answer too', async () => {
    const reference = createForeignReference();
    const asked: unknown[] = [];
    const frame = reference.frame.bind(reference);
    reference.frame = (request, own) => {
      asked.push({ ...request, texts: null });
      return frame(request, own);
    };
    const framings = ['raw', 'chat', 'ask', 'dialogue'] as const;
    await prepare({
      plan: createPlan({ framings, system: '', user: 'Hi', ask: 'Go on: ' }),
      prefills: { ...prefills, raw: [[9]], chat: [[9]], ask: [[9]] },
      reference,
    });
    expect(asked).toEqual([
      { framing: 'raw', texts: null },
      { framing: 'chat', texts: null, fallbackText: '<bos><user>Hi<end><assistant>' },
      { framing: 'ask', texts: null, fallbackText: '<bos><user>Go on: ', fallbackTextAfter: '<end><assistant>' },
      { framing: 'dialogue', texts: null, fallbackText: '<bos><user>', fallbackTextAfter: '<end><assistant>' },
    ]);
  });

  it('lends no turn whose text F’s server keeps to itself', async () => {
    const finetuned = createFinetuned();
    const frame = finetuned.frame.bind(finetuned);
    finetuned.frame = async (request, own) => ({ ...(await frame(request, own)), text: '' });
    const reference = createForeignReference({ hasChatTemplate: false });
    expect((await catchError(prepare({ finetuned, reference }))).code).toBe('noChatTemplate');
  });
});

describe('divergence', () => {
  const plan = createPlan({ divergence: true });

  it('needs distributions of both models, over one vocabulary', async () => {
    await expect(prepare({ plan })).resolves.toBeDefined();
    const without = { capabilities: { distributions: false } };
    for (const [fields, name] of [
      [{ finetuned: createFinetuned(without) }, 'tuned'],
      [{ reference: createReference(without) }, 'base'],
    ] as const) {
      expect(await catchError(prepare({ plan, ...fields }))).toMatchObject({
        code: 'cannotScore',
        message: expect.stringMatching(new RegExp(`which ${name} does not give \\(bigrams\\)`)) as string,
      });
      await expect(prepare(fields)).resolves.toBeDefined();
    }
  });

  it('is of the same tokens: one fingerprint, one size', async () => {
    const changed = (identity: object) => {
      const reference = createReference();
      return Object.assign(reference, { identity: { ...reference.identity, ...identity } });
    };
    const same = { compareTokenizer: () => Promise.resolve({ same: true as const, unlikeIds: [] }) };
    for (const reference of [createForeignReference(), changed({ tokenizerFingerprint: 'x' }), changed({ vocabularySize: 9 })]) {
      const error = await catchError(prepare({ plan, reference, finetuned: Object.assign(createFinetuned(), same) }));
      expect(error).toMatchObject({ code: 'cannotScore', message: expect.stringMatching(/^tuned and \w+ have different tokenizers/) as string });
    }
  });
});

describe('what a reader must know', () => {
  it('has what both models and the drawing of prefills said, each once', async () => {
    const finetuned = Object.assign(createFinetuned(), { remarks: ['seeds are ignored', 'slow'] });
    const reference = Object.assign(createReference(), { remarks: ['slow'] });
    expect((await prepare({ finetuned, reference, remarks: ['few openings'] })).remarks).toEqual(['few openings', 'seeds are ignored', 'slow']);
  });

  it('has whose template thinks, in which framing and how', async () => {
    for (const [thoughts, said] of [
      ['open', 'completions are thoughts, not answers'],
      ['leftOut', 'its thoughts are left out'],
    ] as const) {
      const thinking = (model: NgramModel): NgramModel => {
        const frame = model.frame.bind(model);
        model.frame = async (request, own) => ({ ...(await frame(request, own)), ...(request.framing === 'chat' && { thoughts }) });
        return model;
      };
      const line = (name: string) => expect.stringMatching(new RegExp(`^The chat template of ${name} .*in the chat framing.*${said}`, 'i')) as string;
      // One frame for both is said once.
      expect((await prepare({ finetuned: thinking(createFinetuned()), reference: thinking(createReference()) })).remarks).toEqual([line('tuned')]);
      const foreign = await prepare({ finetuned: thinking(createFinetuned()), reference: thinking(createForeignReference()) });
      expect(foreign.remarks.slice(0, 2)).toEqual([line('tuned'), line('foreign')]);
      expect((await prepare({ reference: thinking(createForeignReference()) })).remarks[0]).toEqual(line('foreign'));
    }
  });

  it('has that prefills are counted in pieces of words where F’s server tells no ids', async () => {
    const { remarks } = await prepare({ finetuned: createFinetuned({ capabilities: { tokenIds: false } }) });
    expect(remarks).toContainEqual(expect.stringMatching(/^The server of tuned does not tell its token ids: prefills are counted in pieces of words/));
  });
});

describe('a model behind a server', () => {
  const served = { capabilities: { independent: true } };

  it('has one tokenizer with another only where the ids of the template stand for the same', async () => {
    for (const fields of [
      { finetuned: createFinetuned(served) },
      { reference: createReference(served) },
      { finetuned: createFinetuned(served), reference: createReference(served) },
    ]) {
      const { finetuned = createFinetuned(), reference = createReference() } = fields as {
        finetuned?: NgramModel;
        reference?: NgramModel;
      };
      expect((await prepare({ finetuned, reference })).sameTokenizer).toBe(true);
      const pieces = reference.pieces.bind(reference);
      reference.pieces = async (ids, own) => (await pieces(ids, own)).map((piece) => (piece.id === ASSISTANT ? { ...piece, bytes: new Uint8Array(2) } : piece));
      const setup = await prepare({ finetuned, reference });
      expect(setup.sameTokenizer).toBe(false);
      expect(setup.remarks.at(-1)).toContain('tokens of the chat template stand for something else');
      expect((await prepare({ finetuned, reference, plan: createPlan({ framings: ['raw'] }) })).sameTokenizer).toBe(true);
    }
  });

  it('is held against the context that is known, of either', async () => {
    const unknown = (model: NgramModel) => Object.assign(model, { identity: { ...model.identity, contextLength: null } });
    const plan = createPlan({ framings: ['raw'], maxTokens: 29 });
    await expect(prepare({ plan, finetuned: unknown(createFinetuned()), reference: unknown(createReference()) })).resolves.toBeDefined();
    const error = await catchError(prepare({ plan, finetuned: unknown(createFinetuned()), reference: createReference({ contextLength: 32 }) }));
    expect(error.message).toMatch(/^base has a context of 32 tokens, and the raw framing with the longest prefill takes 4 of them: .*28 tokens at most/);
    const least = await catchError(prepare({ plan, reference: createReference({ contextLength: 5 }) }));
    expect(least.message).toMatch(/1 tokens at most/);
  });
});

it('refuses in words that say what to choose instead', async () => {
  const refusals = [
    [{ finetuned: createFinetuned({ capabilities: { generate: false } }) }, 'cannotGenerate', /tuned cannot generate.*such as a GGUF file/],
    [{ reference: createReference({ capabilities: { score: false } }) }, 'cannotScore', /base cannot score.*such as a GGUF file/],
    [{ finetuned: createFinetuned({ capabilities: { framings: [] } }) }, 'cannotGenerate', /Choose another source of the model\./],
    [{ plan: createPlan({ framings: [] }) }, 'badPlan', /Choose raw, chat or both/],
    [{ prefills: { raw: [[100]] } }, 'badPrefillFile', /leave the framing out/],
    [{ prefills: { raw: [[], [100]], chat: [[100]] } }, 'badPrefillFile', /Prefill 1 of the raw framing has no token\. Remove it/],
  ] as const;
  for (const [fields, code, message] of refusals) {
    expect(await catchError(prepare(fields))).toMatchObject({ code, message: expect.stringMatching(message) as string });
  }
});
