import { describe, expect, it } from 'vitest';
import { AMPLIFIED } from '../../../src/audit/amplify-plan.js';
import {
  describePass,
  findPass,
  isPassName,
  listOtherPasses,
  listPasses,
  namePass,
  NOISE,
  PLAIN,
  planOfPass,
  recordsOf,
  REFERENCE,
} from '../../../src/audit/passes.js';
import { createPlan } from './models.js';

const finetuned = { gguf: 'tuned', lora: [] };
const reference = { gguf: 'base', lora: [] };
const other = { gguf: 'base-q4', lora: [] };
const all = createPlan({
  finetuned,
  reference,
  prefills: 50,
  referencePass: true,
  noiseFloor: { model: other, prefills: 20 },
  amplify: 'auto',
  divergence: true,
});

describe('the passes of a plan', () => {
  it('are the main one, and after it those that are asked for: who writes, and who scores', () => {
    const parts = (plan = all) => listPasses(plan).map(({ name, writer, scorers, prefills }) => ({ name, writer, ...scorers, prefills }));
    const main = { name: PLAIN, writer: finetuned, finetuned, reference, prefills: 50 };
    expect(parts()).toEqual([
      main,
      { name: REFERENCE, writer: reference, finetuned, reference, prefills: 50 },
      { name: NOISE, writer: reference, finetuned: reference, reference: other, prefills: 20 },
    ]);
    expect(parts(createPlan({ finetuned, reference, prefills: 50 }))).toEqual([main]);
  });

  it('have no more openings than the audit, and its framings and sampling', () => {
    const plan = createPlan({
      prefills: 5,
      framings: ['ask'],
      temperature: 0.5,
      seed: 7,
      maxTokens: 9,
      referencePass: true,
      noiseFloor: { model: other, prefills: 20 },
    });
    for (const { prefills, framings, sampling } of listPasses(plan))
      expect({ prefills, framings, sampling }).toEqual({ prefills: 5, framings: ['ask'], sampling: { maxTokens: 9, temperature: 0.5, seed: 7 } });
  });

  it('beside the main one are named, amplified writing last and once', () => {
    expect(listOtherPasses(all)).toEqual([REFERENCE, NOISE, AMPLIFIED]);
    expect(listOtherPasses(createPlan())).toEqual([]);
  });

  it('are found by their name', () => {
    expect(findPass(all, NOISE)).toEqual(listPasses(all)[2]);
    expect(findPass(createPlan(), NOISE)).toBeNull();
  });

  it('are plans of their own, whose scorers are F and R, and which ask for no further pass', () => {
    const { noiseFloor: _noise, referencePass: _reference, amplify: _amplify, divergence: _divergence, ...rest } = all;
    expect(planOfPass(all, findPass(all, NOISE)!)).toEqual({ ...rest, finetuned: reference, reference: other, prefills: 20 });
    expect(listPasses(planOfPass(all, findPass(all, REFERENCE)!)).map(({ name }) => name)).toEqual([PLAIN]);
  });

  it('have completions by their name, or none', () => {
    const passes = new Map([[NOISE, [1, 2]]]);
    expect([recordsOf({ passes }, NOISE), recordsOf({ passes }, REFERENCE)]).toEqual([[1, 2], []]);
  });
});

it.each([
  [NOISE, 'Measuring the noise floor', 'noise floor'],
  [REFERENCE, 'Letting the reference write', "reference's own writing"],
  [AMPLIFIED, 'Writing amplified', 'amplified writing'],
  ['amplified@2.5', 'Writing amplified, at strength 2.5', 'amplified writing at 2.5'],
  ['control-3@2', 'Measuring the control of amplified writing, at strength 2', 'control of amplified writing at 2'],
  ['dose', 'Pass dose', 'pass dose'],
])('a pass has words for people: %s', (name, described, named) => {
  expect([describePass(name), namePass(name)]).toEqual([described, named]);
});

describe('the name of a pass', () => {
  it.each(['plain', 'a', 'a1', 'control-3@2.5', 'a-b.c@d', 'a'.repeat(64)])('may be %s', (name) => expect(isPassName(name)).toBe(true));
  it.each(['', 'A', '1a', 'a--b', 'a-', '-a', 'a b', 'a/b', 'ab\n', 'aé', 'a@', 'a'.repeat(65)])('may not be %j', (name) =>
    expect(isPassName(name)).toBe(false),
  );
});
