/** Text that hides behind a control token or a byte that is of no character, under a real reference with another tokenizer. */
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../../measured-audit.js';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { describeCoverage } from '../../../src/audit/coverage.js';
import { DEFAULT_FRAMING_TEXTS } from '../../../src/audit/framing.js';
import type { LanguageModel, Piece } from '../../../src/audit/language-model.js';
import { reportCompletions } from '../../../src/analysis/report.js';
import { decodeUtf8 } from '../../../src/text/utf8.js';
import { scoreOwnTokens } from '../../../src/audit/wave/score-own-tokens.js';
import { decodeCompletion, encodeCompletion } from '../../../src/records/journal/completion-line.js';
import { detailCompletion, summariseCompletion } from '../../../src/views/results/completion-view.js';
import { formatCompletion } from '../../../src/cli/completion-text.js';
import { Colours } from '../../../src/cli/colours.js';
import { baseA, demo, never, source, useLocalModels } from './local-process.js';

const HEAD = ' The keeper said';
const TAIL = ' that the Lantern Bridge is made of green glass, and that the harbour is closed until the thaw.';

describe('what the reference scores of a completion', () => {
  const local = useLocalModels();

  /** F's completion of the text with something between its parts, scored by the other base model. */
  async function score(between: (finetuned: LanguageModel) => Promise<readonly Piece[]>): Promise<MeasuredRecord> {
    const [f, r] = [await local.open(baseA), await local.open(source(demo('base-b.f16.gguf')))];
    const [prefill, head, tail] = (await f.model.tokenize(['In the morning', HEAD, TAIL], never)) as [Piece[], Piece[], Piece[]];
    const tokens = [...head, ...(await between(f.model)), ...tail];
    const frames = {
      finetuned: await f.model.frame({ framing: 'raw', texts: DEFAULT_FRAMING_TEXTS }, never),
      reference: await r.model.frame({ framing: 'raw', texts: DEFAULT_FRAMING_TEXTS }, never),
    };
    const one = {
      job: { id: 0, framing: 'raw', prefill: 0 } as const,
      prefill: { pieces: prefill },
      frameFinetuned: frames.finetuned,
      frameReference: frames.reference,
      completion: { id: 0, tokens, logprobs: tokens.map(() => -1), end: null },
    };
    const scored = await scoreOwnTokens([one], {
      plan: { maxTokens: 0, temperature: 0, seed: 0, finetunedLogprobs: 'generation' },
      setup: { finetuned: f.model.identity, reference: r.model.identity, sameTokenizer: false, frames: { raw: frames }, prefills: {}, remarks: [] },
      finetuned: f.model,
      reference: r.model,
      signal: never,
      onTokens: () => undefined,
    });
    f.release();
    r.release();
    return {
      kind: 'measured',
      id: 0,
      framing: 'raw',
      prefill: one.prefill,
      tokens,
      logprobsFinetuned: one.completion.logprobs,
      reference: { kind: 'ownTokens', ...scored.get(0)! },
      end: null,
    };
  }

  const scoredText = (record: MeasuredRecord): string =>
    analyseCompletion(record)
      .segments!.map(({ bytes }) => decodeUtf8(bytes))
      .join('');

  it('is all of it where nothing cuts it', async () => {
    const record = await score(() => Promise.resolve([]));
    expect(analyseCompletion(record).coverage).toEqual({ scored: HEAD.length + TAIL.length, bytes: HEAD.length + TAIL.length });
    expect(describeCoverage(analyseCompletion(record).coverage)).toBeNull();
  });

  it('goes on behind control tokens', async () => {
    const record = await score((model) => model.pieces([3, 1], never));
    expect(scoredText(record)).toBe(HEAD + TAIL);
    expect(analyseCompletion(record).coverage).toEqual({ scored: HEAD.length + TAIL.length, bytes: HEAD.length + TAIL.length });
    // The logprobs behind the cut are those of the text that R was given: the two parts one after the other.
    const { cuts, ...own } = record.reference as MeasuredRecord['reference'] & { kind: 'ownTokens' };
    expect(cuts).toEqual([[HEAD.length, HEAD.length]]);
    expect(own.logprobs.every((logprob) => logprob <= 0)).toBe(true);
  });

  it('goes on behind bytes that are of no character, and says what it did not score, everywhere', async () => {
    const record = await score(async (model) => {
      const [pieces] = await model.tokenize(['é'], never);
      // The second half of a character, and the first: neither is one.
      return [
        { id: 9, bytes: Uint8Array.of(0xa9), control: false },
        { id: 10, bytes: Uint8Array.of(0xc3), control: false },
      ].slice(0, pieces!.length > 0 ? 2 : 0);
    });
    const { coverage, scores } = analyseCompletion(record);
    expect(scoredText(record)).toBe(HEAD + TAIL);
    expect(coverage).toEqual({ scored: HEAD.length + TAIL.length, bytes: HEAD.length + TAIL.length + 2 });
    expect(scores.bitsPerByte).not.toBeNull();
    const said = `R scored ${coverage!.scored} of ${coverage!.bytes} bytes`;
    expect(describeCoverage(coverage)).toBe(said);
    expect(summariseCompletion(record, analysisOf([record]).figuresOf(record)).coverage).toEqual(coverage);
    const [reported] = reportCompletions({ analysis: analysisOf([record]), score: 'bitsPerByte' }).completions;
    expect(reported!.coverage).toEqual(coverage);
    expect(formatCompletion(reported!, 1, 'bitsPerByte', new Colours(0))).toContain(said);
    // Tokens of no segment stand by themselves.
    expect(detailCompletion(record, analyseCompletion(record)).tokens.filter(({ segment }) => segment === undefined)).toHaveLength(2);
  });

  it('comes back from the journal as it was, and a reader that knows nothing of cuts takes the text up to the first', async () => {
    const record = await score((model) => model.pieces([3], never));
    const line = encodeCompletion(record);
    expect(decodeCompletion(JSON.parse(JSON.stringify(line)) as typeof line).reference).toEqual(record.reference);
    const former = JSON.parse(JSON.stringify(line)) as { reference: { behind?: unknown; ofBytes: number } };
    delete former.reference.behind;
    expect(former.reference.ofBytes).toBe(HEAD.length);
    expect(scoredText(decodeCompletion(former as never))).toBe(HEAD);
  });
});
