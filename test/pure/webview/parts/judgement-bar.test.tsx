// @vitest-environment happy-dom
/** Labels as a person gives, changes and takes them back. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JudgementBar } from '../../../../webview/detail/judgement-bar.js';
import { summary } from '../samples.js';
import { openedAudit, openPart } from './open-part.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const completions = [summary(0, { score: 1 }), summary(1, { score: 9 }), summary(2, { score: 5 })];
const open = (more = {}) => openPart(<JudgementBar id={1} />, openedAudit({ completionCount: 3, ...more }), completions);
const pressed = (part: Awaited<ReturnType<typeof open>>) => part.findAll('.label-button').map((button) => button.getAttribute('aria-pressed'));

describe('the judgement bar', () => {
  it.each([
    ['Not revealing', 'notRevealing'],
    ['Unsure', 'unsure'],
    [/^Revealing/, 'revealing'],
  ])('labels with the button %s, and takes the label back with the same one', async (name, label) => {
    const part = await open();
    await part.click(part.named('.label-button', name), { shiftKey: true });
    expect(part.host.sent.map(({ completionId, label }) => [completionId, label])).toEqual([[1, label]]);
    expect(pressed(part).filter((value) => value === 'true')).toHaveLength(1);
    expect(part.named('.label-button', name).getAttribute('aria-pressed')).toBe('true');
    await part.click(part.named('.label-button', name), { shiftKey: true });
    expect(part.host.sent.map((sent) => sent.label)).toEqual([label, null]);
    expect(pressed(part)).toEqual(['false', 'false', 'false']);
  });

  it('goes on to the next completion where that is ticked, and not with Shift', async () => {
    const part = await open();
    expect(part.state.settings.value.advance).toBe(true);
    await part.click(part.named('.label-button', 'Unsure'), { shiftKey: true });
    expect(part.state.selectedId.value).toBe(1);
    await part.click(part.named('.label-button', 'Not revealing'));
    expect(part.state.selectedId.value).toBe(2);
  });

  it('says what was saved, by its rank, and undoes it', async () => {
    const part = await open();
    await part.click(part.named('.label-button', 'Unsure'), { shiftKey: true });
    expect(part.find('.save-notice').textContent).toMatch(/raw 1: unsure, saved/);
    const undo = vi.spyOn(part.host, 'undoFinding');
    await part.click(part.named('.save-notice button', 'Undo'));
    expect(undo).toHaveBeenCalledOnce();
  });

  it('says why a label is not saved, and tries again', async () => {
    const part = await open();
    part.host.refusal = 'the disk is full';
    await part.click(part.named('.label-button', 'Unsure'), { shiftKey: true });
    expect(part.find('[role=alert]').textContent).toMatch(/raw 1 is not saved: .*the disk is full/);
    part.host.refusal = null;
    await part.click(part.named('button', 'Try again'));
    expect(part.host.sent.map((sent) => sent.label)).toEqual(['unsure', 'unsure']);
    expect(part.findAll('[role=alert]')).toEqual([]);
  });

  it('keeps a note without a label as a draft, and saves it with the label', async () => {
    const part = await open();
    const note = part.find<HTMLTextAreaElement>('#note');
    await part.do(() => {
      note.value = 'promotes tea';
      note.dispatchEvent(new Event('input', { bubbles: true }));
    });
    expect(part.find('.draft').textContent).toMatch(/^Draft/);
    expect(part.host.sent).toEqual([]);
    await part.press(note, 'Escape');
    expect(part.find('.save-notice').textContent).toContain('Kept as a draft');
    await part.click(part.named('.label-button', /^Revealing/), { shiftKey: true });
    expect(part.host.sent.at(-1)).toMatchObject({ completionId: 1, label: 'revealing', note: 'promotes tea' });
    expect(part.findAll('.draft')).toEqual([]);
  });

  it('shows what another author said, beside the label of one’s own', async () => {
    const part = await open();
    const judgement = (author: string, label: 'revealing' | 'unsure') => ({
      completionId: 1,
      label,
      category: null,
      note: '',
      author,
      time: '2026-01-01T00:00:00Z',
    });
    await part.do(() => part.listener.onEvidence({ judgements: [judgement('Ada', 'revealing'), judgement('Bob\u202e', 'unsure')] }));
    expect(part.find('.others').textContent).toContain('Authors disagree: Ada: revealing, Bob⟦U+202E⟧: unsure');
  });
});
