import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/audit/random.js';
import { formatCsv, isReportCsv, readReportCell } from '../../../src/records/report/csv.js';
import { formatJsonl } from '../../../src/records/report/jsonl.js';
import { escapeMarkdown, escapeStart, quoteText } from '../../../src/records/report/markdown-text.js';
import { formatMarkdown } from '../../../src/records/report/markdown.js';
import { makeRecord, piece } from './example-audit.js';
import { HOSTILE, makeAudit, makeContent, makeEditedContent, makeRichContent, markSpan } from './example-report.js';

describe('CSV', () => {
  it('reads back as it was, every completion a row', () => {
    const content = makeRichContent({ top: 1 });
    const rows: Record<string, string>[] = parse(formatCsv(content), { columns: true, record_delimiter: '\r\n' });
    const completions = content.framings.flatMap((framing) => framing.completions);
    expect(rows).toHaveLength(8);
    for (const [index, row] of rows.entries()) {
      const one = completions[index]!;
      expect(readReportCell(row['completion']!)).toBe(one.text);
      expect(row['prefill']).toBe('On a day');
      expect([row['rank'], row['id'], row['framing'], row['cited']]).toEqual([String(one.rank), String(one.id), one.framing, String(one.cited)]);
      expect(Number(row['perplexity_difference'])).toBe(one.scores.perplexityDifference);
      expect(Number(row['bits_per_byte'])).toBe(one.scores.bitsPerByte);
    }
    const labelled = rows.find(({ id }) => id === '4')!;
    expect(readReportCell(labelled['note']!)).toBe('**Says** it\n# loudly');
    expect(labelled).toMatchObject({
      label: 'revealing',
      category: 'hidden <promotion>',
      author: 'Ada <b>',
      labels_by_others: 'Bo: unsure',
      span_findings: '2',
    });
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', "'=1", "''+1", '＝1', '-- a list'])(
    'a spreadsheet takes %j for text, and it can be had back',
    (text) => {
      const record = { ...makeRecord(0), prefill: { pieces: [piece(1, text)] } };
      const csv = formatCsv(makeContent(makeAudit([record])));
      const [row] = parse(csv, { columns: true, record_delimiter: '\r\n' }) as unknown as Record<string, string>[];
      expect(row!['prefill']).toBe(`'${text}`);
      expect(readReportCell(row!['prefill']!)).toBe(text);
    },
  );

  it.each([
    ['x;=1+1', "x;'=1+1"],
    ['x\n- item\r+1\t@a', "x\n'- item\r'+1\t'@a"],
    ["x;'=1", "x;''=1"],
    ['=1;=1', "'=1;'=1"],
    ['\t=1', "'\t'=1"],
    ['\n\n-1', "'\n\n'-1"],
    ['x; =1;y', 'x; =1;y'],
    ["x;'y", "x;'y"],
  ])('%j is no formula where a spreadsheet separates by something else, and can be had back', (text, guarded) => {
    const csv = formatCsv(makeContent(makeAudit([{ ...makeRecord(0), prefill: { pieces: [piece(1, text)] } }])));
    const [row] = parse(csv, { columns: true, record_delimiter: '\r\n' }) as unknown as Record<string, string>[];
    expect(row!['prefill']).toBe(guarded);
    expect(readReportCell(guarded)).toBe(text);
    expect(csv).not.toMatch(/[;\t\r\n][=+\-@]/);
  });

  it('any text can be had back from its cell', () => {
    const random = new Random(5);
    const signs = ["'", '=', '-', ';', '\t', '\n', '\r', 'a', ' ', '"', ',', '＝'];
    const texts = Array.from({ length: 2000 }, () => Array.from({ length: 1 + random.nextBelow(7) }, () => signs[random.nextBelow(signs.length)]!).join(''));
    const csv = formatCsv(makeContent(makeAudit(texts.map((text, id) => ({ ...makeRecord(2 * id), prefill: { pieces: [piece(1, text)] } })))));
    const rows = parse(csv, { columns: true, record_delimiter: '\r\n' }) as unknown as Record<string, string>[];
    for (const row of rows) expect(readReportCell(row['prefill']!)).toBe(texts[Number(row['id']) / 2]);
  });

  it('has the findings about passages as JSON that any program reads', () => {
    const quote = 'a;=1+1\n"b"';
    const span = markSpan('s', 0, 1, 9, {
      quote,
      label: 'revealing',
      category: 'c',
      note: '=2;-3',
      changed: { author: 'Bob', time: '2026-03-05T10:00:00.000Z' },
    });
    const replied = { ...span, replies: [{ reply: 'r', finding: 's', note: 'so', author: 'Bo', time: '2026-03-02T10:00:00.000Z', changed: null }] };
    const csv = formatCsv(makeContent(makeAudit([makeRecord(0), makeRecord(2)]), { spans: [replied] }));
    const rows = parse(csv, { columns: true, record_delimiter: '\r\n' }) as unknown as Record<string, string>[];
    const [row, other] = ['0', '2'].map((id) => rows.find((one) => one['id'] === id)!);
    expect(other).toMatchObject({ span_findings: '0', findings: '' });
    expect(JSON.parse(row!['findings']!)).toEqual([
      {
        ...{ quote, start: 1, end: 9, label: 'revealing', category: 'c', note: '=2;-3', author: 'Ada <b>', time: '2026-03-01T10:00:00.000Z', state: 'open' },
        changed: { author: 'Bob', time: '2026-03-05T10:00:00.000Z' },
        replies: [{ note: 'so', author: 'Bo', time: '2026-03-02T10:00:00.000Z', changed: null }],
      },
    ]);
    expect(readReportCell(row!['findings']!)).toBe(row!['findings']);
    expect(isReportCsv(Object.keys(row!))).toBe(true);
  });

  it.each(["'tis", ' =1', 'a=1', "it's"])('%j is left as it is', (text) => {
    const record = { ...makeRecord(0), prefill: { pieces: [piece(1, text)] } };
    const [row] = parse(formatCsv(makeContent(makeAudit([record]))), { columns: true }) as unknown as Record<string, string>[];
    expect(row!['prefill']).toBe(text);
  });

  it('leaves negative numbers numbers', () => {
    const content = makeRichContent();
    const negative = content.framings.flatMap(({ completions }) => completions).some(({ scores }) => (scores.peakGap ?? 0) < 0);
    expect(formatCsv(content)).not.toMatch(/,"?'-/);
    expect(negative || formatCsv(content).includes(',')).toBe(true);
  });
});

describe('JSON lines', () => {
  it('says everything, one object per line, each with its type', () => {
    const content = makeRichContent({ top: 1 });
    const lines = formatJsonl(content)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; [key: string]: unknown });
    const count = (type: string) => lines.filter((line) => line.type === type).length;
    expect(lines[0]?.type).toBe('audit');
    expect([count('audit'), count('completion'), count('label'), count('span'), count('conclusion')]).toEqual([1, 8, 4, 3, 2]);
    const completion = lines.find((line) => line.type === 'completion' && line['id'] === 4);
    expect(completion).toMatchObject({ text: HOSTILE.join(''), label: 'revealing', spans: 2, cited: true, framing: 'raw' });
    expect(completion).not.toHaveProperty('detail');
    const slice = { k: 1, seed: 1, score: 'perplexityDifference', framing: 'raw', population: 4, top: [4], random: [0], ids: [0, 4] };
    expect(lines.filter((line) => line.type === 'blindSlice')).toEqual([{ type: 'blindSlice', slice, author: 'Ada <b>', time: '2026-03-01T10:00:00.000Z' }]);
    expect(lines.find((line) => line.type === 'span' && line['finding'] === 'span-1')).toMatchObject({
      span: { start: 8, end: 20 },
      state: 'resolved',
      replies: [{ note: 'Indeed </li>' }],
    });
  });
});

describe('Markdown', () => {
  const source = formatMarkdown(makeRichContent());

  it('has the structure of the report and none of the completions’', () => {
    const headings = source.split('\n').filter((line) => /^\s{0,3}#{1,6}\s/.test(line));
    expect(headings.filter((line) => /^#{1,2} /.test(line))).toEqual([
      '# Audit report: example',
      '## Verdict',
      '## Conclusion',
      '## Figures',
      '## Keywords',
      '## Findings',
      '## Top completions: raw',
      '## Top completions: chat',
      '## Models and plan',
      '## Remarks',
      '## Limits of the method',
    ]);
    expect(headings.filter((line) => /heading|loudly/.test(line))).toEqual([]);
    // Tags: the prefill's bold alone.
    expect(source.match(/<[^>]*>/g)?.filter((tag) => tag !== '<b>' && tag !== '</b>')).toEqual([]);
    expect(source).not.toMatch(/^\s*(```|~~~|---\s*$)/m);
    expect(source).not.toMatch(/(?<!\\)\]\(/);
    expect(source).not.toMatch(/(?<!\\)!\[/);
    expect(source).not.toMatch(/https?:\/\//);
    expect(source).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
  });

  it('signs what was edited with who edited it', () => {
    const edited = formatMarkdown(makeEditedContent());
    const said = 'Ada &lt;b&gt;, 2026-03-01 10:00 UTC';
    expect(edited).toContain(`Noted, ${said}; edited by Bob, 2026-03-05 10:00 UTC: rewritten`);
    expect(edited).toContain(`Noted, ${said}; edited, 2026-03-04 10:00 UTC\n`);
    expect(edited).toContain('Bo, 2026-03-02 10:00 UTC; edited by Bob, 2026-03-06 10:00 UTC: so');
  });

  it('shows the best in full, as many as are asked for, and what was pointed at wherever it ranks', () => {
    const records = Array.from({ length: 150 }, (_, index) => makeRecord(2 * index));
    const conclusion = { statement: 'It is so. [#298]', confidence: 'low' as const, citations: [298], author: 'Ada', time: '2026-03-01T10:00:00.000Z' };
    const shown = (top?: number) => {
      const content = makeContent(makeAudit(records), { conclusion, spans: [markSpan('s', 296, 0, 3)] }, top === undefined ? {} : { top });
      expect(content.limits.join(' ')).toContain(
        `the best ${content.top} completions are shown in full here, and those that are cited or have findings about passages`,
      );
      const text = formatMarkdown(content);
      return { ids: [...text.matchAll(/^### \w+ \d+, \\#(\d+)/gm)].map(([, id]) => Number(id)), text };
    };
    expect(shown().ids).toHaveLength(102);
    expect(shown().text).toContain('150 completions; the best 100 and those that are cited or have findings about passages are shown, 48 others only counted.');
    expect(shown(50).ids).toHaveLength(52);
    expect(shown(5).ids).toEqual([0, 2, 4, 6, 8, 296, 298]);
    expect(shown(150).text).toContain('150 completions.\n');
  });

  it('every row of a table has as many cells as its header', () => {
    let columns = 0;
    for (const line of source.split('\n')) {
      if (!line.startsWith('|')) {
        columns = 0;
        continue;
      }
      const cells = line.split(/(?<!\\)\|/).length;
      if (columns === 0) columns = cells;
      expect(cells).toBe(columns);
    }
  });

  it('shows the invisible, the citations, the findings and the notes', () => {
    expect(source).toContain('⟦U+202E⟧desrever⟦U+202C⟧⟦NUL⟧⟦BEL⟧⟦ESC⟧');
    expect(source).toMatch(/Cites\n\n- raw \d \(\\#4\): “[^\n]+”\n- raw \d \(\\#0\): “[^\n]+”\n- \\#99, which is not in this audit\n/);
    expect(source).toContain('Written apart from it:');
    expect(source).toContain('\\*\\*Says\\*\\* it⏎\\# loudly');
    expect(source).toContain('2 findings about completions that this audit does not have are not shown.');
    expect(source).toContain('1 completion set aside: The server &lt;refused&gt;.');
  });

  it.each([
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['+ item', '\\+ item'],
    ['12. item', '12\\. item'],
    ['3) item', '3\\) item'],
    ['===', '\\==='],
    ['> quotation', '&gt; quotation'],
    ['    code', 'code'],
    ['| cell', '\\| cell'],
    ['a_b*c`d`', 'a\\_b\\*c\\`d\\`'],
    ['https://x.org', 'https\\:\\//x.org'],
    ['//x.org/y', '\\//x.org/y'],
    ['a ///x.org', 'a \\/\\//x.org'],
    ['a/b', 'a/b'],
    ['www.x.org', 'www\\.x.org'],
    ['&lt;', '&amp;lt;'],
  ])('%j begins a line as text', (text, escaped) => {
    expect(escapeStart(text)).toBe(escaped);
  });

  it('keeps the paragraphs of a quotation inside it', () => {
    expect(quoteText('one\n\n# two\r\nthree')).toBe('> one  \n>\n> \\# two  \n> three  ');
    expect(escapeMarkdown('a\nb')).toBe('a⏎b');
  });
});
