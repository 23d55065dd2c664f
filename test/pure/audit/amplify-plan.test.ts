/** How a plan says that it wants amplified writing, and what the passes of its rungs are called. */
import { describe, expect, it } from 'vitest';
import { amplifySource, nameControlPass, nameRungPass, ownAdapters, parseAmplify, planAmplified, readRungPass } from '../../../src/audit/amplify-plan.js';
import type { EndpointSource, GgufSource } from '../../../src/audit/plan.js';

const file = (gguf: string, ...lora: [path: string, scale: number][]): GgufSource => ({ gguf, lora: lora.map(([path, scale]) => ({ path, scale })) });
const server: EndpointSource = { endpoint: 'http://localhost:9/v1', model: 'm' };

describe('the text of a plan', () => {
  it.each([
    ['auto', 'scale', null],
    ['scale=2', 'scale', [2]],
    ['scale=3,1.5,10', 'scale', [1.5, 3, 10]],
    ['scale=2,2,2', 'scale', [2]],
    ['a=0.5', 'a', [0.5]],
    ['a=0.25,12.75', 'a', [0.25, 12.75]],
    ['scale=100', 'scale', [100]],
    ['a=0.123456', 'a', [0.123456]],
    ['scale=2,3,4,5,6,7,8,9', 'scale', [2, 3, 4, 5, 6, 7, 8, 9]],
  ])('%s asks for %s', (text, by, strengths) => {
    expect(parseAmplify(text)).toEqual({ by, strengths });
  });

  it.each([
    '',
    'scale',
    'scale=',
    'scale=2,',
    'scale=,2',
    'b=2',
    'ascale=2',
    ' scale=2',
    'scale=2x',
    'scale=-2',
    'scale=2;3',
    'automatic',
    'scale=1',
    'scale=0.5',
    'scale=2,1',
    'a=0',
    'scale=100.5',
    'a=101',
    'a=1.2.3',
    'a=.',
    'a=0.1234567',
    'scale=2,3,4,5,6,7,8,9,10',
  ])('%j is none', (text) => {
    expect(parseAmplify(text)).toBeNull();
  });
});

describe('the plan', () => {
  const plan = (amplify: string | undefined, finetuned: GgufSource | EndpointSource = file('f'), reference: GgufSource | EndpointSource = file('r')) =>
    planAmplified({ ...(amplify !== undefined && { amplify }), finetuned, reference });

  it('is none where nothing is asked for', () => {
    expect(plan(undefined)).toBeNull();
  });

  it('is refused where it cannot be read, or one of the models is behind a server', () => {
    expect(() => plan('b=2')).toThrow(
      expect.objectContaining({
        code: 'badPlan',
        message: expect.stringMatching(/^"amplify" must be auto, scale=2, scale=1\.5,2,3 or a=1: scales above 1, at most 100, at most 8 of them\.$/) as string,
      }),
    );
    for (const [finetuned, reference] of [
      [server, file('r')],
      [file('f'), server],
    ] as const) {
      expect(() => plan('a=1', finetuned, reference)).toThrow(
        expect.objectContaining({ code: 'badPlan', message: expect.stringContaining('both models as files') as string }),
      );
    }
  });

  it('pushes weights only between two models without adapters', () => {
    const shared: [string, number] = ['l', 1];
    expect(plan('scale=2')).toMatchObject({ form: 'weights', strengths: [2] });
    expect(() => plan('scale=2', file('f', shared), file('r', shared))).toThrow(expect.objectContaining({ code: 'badPlan' }));
    expect(() => plan('scale=2', file('f'), file('r', shared))).toThrow(/no LoRA adapter of its own/);
    expect(plan('auto', file('f'), file('r', shared))).toMatchObject({ form: 'logit', otherwise: null });
  });
});

describe('an amplified source', () => {
  it('has its own adapters at a multiple of their scales, and those of the reference as they are', () => {
    const finetuned = file('f', ['own', 0.5], ['shared', 1], ['other scale', 2]);
    const reference = file('f', ['shared', 1], ['other scale', 1]);
    expect(ownAdapters(finetuned, reference).map(({ path }) => path)).toEqual(['own', 'other scale']);
    expect(amplifySource(finetuned, reference, 3)).toEqual(file('f', ['own', 1.5], ['shared', 1], ['other scale', 6]));
  });

  it('is never a server', () => {
    expect(ownAdapters(server, file('r'))).toEqual([]);
    expect(ownAdapters(file('f', ['own', 1]), server)).toEqual([{ path: 'own', scale: 1 }]);
    expect(() => amplifySource(server, file('r'), 2)).toThrow(expect.objectContaining({ code: 'internal', message: 'A server cannot be amplified.' }));
  });
});

describe('the pass of a rung', () => {
  it('is read as it is named', () => {
    expect(nameRungPass(1.5)).toBe('amplified@1.5');
    expect(nameControlPass(2, 3)).toBe('control-2@3');
    expect(readRungPass(nameRungPass(1.5))).toEqual({ strength: 1.5, seed: null });
    expect(readRungPass(nameControlPass(12, 0.25))).toEqual({ strength: 0.25, seed: 12 });
  });

  it.each(['plain', 'noise', 'amplified', 'amplified@', 'control@2', 'control-@2', 'my amplified@2', 'amplified@2 copy', 'control-x@2'])(
    '%s is none',
    (name) => {
      expect(readRungPass(name)).toBeNull();
    },
  );
});
