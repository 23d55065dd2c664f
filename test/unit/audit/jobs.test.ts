import { describe, expect, it } from 'vitest';
import { orderJobs } from '../../../src/audit/jobs.js';

const openings = (count: number): number[][] => Array.from({ length: count }, (_, index) => [index]);

describe('orderJobs', () => {
  it('interleaves framings with equally many prefills', () => {
    const jobs = orderJobs(['raw', 'chat'], { raw: openings(50), chat: openings(50) });
    expect(jobs.total).toBe(100);
    for (let id = 0; id < jobs.total; id++) {
      expect(jobs.completionAt(id)).toEqual({ id, framing: id % 2 === 0 ? 'raw' : 'chat', prefill: Math.floor(id / 2) });
    }
  });

  it('keeps the order of the plan', () => {
    expect(orderJobs(['chat', 'raw'], { raw: openings(1), chat: openings(1) }).completionAt(0).framing).toBe('chat');
    expect(orderJobs(['chat'], { raw: openings(9), chat: openings(2) }).total).toBe(2);
  });

  it('lets the longer list go on alone', () => {
    const jobs = orderJobs(['raw', 'chat'], { raw: openings(2), chat: openings(4) });
    const order = Array.from({ length: jobs.total }, (_, id) => jobs.completionAt(id)).map(({ framing, prefill }) => `${framing} ${prefill}`);
    expect(order).toEqual(['raw 0', 'chat 0', 'raw 1', 'chat 1', 'chat 2', 'chat 3']);
  });

  it('cuts waves of B: completion i is in wave ⌊i/B⌋', () => {
    const jobs = orderJobs(['raw', 'chat'], { raw: openings(5), chat: openings(5) });
    const waves = jobs.waves(4);
    expect(waves.map((wave) => wave.length)).toEqual([4, 4, 2]);
    waves.forEach((wave, index) => wave.forEach(({ id }) => expect(Math.floor(id / 4)).toBe(index)));
  });

  it('has no completion outside of the plan', () => {
    const jobs = orderJobs(['raw'], { raw: openings(1) });
    expect(() => jobs.completionAt(1)).toThrow('no completion 1');
    expect(orderJobs(['raw'], {}).total).toBe(0);
  });
});
