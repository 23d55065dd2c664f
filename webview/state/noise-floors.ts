/** The noise floor of each framing. */
import type { Framing } from '../../src/audit/framing.js';
import { summariseNoiseFloor, type NoiseFloorCompletion, type NoiseFloorSummary } from '../../src/analysis/noise-floor.js';
import type { ScoreName } from '../../src/audit/scores.js';

/** By framing; a framing of which nothing has the score is not among them. */
export function summariseFloors(noise: readonly NoiseFloorCompletion[], score: ScoreName): Map<Framing, NoiseFloorSummary> {
  const floors = new Map<Framing, NoiseFloorSummary>();
  for (const framing of new Set(noise.map((completion) => completion.framing))) {
    const floor = summariseNoiseFloor(noise, score, framing);
    if (floor) floors.set(framing, floor);
  }
  return floors;
}
