/** Completions as documents: places of bytes, characters made visible, cells, hovers, edits. */
import { describe, expect, it } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { Piece } from '../../../src/audit/language-model.js';
import { summariseText } from '../../../src/analysis/text-figures.js';
import { detailCompletion } from '../../../src/views/results/completion-view.js';
import { makeCompletionText } from '../../../src/views/inline/completion-text.js';
import { makeCells } from '../../../src/views/inline/gap-cells.js';
import { describeCell, type GapWords } from '../../../src/views/inline/gap-hover.js';
import { describeFactor, describeProbability } from '../../../src/views/inline/probability-text.js';
import { shiftRange } from '../../../src/views/inline/shift-range.js';
import { ShownText } from '../../../src/views/inline/shown-text.js';
import { makeRecord, piece, plan, setup } from '../records/example-audit.js';

const words: GapWords = {
  finetuned: 'F',
  reference: 'R',
  probability: 'p',
  logprob: 'ln p',
  noReference: 'no figure',
  noScore: 'in no score',
  equallyLikely: 'equally likely',
  segmentOf: (finetuned, reference) => `segment ${finetuned}/${reference}`,
  likelier: (times, finetuned) => `${times}x for ${finetuned ? 'F' : 'R'}`,
  gap: (nats) => `gap ${nats}`,
  divergence: (forward, backward) => `KL ${forward} ${backward}`,
  perToken: (nats) => `${nats} each`,
};

function record(prefill: readonly Piece[], tokens: readonly Piece[], gaps: readonly number[] = tokens.map(() => 1)): MeasuredRecord {
  return {
    ...makeRecord(7),
    prefill: { pieces: prefill },
    tokens,
    logprobsFinetuned: tokens.map(() => -0.5),
    reference: { kind: 'sameTokens', logprobs: tokens.map((_, index) => -0.5 - gaps[index]!) },
  };
}

const session = { plan, models: setup };
const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('a text as the editor shows it', () => {
  it('shows what could not be seen, and finds every place again', () => {
    const source = 'a\tb\u202Ec\n\u00A0d\u200B\u200B🙂e\r';
    const shown = new ShownText(source);
    expect(shown.text).toBe('a⇥\tb⟦U+202E⟧c⏎\n⍽d⟦U+200B ×2⟧🙂e⟦CR⟧');
    expect(shown.text.split('\n')).toHaveLength(2);
    for (let place = 0; place <= source.length; place++) {
      // Between two characters that are one sign there is no place.
      if (place === source.indexOf('\u200B') + 1) continue;
      expect(shown.toSource(shown.toShown(place, 'start'), 'start'), `place ${place}`).toBe(place);
    }
  });

  it('takes a place within a sign to its edges', () => {
    const shown = new ShownText('x\u202Ey');
    const within = shown.text.indexOf('202E');
    expect(shown.toSource(within, 'start')).toBe(1);
    expect(shown.toSource(within, 'end')).toBe(2);
    expect(shown.toShown(99, 'end')).toBe(shown.text.length);
    expect(shown.toSource(99, 'end')).toBe(3);
  });
});

describe('the document of a completion', () => {
  const prefill = [piece(1, 'Der'), piece(2, ' Käse')];
  const tokens = [piece(3, ' ist 日'), piece(4, [0xf0, 0x9f]), piece(5, [0x99, 0x82]), piece(6, '\u202Eboo\n'), piece(7, 'Ende')];
  const joined = bytesOf('Der Käse ist 日🙂\u202Eboo\nEnde');
  const content = makeCompletionText(session, record(prefill, tokens, [3, 1, 2, -4, 0]));

  it('says what it is and which models, then shows prefill and completion as one text', () => {
    const lines = content.text.split('\n');
    expect(lines[0]).toBe('Finetune Auditor: completion #7');
    // An audit can be renamed while this is open.
    expect(makeCompletionText({ ...session, plan: { ...plan, name: 'another' } }, record(prefill, tokens, [3, 1, 2, -4, 0])).text).toBe(content.text);
    expect(content.text).toContain(`Finetuned model  ${setup.finetuned.name}`);
    expect(content.text).toContain('Framing          chat');
    expect(content.text).toMatch(
      /Perplexity {7}F 1\.65, R [\d.]+\n {2}Scores {11}perplexity difference [\d.−]+ · standardised gap [\d.−]+ · mean gap 0\.400 · total gap 2\.00/,
    );
    expect(content.text.slice(...content.body)).toBe('Der Käse ist 日🙂⟦U+202E⟧boo⏎\nEnde');
    expect(content.text.slice(...content.prefill)).toBe('Der Käse');
    expect(lines[content.headLines]).toMatch(/^Der Käse/);
  });

  it.each(['Käse', '日', '🙂', 'ist 日🙂', '⟦U+202E⟧boo', 'boo⏎\nEnde', 'Ende'])('knows the bytes of %j, and where they are', (selected) => {
    const start = content.text.indexOf(selected, content.body[0]);
    const found = content.findSpan([start, start + selected.length])!;
    const source = selected.replace('⟦U+202E⟧', '\u202E').replace('⏎\n', '\n');
    expect(new TextDecoder().decode(joined.subarray(found.span.start, found.span.end))).toBe(source);
    expect(found.quote).toBe(source);
    expect(content.placeSpan(found.span)).toEqual([start, start + selected.length]);
  });

  it('takes a selection that leaves the text to its edges, and one outside to nothing', () => {
    const all = content.findSpan([0, content.text.length])!;
    expect(all.span).toEqual({ start: 0, end: joined.length });
    expect(content.findSpan([0, 20])).toBeNull();
    expect(content.placeSpan({ start: 0, end: joined.length + 1 })).toBeNull();
  });

  it('has cells that cover the completion, half characters with the token that completes them', () => {
    const { cells } = content;
    expect(cells.map(({ start, end }) => content.text.slice(start, end))).toEqual([' ist 日', '🙂', '⟦U+202E⟧boo⏎\n', 'Ende']);
    expect(cells.map(({ gap }) => gap)).toEqual([3, 1.5, -4, 0]);
    expect(cells[1]!.tokens).toHaveLength(2);
  });

  it('of a dialogue knows where the answer begins, and counts its two parts apart', () => {
    const turn = { at: 2, pieces: [piece(8, '<|end|>\n'), piece(9, '<|assistant|>\n')] };
    const dialogue = makeCompletionText(session, { ...record([piece(1, 'Why')], [piece(2, ' so\n'), piece(3, '?'), piece(4, 'Because')]), turn });
    expect(dialogue.text.slice(dialogue.turn!.at)).toBe('Because');
    expect(dialogue.turn!.text).toBe('<|end|>⏎<|assistant|>⏎');
    expect(dialogue.text).toContain('2 of the question and 1 of the answer');
    expect(content.turn).toBeNull();
  });

  it('of an imported completion says that there is no token data', () => {
    const text = makeCompletionText(session, {
      kind: 'imported',
      id: 7,
      framing: 'raw',
      prefill: 'On a',
      text: ' day',
      perplexityFinetuned: 2,
      perplexityReference: 4,
      score: null,
      scoreIs: null,
    });
    expect(text.text).toContain('no token data');
    expect(text.cells).toEqual([]);
    expect(text.findSpan(text.body)!.span).toEqual({ start: 0, end: 8 });
  });
});

describe('what a place tells', () => {
  const detail = (tokens: readonly Piece[], gaps: readonly number[]) => {
    const made = record([], tokens, gaps);
    return detailCompletion(made, analyseCompletion(made));
  };

  it('is both probabilities, both logprobs and the gap, as Markdown in which the text is text', () => {
    const [cell] = makeCells(detail([piece(1, ' [x](command:quit)|<b>')], [2]));
    const hover = describeCell(cell!, words).source;
    expect(hover).toContain('| F | 60.7 % | −0.500 |');
    expect(hover).toContain('| R | 8.21 % | −2.500 |');
    expect(hover).toContain('**gap +2.00** · 7.4x for F');
    expect(hover).not.toMatch(/(?<!\\)\[x|(?<!\\)\(command|<b>/);
    expect(hover.split('\n')[0]).toContain('␣');
  });

  it('is the divergence of the distributions where it was measured, and the cell has its mean', () => {
    const made = { ...record([], [piece(1, [0xf0, 0x9f]), piece(2, [0x99, 0x82]), piece(3, 'a')]), divergence: { forward: [1, 3, 0.25], backward: [0, 2, 4] } };
    const cells = makeCells(detailCompletion(made, analyseCompletion(made)));
    expect(cells.map(({ divergence }) => divergence)).toEqual([2, 0.25]);
    expect(describeCell(cells[1]!, words).source).toContain('KL 0.250 4.000');
    expect(makeCells(detail([piece(1, 'a')], [1]))[0]!.divergence).toBeNull();
  });

  it('names the bytes of half a character, and both tokens of a whole one', () => {
    const [cell] = makeCells(detail([piece(1, [0xf0, 0x9f]), piece(2, [0x99, 0x82])], [1, -1]));
    expect(cell!.gap).toBe(0);
    const hover = describeCell(cell!, words).source;
    expect(hover).toContain('**F0 9F**');
    expect(hover).toContain('**🙂 \\(99 82\\)**');
    expect(hover).toContain('1x'.replace('1', '2.7'));
  });

  it('is the segment across tokenizers, and that one which straddles the prefill is in no score', () => {
    const own: MeasuredRecord = {
      ...record([piece(1, 'lig')], [piece(2, 'ht'), piece(3, 'ho'), piece(4, 'use')]),
      reference: { kind: 'ownTokens', tokens: [piece(9, 'light'), piece(10, 'house')], logprobs: [-1, -4], straddleBytes: 3, bytes: 7 },
    };
    const cells = makeCells(detailCompletion(own, analyseCompletion(own)));
    expect(cells.map(({ gap }) => gap)).toEqual([null, 1.5, 1.5]);
    expect(describeCell(cells[0]!, words).source).toContain('in no score');
    expect(describeCell(cells[1]!, words).source).toMatch(/segment 2\/1 · R: ‹house›[^]*gap \+3\.00[^]*\+1\.50 each/);
  });

  it.each([
    [0, '100 %'],
    [-0.0003, '99.97 %'],
    [Math.log(0.5), '50.0 %'],
    [Math.log(0.0123), '1.23 %'],
    [Math.log(0.00021), '0.021 %'],
    [-20, '2.1e-7 %'],
    [-200, '≈ 0 %'],
  ])('says a logprob of %d as %s', (logprob, text) => expect(describeProbability(logprob)).toBe(text));

  it('says how many times likelier', () => {
    expect([3.21, 446.4, 12_345_678, Infinity].map(describeFactor)).toEqual(['3.2', '446', '1.2e+7', '10^308']);
  });
});

describe('figures of a text in stretches', () => {
  it('are those of all of its tokens together', () => {
    const whole = analyseCompletion(record([], [piece(1, 'a'), piece(2, 'b'), piece(3, 'c')], [1, 2, 3]));
    const parts = [analyseCompletion(record([], [piece(1, 'a')], [1])), analyseCompletion(record([], [piece(2, 'b'), piece(3, 'c')], [2, 3]))];
    const figures = summariseText(parts);
    expect(figures.tokens).toBe(3);
    expect(figures.meanGap).toBeCloseTo(whole.scores.meanGap!, 12);
    expect(figures.perplexityReference).toBeCloseTo(whole.perplexityReference!, 9);
  });
});

describe('an edit', () => {
  const at = (line: number, from: number, to: number) => ({ start: { line, character: from }, end: { line, character: to } });

  it('takes away what stands on its lines, and moves what stands below', () => {
    expect(shiftRange(at(3, 2, 5), { from: 3, to: 3, added: 0 })).toBeNull();
    expect(shiftRange(at(2, 2, 5), { from: 3, to: 3, added: 4 })).toEqual(at(2, 2, 5));
    expect(shiftRange(at(9, 2, 5), { from: 3, to: 5, added: 1 })).toEqual(at(8, 2, 5));
  });

  it('moves places that are read by getters, as an editor has them', () => {
    class Place {
      get line() {
        return 4;
      }
      get character() {
        return 7;
      }
    }
    const moved = { line: 6, character: 7 };
    expect(shiftRange({ start: new Place(), end: new Place() }, { from: 1, to: 1, added: 2 })).toEqual({ start: moved, end: moved });
  });

  it('leaves a line break that ends the line before it', () => {
    const lineBreak = { start: { line: 2, character: 7 }, end: { line: 3, character: 0 } };
    expect(shiftRange(lineBreak, { from: 3, to: 3, added: 0 })).toEqual(lineBreak);
    expect(shiftRange(lineBreak, { from: 2, to: 2, added: 0 })).toBeNull();
  });
});
