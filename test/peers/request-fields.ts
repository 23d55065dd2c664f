/** Reads the fields of a request's JSON body; what does not fit is refused by name. */
import { Refusal, type Fields } from './http-answers.js';

export interface Bounds {
  readonly min: number;
  readonly max?: number;
}

/** An absent field and `null` are the same to all dialects. */
export function readInteger(body: Fields, name: string, { min, max = Number.MAX_SAFE_INTEGER }: Bounds): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new Refusal(400, `\`${name}\` must be an integer.`, { param: name });
  if (value < min || value > max) {
    throw new Refusal(400, `\`${name}\` must be between ${min} and ${max}, got ${value}.`, { param: name });
  }
  return value;
}

export function readNumber(body: Fields, name: string, { min, max = Infinity }: Bounds): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || value < min || value > max) {
    throw new Refusal(400, `\`${name}\` must be a number of at least ${min}${max === Infinity ? '' : ` and at most ${max}`}.`, { param: name });
  }
  return value;
}

export function readBoolean(body: Fields, name: string, fallback: boolean): boolean {
  const value = body[name] ?? fallback;
  if (typeof value !== 'boolean') throw new Refusal(400, `\`${name}\` must be true or false.`, { param: name });
  return value;
}

export function readText(body: Fields, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw new Refusal(400, `\`${name}\` must be a string.`, { param: name });
  return value;
}

export function readIds(value: unknown, name: string): number[] {
  if (!Array.isArray(value) || !value.every((id) => Number.isInteger(id) && id >= 0)) {
    throw new Refusal(400, `\`${name}\` must be a list of token ids.`, { param: name });
  }
  return value as number[];
}

/** One seed for sampling; where none is given, a new one for every request. */
export function readSeed(body: Fields): number {
  const seed = readInteger(body, 'seed', { min: -Number.MAX_SAFE_INTEGER }) ?? Math.floor(Math.random() * 2 ** 32);
  return seed >>> 0;
}

/**
 * Refuses what this peer cannot do, so that no test takes an ignored wish for a granted one.
 * @param neutral per field the values that wish nothing; absent and `null` never do.
 */
export function refuseUnsupported(body: Fields, neutral: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [name, values] of Object.entries(neutral)) {
    const value = body[name] ?? undefined;
    const empty = Array.isArray(value) && value.length === 0;
    if (value !== undefined && !empty && !values.includes(value)) {
      throw new Refusal(400, `This test server does not support \`${name}\` = ${JSON.stringify(value)}.`, { param: name });
    }
  }
}

/** Sampling settings that the local engine does not have, with the values that change nothing. */
export const NEUTRAL_SAMPLING: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  stream: [false],
  stream_options: [],
  stop: [''],
  top_p: [1],
  frequency_penalty: [0],
  presence_penalty: [0],
  logit_bias: [],
  response_format: [],
};
