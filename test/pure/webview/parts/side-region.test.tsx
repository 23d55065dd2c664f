// @vitest-environment happy-dom
/** The side region: one panel at a time, from the registry. */
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { layoutOf, pageLayout } from '../../../../webview/page-layout.js';
import { PANEL_NAMES } from '../../../../webview/panels/panel-names.js';
import { PanelRail } from '../../../../webview/panels/panel-rail.js';
import { PANELS } from '../../../../webview/panels/registry.js';
import { SideRegion } from '../../../../webview/panels/side-region.js';
import { ReadingPane } from '../../../../webview/reading-pane.js';
import { LEAST_PANE_SHARE } from '../../../../webview/state/view-settings.js';
import { summary } from '../samples.js';
import { openedAudit, openPart, type OpenPart } from './open-part.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  render(null, opened.root);
  vi.useRealTimers();
  pageLayout.value = 'middle';
});

const completions = [summary(0, { score: 1, text: ' of green glass' }), summary(1, { score: 9, text: ' of stone' })];
const span = {
  span: { start: 3, end: 9 },
  finding: 'f1',
  completionId: 1,
  label: 'revealing',
  category: null,
  note: 'a <b>clock</b>?',
  quote: ' of stone\u202e',
  author: 'Ada',
  time: '2026-01-01T00:00:00.000Z',
  changed: null,
  state: 'open',
  replies: [],
  place: [2, 5],
} as const;
const evidence = { author: 'Ada', judgements: [], spans: [span], conclusion: null, otherConclusions: [], keywordSets: [], slices: [] };
const both = (
  <>
    <SideRegion />
    <PanelRail />
  </>
);
let opened: OpenPart;
const open = async (part = both, more: Parameters<typeof openedAudit>[0] = {}) =>
  (opened = await openPart(part, openedAudit({ completionCount: 2, ...more }), completions));

describe('the side region', () => {
  it('is not there until a panel is opened, and closes again', async () => {
    const part = await open();
    expect(part.findAll('.side')).toEqual([]);
    await part.click(part.named('.rail-button', 'Themes'));
    expect(part.find('.side h2').textContent).toBe('Themes');
    await part.click(part.named('.side button', 'Close Themes'));
    expect(part.findAll('.side')).toEqual([]);
    expect(part.state.settings.value.panel).toBe('closed');
  });

  it.each(PANEL_NAMES.filter((name) => name !== 'plots'))('has %s alone when it is asked for, with the focus where one begins', async (name) => {
    const part = await open();
    await part.click(part.named('.rail-button', 'Themes'));
    if (name !== 'themes') await part.click(part.named('.rail-button', PANELS[name].text));
    expect(part.findAll('.side > section')).toHaveLength(1);
    expect(part.find('.side > section').getAttribute('aria-label')).toBe(PANELS[name].text);
    expect(part.findAll('.rail-button[aria-pressed="true"]').map(({ textContent }) => textContent)).toEqual([PANELS[name].text]);
    part.find('.side [data-autofocus]').focus();
    expect(document.activeElement?.closest('.side')).not.toBeNull();
  });

  it('offers each panel that is registered, with its key where it has one', async () => {
    const part = await open();
    expect(part.findAll('.rail-button[aria-pressed]').map(({ textContent }) => textContent)).toEqual(PANEL_NAMES.map((name) => PANELS[name].text));
    expect(part.named('.rail-button', 'Keywords').title).toMatch(/ \(W\)$/);
    expect(part.named('.rail-button', 'Findings').title).not.toMatch(/\)$/);
  });

  it('says why findings are not there of another pass', async () => {
    const part = await open(both, { pass: 'reference' });
    await part.do(() => part.state.change({ panel: 'conclusion' }));
    expect(part.find('.side').textContent).toMatch(/are of the plain pass/);
    expect(part.findAll('.side textarea')).toEqual([]);
  });

  it('lists the findings of the audit as text, and goes to the completion of the one that is clicked', async () => {
    const part = await open(both, { evidence });
    await part.click(part.named('.rail-button', 'Findings'));
    const row = part.find('.finding-row');
    expect(row.textContent).toContain('of stone⟦U+202E⟧');
    expect(row.textContent).toContain('a <b>clock</b>?');
    part.state.select(0);
    await part.click(row);
    expect(part.state.selectedId.value).toBe(1);
  });
});

describe('the regions of the page', () => {
  it.each([
    [1600, 'wide'],
    [1200, 'wide'],
    [1042, 'middle'],
    [760, 'middle'],
    [700, 'narrow'],
    [500, 'slim'],
  ] as const)('are, %d pixels wide, %s', (width, layout) => expect(layoutOf(width)).toBe(layout));

  it('divide their room by the arrow keys, within bounds, and the page remembers it', async () => {
    const part = await open(<ReadingPane />);
    await part.do(() => part.state.change({ panel: 'themes' }));
    const height = part.named('[role=separator]', 'Height of the panel');
    expect(height.getAttribute('aria-orientation')).toBe('horizontal');
    await part.press(height, 'ArrowUp');
    expect(part.state.settings.value.sideHeight).toBeCloseTo(0.47);
    await part.press(height, 'ArrowLeft');
    expect(part.state.settings.value.sideHeight).toBeCloseTo(0.47);
    for (let i = 0; i < 30; i++) await part.press(height, 'ArrowDown');
    expect(part.state.settings.value.sideHeight).toBeCloseTo(LEAST_PANE_SHARE);
    await part.do(() => (pageLayout.value = 'wide'));
    await part.press(part.named('[role=separator]', 'Width of the panel'), 'ArrowLeft');
    expect(part.state.settings.value.sideWidth).toBeCloseTo(0.3);
    await part.press(part.named('[role=separator]', 'Width of the list'), 'ArrowRight');
    expect(part.state.settings.value.listShare).toBeCloseTo(0.38);
  });

  it('have no panel in the blind', async () => {
    const drawn = {
      slice: { seed: 7, ids: [1], k: 1, ranked: [], random: [] },
      author: 'Ada',
      time: '2026-01-01T00:00:00.000Z',
    } as unknown as (typeof evidence.slices)[number];
    const part = await open(<ReadingPane />, { evidence: { ...evidence, slices: [drawn] } as never });
    await part.do(() => part.state.change({ panel: 'themes', blindSeed: 7 }));
    expect(part.state.blind.value).not.toBeNull();
    expect(part.findAll('.side, .rail, .list-head')).toEqual([]);
  });
});
