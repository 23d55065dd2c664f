import { describe, expect, it } from 'vitest';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { gatherFindings } from '../../../src/records/report/report-findings.js';
import { findStrongestGaps } from '../../../src/records/report/strongest-gaps.js';
import { makeRecord, piece } from './example-audit.js';
import { HOSTILE, judge, makeAudit, makeContent, makeHostileRecord, makeImported, makeRichContent, markSpan } from './example-report.js';
import { makeTempFolder } from './temp-folder.js';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

const many = (count: number) => Array.from({ length: count }, (_, id) => makeRecord(id));

describe('what a report says', () => {
  it('ranks each framing on its own, best first', () => {
    const content = makeRichContent();
    expect(content.framings.map(({ framing }) => framing)).toEqual(['raw', 'chat']);
    for (const { completions } of content.framings) {
      expect(completions.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
      const values = completions.map(({ value }) => value!);
      expect(values).toEqual([...values].sort((a, b) => b - a));
      for (const one of completions) expect(one.value).toBe(one.perplexityReference! - one.perplexityFinetuned!);
    }
    expect(makeRichContent({ framing: 'chat' }).framings.map(({ framing }) => framing)).toEqual(['chat']);
    const byPeak = makeRichContent({ score: 'peakGap' });
    expect(byPeak.ranking.name).toBe('Peak gap');
    expect(byPeak.framings[0]!.completions[0]!.value).toBe(byPeak.framings[0]!.completions[0]!.scores.peakGap);
  });

  it('lays out the best, and what was pointed at wherever it ranks; the rest is only counted', () => {
    const last = many(30).at(-2)!.id;
    const content = makeContent(makeAudit(many(30)), { spans: [markSpan('s', last, 0, 3)] }, { top: 4 });
    const raw = content.framings[0]!.completions;
    expect(raw).toHaveLength(15);
    const laidOut = raw.filter(({ detail }) => detail !== null);
    expect(laidOut).toHaveLength(5);
    expect(laidOut.at(-1)).toMatchObject({ id: last });
    expect(raw.slice(0, 4).every(({ detail }) => detail !== null)).toBe(true);
  });

  it('says which bytes every token covers, prefill included, control tokens none', () => {
    const record: MeasuredRecord = {
      ...makeRecord(0, 0),
      tokens: [piece(5, 'é'), piece(6, '<|x|>', true), piece(7, [0xf0, 0x9f]), piece(8, [0x98, 0x80])],
      logprobsFinetuned: [-1, -1, -1, -1],
      reference: { kind: 'sameTokens', logprobs: [-2, -1, -3, -1] },
    };
    const { detail } = makeContent(makeAudit([record])).framings[0]!.completions[0]!;
    expect(detail?.prefill.map(({ text, start, end }) => [text, start, end])).toEqual([
      ['On', 0, 2],
      [' a', 2, 4],
      [' day', 4, 8],
    ]);
    expect(detail?.units.map(({ text, start, end, gap }) => [text, start, end, gap])).toEqual([
      ['é', 8, 10, 1],
      ['<|x|>', 10, 10, 0],
      ['', 10, 12, 2],
      ['😀', 12, 14, 0],
    ]);
  });

  it('lays out segments where the tokenizers differ', () => {
    const record: MeasuredRecord = {
      ...makeRecord(0, 0),
      tokens: [piece(1, ' one'), piece(2, ' tw'), piece(3, 'o')],
      logprobsFinetuned: [-1, -1, -1],
      reference: { kind: 'ownTokens', tokens: [piece(9, ' one'), piece(8, ' two')], logprobs: [-3, -6], straddleBytes: 0, bytes: 8 },
    };
    const { detail } = makeContent(makeAudit([record])).framings[0]!.completions[0]!;
    expect(detail?.units).toMatchObject([
      { text: ' one', start: 8, end: 12, gap: 2, shade: 2 },
      { text: ' two', start: 12, end: 16, gap: 4, shade: 2 },
    ]);
    expect(findStrongestGaps(detail!).map(({ gap }) => gap)).toEqual([2, 2]);
  });

  it('gives the figures of the labels that show: each completion by its latest judgement', () => {
    const content = makeRichContent();
    const raw = content.figures.find(({ title }) => title.startsWith('raw, top'));
    expect(raw?.facts).toContainEqual({ name: 'Judged', value: '1 of 4 (25.0 %)' });
    expect(raw?.facts.find(({ name }) => name === 'Revealing')?.value).toMatch(/^1 of 1: 100\.0 %/);
    expect(content.figures[0]?.title).toBe('Blind slice: the top 1 by perplexity difference of raw, and 1 at random');
    expect(content.figures.find(({ title }) => title.startsWith('Agreement'))?.facts).toContainEqual({ name: 'Same label', value: '0.0 %' });
    const other = makeContent(makeAudit(many(4)), {
      judgements: new Map([[0, [judge(0, 'revealing', 'A', '2026-01-02'), judge(0, 'notRevealing', 'B', '2026-01-03')]]]),
    });
    expect(other.figures[0]?.facts.find(({ name }) => name === 'Revealing')?.value).toMatch(/^0 of 1/);
    expect(other.figures[0]?.note).toBe('No lift is shown without a random slice.');
  });

  it('counts keywords in the completion and not in the prefill, beside the reference’s own', () => {
    const content = makeContent(makeAudit(many(4), { passes: new Map([['noise', many(2)]]) }), {
      keywordSets: [
        { name: 'a', words: ['WORD1', 'word4'] },
        { name: 'b', words: ['day'] },
        { name: 'c', regex: '(' },
      ],
    });
    const [any, a, b] = content.keywordCounts;
    expect(any?.counts).toEqual([
      { among: 'top 10', matching: 2, of: 2 },
      { among: 'top 100', matching: 2, of: 2 },
      { among: 'all', matching: 2, of: 2 },
      { among: 'the reference’s own', matching: 1, of: 1 },
    ]);
    expect(a?.counts.at(-1)?.matching).toBe(2);
    expect(b?.counts.at(-1)?.matching).toBe(0);
    expect(content.problems.join(' ')).toContain('“c”');
  });

  it('keeps findings about other completions apart and does not lose them', () => {
    const { foreign } = makeRichContent();
    expect(foreign.judgements.map(({ completionId }) => completionId)).toEqual([77]);
    expect(foreign.spans.map(({ finding }) => finding)).toEqual(['span-elsewhere']);
    const onlyChat = makeRichContent({ framing: 'chat' });
    expect(onlyChat.foreign.judgements).toHaveLength(1);
  });

  it('is honest about what it lacks', () => {
    const bare = makeContent(makeAudit(many(2))).limits.join(' ');
    expect(bare).toContain('No noise floor was measured');
    expect(bare).toContain('no lift is given');
    expect(bare).not.toContain('set aside');
    const rich = makeRichContent().limits.join(' ');
    expect(rich).toContain('The noise floor was measured');
    expect(rich).toContain('1 completions were set aside');
    expect(rich).toContain('greedily');
  });

  it('goes by the name that the audit was given last', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    expect(makeContent(makeAudit(many(1)), gatherFindings(file)).name).toBe('example');
    await file.setAuditName('Lantern');
    const findings = gatherFindings(file);
    file.dispose();
    expect(makeContent(makeAudit(many(1)), findings).name).toBe('Lantern');
    expect(makeContent(makeImported([]), findings).name).toBe('Lantern');
  });

  it('has nothing to say of an audit that ended before it measured anything', () => {
    const content = makeContent(makeAudit([], { plan: null, setup: null }));
    expect(content).toMatchObject({ name: '2026-03-01-100000-example', framings: [], models: [], plan: [] });
  });

  it('takes the findings from their file', async () => {
    const folder = await makeTempFolder();
    const file = await FindingsFile.open(folder, 'Ada');
    await file.set({ completionId: 0, label: 'revealing', category: 'persona', note: 'n' });
    await appendFile(join(folder, 'findings.jsonl'), 'no finding\n');
    await file.reload();
    const findings = gatherFindings(file);
    file.dispose();
    expect(findings.problems).toEqual(['1 line of findings.jsonl could not be read (line 2).']);
    const content = makeContent(makeAudit(many(2)), findings);
    expect(content.framings[0]!.completions[0]!.judgements).toMatchObject([{ label: 'revealing', category: 'persona', author: 'Ada' }]);
  });

  it('tells the strongest gaps of both signs', () => {
    const { detail } = makeContent(makeAudit([makeHostileRecord(0)])).framings[0]!.completions[0]!;
    const gaps = findStrongestGaps(detail!);
    expect(gaps).toHaveLength(4 - (gaps.some(({ gap }) => gap < 0) ? 0 : 1));
    expect(gaps[0]!.gap).toBe(Math.max(...detail!.units.map(({ gap }) => gap!)));
    expect(gaps.every(({ text }) => [...text].length <= 41)).toBe(true);
    expect(HOSTILE.some((text) => text.startsWith(gaps[0]!.text.replace('…', '')))).toBe(true);
  });
});
