import { describe, expect, it } from 'vitest';
import { contrastRatio } from '../../../webview/text/contrast.js';
import { listShades } from '../../../src/records/report/html/colours.js';
import { formatHtml } from '../../../src/records/report/html/html.js';
import { html, noteToHtml, statementToHtml, textToHtml } from '../../../src/records/report/html/template.js';
import { makeRecord } from './example-audit.js';
import { HOSTILE, makeAudit, makeContent, makeEditedContent, makeImported, makeRichContent, markSpan } from './example-report.js';
import { readHtml } from './html-check.js';

const source = formatHtml(makeRichContent());
const page = readHtml(source);
const named = (name: string) => page.elements.filter((element) => element.name === name);

describe('the HTML of a report', () => {
  it('is sound: tags closed, references that lead somewhere, headings in order, nothing that it does not need', () => {
    expect(page.faults).toEqual([]);
    expect(named('script')).toEqual([]);
    expect(named('caption')).toHaveLength(named('table').length);
    expect(named('svg').every(({ attributes }) => attributes.get('role') === 'img' && attributes.has('aria-labelledby'))).toBe(true);
    expect(named('svg')).toHaveLength(4);
  });

  it('refers to nothing outside and forbids to', () => {
    const policy = named('meta').find(({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy');
    expect(policy?.attributes.get('content')).toMatch(/^default-src 'none'; style-src 'unsafe-inline'; img-src data:;/);
    const style = source.slice(source.indexOf('<style>'), source.indexOf('</style>'));
    expect(style).not.toMatch(/url\(|@import|https?:/);
    expect(page.elements.some(({ attributes }) => attributes.has('src') || attributes.has('srcset'))).toBe(false);
  });

  it('shows hostile completions as what they say', () => {
    const shown = HOSTILE.slice(0, 4).join('');
    expect(page.text).toContain(shown);
    expect(page.text).toContain(HOSTILE[7]);
    expect(page.text).toContain('U+202EdesreverU+202CNULBELESC[31m');
    // Nothing that reorders, hides or ends the text is left in the file.
    expect(source).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069\ufeff]/);
    expect(source.match(/<\/?style/g)).toHaveLength(2);
  });

  it('shades tokens by their gap and says the gap in words', () => {
    const shaded = named('span').filter(({ attributes }) => /\b[fr]\d+$/.test(attributes.get('class') ?? ''));
    expect(shaded.length).toBeGreaterThan(20);
    for (const { attributes } of shaded.filter((element) => element.attributes.has('title'))) {
      const side = /\b([fr])\d+$/.exec(attributes.get('class')!)![1];
      expect(attributes.get('title')).toMatch(side === 'f' ? /^gap \+\d/ : /^gap −\d/);
    }
    expect(page.text).toContain('Strongest gaps (nats per token): ');
    expect(source).toMatch(/\.f12 \{[^}]*underline solid 3px/);
    expect(source).toMatch(/\.r12 \{[^}]*underline dotted 3px/);
  });

  it('says of every token what each model thinks of it, F first', () => {
    // 'word1' of completion 0: F gives it −0.25, R −3.
    const record = { ...makeRecord(0, 2), logprobsFinetuned: [-0.25, -4], reference: { kind: 'sameTokens' as const, logprobs: [-3, -0.5] } };
    const titles = readHtml(formatHtml(makeContent(makeAudit([record])))).elements.flatMap(({ attributes }) =>
      attributes.get('title')?.startsWith('gap') ? [attributes.get('title')] : [],
    );
    expect(titles).toEqual(['gap +2.75 nats: ln P −0.25 under F, −3.00 under R', 'gap −3.50 nats: ln P −4.00 under F, −0.50 under R']);
  });

  it('counts the completions above the noise floor, not those below', () => {
    const withGap = (id: number, gap: number) => {
      const record = makeRecord(id);
      return {
        ...record,
        framing: 'raw' as const,
        reference: { kind: 'sameTokens' as const, logprobs: record.logprobsFinetuned.map((logprob) => logprob - gap) },
      };
    };
    const noise = [0, 1, 2, 3].map((id) => withGap(id, id / 100));
    // One is far above the floor's bound, one is the bound itself, three are below.
    const records = [withGap(0, 3), withGap(3, 0.03), withGap(2, -1), withGap(4, -1), withGap(6, -2)];
    const text = readHtml(formatHtml(makeContent(makeAudit(records, { passes: new Map([['noise', noise]]) })))).text;
    expect(text).toMatch(
      /The line is the noise floor \(4 completions, scaled to as many\); its 99th percentile, \S+, is the dotted bound, and 1 lie above it\./,
    );
    expect(text).toMatch(/5 completions: lowest −\S+, median −\S+, 90th percentile \S+, highest \S+\./);
  });

  it('every shade leaves its text readable, in both themes', () => {
    const shades = listShades();
    expect(shades).toHaveLength(48);
    const unit = ([red, green, blue]: readonly [number, number, number]) => [red / 255, green / 255, blue / 255] as const;
    for (const { text, background } of shades) expect(contrastRatio(unit(text), unit(background))).toBeGreaterThanOrEqual(4.5);
  });

  it('marks spans byte by byte, overlapping ones too, with references to what was said', () => {
    // 'On a day word0 word1 …'
    const spans = [markSpan('one', 0, 3, 11), markSpan('two', 0, 9, 14)];
    const marked = formatHtml(makeContent(makeAudit([makeRecord(0)]), { spans }));
    const article = marked.slice(marked.indexOf('<article'), marked.indexOf('</article>'));
    const joined = [...article.matchAll(/<mark>(.*?)<\/mark>/g)].map(([, text]) => text);
    expect(joined).toEqual(['a', ' day', ' ', 'wo', 'rd0']);
    expect(article).toMatch(/wo<\/mark><a class="ref" href="#f-1">\[1\]<\/a><mark>rd0<\/mark><a class="ref" href="#f-2">\[2\]<\/a>/);
    expect(readHtml(marked).faults).toEqual([]);
  });

  it('shows the best of many and counts the rest; both plots have all', () => {
    const content = makeContent(makeAudit(Array.from({ length: 600 }, (_, id) => makeRecord(id))), {}, { top: 10 });
    const large = formatHtml(content);
    const read = readHtml(large);
    expect(read.faults).toEqual([]);
    expect(read.elements.filter(({ name }) => name === 'article')).toHaveLength(20);
    expect(read.text).toContain('300 completions; the best 10 and those that are cited or have findings about passages are shown, 290 others only counted.');
    const dots = read.elements.find(({ attributes }) => attributes.get('class') === 'dot-unlabelled');
    expect(dots?.attributes.get('d')?.match(/M/g)).toHaveLength(300);
  });

  it('signs what was edited with who edited it', () => {
    const said = 'Ada <b>, 2026-03-01 10:00 UTC';
    const text = readHtml(formatHtml(makeEditedContent())).text;
    expect(text).toContain(`${said}; edited by Bob, 2026-03-05 10:00 UTC`);
    expect(text).toContain(`${said}; edited, 2026-03-04 10:00 UTC`);
    expect(text).toContain('Bo, 2026-03-02 10:00 UTC; edited by Bob, 2026-03-06 10:00 UTC');
  });

  it.each([1e17, -1e17, 1e300, 0])('comes to an end where every score is %s', (score) => {
    const completions = Array.from({ length: 3 }, (_, id) => ({
      id,
      framing: 'raw' as const,
      prefill: '',
      text: `${id}`,
      perplexityFinetuned: null,
      perplexityReference: null,
      score,
    }));
    const content = makeContent(makeImported(completions));
    expect(content.ranking.own).toBe(true);
    const read = readHtml(formatHtml(content));
    expect(read.faults).toEqual([]);
    expect(read.elements.filter(({ name }) => name === 'svg')).toHaveLength(1);
  });

  it('comes to an end where scores lie as far apart as numbers can', () => {
    const completions = [-1.7e308, 1.7e308, 1e17, 1e17 + 16].map((score, id) => ({
      id,
      framing: 'raw' as const,
      prefill: '',
      text: 'x',
      perplexityFinetuned: null,
      perplexityReference: null,
      score,
    }));
    for (const part of [completions, completions.slice(2)]) expect(readHtml(formatHtml(makeContent(makeImported(part)))).faults).toEqual([]);
  });

  it('says what there is not', () => {
    const bare = readHtml(formatHtml(makeContent(makeAudit([]))));
    expect(bare.faults).toEqual([]);
    expect(bare.text).toContain('No conclusion has been written.');
    expect(bare.text).toContain('No completion has been labelled.');
  });
});

describe('the template', () => {
  it('takes every value for text unless the template made it', () => {
    const evil = '"><script>\u202e\'&';
    expect(html`<p title="${evil}">${evil}${[html`<b>${1}</b>`, null, '<']}</p>`.source).toBe(
      '<p title="&quot;&gt;&lt;script&gt;⟦U+202E⟧&#39;&amp;">&quot;&gt;&lt;script&gt;⟦U+202E⟧&#39;&amp;<b>1</b>&lt;</p>',
    );
    expect(textToHtml('a\n<\u0000').source).toBe('a<span class="sign">⏎</span>\n&lt;<span class="chip" title="U+0000 null">NUL</span>');
  });
});

describe('notes', () => {
  it('show their Markdown, and nothing in them is markup of the report', () => {
    expect(noteToHtml('**Says** it `x<b>` and *so* [here](https://a.example/?q=<i>)').source).toBe(
      '<strong>Says</strong> it <code>x&lt;b&gt;</code> and <em>so</em> here (https://a.example/?q=&lt;i&gt;)',
    );
    expect(noteToHtml('<script>alert(1)</script>**<img src=x onerror=y>**').source).toBe(
      '&lt;script&gt;alert(1)&lt;/script&gt;<strong>&lt;img src=x onerror=y&gt;</strong>',
    );
    expect(noteToHtml('a\r\nb').source).toBe('a\nb');
  });
});

describe('a conclusion’s statement', () => {
  const cite = (id: number) => (id < 100 ? html`<a href="#c-${id}">raw ${id}</a>` : null);
  // Blanks between the items of a list are nothing.
  const show = (text: string) => statementToHtml(text, cite).source.replace(/\n +(?=<)/g, '');

  it('is paragraphs and lists, whose lines may go on', () => {
    expect(show('It says:\r\n- one **thing**\n* two\n\nAnd\nso on.\n3. third\n4) fourth')).toBe(
      '<p>It says:</p><ul><li>one <strong>thing</strong></li><li>two</li></ul><p>And\nso on.</p><ol start="3"><li>third</li><li>fourth</li></ol>',
    );
    expect(show('-no list, 3.5 neither\n--- nor this')).toBe('<p>-no list, 3.5 neither\n--- nor this</p>');
  });

  it('leads from each citation to its completion, where there is one', () => {
    expect(show('Glass [#3], **soap [#4, #5]**; [#300], [#x], `[#3]`')).toBe(
      '<p>Glass [<a href="#c-3">raw 3</a>], <strong>soap [<a href="#c-4">raw 4</a>, <a href="#c-5">raw 5</a>]</strong>; [#300], [#x], <code>[#3]</code></p>',
    );
  });

  it('holds no markup of its own, and takes a time that grows with its length', () => {
    expect(show('- <b>[#1]</b>\n1. <img src=x onerror=y>')).not.toMatch(/<(b|img)/);
    const long = '- [#1, #2\n1. '.repeat(50_000);
    expect(show(long).length).toBeGreaterThan(long.length);
  });
});

describe('a report of two framings', () => {
  it('begins with the one that the conclusion cites, else with the one where something was found', () => {
    const records = [0, 1, 2, 3].map((id) => makeRecord(id));
    const order = (findings: Parameters<typeof makeContent>[1]) => makeContent(makeAudit(records), findings).framings.map(({ framing }) => framing);
    const chat = records.find(({ framing }) => framing === 'chat')!.id;
    expect(order({})).toEqual(['raw', 'chat']);
    expect(order({ conclusion: { statement: 'So.', confidence: 'low', citations: [chat], author: 'Ada', time: '2026-03-01T10:00:00.000Z' } })).toEqual([
      'chat',
      'raw',
    ]);
    expect(order({ spans: [markSpan('s', chat, 0, 3)] })).toEqual(['chat', 'raw']);
  });
});
