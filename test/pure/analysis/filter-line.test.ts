import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeLine } from '../../../src/analysis/filter-line/complete-line.js';
import { LINE_NUMBERS } from '../../../src/analysis/filter-line/fields.js';
import { fitsLine, textOfLine, type LineContext, type LineSubject } from '../../../src/analysis/filter-line/match-line.js';
import { MOST_CONDITIONS, parseLine, quoteValue } from '../../../src/analysis/filter-line/parse-line.js';
import { compileLiteral } from '../../../src/analysis/patterns/literal.js';
import { FRAMINGS } from '../../../src/audit/framing.js';
import { eachScore, NO_SCORES, type ScoreName } from '../../../src/audit/scores.js';

const SCORE_OF: Readonly<Record<ScoreName, number>> = {
  perplexityDifference: 10,
  standardizedGap: 6,
  meanGap: 2.5,
  totalGap: 50,
  peakGap: 4,
  bitsPerByte: 0.5,
};
const subject: LineSubject = { framing: 'chat', tokenCount: 20, scores: eachScore((_, name) => SCORE_OF[name]) };
const context: LineContext<LineSubject> = { label: () => 'unlabelled', pass: 'plain', score: 'peakGap', isOfTheme: (_, phrase) => phrase === 'green glass' };
const fits = (line: string, one = subject) => {
  const { conditions, problem } = parseLine(line);
  if (problem) throw new Error(problem.message);
  return fitsLine(conditions, one, context);
};
const finds = (line: string, text: string) => textOfLine(parseLine(line).conditions)!.test(text);

describe('a filter line', () => {
  it('has conditions that all have to hold', () => {
    expect(fits('theme:"green glass" label:none gap>2')).toBe(true);
    expect(fits('theme:"green glass" label:none gap>2.5')).toBe(false);
    expect(fits('theme:"green glass" label:revealing gap>2')).toBe(false);
    expect(fits('theme:stone label:none gap>2')).toBe(false);
  });

  it.each([
    ['framing:chat', true],
    ['framing:RAW,chat', true],
    ['-framing:chat', false],
    ['label:not,unsure', false],
    ['-label:not,unsure', true],
    ['pass:plain', true],
    ['pass:amplified', false],
    ['tokens<=20', true],
    ['tokens<20', false],
    ['score=4', true],
    ['total≥50', true],
    ['-gap>2', false],
    ['gap>−1', true],
    ['difference>9.5', true],
    ['bits<.4', false],
    ['standardised>=6', true],
    ['peak>4', false],
  ])('%s is %s', (line, expected) => {
    expect(fits(line)).toBe(expected);
  });

  it('compares nothing with a number that a completion has not', () => {
    const imported: LineSubject = { ...subject, hasTokens: false, scores: NO_SCORES };
    for (const name of Object.keys(LINE_NUMBERS)) {
      expect(fits(`${name}>-1000`, imported)).toBe(false);
      expect(fits(`${name}<1000`, imported)).toBe(false);
    }
  });

  it('looks for text beside conditions, in quotation marks and by the safe expressions', () => {
    expect(finds('green glass label:none', 'of Green Glass')).toBe(true);
    expect(finds('green glass label:none', 'green and glass')).toBe(false);
    expect(finds('text:green text:glass', 'glass, green')).toBe(true);
    expect(finds('text:green,stone', 'stone')).toBe(true);
    expect(finds('text:green -text:stone', 'green stone')).toBe(false);
    expect(finds('text:/gr[ae]+y/', 'GREY')).toBe(true);
    expect(finds('text:/a\\/b/', 'a/b')).toBe(true);
    expect(finds('text:"label:none"', 'label:none')).toBe(true);
    expect(finds('text:/(a+)+b/', 'a'.repeat(5000))).toBe(false);
  });

  it('marks each wanted text, and none twice', () => {
    expect(textOfLine(parseLine('text:ab text:bc -text:x').conditions)!.findAll('abc bc')).toEqual([
      [0, 2],
      [4, 6],
    ]);
  });

  it.each([
    ['label:maybe gap>1', 'label:', 'maybe', '“maybe” is no label: revealing, not, unsure, none'],
    ['label:none framing:talk', 'framing:', 'talk', '“talk” is no framing: raw, chat, ask, dialogue'],
    ['gap>much', 'gap>', 'much', '“much” is no number'],
    ['gap>', '', 'gap>', 'a number is missing'],
    ['label:', '', 'label:', '“label:” needs a value'],
    ['theme:"green', 'theme:', '"green', 'a quotation mark that closes is missing'],
    ['text:/a', 'text:', '/a', 'a slash that closes is missing'],
    ['theme:/a/', 'theme:', '/a/', 'only “text:” takes a regular expression'],
    ['text:"a"b', 'text:"a"', 'b', 'a blank is missing before this'],
    ['gap>1,2', '', 'gap>1,2', 'one number stands behind a comparison'],
  ])('says of %s what is wrong and where', (line, before, place, message) => {
    const { problem } = parseLine(line);
    expect(problem?.message).toBe(message);
    expect(line.slice(problem!.start, problem!.end)).toBe(place);
    expect(line.slice(0, problem!.start).endsWith(before)).toBe(true);
  });

  it('says what no regular expression is, and goes by the rest', () => {
    const { problem, conditions } = parseLine('text:/(/ framing:raw');
    expect(problem?.message).toMatch(/^“\(” is no regular expression that can be used: /);
    expect(fitsLine(conditions, subject, context)).toBe(false);
  });

  it('has a bound', () => {
    const { problem, conditions } = parseLine('gap>1 '.repeat(MOST_CONDITIONS + 1));
    expect(problem?.message).toBe(`more than ${MOST_CONDITIONS} conditions`);
    expect(conditions).toHaveLength(MOST_CONDITIONS);
  });

  it('without a condition is a plain search, whatever else it holds', () => {
    const pieces = fc
      .array(fc.constantFrom('a', 'B', ' ', '"', ':', '>', ',', '/', '\\', '-', 'é', 'note:', 'x>1', '😀', '\n'), { maxLength: 12 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(pieces, pieces, (line, text) => {
        const parsed = parseLine(line);
        expect(parsed.hasFields).toBe(false);
        expect(parsed.problem).toBeNull();
        expect(textOfLine(parsed.conditions)?.findAll(text) ?? []).toEqual(compileLiteral(line).findAll(text));
      }),
    );
  });

  it('takes any value in quotation marks', () => {
    const value = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(value, value, fc.constantFrom(...FRAMINGS), (first, second, framing) => {
        const { conditions, problem } = parseLine(`theme:${quoteValue(first)},${quoteValue(second)} framing:${framing}`);
        expect(problem).toBeNull();
        expect(conditions).toEqual([
          { kind: 'theme', negated: false, anyOf: [first, second] },
          { kind: 'framing', negated: false, anyOf: [framing] },
        ]);
      }),
    );
  });

  it('never fails, names places inside of it, and a minus turns any condition round', () => {
    const soup = fc
      .array(fc.constantFrom('label:', 'none', 'gap', '>', '2', ' ', '"', '/', ',', '\\', '-', 'text:', 'theme:', 'a', '(', '='), { maxLength: 20 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(soup, (line) => {
        const { conditions, problem } = parseLine(line);
        if (problem) expect(problem.start >= 0 && problem.start <= problem.end && problem.end <= line.length).toBe(true);
        for (const condition of conditions.filter(({ kind }) => kind !== 'text')) {
          expect(fitsLine([{ ...condition, negated: !condition.negated }], subject, context)).toBe(!fitsLine([condition], subject, context));
        }
      }),
    );
  });
});

describe('what a line can go on with', () => {
  const vocabulary = {
    themes: [
      { value: 'green glass', explanation: '9 openings' },
      { value: 'stone', explanation: '3 openings' },
    ],
    passes: [{ value: 'amplified', explanation: '' }],
  };
  const complete = (line: string, caret = line.length) => {
    const { from, to, choices } = completeLine(line, caret, vocabulary);
    return choices.map(({ text }) => line.slice(0, from) + text + line.slice(to));
  };

  it('are fields, then their values', () => {
    expect(complete('the')).toEqual(['theme:']);
    expect(complete('gap>2 -la')).toEqual(['gap>2 -label:']);
    expect(complete('label:')).toEqual(['label:revealing ', 'label:not ', 'label:unsure ', 'label:none ']);
    expect(complete('label:not,u')).toEqual(['label:not,unsure ']);
    expect(complete('theme:"green g')).toEqual(['theme:"green glass" ']);
    expect(complete('theme:gl label:none', 8)).toEqual(['theme:"green glass"  label:none']);
    expect(complete('pass:')).toEqual(['pass:amplified ']);
    expect(complete('framing:d')).toEqual(['framing:dialogue ', 'framing:ask '].filter((line) => line.includes('d')));
  });

  it('are nothing where nothing fits', () => {
    for (const line of ['', 'gap>', 'text:"x', 'zebra', 'label:none ']) expect(complete(line)).toEqual([]);
  });

  it('are always lines that can be read', () => {
    const texts = fc.array(
      fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== ''),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(texts, (phrases) => {
        const themes = phrases.map((value) => ({ value, explanation: '' }));
        for (const { text } of completeLine('theme:', 6, { themes, passes: [] }).choices) expect(parseLine(`theme:${text}`).problem).toBeNull();
      }),
    );
  });
});
