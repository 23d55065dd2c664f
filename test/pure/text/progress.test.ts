/** How far an audit is, in one wording for page, status bar, tree and terminal. */
import { describe, expect, it } from 'vitest';
import { describeDone, describeProgress, type Progress } from '../../../src/text/progress.js';

const running: Progress = {
  state: 'running',
  completionsDone: 1120,
  completionsTotal: 4000,
  tokensPerSecond: 3571.4,
  secondsLeft: 200,
  message: 'Generating and scoring completions…',
};

describe('describeProgress', () => {
  it('says how many of how many, how fast and how long', () => {
    expect(describeProgress(running)).toBe('1,120 of 4,000 completions · 3,571 tokens/s · 3 min 20 s left');
    expect(describeProgress({ ...running, setAside: 3 })).toBe('1,120 of 4,000 completions (3 set aside) · 3,571 tokens/s · 3 min 20 s left');
  });

  it('leaves out what is not known', () => {
    expect(describeProgress({ ...running, tokensPerSecond: null, secondsLeft: null })).toBe('1,120 of 4,000 completions');
  });

  it('shows no rate while a server does not answer, whatever was measured before', () => {
    expect(describeProgress({ ...running, standstill: 'localhost:8000 could not be reached; asked again in 4 s' })).toBe(
      '1,120 of 4,000 completions · localhost:8000 could not be reached; asked again in 4 s',
    );
  });

  it('says of the noise floor and of loading what their messages say', () => {
    expect(describeProgress({ ...running, pass: 'noise', message: 'Measuring the noise floor… 3 of 8' })).toBe(
      'Measuring the noise floor… 3 of 8 · 3,571 tokens/s · 3 min 20 s left',
    );
    expect(describeProgress({ ...running, state: 'loading', message: 'Loading base-a… 40 %', standstill: 'localhost:8000 has answered nothing for 9 s' })).toBe(
      'Loading base-a… 40 % · localhost:8000 has answered nothing for 9 s',
    );
    expect(describeProgress({ ...running, state: 'failed', message: 'The model process was killed.' })).toBe('The model process was killed.');
  });

  it('shows characters that reorder text, which a server can put into its words', () => {
    expect(describeProgress({ ...running, standstill: 'at \u202eereh' })).not.toContain('\u202e');
  });
});

it('describeDone counts the audit’s own completions while they are written, and names another pass that is under way', () => {
  expect(describeDone(running)).toBe('1,120 of 4,000 completions');
  expect(describeDone({ ...running, completionsDone: 4000, pass: 'amplified', message: 'Amplified writing: 12 of 50' })).toBe('Amplified writing: 12 of 50');
  expect(describeDone({ ...running, state: 'loading', message: 'Loading the models…' })).toBe('Loading the models…');
});
