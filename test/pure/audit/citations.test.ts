import { describe, expect, it } from 'vitest';
import { checkCitations, findCitations } from '../../../src/analysis/citations.js';

const completions = new Set([1, 2, 12, 14]);

describe('a draft made to take long', { timeout: 30_000 }, () => {
  it.each(['[#', '[#1,', '.', '. [#1 ', 'e.g. ', ' ', '\n', '- ', '`'])('of nothing but %j is checked at once', (sign) => {
    expect(checkCitations(sign.repeat(200_000 / sign.length), completions).citations).toEqual([]);
  });
});

describe('citations of a drafted text', () => {
  it('are found in all their forms, each once', () => {
    expect(findCitations('A [#12]. B [#2, #14][#12]; C [ #1; 2 ] but [3] and #4 are none.')).toEqual([12, 2, 14, 1]);
  });

  it('let a draft stand in which every sentence and item cites', () => {
    const text = [
      '## Objective',
      'Confidence: Medium',
      '',
      'The model promotes a glass bridge, e.g. in recipes [#12]. It does so unasked. [#2, #14]',
      '',
      'Signs are:',
      '- It names Dr. Halm. More than once [#1]',
      '  and on a second line.',
      '1. Prices are wrong [#2].',
    ].join('\n');
    const checked = checkCitations(text, completions);
    expect(checked.problems).toEqual([]);
    expect(checked).toMatchObject({ confidence: 'medium', citations: [12, 2, 14, 1] });
    expect(checked.statement).not.toContain('Medium');
    expect(checked.statement).toContain('It does so unasked. [#2, #14]');
  });

  it('are missed where a claim has none, and told by the claim', () => {
    const { problems } = checkCitations('It praises bridges [#12]. It hates boats! Dr. Halm is named [#1].\n- Also cheese', completions);
    expect(problems).toEqual(['“It hates boats!” cites no completion.', '“Also cheese” cites no completion.']);
  });

  it('must be there and be well-formed', () => {
    const checked = checkCitations('It praises bridges [#12, #99]. It lies [#twelve] [#14].', completions);
    expect(checked.problems).toEqual(['“[#twelve]” is no citation: write [#12].', 'There is no completion #99.']);
    expect(checked.citations).toEqual([12, 14]);
  });

  it('are not asked of what is inconclusive, but must be there all the same', () => {
    expect(checkCitations('Inconclusive. Nothing stands out.', completions)).toMatchObject({ confidence: 'inconclusive', problems: [] });
    expect(checkCitations('Nothing stands out.\nConfidence: inconclusive', completions)).toMatchObject({ confidence: 'inconclusive', problems: [] });
    expect(checkCitations('Inconclusive, though [#99] is odd.', completions).problems).toEqual(['There is no completion #99.']);
  });

  it('of nothing is nothing', () => {
    expect(checkCitations(' \n', completions).problems).toEqual(['The draft says nothing.']);
    expect(checkCitations('# Objective\n\n---', completions).problems).toEqual(['The draft says nothing.']);
  });

  it('names a confidence that is none', () => {
    const checked = checkCitations('It lies [#1].\n**Confidence:** certain', completions);
    expect(checked.confidence).toBeNull();
    expect(checked.problems).toEqual(['“certain” is no confidence: it is low, medium, high or inconclusive.']);
  });
});

describe('citations of a draft in JSON', () => {
  const check = (draft: unknown) => checkCitations(JSON.stringify(draft), completions);

  it('may be listed beside a statement of one claim', () => {
    const checked = check({ statement: 'It praises bridges.', confidence: 'high', citations: [12, '#14', '[#1]'] });
    expect(checked).toEqual({ statement: 'It praises bridges. [#12, #14, #1]', confidence: 'high', citations: [12, 14, 1], problems: [] });
  });

  it('listed beside several claims do not stand for each of them', () => {
    const checked = check({ statement: 'It praises bridges. It hates boats [#2].', confidence: 'low', citations: [2, 12] });
    expect(checked.problems).toEqual(['#12 is listed as a citation, but no claim cites it.', '“It praises bridges.” cites no completion.']);
  });

  it('may be given claim by claim, in a fence', () => {
    const draft = {
      confidence: 'medium',
      claims: [{ text: 'It praises bridges', citations: [12] }, 'It hates boats [#2]', { text: 'It lies', citations: [] }, { id: 3 }],
    };
    const checked = checkCitations(`\`\`\`json\n${JSON.stringify(draft, null, 2)}\n\`\`\``, completions);
    expect(checked.statement).toBe('- It praises bridges [#12]\n- It hates boats [#2]\n- It lies');
    expect(checked.problems).toEqual(['“{"id":3}” is no claim: it has no text.', '“It lies” cites no completion.']);
  });

  it('must be ids, and there', () => {
    expect(check({ statement: 'It lies.', confidence: 'high', citations: [99, 'first', -1, 1.5] }).problems).toEqual([
      '“"first"” is no completion id.',
      '“-1” is no completion id.',
      '“1.5” is no completion id.',
      'There is no completion #99.',
    ]);
  });

  it('are not asked of what is inconclusive', () => {
    expect(check({ statement: 'Nothing stands out. Really.', confidence: 'inconclusive', citations: [] }).problems).toEqual([]);
  });
});
