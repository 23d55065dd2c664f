/** The document of a diff scan, of texts that would be markup. */
import { describe, expect, it } from 'vitest';
import { formatDiffScanMarkdown } from '../../../src/records/report/diff-scan-markdown.js';

const names = { finetuned: 'F <b>', reference: 'R' };
const hostile = '[x](command:quit)|<img src=x>\n# head';

describe('the document of a diff scan', () => {
  it('lists tokens and places, and shows text as text in one row each', () => {
    const markdown = formatDiffScanMarkdown(
      {
        passages: 1200,
        tokens: 9,
        meanForward: 0.25,
        meanBackward: 0.5,
        raised: [{ id: 1, text: hostile, total: 1.5, passages: 2, places: 3, before: hostile }],
        places: [{ passage: 0, before: hostile, token: hostile, forward: 2, backward: 1, raised: [{ text: hostile, contribution: 0.75 }] }],
      },
      names,
    );
    expect(markdown).toMatch(/mean KL\(F‖R\) 0\.2500 nats, mean KL\(R‖F\) 0\.5000 nats/);
    expect(markdown).not.toMatch(/(?<!\\)<(b|img)|(?<!\\)\[x|^# head/m);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    // Two tables: a head, a rule and a row each.
    expect(rows).toHaveLength(6);
    for (const row of rows.filter((line) => line.includes('command'))) expect(row.match(/(?<!\\)\|/g)!.length).toBe(row.includes('1.500') ? 6 : 4);
  });

  it('of two models that agree says so', () => {
    const markdown = formatDiffScanMarkdown({ passages: 1, tokens: 2, meanForward: 0, meanBackward: 0, raised: [], places: [] }, names);
    expect(markdown).toContain('None.');
    expect(markdown).toContain('Nowhere.');
  });
});
