/** Compares what a server says of the same place at several temperatures. Pure. */
import type { PlainAt } from '../endpoint-profile.js';

/** Nats, by what the server calls each token. */
export type NamedLogprobs = ReadonlyMap<string, number>;

/** How far logprobs of the same place may be apart: servers compute in half precision, and in changing company. */
const TOLERANCE = 0.1;
/** Less likely tokens vary more, and servers write some low number for those that they have cut off. */
const LEAST = -12;

/**
 * At temperature T a logprob is that of softmax(logits / T) where a server applies it before it tells. Where 0 and 1 do not
 * agree, the likelier best token says which of them is not plain: near 0 the best token takes everything, and where others are
 * cut off, it takes their share.
 */
export function judgeTemperatures(atZero: NamedLogprobs, atOne: NamedLogprobs, atOther: NamedLogprobs): PlainAt {
  const zeroAndOne = agree(atZero, atOne);
  const oneAndOther = agree(atOne, atOther);
  if (zeroAndOne !== false) return { greedy: zeroAndOne, one: zeroAndOne, other: oneAndOther };
  const sharpened = best(atZero) > best(atOne);
  if (sharpened) return { greedy: false, one: true, other: oneAndOther };
  return { greedy: true, one: false, other: agree(atZero, atOther) };
}

/** `null` where they have too little in common to tell: a single token might be certain at every temperature. */
function agree(a: NamedLogprobs, b: NamedLogprobs): boolean | null {
  const common = [...a].filter(([name]) => b.has(name)).map(([name, logprob]) => [logprob, b.get(name)!] as const);
  const likely = common.filter((pair) => Math.max(...pair) > LEAST);
  if (likely.some(([one, other]) => Math.abs(one - other) > TOLERANCE)) return false;
  return likely.length < 2 ? null : true;
}

function best(named: NamedLogprobs): number {
  return [...named.values()].reduce((most, logprob) => Math.max(most, logprob), -Infinity);
}
