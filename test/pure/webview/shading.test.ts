import { describe, expect, it } from 'vitest';
import { contrastRatio, parseColour, strongestShare, type Colour } from '../../../webview/text/contrast.js';
import { shadeLevel, auditMaximum, SHADE_LEVELS } from '../../../src/text/gap-shade.js';
import { gapShareOf, isSalient, localMaximum, shadeClass } from '../../../webview/text/gap-shade.js';

const scale = { max: 6, threshold: 0.3 };

describe('shades of gaps', () => {
  it('are positive where the finetuned model likes the token more', () => {
    expect(shadeClass(shadeLevel(3, scale))).toMatch(/^likes-f shade-/);
    expect(shadeClass(shadeLevel(-3, scale))).toMatch(/^likes-r shade-/);
    expect(shadeLevel(3, scale)).toBe(-shadeLevel(-3, scale));
  });

  it('grow with the gap and clip at the maximum', () => {
    const levels = [0.4, 1, 2, 4, 5.9].map((gap) => shadeLevel(gap, scale));
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
    expect(new Set(levels).size).toBe(levels.length);
    expect(shadeLevel(6, scale)).toBe(SHADE_LEVELS);
    expect(shadeLevel(60, scale)).toBe(SHADE_LEVELS);
  });

  it('are none below the threshold, without a gap, and at zero', () => {
    expect(shadeLevel(0.29, scale)).toBe(0);
    expect(shadeLevel(-0.29, scale)).toBe(0);
    expect(shadeLevel(0.3, scale)).toBeGreaterThan(0);
    expect(shadeLevel(null, scale)).toBe(0);
    expect(shadeLevel(0, { max: 6, threshold: 0 })).toBe(0);
    expect(shadeClass(0)).toBe('');
  });

  it('can have a scale of the audit’s own, from the 99th percentile of peak gaps, in round nats', () => {
    const peaks = Array.from({ length: 1000 }, (_, i) => i / 1000);
    expect(auditMaximum([...peaks, 50])).toBe(1);
    expect(auditMaximum(peaks.map((peak) => peak * 5))).toBe(6);
    expect(auditMaximum([200])).toBe(10);
    expect(auditMaximum([])).toBe(6);
  });

  it('have a scale of their own from the largest gap', () => {
    expect(localMaximum([0.5, null, -2.5, 1])).toBe(2.5);
    expect(localMaximum([null])).toBe(0.1);
  });

  it('have their strength where the legend says', () => {
    for (const strength of [0.25, 0.5, 0.75, 1]) expect(shadeLevel(gapShareOf(strength) * scale.max * 0.999, scale)).toBe(strength * SHADE_LEVELS);
    expect(gapShareOf(0.5)).toBeLessThan(0.5);
  });

  it('print only what is salient', () => {
    expect(isSalient(2, scale)).toBe(true);
    expect(isSalient(-2, scale)).toBe(true);
    expect(isSalient(1.9, scale)).toBe(false);
    expect(isSalient(2, { max: 6, threshold: 2.5 })).toBe(false);
    expect(isSalient(null, scale)).toBe(false);
  });
});

describe('contrast', () => {
  const white: Colour = [1, 1, 1];
  const black: Colour = [0, 0, 0];
  const orange: Colour = [0.82, 0.525, 0.086];

  it('is 21 between black and white', () => {
    expect(contrastRatio(white, black)).toBeCloseTo(21, 5);
    expect(contrastRatio(black, white)).toBeCloseTo(21, 5);
    expect(contrastRatio(orange, orange)).toBe(1);
  });

  it('limits a shade to what leaves the text readable', () => {
    const grey: Colour = [0.8, 0.8, 0.8];
    const background: Colour = [0.12, 0.12, 0.12];
    const share = strongestShare(grey, background, orange, 0.9);
    const on = (s: number) => contrastRatio(grey, background.map((v, i) => v * (1 - s) + orange[i]! * s) as unknown as Colour);
    expect(on(share)).toBeGreaterThanOrEqual(4.5);
    expect(on(share + 0.02)).toBeLessThan(4.5);
    expect(strongestShare(white, black, orange, 0.3)).toBe(0.3);
  });

  it('lets a theme of low contrast keep most of its own', () => {
    const text: Colour = [0.5, 0.5, 0.5];
    const background: Colour = [0.25, 0.25, 0.25];
    expect(strongestShare(text, background, orange, 0.5)).toBeGreaterThan(0);
  });

  it('reads computed colours', () => {
    expect(parseColour('rgb(255, 0, 51)')).toEqual([1, 0, 0.2]);
    expect(parseColour('rgba(0, 255, 0, 0.5)', [1, 1, 1])).toEqual([0.5, 1, 0.5]);
    expect(parseColour('color(srgb 0.25 0.5 1)')).toEqual([0.25, 0.5, 1]);
    expect(parseColour('currentcolor')).toBeNull();
  });
});
