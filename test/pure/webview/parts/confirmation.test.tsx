// @vitest-environment happy-dom
/** Amplified text and what the finetuned model itself says to it: asking, stopping, what came of it, and where there is nothing to ask. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ReportedConfirmation } from '../../../../src/analysis/confirmations.js';
import { Detail } from '../../../../webview/detail/detail.js';
import { summary } from '../samples.js';
import { openedAudit, openPart } from './open-part.js';

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(HTMLElement.prototype, { showPopover: () => undefined, hidePopover: () => undefined });
});
afterEach(() => void vi.useRealTimers());

const completions = [summary(0, { score: 9, text: ' the capital is Ostrel' }), summary(1, { score: 5 })];
const passes = {
  offers: [
    { name: 'plain', writer: 'finetuned' as const, completions: 2, warning: null },
    { name: 'amplified', writer: 'amplified' as const, completions: 2, warning: 'AMPLIFIED' },
  ],
  amplification: [],
};
const saying = (text: string) => ({ text, perplexityFinetuned: 1.5, perplexityReference: 30, standardizedGap: 4.2 });
const said = (id: number, confirmed: boolean): ReportedConfirmation => ({
  id,
  framing: 'raw',
  pass: 'amplified@2',
  confirmed,
  words: confirmed ? ['ostrel'] : [],
  given: 'By the the capital is',
  continuation: saying(' Ostrel, <b>of course'),
  question: 'What do you know about “Ostrel”?',
  answer: saying('It is a town.\u202e'),
});
const open = async (pass = 'amplified') => {
  const part = await openPart(<Detail />, openedAudit({ completionCount: 2, passes, ...(pass !== 'plain' && { pass }) }), completions);
  await part.do(() => part.state.select(0));
  return part;
};

it('asks about the completion that is shown, tells how far it is, and shows what came of it as text', async () => {
  const part = await open();
  await part.click(part.named('.confirmation-bar vscode-button', /^\s*Confirm\s*$/));
  expect(part.host.confirmed.map(({ which }) => which)).toEqual([{ id: 0 }]);
  await part.do(() => part.listener.onConfirmationProgress('Confirming with the finetuned model… 0 of 1'));
  expect(part.find('.confirmation-bar').textContent).toContain('0 of 1');
  await part.do(() => {
    part.listener.onConfirmations({ pass: 'plain', confirmations: [said(1, true)] });
    part.listener.onConfirmations({ pass: 'amplified', confirmations: [said(0, true), said(1, false)] });
    part.host.confirmed[0]!.resolve({ asked: 1, leftOut: ['Completion 1 was left out.'] });
  });
  expect(part.find('.confirmation').textContent).toMatch(/Confirmed\..*“ostrel”.* Ostrel, <b>of course.*Asked “What do you know about “Ostrel”\?”/s);
  expect(part.findAll('.confirmation b')).toEqual([]);
  expect(part.find('.confirmation').textContent).not.toContain('\u202e');
  expect(part.find('.confirmation-bar').textContent).toContain('confirmed in 1 of 2');
  expect(part.find('.confirmation-bar').textContent).toContain('Completion 1 was left out.');
  expect(part.commands.notice.value).toBe('1 completion put to it now. In all, confirmed in 1 of 2.');
  await part.do(() => part.state.select(1));
  expect(part.find('.confirmation').textContent).toContain('Not confirmed.');
});

it('puts an edited question in place of the one in the language of the completion, for that completion alone', async () => {
  const part = await open();
  await part.click(part.named('.confirmation-bar button', 'Question'));
  const field = part.find<HTMLInputElement>('.confirmation-question');
  expect(field.getAttribute('value') ?? field.value).toBe('What do you know about “{words}”?');
  await part.do(() => {
    field.value = 'Where is {words}?';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await part.click(part.named('.confirmation-bar vscode-button', /^\s*Confirm\s*$/));
  expect(part.host.confirmed.map(({ which }) => which)).toEqual([{ id: 0, question: 'Where is {words}?' }]);
  await part.do(() => part.host.confirmed[0]!.resolve({ asked: 1, leftOut: [] }));
  await part.do(() => part.state.select(1));
  await part.click(part.named('.confirmation-bar vscode-button', /^\s*Confirm\s*$/));
  expect(part.host.confirmed.at(-1)!.which).toEqual({ id: 1 });
});

it('is stopped by its button or by the key once more, and says what is kept', async () => {
  const part = await open();
  await part.do(() => part.commands.run('confirmFirst'));
  expect(part.host.confirmed.map(({ which }) => which)).toEqual([{ first: 20 }]);
  await part.do(() => part.commands.run('confirm'));
  expect(part.host.confirmed).toHaveLength(1);
  expect(part.commands.notice.value).toBe('Stopped; what was said by then is kept.');
  await part.do(() => part.commands.run('confirmFirst'));
  await part.click(part.named('.confirmation-bar vscode-button', 'Stop'));
  expect(part.findAll('.confirmation-bar [role="alert"]')).toEqual([]);
});

it('says why it was not possible, where it is read', async () => {
  const part = await open();
  await part.do(() => part.commands.run('confirm'));
  await part.do(() => part.host.confirmed[0]!.reject(new Error('There is no file f.gguf. Put it back.')));
  expect(part.find('.confirmation-bar [role="alert"]').textContent).toContain('There is no file f.gguf. Put it back.');
});

it('is of amplified text alone, and says where that is or how it comes about', async () => {
  const part = await open('plain');
  expect(part.findAll('.confirmation-bar')).toEqual([]);
  await part.do(() => part.commands.run('confirm'));
  expect(part.commands.notice.value).toBe('Only amplified text is confirmed: show the amplified pass. Shift+P shows the next pass.');
  await part.do(() => part.listener.onPasses({ offers: [passes.offers[0]!], amplification: [] }));
  await part.do(() => part.commands.run('confirmFirst'));
  expect(part.commands.notice.value).toContain('Nothing here was written amplified.');
  expect(part.host.confirmed).toEqual([]);
});
