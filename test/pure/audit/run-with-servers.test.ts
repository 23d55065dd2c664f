import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { AuditEvent } from '../../../src/audit/events.js';
import { isSetAside, type GeneratedCompletion, type OwnTokens, type SetAside } from '../../../src/audit/language-model.js';
import type { AuditPlan } from '../../../src/audit/plan.js';
import { cutAtCompletion, joinStretches, placeTokens, textForReference } from '../../../src/audit/reference-text.js';
import { runAudit, type AuditRun } from '../../../src/audit/run-audit.js';
import { compareTokenizersOf } from '../../../src/audit/same-tokenizer.js';
import { decodeUtf8, textOfTokens } from '../../../src/text/utf8.js';
import { hasLogprobs } from '../../../src/audit/wave/has-logprobs.js';
import { catchError, createFinetuned, createForeignReference, createPlan, createReference, setUp } from './models.js';
import type { NgramModel } from './ngram-model.js';

const signal = new AbortController().signal;
const SERVER = { capabilities: { independent: true } } as const;

interface Told {
  readonly records: MeasuredRecord[];
  readonly generated: GeneratedCompletion[];
  readonly setAside: SetAside[];
  error?: unknown;
}

async function listen(events: AsyncIterable<AuditEvent>): Promise<Told> {
  const told: Told = { records: [], generated: [], setAside: [] };
  try {
    for await (const event of events) {
      if (event.type === 'completion') told.records.push(event.record);
      else if (event.type === 'generated') told.generated.push(event.completion);
      else if (event.type === 'setAside') told.setAside.push(event.setAside);
    }
  } catch (error) {
    told.error = error;
  }
  return told;
}

async function prepare(finetuned: NgramModel, reference: NgramModel, fields: Partial<AuditPlan> = {}): Promise<AuditRun> {
  const plan = createPlan(fields);
  const setup = await setUp(plan, finetuned, reference);
  return { plan, setup, finetuned, reference, done: new Set(), signal };
}

const byId = (records: readonly MeasuredRecord[]) => [...records].sort((a, b) => a.id - b.id);

describe('an audit with models behind servers', () => {
  it.each([
    ['both', SERVER, SERVER],
    ['F only', SERVER, {}],
    ['R only', {}, SERVER],
  ])('measures the same as with local ones: %s', async (_name, ofF, ofR) => {
    const local = await listen(runAudit(await prepare(createFinetuned(), createReference())));
    const served = await listen(runAudit(await prepare(createFinetuned(ofF), createReference(ofR))));
    expect(local.records).toHaveLength(20);
    expect(byId(served.records)).toEqual(local.records);
  });

  it('asks two servers completion by completion, a server beside a local model in waves', async () => {
    const both = await prepare(createFinetuned(SERVER), createReference(SERVER));
    await listen(runAudit(both));
    const waves = ({ calls }: NgramModel) => calls.filter(({ kind }) => kind === 'generate' || kind === 'score').map(({ ids }) => ids.length);
    expect(waves(both.finetuned as NgramModel)).toEqual(Array(20).fill(1));
    const one = await prepare(createFinetuned(SERVER), createReference());
    await listen(runAudit(one));
    expect(waves(one.reference as NgramModel)).toEqual(Array(5).fill(4));
  });

  it('tells what F’s server generated before R has scored it, and never asks for it again', async () => {
    const reference = createReference(SERVER);
    let scored = 0;
    const logprobsOf = reference.logprobsOf.bind(reference);
    reference.logprobsOf = (wave, options) => {
      if (++scored > 4) throw new Error('The server is down.');
      return logprobsOf(wave, options);
    };
    const first = await prepare(createFinetuned(SERVER), reference);
    const told = await listen(runAudit(first));
    expect(told.error).toMatchObject({ message: 'The server is down.' });
    expect(told.generated.length).toBeGreaterThan(told.records.length);

    const done = new Set(told.records.map(({ id }) => id));
    const generated = new Map(told.generated.filter(({ id }) => !done.has(id)).map((completion) => [completion.id, completion]));
    const again = await prepare(createFinetuned(SERVER), createReference(SERVER));
    const rest = await listen(runAudit({ ...again, done, generated }));
    const asked = (again.finetuned as NgramModel).calls.filter(({ kind }) => kind === 'generate').flatMap(({ ids }) => ids);
    expect(new Set([...asked, ...generated.keys(), ...done]).size).toBe(20);
    expect(asked.length + generated.size + done.size).toBe(20);
    const whole = await listen(runAudit(await prepare(createFinetuned(), createReference())));
    expect(byId([...told.records, ...rest.records])).toEqual(whole.records);
  });

  it.each([
    ['the same tokenizer', createReference],
    ['another tokenizer', createForeignReference],
  ])('gives out at once what a reference of %s has scored behind a server, though its wave fails', async (_name, createR) => {
    const reference = createR(SERVER);
    const logprobsOf = reference.logprobsOf.bind(reference);
    reference.logprobsOf = async function* (wave, options) {
      let answered = 0;
      for await (const answer of logprobsOf(wave, options)) {
        yield answer;
        if (++answered === 3) throw new AuditError('keyRefused', 'The key has expired.');
      }
    };
    const { records, error } = await listen(runAudit(await prepare(createFinetuned(), reference)));
    expect(error).toMatchObject({ code: 'keyRefused' });
    expect(byId(records).map(({ id }) => id % 4)).toEqual(expect.arrayContaining([1, 2, 3]));
    const whole = await listen(runAudit(await prepare(createFinetuned(), createR())));
    expect(byId(records)).toEqual(whole.records.filter(({ id }) => records.some((record) => record.id === id)));
  });

  it('tells what F’s server generated for a forward pass, and again with its logprobs, and asks for neither twice', async () => {
    const plan = { finetunedLogprobs: 'forward', temperature: 1 } as const;
    const failing = createFinetuned(SERVER);
    const logprobsOf = failing.logprobsOf.bind(failing);
    let scored = 0;
    failing.logprobsOf = (wave, options) => {
      if (++scored > 4) throw new Error('The server is down.');
      return logprobsOf(wave, options);
    };
    const reference = createReference(SERVER);
    reference.logprobsOf = () => {
      throw new Error('This one is down, too.');
    };
    const told = await listen(runAudit(await prepare(failing, reference, plan)));
    expect(told.records).toEqual([]);
    const withLogprobs = new Set(told.generated.filter(hasLogprobs).map(({ id }) => id));
    expect(withLogprobs.size).toBe(4);
    const generated = new Map(told.generated.map((completion) => [completion.id, completion]));
    expect(generated.size).toBeGreaterThan(4);

    const again = await prepare(createFinetuned(SERVER), createReference(SERVER), plan);
    const rest = await listen(runAudit({ ...again, generated }));
    const asked = (kind: string) => (again.finetuned as NgramModel).calls.filter((call) => call.kind === kind).flatMap(({ ids }) => ids);
    expect(asked('generate').filter((id) => generated.has(id))).toEqual([]);
    expect(asked('score').filter((id) => withLogprobs.has(id))).toEqual([]);
    const whole = await listen(runAudit(await prepare(createFinetuned(), createReference(), plan)));
    expect(byId(rest.records)).toEqual(whole.records);
  });

  it('does not compute again what is done of a server’s wave', async () => {
    const run = await prepare(createFinetuned(SERVER), createReference());
    await listen(runAudit({ ...run, done: new Set([0, 1, 2, 3, 4, 9]) }));
    const asked = (run.finetuned as NgramModel).calls.filter(({ kind }) => kind === 'generate').flatMap(({ ids }) => ids);
    expect(asked.sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it('asks a reference behind a server for nothing that is done, of a wave that F computes again whole', async () => {
    const run = await prepare(createFinetuned(), createReference(SERVER));
    const { records } = await listen(runAudit({ ...run, done: new Set([0, 1, 2]) }));
    expect(byId(records).map(({ id }) => id)).toEqual(Array.from({ length: 17 }, (_, index) => index + 3));
    const ids = (model: NgramModel, kind: string) => model.calls.filter((call) => call.kind === kind).flatMap((call) => call.ids);
    expect(ids(run.finetuned as NgramModel, 'generate').slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect(ids(run.reference as NgramModel, 'score')).not.toContain(0);
  });

  it('keeps the waves of a local reference whole, from what F’s server said before', async () => {
    const whole = await listen(runAudit(await prepare(createFinetuned(SERVER), createReference())));
    const generated = new Map(whole.generated.map((completion) => [completion.id, completion]));
    const run = await prepare(createFinetuned(SERVER), createReference());
    const { records } = await listen(runAudit({ ...run, done: new Set([0, 1, 2]), generated: new Map([0, 1, 2].map((id) => [id, generated.get(id)!])) }));
    expect(records.map(({ id }) => id)).not.toContain(0);
    const scored = (run.reference as NgramModel).calls.filter(({ kind }) => kind === 'score').map(({ ids }) => ids.toSorted((a, b) => a - b));
    expect(scored).toContainEqual([0, 1, 2, 3]);
    const asked = (run.finetuned as NgramModel).calls.filter(({ kind }) => kind === 'generate').flatMap(({ ids }) => ids);
    expect(asked).not.toContain(0);
  });

  it('has no score where a prefill of ids is no whole text, rather than an end', async () => {
    const finetuned = createFinetuned({ longTokens: ['The', ' bridge'] });
    const run = await prepare(finetuned, createForeignReference(), { framings: ['ask'], temperature: 1 });
    const broken = 4 + 0xc3;
    const { records, error } = await listen(runAudit({ ...run, setup: { ...run.setup, prefills: { ask: [[broken]] } } }));
    expect(error).toBeUndefined();
    expect(records.map(({ reference }) => reference)).toEqual([null]);
  });

  it.each(['finetuned', 'reference'] as const)('goes on without a completion that the %s model’s server sets aside', async (role) => {
    const finetuned = createFinetuned(SERVER);
    const reference = createReference(SERVER);
    const refuse = <Request extends { readonly id: number }, Answer extends { readonly id: number }>(
      ask: (wave: readonly Request[], options: never) => AsyncIterable<Answer | SetAside>,
    ) =>
      async function* (wave: readonly Request[], options: never): AsyncGenerator<Answer | SetAside> {
        for (const { id } of wave) if (id === 7) yield { id, setAside: 'a logprob is missing' };
        yield* ask(
          wave.filter(({ id }) => id !== 7),
          options,
        );
      };
    if (role === 'finetuned') finetuned.generate = refuse(finetuned.generate.bind(finetuned)) as typeof finetuned.generate;
    else reference.logprobsOf = refuse(reference.logprobsOf.bind(reference)) as typeof reference.logprobsOf;
    const { records, setAside, error } = await listen(runAudit(await prepare(finetuned, reference)));
    expect(error).toBeUndefined();
    expect(setAside).toEqual([{ id: 7, setAside: 'a logprob is missing' }]);
    expect(records.map(({ id }) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, id) => id).filter((id) => id !== 7));
  });

  it('completes the other waves before it tells of a failure', async () => {
    const finetuned = createFinetuned(SERVER);
    const generate = finetuned.generate.bind(finetuned);
    finetuned.generate = (wave, options) => {
      if (wave.some(({ id }) => id === 2)) throw new Error('no more');
      return generate(wave, options);
    };
    const { records, error } = await listen(runAudit(await prepare(finetuned, createReference())));
    expect(error).toMatchObject({ message: 'no more' });
    expect(byId(records).map(({ id }) => id)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('asks nothing more once it is cancelled', async () => {
    const controller = new AbortController();
    const run = { ...(await prepare(createFinetuned(SERVER), createReference(SERVER))), signal: controller.signal };
    let seen = 0;
    const take = async (): Promise<void> => {
      for await (const event of runAudit(run)) if (event.type === 'completion' && ++seen === 3) controller.abort();
    };
    expect((await catchError(take())).code).toBe('cancelled');
    const calls = (run.reference as NgramModel).calls.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((run.reference as NgramModel).calls.length).toBe(calls);
  });

  it('gives a reference that tokenises by itself the texts, and takes its tokens as they are', async () => {
    const foreign = createForeignReference();
    const whole = await listen(runAudit(await prepare(createFinetuned(SERVER), foreign)));
    const reference = Object.assign(createForeignReference({ capabilities: { tokenIds: false, independent: true } }), {
      // As a server does: it tokenises prompt and text jointly and tells which of its tokens reach into the text.
      async *logprobsOfTexts(
        wave: readonly { id: number; parts: { frame: { tokens: readonly number[] }; prefill: readonly { bytes: Uint8Array }[] }; text: string }[],
      ): AsyncGenerator<{ id: number; scoring: OwnTokens | null }> {
        for (const { id, parts, text } of wave) {
          const given = textForReference(parts.prefill as never, [{ id: 0, bytes: new TextEncoder().encode(text), control: false }])!;
          const [joint] = given.stretches;
          const [pieces] = await foreign.tokenize([decodeUtf8(joint!.bytes)], signal);
          const cut = cutAtCompletion(placeTokens(joint!, pieces!).tokens, given.controls)!;
          const prompt = [...parts.frame.tokens, ...cut.prefillTokens];
          for await (const answer of foreign.logprobsOf([{ id, prompt, continuation: cut.tokens.map((piece) => piece.id) }], { signal })) {
            if (isSetAside(answer)) throw new Error(answer.setAside);
            yield { id, scoring: { tokens: cut.tokens, logprobs: answer.logprobs, straddleBytes: cut.straddleBytes, bytes: cut.bytes } };
          }
        }
      },
    });
    const served = await listen(runAudit(await prepare(createFinetuned(SERVER), reference as never)));
    expect(served.error).toBeUndefined();
    expect(byId(served.records)).toEqual(byId(whole.records));
  });
});

describe('the ask framing', () => {
  it('puts the prefill into the user’s turn, and scores the answer alone', async () => {
    const run = await prepare(createFinetuned(), createForeignReference(), { framings: ['ask'], temperature: 1 });
    const { records } = await listen(runAudit(run));
    expect(records).toHaveLength(10);
    const { finetuned, reference } = run.setup.frames.ask!;
    const [generation] = (run.finetuned as NgramModel).calls.filter(({ kind }) => kind === 'generate');
    const prefill = run.setup.prefills.ask![0]!;
    expect(generation!.prompts[0]).toEqual([...finetuned.tokens, ...prefill, ...finetuned.after!]);
    const [scoring] = (run.reference as NgramModel).calls.filter(({ kind }) => kind === 'score');
    const own = (run.reference as NgramModel).encode(textOfTokens(records[scoring!.ids[0]!]!.prefill.pieces));
    expect(scoring!.prompts[0]).toEqual([...reference.tokens, ...own, ...reference.after!]);
    for (const record of records) {
      if (record.reference?.kind !== 'ownTokens') continue;
      expect(record.reference.tokens.length).toBeGreaterThan(0);
      expect(record.reference.straddleBytes).toBe(0);
      expect(joinStretches(textForReference([], record.tokens)!).startsWith(textOfTokens(record.reference.tokens))).toBe(true);
    }
  });

  it('gives a reference of the same tokenizer the very ids', async () => {
    const run = await prepare(createFinetuned(), createReference(), { framings: ['ask'] });
    await listen(runAudit(run));
    const prompts = (model: NgramModel, kind: string) => model.calls.filter((call) => call.kind === kind).flatMap((call) => call.prompts.map(String));
    expect(new Set(prompts(run.reference as NgramModel, 'score'))).toEqual(new Set(prompts(run.finetuned as NgramModel, 'generate')));
  });
});

describe('compareTokenizers', () => {
  it('compares a server’s tokens for a fixed text, files by their vocabularies', async () => {
    const renamed = (model: NgramModel): NgramModel => Object.assign(model, { identity: { ...model.identity, tokenizerFingerprint: 'ids:1' } });
    expect(await compareTokenizersOf(createFinetuned(), createReference(), signal)).toMatchObject({ same: true });
    expect(await compareTokenizersOf(createFinetuned(), renamed(createReference(SERVER)), signal)).toMatchObject({ same: true });
    expect(await compareTokenizersOf(createFinetuned(), renamed(createReference()), signal)).toMatchObject({ same: false });
    expect(await compareTokenizersOf(createFinetuned(), renamed(createForeignReference(SERVER)), signal)).toMatchObject({ same: false });
    expect(await compareTokenizersOf(createFinetuned({ capabilities: { tokenIds: false } }), createReference(), signal)).toMatchObject({ same: false });
    const larger = createReference(SERVER);
    Object.assign(larger, { identity: { ...larger.identity, vocabularySize: larger.identity.vocabularySize + 2 } });
    expect(await compareTokenizersOf(createFinetuned(SERVER), larger, signal)).toMatchObject({ same: false });
  });

  it('is not enough where the template’s control tokens are others', async () => {
    const prepareWith = async (reference: NgramModel) => (await prepare(createFinetuned(SERVER), reference)).setup.sameTokenizer;
    expect(await prepareWith(createReference(SERVER))).toBe(true);
    const renamed = createReference(SERVER);
    const pieces = renamed.pieces.bind(renamed);
    renamed.pieces = async (ids, own) =>
      (await pieces(ids, own)).map((piece) => (piece.control ? { ...piece, bytes: new TextEncoder().encode(`<reserved_${piece.id}>`) } : piece));
    expect(await prepareWith(renamed)).toBe(false);
    const shorter = createReference(SERVER);
    shorter.pieces = async () => {
      throw new AuditError('badPrefillFile', 'Token id 3 is not in the vocabulary.');
    };
    expect(await prepareWith(shorter)).toBe(false);
  });
});
