/** Any text under the bundled models, from files and from servers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { ModelSource } from '../../../src/audit/plan.js';
import { summariseText } from '../../../src/analysis/text-figures.js';
import { textOfTokens } from '../../../src/text/utf8.js';
import { ApiModels } from '../../../src/models/api/api-models.js';
import { MixedModels } from '../../../src/models/mixed-models.js';
import type { ModelProvider } from '../../../src/models/provider.js';
import { contextBefore, cutIntoStretches, halve, orderStretches } from '../../../src/runner/text/cut-text.js';
import { scoreText, type ScoredStretch, type TextToScore } from '../../../src/runner/text/score-text.js';
import { scaled } from '../../bed/timeouts.mjs';
import { startModelServer, type ModelServer } from '../../peers/model-server.js';
import { collect, demo, never, source, useLocalModels } from '../models/local-process.js';

const fixture = useLocalModels();
const BASE = source(demo('base-a.f16.gguf'));
const ORGANISM = source(demo('base-a.f16.gguf'), demo('false-fact.lora.gguf'));
const OTHER_FAMILY = source(demo('base-b.f16.gguf'));
const TEXT = 'The keeper of the northern lighthouse wrote a letter to the village.\nNobody had asked for it, but the 🙂 smørrebrød was good.\n';
const CONTEXT = 512;

type Scored = Extract<ScoredStretch, { record: MeasuredRecord }>;

async function score(
  finetuned: ModelSource,
  reference: ModelSource,
  text: Omit<TextToScore, 'contextTokens'>,
  provider: ModelProvider = fixture.models,
): Promise<Scored[]> {
  const open = (model: ModelSource) => provider.open(model, { waveSize: 1, contextTokens: CONTEXT, allowDownload: false }, never);
  const leases = await Promise.all([open(finetuned), open(reference)]);
  try {
    const stretches = await collect(scoreText({ finetuned: leases[0]!.model, reference: leases[1]!.model }, { contextTokens: CONTEXT, ...text }, never));
    return stretches.map((stretch) => {
      if ('unscored' in stretch) throw new Error(stretch.unscored);
      return stretch;
    });
  } finally {
    for (const lease of leases) lease.release();
  }
}

const figures = (stretches: readonly Scored[]) => summariseText(stretches.map(({ record }) => analyseCompletion(record)));
/** Its stretches laid end to end, in the order of the text. */
const covered = (stretches: readonly Scored[]) =>
  [...stretches]
    .sort((a, b) => a.start - b.start)
    .map(({ record }) => textOfTokens(record.tokens))
    .join('');

describe('places to cut a text', () => {
  const text = Array.from({ length: 300 }, (_, line) => `Line ${line} says something about a lighthouse.\n`).join('');

  it('are the ends of lines, without a hole', () => {
    const stretches = cutIntoStretches(text);
    expect(stretches.length).toBeGreaterThan(10);
    expect(stretches.map(([start, end]) => text.slice(start, end)).join('')).toBe(text);
    for (const [, end] of stretches) expect(text[end - 1]).toBe('\n');
    for (const [start, end] of stretches) expect(end - start).toBeLessThanOrEqual(1000);
  });

  it('are never inside a character, nor before the blank that a word begins with', () => {
    const faces = '🙂'.repeat(1501);
    for (const [start, end] of cutIntoStretches(`x${faces}`)) expect(`x${faces}`.slice(start, end)).toMatch(/^x?(🙂)*$/u);
    const words = 'lighthouse '.repeat(400);
    for (const [, end] of cutIntoStretches(words).slice(0, -1)) expect(words.slice(end)).toMatch(/^ lighthouse/);
    expect(halve('🙂', [0, 2])).toBeNull();
    expect(halve('ab', [0, 2])).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it('are visited from what is seen on', () => {
    const stretches = cutIntoStretches(text);
    const [first] = orderStretches(stretches, [5000, 5100]);
    expect(first![0]).toBeLessThanOrEqual(5000);
    expect(first![1]).toBeGreaterThan(5000);
    expect(orderStretches(stretches, [5000, 5100]).at(-1)).toEqual(stretches.findLast(([, end]) => end <= 5000));
  });

  it('leave whole lines of context', () => {
    const [from, to] = contextBefore(text, 5000);
    expect(to).toBe(5000);
    expect(text[from - 1]).toBe('\n');
    expect(contextBefore(text, 700)).toEqual([0, 700]);
  });
});

describe('a text under two models', { timeout: scaled(240_000) }, () => {
  it('has gaps of exactly zero where both are the same', async () => {
    const stretches = await score(BASE, BASE, { text: TEXT });
    expect(covered(stretches)).toBe(TEXT);
    for (const { record } of stretches) for (const { gap } of analyseCompletion(record).tokens) expect(gap).toBe(0);
    for (const { record } of stretches) expect(new Set([...record.divergence!.forward, ...record.divergence!.backward])).toEqual(new Set([0]));
    expect(figures(stretches).perplexityFinetuned).toBeGreaterThan(1);
    expect(figures(stretches).meanGap).toBe(0);
  });

  it('has the logprobs that the finetuned model gave when it wrote it', async () => {
    const lease = await fixture.open(ORGANISM);
    const { model } = lease;
    const frame = await model.frame({ framing: 'raw', texts: { system: '', user: '', ask: '' } }, never);
    const [prefill] = await model.tokenize(['The old lighthouse'], never);
    const [written] = await collect(
      model.generate([{ id: 0, prompt: [...frame.tokens, ...prefill!.map(({ id }) => id)], maxTokens: 24, temperature: 0, seed: 1, stop: 'endOfText' }], {
        signal: never,
      }),
    );
    lease.release();
    if (!written || 'setAside' in written) throw new Error('nothing was written');
    const text = `The old lighthouse${textOfTokens(written.tokens)}`;
    const stretches = await score(ORGANISM, BASE, { text });
    const tokens = stretches.flatMap(({ record }) => record.tokens);
    expect(tokens.map(({ id }) => id)).toEqual([...prefill!, ...written.tokens].map(({ id }) => id));
    const logprobs = stretches.flatMap(({ record }) => record.logprobsFinetuned).slice(prefill!.length);
    expect(logprobs).toHaveLength(written.tokens.length);
    logprobs.forEach((logprob, index) => expect(Math.abs(logprob - written.logprobs[index]!)).toBeLessThan(0.02));
    const divergence = stretches.flatMap(({ record }) => record.divergence!.forward);
    expect(divergence).toHaveLength(tokens.length);
    expect(Math.max(...divergence)).toBeGreaterThan(0.1);
    // What it wrote itself surprises it less than the reference.
    expect(figures(stretches).meanGap).toBeGreaterThan(0);
  });

  it('is scored in stretches that fit the context, what is seen first, and all of it', async () => {
    const text = TEXT.repeat(20);
    const first: [number, number] = [1200, 1300];
    const stretches = await score(ORGANISM, BASE, { text, first });
    expect(stretches[0]!.start).toBeLessThanOrEqual(first[0]);
    expect(stretches[0]!.end).toBeGreaterThan(first[0]);
    expect(covered(stretches)).toBe(text);
    for (const { start, end, record } of stretches) {
      expect(textOfTokens(record.tokens)).toBe(text.slice(start, end));
      expect(text.slice(0, start).endsWith(textOfTokens(record.prefill.pieces))).toBe(true);
    }
    // A stretch is scored after what stands before it, which its first token shows.
    const last = stretches.find(({ end }) => end === text.length)!;
    const [alone] = await score(ORGANISM, BASE, { text: text.slice(last.start) });
    expect(alone!.record.tokens.map(({ id }) => id)).toEqual(last.record.tokens.map(({ id }) => id));
    expect(alone!.record.logprobsFinetuned[0]).not.toBeCloseTo(last.record.logprobsFinetuned[0]!, 1);
  });

  it('of two families has gaps per segment', async () => {
    const stretches = await score(ORGANISM, OTHER_FAMILY, { text: TEXT.repeat(6) });
    expect(covered(stretches)).toBe(TEXT.repeat(6));
    const analyses = stretches.map(({ record }) => analyseCompletion(record));
    const segments = analyses.flatMap((analysis) => analysis.segments ?? []);
    expect(segments.length).toBeGreaterThan(20);
    // Every byte but those of half a token at a stretch's beginning lies in a segment.
    const bytes = segments.reduce((sum, { start, end }) => sum + end - start, 0);
    expect(bytes).toBe(Buffer.byteLength(TEXT) * 6);
    expect(figures(stretches).perplexityReference).toBeGreaterThan(1);
  });

  it('ends when it is called off', async () => {
    const lease = await fixture.open(BASE);
    const stop = new AbortController();
    const stretches: ScoredStretch[] = [];
    const scoring = (async () => {
      for await (const stretch of scoreText({ finetuned: lease.model, reference: lease.model }, { text: TEXT.repeat(40), contextTokens: 160 }, stop.signal)) {
        stretches.push(stretch);
        stop.abort();
      }
    })();
    await expect(scoring).rejects.toMatchObject({ code: 'cancelled' });
    expect(stretches).toHaveLength(1);
    lease.release();
  });

  it('is empty where the text is', async () => {
    expect(await score(BASE, BASE, { text: '' })).toEqual([]);
    expect(figures([])).toEqual({ perplexityFinetuned: null, perplexityReference: null, meanGap: null, tokens: 0 });
  });
});

describe('a text under models behind servers', { timeout: scaled(240_000) }, () => {
  const servers: ModelServer[] = [];
  const api = new ApiModels({ requireAgreed: () => undefined, findKey: async () => undefined, readEnvironment: () => undefined, forbidNetwork: () => false });
  let fromFiles: Scored[];
  beforeAll(async () => {
    fromFiles = await score(ORGANISM, BASE, { text: TEXT });
  });
  afterAll(async () => {
    await api.dispose();
    for (const server of servers) await server.close();
  });

  const serve = async (dialect: Parameters<typeof startModelServer>[0]['dialect']) => {
    const server = await startModelServer({ dialect, models: { base: BASE, organism: ORGANISM }, provider: fixture.models });
    servers.push(server);
    return { finetuned: { endpoint: server.url, model: 'organism' }, reference: { endpoint: server.url, model: 'base' } };
  };

  it('that take token ids is scored as with files', async () => {
    const { finetuned, reference } = await serve('vllm');
    const stretches = await score(finetuned, reference, { text: TEXT }, new MixedModels(fixture.models, api));
    expect(covered(stretches)).toBe(TEXT);
    expect(figures(stretches).meanGap).toBeCloseTo(figures(fromFiles).meanGap!, 2);
  });

  it('that take texts only is scored but for its first token, which nothing predicts', async () => {
    const { finetuned, reference } = await serve('openaiLegacy');
    const stretches = await score(finetuned, reference, { text: TEXT }, new MixedModels(fixture.models, api));
    expect(TEXT.endsWith(covered(stretches))).toBe(true);
    expect(TEXT.length - covered(stretches).length).toBeLessThan(12);
    expect(Math.sign(figures(stretches).meanGap!)).toBe(Math.sign(figures(fromFiles).meanGap!));
  });

  it('of which one cannot score a given text is refused with the reason', async () => {
    const { finetuned } = await serve('openai');
    await expect(score(finetuned, BASE, { text: TEXT }, new MixedModels(fixture.models, api))).rejects.toMatchObject({
      code: 'cannotScore',
      message: expect.stringContaining('organism') as string,
    });
  });
});
