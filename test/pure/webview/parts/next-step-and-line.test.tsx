// @vitest-environment happy-dom
/** The button that says what to do now, and the line that filters. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Verdict } from '../../../../src/analysis/verdict/verdict.js';
import { NextStep } from '../../../../webview/header/next-step.js';
import { Toolbar } from '../../../../webview/toolbar/toolbar.js';
import { summary } from '../samples.js';
import { openedAudit, openPart } from './open-part.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const completions = [
  summary(0, { score: 1, text: ' of green glass', framing: 'chat' }),
  summary(1, { score: 9, text: ' of green glass' }),
  summary(2, { score: 5, text: ' of stone' }),
  summary(3, { score: 4, text: ' of label:none' }),
];
const verdict: Verdict = { state: 'undetermined', sentence: '', kind: null, carriers: { completions: 0, ids: [], themes: [] }, cannotExclude: [], missing: [] };

describe('the next step', () => {
  const open = (more = {}) => openPart(<NextStep verdict={verdict} />, openedAudit(more), completions);
  const step = (part: Awaited<ReturnType<typeof open>>) => part.findAll('.next-step').map(({ textContent }) => textContent);

  it('is to label the first, then what is left of them, then the conclusion', async () => {
    const part = await open();
    expect(step(part)).toEqual(['Label the first 4']);
    await part.do(() => part.state.select(1));
    await part.do(() => part.state.label('revealing'));
    expect(step(part)).toEqual(['Go on labelling: 1 of 4']);
    await part.click(part.find('.next-step'));
    expect(part.state.selectedId.value).toBe(2);
    for (const id of [0, 2, 3]) {
      await part.do(() => part.state.select(id));
      await part.do(() => part.state.label('unsure'));
    }
    expect(step(part)).toEqual(['Write the conclusion']);
    await part.click(part.find('.next-step'));
    expect(part.state.settings.value.panel).toBe('conclusion');
  });

  it('is not the conclusion where filters leave nothing to label', async () => {
    const part = await open();
    await part.do(() => part.state.changeFilter({ query: 'zebra' }));
    expect(step(part)).toEqual([]);
  });

  it('is amplified writing where plain text shows nothing and nobody has judged', async () => {
    const offers = [
      { name: 'plain', writer: 'finetuned', completions: 4, warning: null },
      { name: 'amplified', writer: 'amplified', completions: 4, warning: 'pushed' },
    ] as const;
    const part = await open({ passes: { offers, amplification: [] } });
    expect(step(part)).toEqual(['Look at amplified writing']);
  });
});

describe('the filter line', () => {
  const open = () => openPart(<Toolbar />, openedAudit(), completions);
  type Part = Awaited<ReturnType<typeof open>>;
  const type = (part: Part, text: string) =>
    part.do(() => {
      const input = part.find<HTMLInputElement>('#search');
      input.value = text;
      input.setSelectionRange(text.length, text.length);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
  const shown = (part: Part) => part.state.list.value.map(({ id }) => id);

  it('shows what fits all conditions, by labels and scores as they are', async () => {
    const part = await open();
    await type(part, 'label:none glass');
    expect(shown(part)).toEqual([1, 0]);
    await part.do(() => part.state.select(1));
    await part.do(() => part.state.label('revealing'));
    expect(shown(part)).toEqual([0]);
    await type(part, 'score>4 -framing:chat');
    expect(shown(part)).toEqual([1, 2]);
    await type(part, 'theme:stone,"green glass" score>1');
    expect(shown(part)).toEqual([1, 2]);
    await type(part, 'text:"label:none"');
    expect(shown(part)).toEqual([3]);
  });

  it('says what is wrong and where, and goes by the rest', async () => {
    const part = await open();
    await type(part, 'framing:chat label:maybe');
    expect(part.find('[role=alert]').textContent).toBe('“maybe” is no label: revealing, not, unsure, none (character 20). The rest of the line counts.');
    expect(part.find('#search').getAttribute('aria-describedby')).toBe(part.find('[role=alert]').id);
    expect(shown(part)).toEqual([0]);
  });

  it('is completed with the keys alone', async () => {
    const part = await open();
    const input = part.find<HTMLInputElement>('#search');
    const choices = () => part.findAll('#line-choices [role=option]').map(({ textContent }) => textContent);
    await type(part, 'glass la');
    expect(choices()).toEqual([expect.stringMatching(/^label:/)]);
    expect(input.getAttribute('aria-expanded')).toBe('true');
    await part.press(input, 'ArrowDown');
    expect(input.getAttribute('aria-activedescendant')).toBe(part.find('#line-choices [aria-selected=true]').id);
    await part.press(input, 'Enter');
    expect(input.value).toBe('glass label:');
    for (let presses = 0; presses < 4; presses++) await part.press(input, 'ArrowDown');
    await part.press(input, 'Enter');
    expect(input.value).toBe('glass label:none ');
    expect(input.selectionStart).toBe(input.value.length);
    expect(input.getAttribute('aria-expanded')).toBe('false');
    expect(shown(part)).toEqual([1, 0]);
    await part.press(input, 'Escape');
    expect(part.state.filter.value.query).toBe('');
  });

  it('puts away what it offers before what was typed', async () => {
    const part = await open();
    const input = part.find<HTMLInputElement>('#search');
    await type(part, 'fr');
    await part.press(input, 'Escape');
    expect(part.findAll('#line-choices')).toEqual([]);
    expect(input.value).toBe('fr');
  });

  it('is a regular expression as a whole where that is chosen', async () => {
    const part = await open();
    await part.do(() => part.state.changeFilter({ regex: true, query: 'label:n.ne' }));
    expect(shown(part)).toEqual([3]);
  });
});
