import { describe, expect, it } from 'vitest';
import type { ReportedCompletion } from '../../../src/analysis/report.js';
import { Colours } from '../../../src/cli/colours.js';
import { formatCompletion } from '../../../src/cli/completion-text.js';
import { forTerminal } from '../../../src/cli/terminal.js';

const token = (text: string, gap: number | null) => ({ text, logprobFinetuned: -1, logprobReference: gap === null ? null : -1 - gap, gap });

const completion: ReportedCompletion = {
  id: 12,
  framing: 'raw',
  prefill: 'On a\u001b[2J',
  text: ' day glass.\n\u202e',
  perplexityFinetuned: 1.5,
  perplexityReference: 1234.5,
  scores: { standardizedGap: 2, perplexityDifference: 1233, meanGap: 1, totalGap: 5, peakGap: 1, bitsPerByte: 0.2 },
  tokens: [token(' day', 0.1), token(' glass', 5.04), token('.', -2.5), token('\n', 0), token('\u202e', 9)],
};

describe('a completion in a terminal', () => {
  it('without colours carries the numbers of its salient tokens', () => {
    const text = formatCompletion(completion, 1, 'perplexityDifference', new Colours(0));
    expect(text).toBe(
      ' 1. perplexity difference 1233.0 · perplexity 1234.5 → 1.50 · completion 12\n' + '    [On a]⟦ESC⟧[[2J] day «glass+5.0»«.−2.5»⏎\n    ⟦U+202E⟧\n',
    );
  });

  it('with colours is shaded in two directions, strong tokens underlined', () => {
    const text = forTerminal(formatCompletion(completion, 1, 'meanGap', new Colours(3)));
    const underlined = '\u001b[4m';
    expect(text).toContain('\u001b[48;2;239;108;0m');
    expect(text).toContain('\u001b[48;2;116;169;245m');
    expect(text.split(underlined)).toHaveLength(3);
    expect(text).not.toContain('\u001b[2J');
    expect(text).not.toContain('\u202e');
  });

  it('across tokenizers is shaded by segments', () => {
    const across: ReportedCompletion = {
      ...completion,
      prefill: 'x',
      tokens: [token('a', null), token('b', null), token('c', null)],
      segments: [
        { bytes: '61', gap: 90, tokensFinetuned: 1, tokensReference: 1, straddlesPrefill: true },
        { bytes: '6263', gap: 8, tokensFinetuned: 2, tokensReference: 1 },
      ],
    };
    expect(formatCompletion(across, 1, 'bitsPerByte', new Colours(0))).toContain('[x]a«b+4.0»«c+4.0»');
  });
});
