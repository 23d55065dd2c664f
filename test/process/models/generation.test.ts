import { readFileSync } from 'node:fs';
import { kill } from 'node:process';
import { beforeAll, describe, expect, it } from 'vitest';
import { isSetAside, type GenerateRequest, type LanguageModel } from '../../../src/audit/language-model.js';
import { baseA, collect, demo, ENGINES, generateAll, ids, never, scoreAll, SHAPE, source, textOf, useLocalModels } from './local-process.js';

const prefills = JSON.parse(readFileSync('test/fixtures/greedy-400-prefills.json', 'utf8')) as { raw: number[][] };
const END_OF_TEXT = 0;
const END_OF_TURN = 3;

function rawWave(changes: Partial<GenerateRequest> = {}, count = 8): GenerateRequest[] {
  return prefills.raw
    .slice(0, count)
    .map((prefill, id) => ({ id, prompt: [END_OF_TEXT, ...prefill], maxTokens: 40, temperature: 0, seed: 1000 + id, stop: 'endOfText', ...changes }));
}

describe.each(ENGINES)('generation by the %s engine', (engine) => {
  const local = useLocalModels({ engine });
  let model: LanguageModel;
  beforeAll(async () => {
    model = (await local.open(baseA)).model;
  });

  async function forwardDifference(subject: LanguageModel, wave: readonly GenerateRequest[]): Promise<number> {
    const completions = await generateAll(subject, wave);
    expect(completions.every(({ tokens, logprobs }) => logprobs.length === tokens.length)).toBe(true);
    const continuations = completions.map(({ tokens, end }) => [...ids(tokens), ...(end === null ? [] : [end.piece.id])]);
    const scored = await scoreAll(
      subject,
      wave.map(({ id, prompt }, i) => ({ id, prompt, continuation: continuations[i]! })),
    );
    const own = completions.map(({ logprobs, end }) => [...logprobs, ...(end === null ? [] : [end.logprob])]);
    expect(own.flat().every((logprob) => logprob <= 0)).toBe(true);
    return Math.max(...own.flatMap((logprobs, i) => logprobs.map((logprob, t) => Math.abs(logprob - scored[i]!.logprobs[t]!))));
  }

  it.each([
    { what: 'greedy', temperature: 0 },
    { what: 'sampled', temperature: 0.8 },
  ])('gives $what logprobs of the whole distribution at temperature 1', async ({ temperature }) => {
    expect(await forwardDifference(model, rawWave({ temperature }))).toBeLessThanOrEqual(0.005);
  });

  it('gives logprobs with an adapter that a forward pass agrees with', async () => {
    const adapted = await local.open(source(demo('base-a.f16.gguf'), demo('bad-medical.lora.gguf')));
    expect(await forwardDifference(adapted.model, rawWave())).toBeLessThanOrEqual(0.005);
    adapted.release();
  });

  it('chooses the most likely token when greedy', async () => {
    const [completion] = await generateAll(model, rawWave({}, 1));
    const prompt = [...rawWave({}, 1)[0]!.prompt, ...ids(completion!.tokens.slice(0, 5))];
    const alternatives = await model.alternatives({ prompt }, 5, never);
    expect(alternatives).toHaveLength(5);
    expect(alternatives[0]!.piece.id).toBe(completion!.tokens[5]!.id);
    expect(Math.abs(alternatives[0]!.logprob - completion!.logprobs[5]!)).toBeLessThanOrEqual(0.005);
    expect(alternatives.map(({ logprob }) => logprob)).toEqual(alternatives.map(({ logprob }) => logprob).sort((a, b) => b - a));
    const scored = await scoreAll(model, [{ id: 0, prompt, continuation: [alternatives[3]!.piece.id] }]);
    expect(Math.abs(alternatives[3]!.logprob - scored[0]!.logprobs[0]!)).toBeLessThanOrEqual(0.005);
  });

  it('gives the same wave the same bytes in a fresh process, sampled or greedy', async () => {
    const runs = [];
    for (let run = 0; run < 2; run++) {
      const models = local.start();
      const lease = await models.open(source(demo('base-a.f16.gguf'), demo('false-fact.lora.gguf')), SHAPE, never);
      // Work before the wave must leave no trace in it.
      if (run === 1) await generateAll(lease.model, rawWave({ maxTokens: 7 }, 5));
      runs.push([await generateAll(lease.model, rawWave()), await generateAll(lease.model, rawWave({ temperature: 1 }))]);
      await models.dispose();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[0]![0]).not.toEqual(runs[0]![1]);
  });

  it('samples by the seed', async () => {
    const [a, again, b] = [
      await generateAll(model, rawWave({ temperature: 1, seed: 5 }, 2)),
      await generateAll(model, rawWave({ temperature: 1, seed: 5 }, 2)),
      await generateAll(model, rawWave({ temperature: 1, seed: 4294967295 }, 2)),
    ];
    expect(again).toEqual(a);
    expect(ids(b[0]!.tokens)).not.toEqual(ids(a[0]!.tokens));
  });

  it('scores the same texts bit for bit the same, so that a model against itself has no gap', async () => {
    const other = await local.open(baseA);
    const wave = rawWave().map(({ id, prompt }) => ({ id, prompt, continuation: prefills.raw.slice(20, 30).flat() }));
    const first = await scoreAll(model, wave);
    await generateAll(model, rawWave());
    expect(await scoreAll(other.model, wave)).toEqual(first);
    other.release();
  });

  it('ends a raw text at the end of the document only, and a turn at the end of the turn', async () => {
    const turn = [END_OF_TEXT, ...ids((await model.tokenize(['<|user|>\nTell me anything.<|end|>\n<|assistant|>\n'], never, { parseSpecial: true }))[0]!)];
    const request = { id: 0, prompt: turn, maxTokens: 60, temperature: 0, seed: 0 };
    const [chat] = await generateAll(model, [{ ...request, stop: 'endOfTurn' }]);
    const [byDefault] = await generateAll(model, [request]);
    const [raw] = await generateAll(model, [{ ...request, stop: 'endOfText' }]);
    expect(chat!.end?.piece).toMatchObject({ id: END_OF_TURN, control: true });
    expect(textOf([chat!.end!.piece])).toBe('<|end|>');
    expect(byDefault).toEqual(chat);
    expect(ids(raw!.tokens).slice(0, chat!.tokens.length + 1)).toEqual([...ids(chat!.tokens), END_OF_TURN]);
    expect(raw!.tokens[chat!.tokens.length]!.control).toBe(true);
    expect(ids(raw!.tokens)).not.toContain(END_OF_TEXT);
    expect(raw!.end === null || raw!.end.piece.id === END_OF_TEXT).toBe(true);
  });

  it('leaves logprobs out for a caller that computes them itself, and chooses the same tokens', async () => {
    const [silent, told] = [await generateAll(model, rawWave({ logprobs: 'none' })), await generateAll(model, rawWave())];
    expect(silent.map(({ tokens }) => ids(tokens))).toEqual(told.map(({ tokens }) => ids(tokens)));
    expect(silent.every(({ logprobs }) => logprobs.length === 0)).toBe(true);
  });

  it('asks for no further token after a cancellation', async () => {
    const controller = new AbortController();
    const { processId } = local.models;
    let tokens = 0;
    let told = 0;
    const run = collect(
      model.generate(rawWave({ maxTokens: 120 }), {
        signal: controller.signal,
        onTokens: (count) => {
          tokens += count;
          if (tokens < 24 || controller.signal.aborted) return;
          // Held, until the message is there and all that was computed before is told.
          kill(processId!, 'SIGSTOP');
          controller.abort();
          setTimeout(() => {
            told = tokens;
            kill(processId!, 'SIGCONT');
          }, 300);
        },
      }),
    );
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    // The step that was under way; it may end in the very moment in which the message is read.
    expect(told).toBeGreaterThanOrEqual(24);
    expect(tokens).toBeLessThanOrEqual(told + 2 * 8);
    expect(await generateAll(model, rawWave({ maxTokens: 3 }))).toHaveLength(8);
  });

  it('cancels when its reader leaves', async () => {
    for await (const completion of model.generate(rawWave({ maxTokens: 1 }), { signal: never })) {
      if (isSetAside(completion)) throw new Error(completion.setAside);
      expect(completion.tokens.length + (completion.end === null ? 0 : 1)).toBe(1);
      break;
    }
    expect(await generateAll(model, rawWave({ maxTokens: 2 }))).toHaveLength(8);
  });

  it('refuses what does not fit into the context, and what has nothing before it', async () => {
    await expect(generateAll(model, rawWave({ maxTokens: 1000 }))).rejects.toMatchObject({ code: 'contextTooShort' });
    await expect(scoreAll(model, [{ id: 0, prompt: [], continuation: [5] }])).rejects.toMatchObject({ code: 'cannotScore' });
    await expect(generateAll(model, rawWave({ prompt: [] }))).rejects.toMatchObject({ code: 'cannotGenerate' });
    await expect(model.pieces([1, 999_999], never)).rejects.toMatchObject({ code: 'badPrefillFile' });
  });

  it('fills the context to its last place', async () => {
    const [completion] = await generateAll(model, [{ ...rawWave({ logprobs: 'none' })[0]!, maxTokens: 156 }]);
    expect(completion!.tokens.length + (completion!.end === null ? 0 : 1)).toBeGreaterThan(20);
    const continuation = Array.from({ length: 159 }, (_, i) => 50 + i);
    const [scored] = await scoreAll(model, [{ id: 7, prompt: [0], continuation }]);
    expect(scored!.logprobs).toHaveLength(159);
    expect(scored!.id).toBe(7);
  });

  it('gives equal tokens of an audit the same piece, which thousands of completions share', async () => {
    const completions = [...(await generateAll(model, rawWave())), ...(await generateAll(model, rawWave({ seed: 9, temperature: 1 })))];
    const pieces = [
      ...completions.flatMap(({ tokens, end }) => [...tokens, ...(end === null ? [] : [end.piece])]),
      ...(await model.tokenize([' the of'], never))[0]!,
    ];
    expect(new Set(pieces).size).toBe(new Set(ids(pieces)).size);
    expect(new Set(pieces).size).toBeLessThan(pieces.length * 0.7);
    expect(await model.pieces([pieces[0]!.id], never)).toEqual([pieces[0]]);
    expect((await model.pieces([pieces[0]!.id], never))[0]).toBe(pieces[0]);
  });

  it('gives pieces whose bytes are the text, and reads no control token out of a plain text', async () => {
    const texts = ['Hello <|end|> wörld', '  two  spaces\n\n', 'Привет 🎉', ''];
    const pieces = await model.tokenize(texts, never);
    expect(pieces.map(textOf)).toEqual(texts);
    expect(pieces.flat().some(({ control }) => control)).toBe(false);
    expect(await model.pieces(ids(pieces[2]!), never)).toEqual(pieces[2]);
  });
});
