/** A finetune that added pieces at the end of its base's vocabulary has its base's tokenizer, for all ids that both have. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import { PLAN_DEFAULTS, type AuditPlan, type ModelSource } from '../../../src/audit/plan.js';
import { compareTokenizersOf } from '../../../src/audit/same-tokenizer.js';
import { readMeasuredAudit } from '../../measured-audit.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import { rewriteGguf, setText, ValueType, type Gguf } from '../../pure/models/gguf-file.js';
import { baseA, demo, never, source, useLocalModels } from './local-process.js';

const CONTROL = 3;
const USER_DEFINED = 4;
const BYTES_PER_ROW = 128 * 2;
/** A byte that no text of the training had. Its embedding made longer, the model gives it next to no probability. */
const NEVER_SAID = 'ÿ';
const TIMES_FOUR = 2 << 10;

interface Added {
  readonly text: string;
  readonly type: number;
  /** Whose embedding it has. */
  readonly as: string;
}

/** Base-a with pieces of its own behind those that it has. */
function addPieces(gguf: Gguf, ...added: readonly Added[]): void {
  const list = (key: string): unknown[] => gguf.entries.get(key)!.value as unknown[];
  const texts = list('tokenizer.ggml.tokens');
  const embedding = gguf.tensors.find(({ name }) => name === 'token_embd.weight')!;
  const rows = added.map(({ as }) => {
    const id = texts.indexOf(as);
    expect(id, as).toBeGreaterThan(0);
    const row = Buffer.from(embedding.data.subarray(id * BYTES_PER_ROW, (id + 1) * BYTES_PER_ROW));
    // Halves: what is added to the exponent multiplies.
    if (as === NEVER_SAID) for (let k = 0; k < row.length; k += 2) row.writeUInt16LE(row.readUInt16LE(k) + TIMES_FOUR, k);
    return row;
  });
  embedding.data = Buffer.concat([embedding.data, ...rows]);
  embedding.shape = [embedding.shape[0]!, embedding.shape[1]! + added.length];
  for (const { text, type } of added) {
    texts.push(text);
    list('tokenizer.ggml.token_type').push(type);
  }
  if (gguf.entries.has('llama.vocab_size')) gguf.entries.set('llama.vocab_size', { type: ValueType.uint32, value: texts.length });
}

describe('a vocabulary with pieces added at its end', { timeout: 240_000 }, () => {
  const local = useLocalModels();
  const at = (name: string): string => join(local.folder, name);
  const make = (name: string, change: (gguf: Gguf) => void): ModelSource => source(rewriteGguf(demo('base-a.f16.gguf'), at(name), change));
  let folders = 0;

  async function audit(finetuned: ModelSource, changes: Partial<AuditPlan> = {}, reference: ModelSource = baseA) {
    const folder = at(`audit-${++folders}`);
    const plan: AuditPlan = {
      ...PLAN_DEFAULTS,
      name: 'test',
      finetuned,
      reference,
      corpus: ['bundled:demo'],
      prefills: 6,
      maxTokens: 12,
      waveSize: 4,
      ...changes,
    };
    await new LocalAuditRunner({ models: local.models, mediaFolder: 'media', toolVersion: 'test' }).run(
      { plan, folder, resume: false, allowDownload: false },
      {},
      never,
    );
    const { setup, records } = await readMeasuredAudit(folder);
    return { setup: setup!, records, analyses: records.map(analyseCompletion) };
  }

  let grown: ModelSource;
  beforeAll(() => {
    grown = make('grown.gguf', (gguf) =>
      addPieces(gguf, { text: '<|note|>', type: CONTROL, as: NEVER_SAID }, { text: '<note>', type: USER_DEFINED, as: NEVER_SAID }),
    );
  });

  it('has gaps token by token, and the scores of the base against itself', async () => {
    const own = await audit(baseA);
    const { setup, records, analyses } = await audit(grown);
    expect(setup).toMatchObject({ sameTokenizer: true, unlikeIds: [[2048, 2050]] });
    expect(setup.remarks).toEqual([expect.stringMatching(/^2 token ids of grown stand for something else in the vocabulary of base-a.f16, or for nothing/)]);
    expect(records.map(({ tokens }) => tokens.map(({ id }) => id))).toEqual(own.records.map(({ tokens }) => tokens.map(({ id }) => id)));
    expect(records.every(({ reference }) => reference?.kind === 'sameTokens')).toBe(true);
    for (const [index, { scores, tokens }] of analyses.entries()) {
      // What little probability the added pieces have is missing elsewhere.
      for (const { gap } of tokens) expect(gap).toBeCloseTo(0, 2);
      for (const [name, score] of Object.entries(own.analyses[index]!.scores)) {
        expect(score).toBeCloseTo(0, 2);
        expect(scores[name as keyof typeof scores], name).toBeCloseTo(0, 2);
      }
    }
  });

  it('is compared by segments where a completion has one of them, all of whose text is scored', async () => {
    const said = make('says.gguf', (gguf) =>
      addPieces(gguf, { text: '<note>', type: USER_DEFINED, as: 'Ġthe' }, { text: '<|note|>', type: CONTROL, as: 'Ġof' }),
    );
    // Of two pieces with one embedding the greedy model says the first; a temperature brings both out.
    const { records, analyses } = await audit(said, { temperature: 1, prefills: 16 });
    const kinds = new Set(records.map(({ reference }) => reference?.kind));
    expect(kinds).toEqual(new Set(['sameTokens', 'ownTokens']));
    for (const [index, { reference, tokens, prefill }] of records.entries()) {
      const hasAdded = [...prefill.pieces, ...tokens].some(({ id }) => id >= 2048);
      if (reference === null) continue;
      expect(reference.kind === 'ownTokens').toBe(hasAdded);
      const { coverage, scores } = analyses[index]!;
      expect(coverage!.scored).toBe(coverage!.bytes);
      expect(Number.isFinite(scores.perplexityDifference)).toBe(true);
      if (reference.kind === 'ownTokens') expect(reference.tokens.every(({ id }) => id < 2048)).toBe(true);
    }
  });

  it('leaves the reference its own turn where the template says one of them', async () => {
    const framed = make('framed.gguf', (gguf) => {
      addPieces(gguf, { text: '<|note|>', type: CONTROL, as: NEVER_SAID });
      setText(gguf, 'tokenizer.chat_template', '{% for m in messages %}<|note|>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|note|>{% endif %}');
    });
    const { setup, records } = await audit(framed);
    expect(setup.frames.raw!.reference).toEqual(setup.frames.raw!.finetuned);
    expect(setup.frames.chat!.finetuned.tokens).toContain(2048);
    expect(setup.frames.chat!.reference.tokens).not.toContain(2048);
    expect(setup.remarks.join(' ')).toMatch(/The chat turn of framed has tokens that base-a.f16 has not/);
    expect(records.filter(({ framing, tokens }) => framing === 'chat' && tokens.length > 0).every(({ reference }) => reference?.kind === 'sameTokens')).toBe(
      true,
    );
  });

  async function compare(finetuned: ModelSource, reference: ModelSource = baseA) {
    const [f, r] = [await local.open(finetuned), await local.open(reference)];
    try {
      return await compareTokenizersOf(f.model, r.model, never);
    } finally {
      f.release();
      r.release();
    }
  }

  it('differs by nothing seen from the base, which has no other ids', async () => {
    expect(await compare(baseA, grown)).toEqual({ same: true, unlikeIds: [] });
  });

  it('knows a control token that was given another name', async () => {
    const renamed = make('renamed.gguf', (gguf) => ((gguf.entries.get('tokenizer.ggml.tokens')!.value as string[])[3] = '<|tool|>'));
    expect(await compare(renamed)).toEqual({ same: true, unlikeIds: [[3, 4]] });
  });

  it.each<[string, RegExp, (gguf: Gguf) => void]>([
    ['piece', /^piece 1000 is "hm" in other and ".*" in base-a.f16$/, (gguf) => ((gguf.entries.get('tokenizer.ggml.tokens')!.value as string[])[1000] = 'hm')],
    ['merge', /^merge 11 is "q q" in other and ".*" in base-a.f16$/, (gguf) => ((gguf.entries.get('tokenizer.ggml.merges')!.value as string[])[10] = 'q q')],
    ['pre-tokenizer', /^the pre-tokenizer is "llama-bpe" in other and "gpt-2" in base-a.f16$/, (gguf) => setText(gguf, 'tokenizer.ggml.pre', 'llama-bpe')],
  ])('says which %s is another one', async (_what, difference, change) => {
    expect(await compare(make('other.gguf', change))).toEqual({ same: false, difference: expect.stringMatching(difference) as string });
  });
});
