/** Where a message begins is known, or the framing is refused: a prefill never stands where nobody knows. */
import { expect, it } from 'vitest';
import { DEFAULT_FRAMING_TEXTS } from '../../../src/audit/framing.js';
import { renderTurn, type TurnRenderer } from '../../../src/models/frame/render-turn.js';

class Refused extends Error {}

/** A template that ends inside the assistant's header. */
const renderer = (answers: boolean): TurnRenderer => ({
  name: 'some-model',
  render: async (turns, last) => {
    if (last === 'answered' && !answers) throw new Refused('the last turn must be the user’s');
    const written = turns.map(({ role, content }) => `<${role}>${role === 'assistant' ? 'final:' : ''}${content}</>`).join('');
    return last === 'begun' ? `${written}<assistant>` : written;
  },
  isRefusal: (error) => error instanceof Refused,
});

it('opens the message where a marked turn shows it', async () => {
  expect((await renderTurn(renderer(true), 'chat', DEFAULT_FRAMING_TEXTS)).text).toMatch(/<assistant>final:$/);
});

it.each(['chat', 'ask'] as const)('refuses %s where a marked turn cannot be asked for, with the reason and the way out', async (framing) => {
  await expect(renderTurn(renderer(false), framing, DEFAULT_FRAMING_TEXTS)).rejects.toMatchObject({
    code: 'unsupportedModel',
    message: expect.stringMatching(
      /some-model was not rendered with an assistant's turn in it, so where the assistant's message begins is not known.*Use the raw framing alone/,
    ),
  });
});
