/** Confirmation on a results page: asked for, followed, ended and refused over a real connection. */
import { expect, test, vi } from 'vitest';
import type { Confirmation } from '../../../src/audit/confirmation.js';
import { AuditError } from '../../../src/audit/errors.js';
import type { ToldConfirmations } from '../../../src/messages/confirmation.js';
import type { AuditSession } from '../../../src/runner/run/audit-session.js';
import type { AskConfirmation } from '../../../src/views/results/page-confirmations.js';
import { makeRecord, plan, setup } from '../records/example-audit.js';
import { makeSession, openPage } from './open-page.js';

const framing = plan.framings[0]!;
const record = (id: number, tokens?: number) => ({ ...makeRecord(id, tokens), framing });
const confirmation = (id: number, question = 'What?'): Confirmation => ({ id, question, continuation: record(id), answer: record(id, 3) });

async function makeAmplified(): Promise<AuditSession> {
  const session = await makeSession();
  session.listener.onSetup(setup);
  session.listener.onCompletion(record(0), 'plain');
  for (const id of [0, 1]) session.listener.onCompletion(record(id, 7), 'amplified@2');
  session.listener.onAmplification({
    type: 'amplification',
    framing,
    form: 'adapter',
    prefills: 2,
    rungs: [],
    chosen: 2,
    controls: [],
    state: 'undetermined',
    ratio: null,
  });
  return session;
}

async function open(session: AuditSession, confirm?: AskConfirmation) {
  const { page } = await openPage(session, confirm ? { confirm } : {});
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  await page.ask.showPass({ pass: 'amplified' });
  const heard = <Value>(method: string) => page.heard.filter(([name]) => name === method).map(([, value]) => value as Value);
  const told = () =>
    heard<ToldConfirmations>('onConfirmations').map(({ pass, confirmations }) => ({
      pass,
      ids: confirmations.map(({ id }) => id),
      questions: confirmations.map(({ question }) => question),
    }));
  return { page, told, progress: () => heard<string>('onConfirmationProgress') };
}

test('what the finetuned model says is told as it comes, of the pass that is shown alone', async () => {
  const session = await makeAmplified();
  session.addConfirmation(confirmation(1), 'amplified@2');
  const { page, told, progress } = await open(session, async (asked, question, onProgress) => {
    onProgress('1 of 2');
    asked.addConfirmation(confirmation(0, question.question), 'amplified@2');
    return { asked: 1, leftOut: ['Completion 7 was left out.'] };
  });
  await vi.waitFor(() => expect(told().at(-1)).toEqual({ pass: 'amplified', ids: [1], questions: ['What?'] }));
  expect(await page.ask.confirm({ id: 0, question: 'What is {words}?' })).toEqual({
    asked: 1,
    leftOut: ['Completion 7 was left out.'],
  });
  await vi.waitFor(() => expect(told().at(-1)).toEqual({ pass: 'amplified', ids: [0, 1], questions: ['What is {words}?', 'What?'] }));
  expect(progress()).toEqual(['1 of 2']);
  await page.ask.showPass({ pass: 'plain' });
  const before = told().length;
  session.addConfirmation(confirmation(0, 'Again?'), 'amplified@2');
  await page.ask.showPass({ pass: 'amplified@2' });
  await vi.waitFor(() => expect(told().slice(before)).toEqual([{ pass: 'amplified@2', ids: [0, 1], questions: ['Again?', 'What?'] }]));
});

test('the pass that is shown is asked about, and ends when the page says so', async () => {
  const asked: string[] = [];
  const { page } = await open(await makeAmplified(), async (_session, { pass, first }, _onProgress, signal) => {
    asked.push(`${pass} ${first}`);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new AuditError('cancelled', 'Cancelled.');
  });
  const ended = page.ask.confirm({ first: 20 });
  await vi.waitFor(() => expect(asked).toEqual(['amplified 20']));
  await page.ask.stopConfirming({});
  await expect(ended).rejects.toThrow('Cancelled');
});

test('why it is not possible reaches the page', async () => {
  const moved = await open(await makeAmplified(), () => Promise.reject(new AuditError('fileNotFound', 'There is no file f.gguf. Put it back.')));
  await expect(moved.page.ask.confirm({ first: 1 })).rejects.toThrow('There is no file f.gguf. Put it back.');
  const without = await open(await makeAmplified());
  await expect(without.page.ask.confirm({ first: 1 })).rejects.toThrow('No models can be run here');
});

test('what the page may not ask is refused', async () => {
  const confirm = vi.fn();
  const { page } = await open(await makeAmplified(), confirm);
  for (const params of [{}, { first: 1, id: 1 }, { first: 0 }, { first: 100_000 }, { id: -1 }, { id: 1, question: ' ' }, { id: 1, question: 'x'.repeat(501) }])
    await expect(page.ask.confirm(params)).rejects.toThrow('confirm');
  expect(confirm).not.toHaveBeenCalled();
});
