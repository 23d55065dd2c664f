/** All readers of answers, given what no server has ever sent: they refuse it, or read it; nothing else comes of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndpointError } from '../../../../src/models/api/transport/endpoint-error.js';
import { ANSWER_READERS, GOOD_ANSWERS } from '../../../soak/fuzz/answer-readers.js';

function readByAll(answer: unknown): void {
  for (const read of ANSWER_READERS) {
    try {
      read(answer);
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      expect(error.message).not.toMatch(/^(TypeError|RangeError)|Maximum call stack|Cannot (read|convert)/);
    }
  }
}

function nest(depth: number, open: string, close: string, inner = '0'): unknown {
  return JSON.parse(open.repeat(depth) + inner + close.repeat(depth)) as unknown;
}

/** By names, since the library that draws them cannot write them out. */
const NESTED: Readonly<Record<string, unknown>> = Object.fromEntries(
  [
    ['[', ']'],
    ['{"error":', '}'],
    ['{"a":', '}'],
    ['{"message":', '}'],
  ].map(([open, close]) => [`nested ${open}`, nest(20_000, open!, close!)]),
);

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    { toString: 1 },
    { valueOf: 1, toString: 2 },
    { toJSON: 1 },
    JSON.parse('{"__proto__":{"toString":1},"constructor":1}'),
    null,
    true,
    0,
    -1,
    1.5,
    -3e9,
    1e300,
    -1e300,
    2 ** 53,
    2 ** 31,
    '',
    '\uFFFD',
    '\uD800',
    'x'.repeat(5000),
    [],
    {},
    [[]],
    [null],
    { length: -1 },
    { length: 1e9 },
  ),
  fc.constantFrom(...Object.keys(NESTED)),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Every place of a value, as paths. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || path.length > 10) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => placesOf(inner, [...path, name]))];
}

function replaceAt(value: unknown, [name, ...rest]: readonly string[], put: unknown): unknown {
  if (name === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = replaceAt(copy[name], rest, put);
  return copy;
}

describe('the readers of answers', () => {
  it('read the good ones', () => {
    for (const good of GOOD_ANSWERS) readByAll(good);
    expect(ANSWER_READERS[1]!(GOOD_ANSWERS[1])).toMatchObject({ tokens: [{}] });
  });

  it('stand every odd value at every place of every form', () => {
    const oddities = [{ toString: 1 }, nest(20_000, '[', ']'), nest(20_000, '{"error":', '}'), 1e300, -3e9, null, 'x'];
    for (const good of GOOD_ANSWERS) for (const place of placesOf(good)) for (const put of oddities) readByAll(replaceAt(good, place, put));
  }, 60_000);

  it('stand odd values at several places', () => {
    const edits = fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...GOOD_ANSWERS), edits, (good, changes) => {
        let answer: unknown = good;
        for (const [at, put] of changes) {
          const places = placesOf(answer);
          answer = replaceAt(answer, places[at % places.length]!, typeof put === 'string' && put in NESTED ? NESTED[put] : put);
        }
        readByAll(answer);
      }),
      { numRuns: 500 },
    );
  }, 120_000);
});
