import { describe, expect, it } from 'vitest';
import { cutWaves, orderJobs } from '../../../src/audit/jobs.js';

const openings = (count: number): number[][] => Array.from({ length: count }, (_, index) => [index]);

describe('orderJobs', () => {
  it('interleaves framings with equally many prefills', () => {
    const jobs = orderJobs(['raw', 'chat'], { raw: openings(50), chat: openings(50) });
    expect(jobs).toEqual(Array.from({ length: 100 }, (_, id) => ({ id, framing: id % 2 === 0 ? 'raw' : 'chat', prefill: Math.floor(id / 2) })));
  });

  it('keeps the order of the plan', () => {
    expect(orderJobs(['chat', 'raw'], { raw: openings(1), chat: openings(1) })[0]!.framing).toBe('chat');
    expect(orderJobs(['chat'], { raw: openings(9), chat: openings(2) })).toHaveLength(2);
  });

  it('lets the longer list go on alone', () => {
    const order = orderJobs(['raw', 'chat'], { raw: openings(2), chat: openings(4) }).map(({ framing, prefill }) => `${framing} ${prefill}`);
    expect(order).toEqual(['raw 0', 'chat 0', 'raw 1', 'chat 1', 'chat 2', 'chat 3']);
  });

  it('cuts waves of B: completion i is in wave ⌊i/B⌋', () => {
    const waves = cutWaves(orderJobs(['raw', 'chat'], { raw: openings(5), chat: openings(5) }), 4);
    expect(waves.map((wave) => wave.length)).toEqual([4, 4, 2]);
    waves.forEach((wave, index) => wave.forEach(({ id }) => expect(Math.floor(id / 4)).toBe(index)));
  });

  it('has no completion of a framing without prefills', () => {
    expect(orderJobs(['raw'], {})).toEqual([]);
  });
});
