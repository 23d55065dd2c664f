/** The order of a plan's completions: which prefill in which framing has which index, and who advances together. */
import type { Framing } from './framing.js';

/** One completion to be made. */
export interface Job {
  /** Index i in the plan's order. */
  readonly id: number;
  readonly framing: Framing;
  /** Index into the framing's prefills. */
  readonly prefill: number;
}

/**
 * Interleaves the framings, so that a run stopped early has as much of each: with F framings of equally many prefills,
 * completion i is framing i mod F of prefill ⌊i/F⌋. Where the lists differ in length, the longer ones go on alone.
 * @param framings in the plan's order
 * @param prefills the framings' openings; only how many there are matters here
 */
export function orderJobs(framings: readonly Framing[], prefills: Readonly<Partial<Record<Framing, readonly unknown[]>>>): readonly Job[] {
  const jobs: Job[] = [];
  const counts = framings.map((framing) => prefills[framing]?.length ?? 0);
  const longest = Math.max(0, ...counts);
  for (let prefill = 0; prefill < longest; prefill++) {
    framings.forEach((framing, index) => {
      if (prefill < counts[index]!) jobs.push({ id: jobs.length, framing, prefill });
    });
  }
  return jobs;
}

/** The waves in order: of all of a plan's completions, i is in wave ⌊i/B⌋. */
export function cutWaves(jobs: readonly Job[], waveSize: number): Job[][] {
  const waves: Job[][] = [];
  for (let start = 0; start < jobs.length; start += waveSize) waves.push(jobs.slice(start, start + waveSize));
  return waves;
}
