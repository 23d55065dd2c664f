// @vitest-environment happy-dom
/** The ranked list as a person reads it: rows, the selection, groups, what is folded away. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CompletionList } from '../../../../webview/list/completion-list.js';
import { summary } from '../samples.js';
import { openedAudit, openPart } from './open-part.js';

beforeEach(() => {
  vi.useFakeTimers();
  // No layout is computed here: the list is as high as some twenty rows.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(1600);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(400);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const completions = [summary(0, { score: 1 }), summary(1, { score: 9 }), summary(2, { score: 5, repetitive: true }), summary(3, { score: 3, framing: 'chat' })];
const open = (more = {}, arriving = completions) => openPart(<CompletionList />, openedAudit(more), arriving);
const ids = (part: Awaited<ReturnType<typeof open>>) => part.findAll('[role=option]').map(({ id }) => id);

describe('the list', () => {
  it('shows the best first, with its framing, rank and score; repetitive ones are folded away', async () => {
    const part = await open();
    expect(ids(part)).toEqual(['completion-1', 'completion-3', 'completion-0']);
    expect(part.find('#completion-1 .rank').textContent).toBe('raw 1');
    expect(part.find('#completion-3 .rank').textContent).toBe('chat 1');
    expect(part.find('#completion-1 .value').textContent).toMatch(/^, score \+?9/);
    expect(part.find('#completions').getAttribute('aria-label')).toBe('3 completions, ranked');
  });

  it('selects the row that is clicked, tells a screen reader which, and asks for its tokens', async () => {
    const part = await open();
    await part.click(part.find('#completion-0'));
    expect(part.state.selectedId.value).toBe(0);
    expect(part.findAll('[aria-selected=true]').map(({ id }) => id)).toEqual(['completion-0']);
    expect(part.find('#completions').getAttribute('aria-activedescendant')).toBe('completion-0');
    expect(part.host.fetched.flat().sort()).toEqual([0, 1, 3]);
  });

  it('shows what was said of a completion', async () => {
    const part = await open({ findings: [{ completionId: 3, label: 'revealing', category: null, note: 'tea', author: 'Ada', time: '2026-01-01T00:00:00Z' }] });
    expect(part.find('#completion-3').className).toContain('revealing');
    expect(part.findAll('#completion-3 [aria-label^="Revealing"], #completion-3 title')[0]!.outerHTML).toContain('Revealing');
    expect(part.find('#completion-0').className).toContain('unlabelled');
  });

  it('shows repetitive ones with their flag once they are unfolded', async () => {
    const part = await open();
    await part.do(() => part.commands.toggleRepetitive());
    expect(ids(part)).toEqual(['completion-1', 'completion-3', 'completion-0', 'completion-2']);
    expect(part.find('#completion-2 .flag').textContent).toBe('repetitive');
  });

  it('groups completions that say the same, which Enter opens and closes', async () => {
    const same = 'the same long sentence about the harbour and its many bridges of green glass in the old town';
    const part = await open({ completionCount: 3 }, [
      summary(0, { score: 9, text: ` ${same}` }),
      summary(1, { score: 8, text: ` ${same}` }),
      summary(2, { score: 1, text: ' something else altogether, of ships and of the sea' }),
    ]);
    await part.do(() => part.state.change({ groupAlike: true }));
    expect(ids(part)).toEqual(['completion-0', 'completion-2']);
    expect(part.find('#completion-0 .alike').getAttribute('title')).toContain('1 other completion of the list says the same');
    await part.click(part.find('#completion-0'));
    await part.press(part.find('#completions'), 'Enter');
    expect(ids(part)).toEqual(['completion-0', 'completion-1', 'completion-2']);
    expect(part.find('#completion-1').className).toContain('member');
    await part.press(part.find('#completions'), 'Enter');
    expect(ids(part)).toEqual(['completion-0', 'completion-2']);
  });

  it('says that nothing fits, and what to do', async () => {
    const part = await open();
    await part.do(() => part.state.changeFilter({ tokens: { min: 1000, max: null } }));
    expect(ids(part)).toEqual([]);
    expect(part.find('.empty').textContent).toContain('No completion fits the filters.');
    await part.click(part.named('vscode-button', 'Clear filters'));
    expect(ids(part)).toHaveLength(3);
  });

  it('shows hostile text as text', async () => {
    const part = await open({ completionCount: 1 }, [summary(0, { text: ' <img src=x onerror=alert(1)>\u202e' })]);
    expect(part.findAll('img')).toEqual([]);
    expect(part.find('#completion-0').textContent).toContain('<img src=x onerror=alert(1)>');
  });

  it('shows numbers in the blind, and neither score nor rank', async () => {
    const part = await open();
    await part.do(() => {
      part.listener.onEvidence({
        slices: [
          {
            slice: { k: 1, seed: 7, score: 'perplexityDifference', framing: null, population: 3, top: [1], random: [0], ids: [0, 1] },
            author: 'Ada',
            time: '2026-01-01T00:00:00Z',
          },
        ],
      });
      part.state.change({ blindSeed: 7 });
    });
    expect(ids(part)).toEqual(['completion-0', 'completion-1']);
    expect(part.find('#completion-0 .rank').textContent).toBe('Number 1');
    expect(part.findAll('.value')).toEqual([]);
    expect(part.find('#completions').getAttribute('aria-label')).toBe('2 completions, in random order');
  });
});
