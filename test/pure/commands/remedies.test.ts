import { expect, test } from 'vitest';
import { listRemedies } from '../../../src/commands/remedies.js';

test('a missing chat template can be got round by the raw framing', () => {
  expect(listRemedies('noChatTemplate', true)[0]).toBe('rawOnly');
});

test('an audit whose model process died can go on', () => {
  expect(listRemedies('modelProcessEnded', true)).toEqual(['resume', 'showLog']);
});

test('nothing is offered that needs an audit where there is none', () => {
  expect(listRemedies('modelProcessEnded', false)).toEqual(['showLog']);
  expect(listRemedies('journalLocked', false)).toEqual([]);
});

test('an untrusted workspace can be trusted', () => {
  expect(listRemedies('notTrusted', false)).toEqual(['manageTrust']);
});

test('a cancellation asks for nothing', () => {
  expect(listRemedies('cancelled', true)).toEqual([]);
});

test('a missing or refused key can be entered, with or without an audit', () => {
  for (const code of ['keyMissing', 'keyRefused'] as const) {
    expect(listRemedies(code, true)).toEqual(['enterKey', 'resume']);
    expect(listRemedies(code, false)).toEqual(['enterKey']);
  }
});

test('a run that reached its limit of tokens goes on, or the limit is changed', () => {
  expect(listRemedies('spendingLimit', true)).toEqual(['resume', 'openSettings']);
});
