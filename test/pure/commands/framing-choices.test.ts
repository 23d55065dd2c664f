import { expect, test } from 'vitest';
import { listFramingChoices } from '../../../src/wizard/framing-choices.js';

const offered = (refusals: Parameters<typeof listFramingChoices>[0]) =>
  listFramingChoices(refusals).map(({ framings, refusal }) => framings.join('+') + (refusal === undefined ? '' : `: ${refusal}`));

test('two framings come before one, and ask is not offered where chat is possible', () => {
  expect(offered({})).toEqual(['raw+chat', 'raw+chat+dialogue', 'raw', 'chat', 'dialogue']);
});

test('ask stands in for chat where the server continues no turn, and the reason is shown', () => {
  expect(offered({ chat: 'continues no turn' })).toEqual(['raw+ask', 'raw', 'ask', 'chat: continues no turn']);
});

test('a server of conversations alone leaves ask, or chat', () => {
  expect(offered({ raw: 'no text', chat: 'no turn' })).toEqual(['ask', 'raw+ask: no text', 'raw: no text', 'chat: no turn']);
  expect(offered({ raw: 'no text' })).toEqual(['chat', 'dialogue', 'raw+chat: no text', 'raw+chat+dialogue: no text', 'raw: no text']);
});

test('without a chat template raw is left', () => {
  expect(offered({ chat: 'no template', ask: 'no template', dialogue: 'no template' })).toEqual([
    'raw',
    'raw+chat: no template',
    'raw+chat+dialogue: no template',
    'chat: no template',
    'dialogue: no template',
  ]);
});
