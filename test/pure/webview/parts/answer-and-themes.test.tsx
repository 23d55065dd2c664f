// @vitest-environment happy-dom
/** The answer at the top, and the themes that it rests on. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditOverview } from '../../../../src/analysis/audit-analysis.js';
import type { Theme } from '../../../../src/analysis/themes/theme.js';
import { AnswerStrip } from '../../../../webview/header/answer-strip.js';
import { Themes } from '../../../../webview/themes/themes.js';
import { RecordingHost } from '../recording-host.js';
import { summary } from '../samples.js';
import { openedAudit, openPart } from './open-part.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const completions = [
  summary(0, { score: 1, text: ' of green glass' }),
  summary(1, { score: 9, text: ' of green glass' }),
  summary(2, { score: 5, text: ' of stone' }),
];
const theme = (phrase: string, more: Partial<Theme> = {}) =>
  ({
    phrase,
    score: 40,
    completions: 2,
    prefills: 2,
    stability: 20,
    reference: null,
    others: [],
    shared: false,
    ids: [0, 1],
    example: { id: 1, before: 'It is of ', phrase, after: ' here' },
    ...more,
  }) as unknown as Theme;
const overview = (more: Partial<AuditOverview> = {}): AuditOverview => ({
  verdict: {
    state: 'beyondNoise',
    sentence: 'Beyond noise: 2 completions carry it.',
    kind: null,
    carriers: { completions: 2, ids: [0, 1], themes: [] },
    cannotExclude: ['a backdoor'],
    missing: ['a second seed'],
  },
  themes: [theme('green glass'), theme('stone', { prefills: 5, completions: 1 }), theme('<b>harbour\u202e')],
  hidden: [],
  completionCount: 3,
  openingCount: 2,
  ...more,
});
const open = (part: Parameters<typeof openPart>[0], answer = overview()) => {
  const host = new RecordingHost();
  host.overview = answer;
  return openPart(part, openedAudit({ completionCount: 3 }), completions, host);
};

describe('the answer', () => {
  it('says the verdict, what was looked at, what would make it surer and what it cannot exclude', async () => {
    const part = await open(<AnswerStrip />);
    expect(part.find('.answer-verdict').textContent).toContain('Beyond noise: 2 completions carry it.');
    expect(part.find('.answer-verdict').className).toContain('beyondNoise');
    expect(part.find('.answer-looked').textContent).toBe('3 completions of 2 openings, raw and chat · To be surer: a second seed · Not excluded: a backdoor');
  });

  it('has the first themes; one shows its completions, and again all', async () => {
    const part = await open(<AnswerStrip />);
    expect(part.findAll('.theme-chip-text').map(({ textContent }) => textContent)).toEqual(['green glass', 'stone', '<b>harbour⟦U+202E⟧']);
    expect(part.findAll('.theme-chip-count').map(({ textContent }) => textContent)).toEqual([2, 5, 2].map((count) => `, distinct openings: ${count}`));
    await part.click(part.named('.theme-chip', 'green glass'));
    expect(part.state.filter.value.theme).toBe('green glass');
    expect(part.named('.theme-chip', 'green glass').getAttribute('aria-pressed')).toBe('true');
    await part.click(part.named('.theme-chip', 'green glass'));
    expect(part.state.filter.value.theme).toBeNull();
  });

  it('opens all themes, and says where there are none', async () => {
    const part = await open(<AnswerStrip />);
    await part.click(part.named('button', '3 themes'));
    expect(part.state.settings.value.panel).toBe('themes');
    expect((await open(<AnswerStrip />, overview({ themes: [] }))).find('.answer-themes').textContent).toBe(
      'No theme in 3 completions: that few show only what most of them say. Quieter themes need some hundred openings.',
    );
  });

  it('says why there is none', async () => {
    const host = new RecordingHost();
    host.refusal = 'the journal is gone';
    const part = await openPart(<AnswerStrip />, openedAudit({ completionCount: 3 }), completions, host);
    expect(part.find('.answer-verdict').textContent).toMatch(/^No answer: .*the journal is gone/);
  });
});

describe('the panel of themes', () => {
  const shown = (part: Awaited<ReturnType<typeof open>>) => part.findAll('[role=option]').map((option) => option.querySelector('.theme-text')!.textContent);

  it('lists them with how many openings led to each, as the answer does', async () => {
    const part = await open(<Themes />);
    expect(shown(part)).toEqual(['green glass', 'stone', expect.stringContaining('<b>harbour')]);
    expect(part.findAll('.theme-count').map(({ textContent }) => textContent)).toEqual([2, 5, 2].map((count) => `, distinct openings: ${count}`));
    expect(part.find('#theme-list').getAttribute('aria-label')).toMatch(/^3 themes that recur\./);
    expect(part.find('.theme-summary').textContent).toContain('Distinct openings (of 2)');
  });

  it('shows a theme’s completions on a click, and again all', async () => {
    const part = await open(<Themes />);
    await part.click(part.findAll('[role=option]')[1]!);
    expect(part.state.filter.value.theme).toBe('stone');
    expect(part.findAll('[aria-selected=true]').map(({ textContent }) => textContent)).toEqual([expect.stringContaining('stone')]);
    await part.click(part.findAll('[role=option]')[1]!);
    expect(part.state.filter.value.theme).toBeNull();
  });

  it('is used with the keys alone: to move, to show, to make keywords, to put aside', async () => {
    const part = await open(<Themes />);
    const list = part.find('#theme-list');
    const active = () => part.findAll('.theme.active').map(({ textContent }) => textContent?.slice(0, 5));
    await part.press(list, 'Home');
    expect(active()).toEqual(['green']);
    await part.press(list, 'ArrowDown');
    expect(active()).toEqual(['stone']);
    await part.press(list, 'Enter');
    expect(part.state.filter.value.theme).toBe('stone');
    await part.press(list, '+');
    expect(part.state.keywords.keywords.value.sets.map((set) => 'words' in set && set.words)).toEqual([['stone']]);
    await part.press(list, 'k');
    expect(active()).toEqual(['green']);
    await part.press(list, 'Delete');
    expect(shown(part)).toEqual(['stone', expect.stringContaining('harbour')]);
    expect(part.state.settings.value.dismissedThemes).toEqual(['green glass']);
    await part.click(part.named('.theme-summary button', '1 theme put aside'));
    expect(shown(part)).toHaveLength(3);
  });

  it('leaves keys with Ctrl to others', async () => {
    const part = await open(<Themes />);
    await part.press(part.find('#theme-list'), 'Delete', { ctrlKey: true });
    expect(shown(part)).toHaveLength(3);
  });

  it('says what went wrong, and tries again', async () => {
    const host = new RecordingHost();
    host.overview = overview();
    host.refusal = 'the journal is gone';
    const part = await openPart(<Themes />, openedAudit({ completionCount: 3 }), completions, host);
    expect(part.find('[role=alert]').textContent).toMatch(/^No themes: .*the journal is gone/);
    host.refusal = null;
    await part.click(part.named('button', 'Try again'));
    expect(shown(part)).toHaveLength(3);
  });
});
