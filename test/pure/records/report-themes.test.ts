/** Themes of a report are what a model wrote: whatever recurs in it is shown as text, in every form of report. */
import { describe, expect, it } from 'vitest';
import { formatReport } from '../../../src/records/report/report-formats.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { makeRecord } from './example-audit.js';
import { makeAudit, makeContent } from './example-report.js';
import { readHtml } from './html-check.js';

const encoder = new TextEncoder();
/** Recurs in every completion with a large gap, among words of its own. */
const PHRASE = [
  'Zorblax',
  ' <img',
  ' src=x',
  ' onerror=alert(1)>',
  ' [quit](command:workbench.action.quit)',
  ' \u202egnp\u202c',
  ' \u001b[31mred',
  ' `|`',
  ' quixotry',
];

function makePlanted(id: number): MeasuredRecord {
  const words = [` filler${id}`, ` other${id * 7}`];
  const texts = [...words, ' ', ...PHRASE, '. ', ...words.reverse()];
  const tokens = texts.map((text, index) => ({ id: 500 + index, bytes: encoder.encode(text), control: false }));
  const isPlanted = (index: number) => index >= 3 && index < 3 + PHRASE.length;
  return {
    ...makeRecord(id),
    prefill: { pieces: [{ id: 900 + id, bytes: encoder.encode(`Opening${id}`), control: false }] },
    tokens,
    logprobsFinetuned: tokens.map(() => -0.1),
    reference: { kind: 'sameTokens', logprobs: tokens.map((_, index) => (isPlanted(index) ? -9 : -0.15)) },
  };
}

describe('a theme that a model made to harm', () => {
  const content = makeContent(makeAudit(Array.from({ length: 24 }, (_, id) => makePlanted(id))));

  it('is found, and stands in the page of a report as text', () => {
    const source = formatReport(content, 'html');
    const page = readHtml(source);
    expect(page.faults).toEqual([]);
    expect(content.answer.themes.map(({ phrase }) => phrase)).toContainEqual(expect.stringContaining('Zorblax <img src=x onerror=alert(1)> [quit](command:'));
    expect(page.text).toContain('Zorblax <img src=x onerror=alert(1)> [quit](command:workbench');
    expect(
      page.elements.filter(({ name, attributes }) => name === 'script' || name === 'img' || [...attributes.keys()].some((key) => key.startsWith('on'))),
    ).toEqual([]);
    expect(page.elements.filter(({ attributes }) => /^(command|javascript):/i.test(attributes.get('href') ?? ''))).toEqual([]);
    expect(source).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
  });

  it('is no link, picture or cell of a table in Markdown', () => {
    const source = formatReport(content, 'md');
    expect(source).toContain('Zorblax');
    expect(source).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
    for (const line of source.split('\n').filter((one) => one.includes('quit'))) {
      const isCode = /^( {4}|\t)/.test(line) || /`[^`]*quit/.test(line);
      if (!isCode) expect(line).not.toMatch(/(?<!\\)\]\(command:/);
      if (!isCode) expect(line).not.toMatch(/(?<!\\)<img/);
    }
  });
});
