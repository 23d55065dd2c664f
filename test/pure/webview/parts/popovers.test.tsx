// @vitest-environment happy-dom
/** Filters, what is known of the audit, and whose text is shown. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelIdentity } from '../../../../src/audit/language-model.js';
import type { AuditPasses } from '../../../../src/messages/page.js';
import { About } from '../../../../webview/header/about.js';
import { FilterPopover } from '../../../../webview/toolbar/filter-popover.js';
import { PassSwitch } from '../../../../webview/toolbar/pass-switch.js';
import { summary } from '../samples.js';
import { openedAudit, openPart } from './open-part.js';

beforeEach(() => {
  vi.useFakeTimers();
  // The top layer is the browser's: here a panel is only told what is asked of it.
  Object.assign(HTMLElement.prototype, { showPopover: () => undefined, hidePopover: () => undefined });
});
afterEach(() => void vi.useRealTimers());

const completions = [summary(0, { score: 1 }), summary(1, { score: 9, tokenCount: 20 }), summary(2, { score: 5, repetitive: true })];

describe('the filters', () => {
  const open = async () => {
    const part = await openPart(
      <FilterPopover />,
      openedAudit({
        completionCount: 3,
        findings: [{ completionId: 1, label: 'revealing', category: null, note: '', author: 'Ada', time: '2026-01-01T00:00:00Z' }],
      }),
      completions,
    );
    await part.do(() => (part.commands.openPanel.value = 'filters'));
    const list = () => part.state.list.value.map(({ id }) => id);
    const type = (label: string, value: string) =>
      part.do(() => {
        const field = part.find<HTMLInputElement>(`input[aria-label="${label}"]`);
        field.value = value;
        field.dispatchEvent(new Event('change', { bubbles: true }));
      });
    return { ...part, list, type };
  };

  it('have nothing to read while they are closed', async () => {
    const part = await openPart(<FilterPopover />, openedAudit({ completionCount: 3 }), completions);
    expect(part.find('#filters').textContent).toBe('');
  });

  it('show completions of a range of tokens, from either end, until it is emptied', async () => {
    const part = await open();
    await part.type('Tokens, at least', '4');
    expect([part.state.filter.value.tokens, part.list()]).toEqual([{ min: 4, max: null }, [1]]);
    await part.type('Tokens, at most', '10');
    expect([part.state.filter.value.tokens, part.list()]).toEqual([{ min: 4, max: 10 }, []]);
    await part.type('Tokens, at least', '');
    expect([part.state.filter.value.tokens, part.list()]).toEqual([{ min: null, max: 10 }, [0]]);
    await part.type('Tokens, at most', '');
    expect([part.state.filter.value.tokens, part.list()]).toEqual([null, [1, 0]]);
  });

  it('show completions of a range of the score that the list is ranked by, and of both perplexities', async () => {
    const part = await open();
    await part.type('Perplexity difference, at most', '4');
    expect([part.state.filter.value.score, part.list()]).toEqual([{ name: 'perplexityDifference', min: null, max: 4 }, [0]]);
    await part.type('Perplexity difference, at most', '');
    await part.type('PPL of F, at least', '3');
    expect([part.state.filter.value.perplexityFinetuned, part.list()]).toEqual([{ min: 3, max: null }, []]);
    await part.type('PPL of F, at least', '');
    await part.type('PPL of R, at most', '5');
    expect([part.state.filter.value.perplexityReference, part.list()]).toEqual([{ min: null, max: 5 }, [1, 0]]);
  });

  it('show completions with the ticked labels; all of them ticked is none', async () => {
    const part = await open();
    const boxes = part.findAll('.filter-labels vscode-checkbox');
    expect(boxes).toHaveLength(4);
    const tick = (name: string) =>
      part.do(() => {
        const box = boxes.find((element) => element.textContent?.trim() === name)! as HTMLInputElement;
        box.checked = !box.checked;
        box.dispatchEvent(new Event('change', { bubbles: true }));
      });
    await tick('Revealing');
    expect([part.state.filter.value.labels, part.list()]).toEqual([['revealing'], [1]]);
    await tick('Unlabelled');
    expect(part.list()).toEqual([1, 0]);
    await tick('Revealing');
    expect([part.state.filter.value.labels, part.list()]).toEqual([['unlabelled'], [0]]);
    for (const name of ['Revealing', 'Not revealing', 'Unsure']) await tick(name);
    expect([part.state.filter.value.labels, part.list()]).toEqual([[], [1, 0]]);
  });

  it('are cleared at once', async () => {
    const part = await open();
    await part.type('Tokens, at least', '4');
    await part.click(part.named('vscode-button', 'Clear filters'));
    expect([part.state.filter.value.tokens, part.list()]).toEqual([null, [1, 0]]);
  });
});

describe('what is known of the audit', () => {
  const model = (name: string): ModelIdentity => ({
    name,
    source: `/models/${name}.gguf`,
    adapters: [],
    tokenizerFingerprint: 't',
    vocabularySize: 10,
    contextLength: 100,
    hasChatTemplate: true,
    engine: 'e',
  });
  const audit = openedAudit({
    completionCount: 3,
    finetuned: model('tuned<b>'),
    reference: model('base'),
    planFacts: [{ name: 'Prefills', value: '1,000' }],
    remarks: ['The system text was folded.'],
  });
  const open = async (more = {}) => {
    const part = await openPart(<About audit={{ ...audit, ...more }} />, { ...audit, ...more }, completions);
    await part.do(() => (part.commands.openPanel.value = 'about'));
    return part;
  };

  it('has the plan, both models by name, and what a reader must know', async () => {
    const part = await open();
    const text = part.find('#about').textContent!;
    for (const words of [
      'Prefills1,000',
      'Finetuned model (F)',
      'tuned<b>',
      'Reference model (R)',
      '/models/base.gguf',
      'The system text was folded.',
      'the same for both models: R is given F’s tokens',
    ])
      expect(text).toContain(words);
    expect(text.indexOf('tuned<b>')).toBeLessThan(text.indexOf('/models/base.gguf'));
  });

  it.each([
    [{ sameTokenizer: false }, 'different: compared by segments of text'],
    [{ unlikeIds: 2 }, 'the same but for 2 token ids'],
  ])('says how the tokenizers compare: %j', async (more, words) => {
    expect((await open(more)).find('#about').textContent).toContain(words);
  });

  it('opens the plan and shows the folder', async () => {
    const part = await open();
    const act = vi.spyOn(part.host, 'act');
    await part.click(part.named('vscode-button', 'Open plan'));
    await part.click(part.named('vscode-button', 'Show folder'));
    expect(act.mock.calls.map((call: unknown[]) => call[0])).toEqual([{ action: 'openPlan' }, { action: 'revealFolder' }]);
  });

  it('is closed with its button', async () => {
    const part = await open();
    await part.click(part.named('#about button', 'Close'));
    expect(part.commands.openPanel.value).toBeNull();
  });
});

describe('the switch of passes', () => {
  const passes: AuditPasses = {
    offers: [
      { name: 'plain', writer: 'finetuned', completions: 3, warning: null },
      { name: 'amplified@2', writer: 'amplified', completions: 2, warning: 'AMPLIFIED' },
    ],
    amplification: [],
  };

  it('is not there where there is one pass', async () => {
    expect((await openPart(<PassSwitch />, openedAudit({ completionCount: 3 }), completions)).root.textContent).toBe('');
    expect(
      (await openPart(<PassSwitch />, openedAudit({ completionCount: 3, passes: { ...passes, offers: passes.offers.slice(0, 1) } }), completions)).root
        .textContent,
    ).toBe('');
  });

  it('offers each with its warning, and asks the host for the one that is chosen', async () => {
    const part = await openPart(<PassSwitch />, openedAudit({ completionCount: 3, passes }), completions);
    const options = part.findAll('vscode-option');
    expect(options.map(({ textContent }) => textContent?.trim())).toEqual(['Plain', 'Amplified ×2']);
    expect(options[1]!.title).toBe('AMPLIFIED 2 completions.');
    await part.do(() => {
      const dropdown = part.find<HTMLSelectElement>('vscode-dropdown');
      dropdown.value = 'amplified@2';
      dropdown.dispatchEvent(new Event('change', { bubbles: true }));
    });
    expect(part.host.passes).toEqual(['amplified@2']);
  });
});
