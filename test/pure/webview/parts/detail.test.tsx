// @vitest-environment happy-dom
/** The selected completion: its tokens, what happened where they cannot be read, and its place in the list. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Detail } from '../../../../webview/detail/detail.js';
import { RecordingHost } from '../recording-host.js';
import { detail, summary, token } from '../samples.js';
import { openedAudit, openPart } from './open-part.js';

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(HTMLElement.prototype, { showPopover: () => undefined, hidePopover: () => undefined });
});
afterEach(() => void vi.useRealTimers());

const completions = [summary(0, { score: 1 }), summary(1, { score: 9, text: ' is <b>' }), summary(2, { score: 5, repetitive: true })];

class TokenHost extends RecordingHost {
  override fetchDetails({ ids }: { readonly ids: readonly number[] }) {
    this.fetched.push([...ids]);
    if (this.refusal !== null) return Promise.reject(new Error(this.refusal));
    return Promise.resolve(ids.map((id) => detail(id, [token(' is', 0.5), token(' <b>', 3)])));
  }
}
const open = (host = new TokenHost(), more = {}) => openPart(<Detail />, openedAudit({ completionCount: 3, ...more }), completions, host);
const show = async (part: Awaited<ReturnType<typeof open>>, id: number) => {
  await part.do(() => {
    part.state.select(id);
    part.state.details.want([id]);
  });
};

describe('the detail', () => {
  it('shows the tokens of what is selected, as text', async () => {
    const part = await open();
    await show(part, 1);
    expect(part.findAll('#detail-text b')).toEqual([]);
    expect(part.find('#detail-text').textContent).toContain(' <b>');
    expect(part.find('#detail-text').textContent).toContain('Completion as text: By the is <b>');
    expect(part.find('.judgement').getAttribute('aria-label')).toBe('Judgement');
  });

  it('says why tokens cannot be read, shows the text all the same, and tries again', async () => {
    const host = new TokenHost();
    host.refusal = 'the journal is gone';
    const part = await open(host);
    await show(part, 1);
    expect(part.find('.detail-error').textContent).toMatch(/The tokens could not be read: .*the journal is gone/);
    expect(part.find('.token-text').textContent).toContain(' is <b>');
    host.refusal = null;
    await part.click(part.named('.detail-error button', 'Try again'));
    await part.do(() => part.state.details.want([1]));
    expect(part.findAll('.detail-error')).toEqual([]);
  });

  it('says that the list does not show it, and shows it there', async () => {
    const part = await open();
    await show(part, 1);
    await part.do(() => part.state.changeFilter({ tokens: { min: 100, max: null } }));
    expect(part.find('.not-in-list').textContent).toContain('Not among the completions that the list shows.');
    await part.click(part.named('.not-in-list button', 'Show it in the list'));
    expect(part.state.list.value.map(({ id }) => id)).toContain(1);
    expect(part.findAll('.not-in-list')).toEqual([]);
  });

  it('unfolds repetitive completions where it is one of them', async () => {
    const part = await open();
    await show(part, 2);
    await part.click(part.named('.not-in-list button', 'Show it in the list'));
    expect([part.state.filter.value.foldRepetitive, part.state.list.value.map(({ id }) => id)]).toEqual([false, [1, 0, 2]]);
  });

  it('offers no labels for what the finetuned model did not write by itself', async () => {
    const passes = {
      offers: [
        { name: 'plain', writer: 'finetuned' as const, completions: 3, warning: null },
        { name: 'amplified@2', writer: 'amplified' as const, completions: 3, warning: 'AMPLIFIED' },
      ],
      amplification: [],
    };
    const part = await open(new TokenHost(), { pass: 'amplified@2', passes });
    await show(part, 1);
    expect(part.findAll('.judgement')).toEqual([]);
    expect(part.find('.no-labels').textContent).toContain('show the plain pass to give them');
    expect(part.find('.no-labels .flag').getAttribute('title')).toBe('AMPLIFIED');
  });
});
