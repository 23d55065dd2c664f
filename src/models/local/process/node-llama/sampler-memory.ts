/**
 * Every evaluation that chooses tokens makes a native sampler with a copy of the vocabulary's candidates, which is freed
 * only when the garbage collector finds its small JavaScript handle. With large vocabularies that is gigabytes of fresh
 * memory per wave, whose page faults cost more than the sampling; collecting now and then keeps the same memory in use.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** One candidate: token, logit and probability. */
const BYTES_PER_CANDIDATE = 12;
const LIMIT_BYTES = 128 << 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let uncollected = 0;

/** To be told after each step how many samplers it made, and for how large a vocabulary. */
export function noteSamplers(count: number, vocabularySize: number): void {
  uncollected += count * vocabularySize * BYTES_PER_CANDIDATE;
  if (uncollected < LIMIT_BYTES) return;
  uncollected = 0;
  collectGarbage();
}
