import { expect, test } from 'vitest';
import { askInSteps, askSubSteps, BACK, CANCELLED, SKIPPED, type Answer, type Step } from '../../../src/editor/multi-step.js';

type Answers = Record<string, string>;

/** A question that gives the scripted answers one after the other, and notes what it was asked with. */
function scripted(name: string, script: Answer<string>[], asked: string[]): Step<Answers> {
  return async (answers, before, { step, totalSteps }) => {
    asked.push(`${name} ${step}/${totalSteps} knowing ${Object.values(answers).join('+') || 'nothing'}, before: ${before?.[name] ?? 'none'}`);
    const answer = script.shift()!;
    return typeof answer === 'string' ? { ...answers, [name]: answer } : answer;
  };
}

test('answers add up in order', async () => {
  const asked: string[] = [];
  const steps = [scripted('model', ['F'], asked), scripted('reference', ['R'], asked)];
  expect(await askInSteps(steps, {})).toEqual({ model: 'F', reference: 'R' });
  expect(asked).toEqual(['model 1/2 knowing nothing, before: none', 'reference 2/2 knowing F, before: none']);
});

test('going back asks again with the former answer, and a new answer counts', async () => {
  const asked: string[] = [];
  const steps = [scripted('model', ['F', 'G'], asked), scripted('reference', [BACK, 'R'], asked)];
  expect(await askInSteps(steps, {})).toEqual({ model: 'G', reference: 'R' });
  expect(asked[2]).toBe('model 1/2 knowing nothing, before: F');
  expect(asked[3]).toBe('reference 2/2 knowing G, before: none');
});

test('going back over two questions keeps what was answered to the later one', async () => {
  const asked: string[] = [];
  const steps = [scripted('a', ['1', '2'], asked), scripted('b', ['x', BACK, 'y'], asked), scripted('c', [BACK, 'z'], asked)];
  expect(await askInSteps(steps, {})).toEqual({ a: '2', b: 'y', c: 'z' });
  expect(asked[3]).toBe('b 2/3 knowing 1, before: x');
});

test('giving up at any question gives nothing', async () => {
  const steps = [scripted('model', ['F'], []), scripted('reference', [CANCELLED], [])];
  expect(await askInSteps(steps, {})).toBeUndefined();
});

test('what need not be asked is passed over on the way back too', async () => {
  const asked: string[] = [];
  const skip: Step<Answers> = async () => SKIPPED;
  const steps = [scripted('address', ['http://a', 'http://b'], asked), skip, scripted('model', [BACK, 'm'], asked)];
  expect(await askInSteps(steps, {})).toEqual({ address: 'http://b', model: 'm' });
  expect(asked).toEqual([
    'address 1/3 knowing nothing, before: none',
    'model 3/3 knowing http://a, before: none',
    'address 1/3 knowing nothing, before: http://a',
    'model 3/3 knowing http://b, before: none',
  ]);
});

test('questions that are one step of a longer chain lead back out of it', async () => {
  expect(await askSubSteps([scripted('a', ['1', BACK], []), scripted('b', [BACK], [])], {})).toBe(BACK);
  expect(await askSubSteps([scripted('a', [CANCELLED], [])], {})).toBe(CANCELLED);
  expect(await askSubSteps([scripted('a', ['1'], [])], {})).toEqual({ a: '1' });
});
