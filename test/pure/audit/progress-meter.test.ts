import { describe, expect, it } from 'vitest';
import { ProgressMeter } from '../../../src/audit/progress-meter.js';

function create(fields: Partial<ConstructorParameters<typeof ProgressMeter>[0]> = {}): { meter: ProgressMeter; clock: { time: number } } {
  const clock = { time: 5000 };
  const meter = new ProgressMeter({
    completionsTotal: 100,
    completionsDone: 20,
    completionsToCompute: 80,
    expectedTokens: 200,
    now: () => clock.time,
    ...fields,
  });
  return { meter, clock };
}

describe('ProgressMeter', () => {
  it('knows no rate before there is anything to measure', () => {
    expect(create().meter.snapshot()).toEqual({
      completionsDone: 20,
      completionsTotal: 100,
      tokens: 0,
      elapsedMs: 0,
      tokensPerSecond: null,
      secondsLeft: null,
    });
  });

  it('measures the rate over the last ten seconds', () => {
    const { meter, clock } = create();
    for (let second = 0; second < 60; second++) {
      clock.time += 1000;
      meter.addTokens(second < 40 ? 100 : 500);
    }
    expect(meter.snapshot()).toMatchObject({ tokens: 14_000, elapsedMs: 60_000, tokensPerSecond: 500 });
  });

  it('guesses at first by the length asked for, then by the completions there are', () => {
    const { meter, clock } = create();
    clock.time += 1000;
    meter.addTokens(400);
    // 80 of 200 tokens, less the 400 that are there, at 400 a second.
    expect(meter.snapshot().secondsLeft).toBe((80 * 200 - 400) / 400);
    meter.finishWave(8);
    // 72 of 50 tokens.
    expect(meter.snapshot().secondsLeft).toBe((72 * 50) / 400);
    clock.time += 1000;
    meter.addTokens(400);
    expect(meter.snapshot().secondsLeft).toBe((72 * 50 - 400) / 400);
  });

  it('does not count a standstill, as of a server that was away, as slowness', () => {
    const { meter, clock } = create();
    const work = (seconds: number): void => {
      for (let k = 0; k < seconds * 10; k++) {
        clock.time += 100;
        meter.addTokens(50);
      }
    };
    work(20);
    expect(meter.snapshot().tokensPerSecond).toBe(500);
    clock.time += 600_000;
    meter.addTokens(50);
    expect(meter.snapshot()).toMatchObject({ tokensPerSecond: null, secondsLeft: null });
    work(1);
    expect(meter.snapshot()).toMatchObject({ tokensPerSecond: 500 });
  });

  it('takes a model for slow that never was faster', () => {
    const { meter, clock } = create();
    for (let k = 0; k < 10; k++) {
      clock.time += 30_000;
      meter.addTokens(60);
      expect(meter.snapshot().tokensPerSecond).toBe(2);
    }
  });

  it('has nothing left when all is computed', () => {
    const { meter, clock } = create();
    clock.time += 1000;
    meter.addTokens(100);
    meter.finishWave(80);
    for (let k = 0; k < 80; k++) meter.addCompletion();
    expect(meter.snapshot()).toMatchObject({ completionsDone: 100, secondsLeft: 0 });
  });

  it('forgets what is older than ten seconds, and no more', () => {
    const { meter, clock } = create();
    // One sample a second: 1, 2, 3 … tokens.
    for (let second = 1; second <= 30; second++) {
      clock.time += 1000;
      meter.addTokens(second);
      const window = Math.min(10, second);
      const sum = Array.from({ length: window }, (_, k) => second - k).reduce((a, b) => a + b, 0);
      expect(meter.snapshot().tokensPerSecond).toBeCloseTo(sum / window, 10);
    }
  });

  it('keeps at least the pause between two samples that are further apart', () => {
    const { meter, clock } = create();
    for (const tokens of [10, 20, 40]) {
      clock.time += 20_000;
      meter.addTokens(tokens);
      expect(meter.snapshot().tokensPerSecond).toBe(tokens / 20);
    }
  });

  it('has no rate while the clock or the tokens stand', () => {
    const { meter, clock } = create();
    meter.addTokens(5);
    expect(meter.snapshot()).toMatchObject({ tokens: 5, tokensPerSecond: null, secondsLeft: null });
    clock.time += 1000;
    meter.addTokens(0);
    clock.time += 11_000;
    meter.addTokens(0);
    clock.time += 11_000;
    meter.addTokens(0);
    expect(meter.snapshot()).toMatchObject({ tokensPerSecond: null, secondsLeft: null });
  });
});
