/** What a person is told while an audit runs. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditStatus } from '../../../src/messages/page.js';
import { LocalStandstill } from '../../../src/runner/run/local-standstill.js';
import { StatusReporter } from '../../../src/runner/run/status-reporter.js';

let told: AuditStatus[];
let time = 0;
let reporter: StatusReporter;
const progress = (completionsDone: number) => ({ completionsDone, completionsTotal: 8, tokens: 10, elapsedMs: 5, tokensPerSecond: 20, secondsLeft: 30 });

beforeEach(() => {
  told = [];
  time = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => time);
  reporter = new StatusReporter({ onStatus: (status) => void told.push(status) }, 8);
});

afterEach(() => void vi.restoreAllMocks());

describe('the status', () => {
  it('has a new stage at once, and its percentages now and then', () => {
    reporter.reportLoading('m.gguf', { stage: 'hashing', fraction: 0.019 });
    reporter.reportLoading('m.gguf', { stage: 'hashing', fraction: 0.5 });
    reporter.reportLoading('m.gguf', { stage: 'loading', fraction: 0 });
    time = 100;
    reporter.reportLoading('m.gguf', { stage: 'loading', fraction: 0.999 });
    expect(told.map(({ state, message }) => `${state}: ${message}`)).toEqual([
      'loading: Checking m.gguf… 1 %',
      'loading: Loading m.gguf… 0 %',
      'loading: Loading m.gguf… 99 %',
    ]);
    reporter.reportLoading('m.gguf', { stage: 'downloading', fraction: 1 });
    expect(told.at(-1)).toEqual({
      state: 'loading',
      completionsDone: 0,
      completionsTotal: 8,
      tokensPerSecond: null,
      secondsLeft: null,
      message: 'Downloading m.gguf… 100 %',
      canResume: false,
    });
  });

  it('has the rate with the progress, ten times a second at most', () => {
    reporter.reportProgress(progress(1));
    time = 99;
    reporter.reportProgress(progress(2));
    time = 100;
    reporter.reportProgress(progress(3));
    expect(told).toMatchObject([
      { completionsDone: 1 },
      { state: 'running', completionsDone: 3, completionsTotal: 8, tokensPerSecond: 20, secondsLeft: 30, message: 'Generating and scoring completions…' },
    ]);
    expect(reporter.completionsDone).toBe(3);
  });

  it('names another pass, with its own counts in words and the audit’s in figures', () => {
    reporter.setTotals(8, 8);
    reporter.beginPass('noise');
    expect([reporter.pass, told.at(-1)]).toMatchObject(['noise', { state: 'running', message: 'Measuring the noise floor…', pass: 'noise' }]);
    reporter.reportLoading('q8', { stage: 'loading', fraction: 0 });
    expect(told.at(-1)!.message).toMatch(/^Loading q8 for the noise floor… 0 %$/);
    time = 200;
    reporter.reportPass(progress(3));
    expect(told.at(-1)).toMatchObject({ message: 'Measuring the noise floor… 3 of 8', completionsDone: 8, completionsTotal: 8, tokensPerSecond: 20 });
    reporter.reportEnd('finished', 'Done.', true);
    expect(told.at(-1)).toEqual({
      state: 'finished',
      completionsDone: 8,
      completionsTotal: 8,
      tokensPerSecond: null,
      secondsLeft: null,
      message: 'Done.',
      canResume: true,
    });
    expect(reporter.pass).toBe('plain');
  });

  it('says a standstill once, without the rate of before, until it is over', () => {
    reporter.reportProgress(progress(1));
    reporter.reportStandstill('h does not answer');
    reporter.reportStandstill('h does not answer');
    expect(told).toHaveLength(2);
    expect(told[1]).toMatchObject({ standstill: 'h does not answer', message: 'Generating and scoring completions…', tokensPerSecond: null });
    time = 200;
    reporter.reportProgress(progress(1));
    expect(told.at(-1)).toMatchObject({ standstill: 'h does not answer', tokensPerSecond: null, secondsLeft: null });
    reporter.reportStandstill('');
    expect(told.at(-1)).not.toHaveProperty('standstill');
    reporter.reportStandstill('h does not answer');
    reporter.reportStopping();
    expect(told.at(-1)).toMatchObject({ message: 'Stopping…' });
    expect(told.at(-1)).not.toHaveProperty('standstill');
  });

  it('counts what was set aside', () => {
    reporter.reportStage('x');
    expect(told[0]).not.toHaveProperty('setAside');
    reporter.setSetAside(2);
    expect(reporter.setAside).toBe(2);
    reporter.reportStage('y');
    expect(told[1]).toMatchObject({ setAside: 2 });
  });
});

describe('a model process that computes nothing', () => {
  it('is told after four seconds, and after three of its usual pauses where those are longer', () => {
    const local = new LocalStandstill(() => time);
    time = 60_000;
    // It has not begun: loading is no standstill.
    expect(local.describe()).toBeNull();
    const fresh = new LocalStandstill(() => time);
    time += 100;
    fresh.note();
    time += 4000;
    expect(fresh.describe()).toBeNull();
    time += 1000;
    expect(fresh.describe()).toBe('the model process has computed nothing for 5 s');
    time += 5000;
    fresh.note();
    expect(fresh.describe()).toBeNull();
    time += 30_000;
    expect(fresh.describe()).toBeNull();
    time += 1000;
    expect(fresh.describe()).toMatch(/^the model process has computed nothing for 31 s$/);
  });
});
