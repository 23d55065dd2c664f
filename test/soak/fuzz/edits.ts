/** Inputs made of real ones: bits that flip, cuts, splices, lines that come twice, and odd values in the places of JSON. */
import fc from 'fast-check';

/** One change. Its places are shares of what it is applied to, so that any edit fits any input. */
export interface Edit {
  readonly kind: (typeof KINDS)[number];
  /** Of 2³⁰. */
  readonly at: number;
  readonly a: number;
  readonly b: number;
}

export interface Mutation {
  /** Which of the real inputs. */
  readonly seed: number;
  readonly edits: readonly Edit[];
}

const KINDS = ['flip', 'byte', 'number', 'cut', 'drop', 'repeat', 'splice', 'text', 'line', 'lines', 'value', 'copy', 'name', 'remove'] as const;
const WHOLE = 2 ** 30;
/** No input becomes longer than the real one by more bytes than these. */
const GROWTH_AT_MOST = 1 << 20;

export function mutations(seeds: number): fc.Arbitrary<Mutation> {
  const edit = fc.record({ kind: fc.constantFrom(...KINDS), at: fc.nat(WHOLE - 1), a: fc.nat(WHOLE - 1), b: fc.nat(WHOLE - 1) });
  return fc.record({ seed: fc.nat(seeds - 1), edits: fc.array(edit, { maxLength: 8, size: 'max' }) });
}

const nested = (open: string, close: string): string => `${open.repeat(20_000)}0${close.repeat(20_000)}`;

/** As they stand in a file: some of them are no JSON. */
const ODD_VALUES: readonly string[] = [
  '{"toString":1}',
  '{"toString":1,"valueOf":1}',
  '{"toJSON":1}',
  '{"__proto__":{"toString":1},"constructor":1}',
  '{"length":-1}',
  '{"length":1e9}',
  '{"then":1}',
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '0.5',
  '1e300',
  '-1e300',
  '1e999',
  '-3e9',
  '2147483648',
  '9007199254740993',
  '18446744073709551616',
  'NaN',
  '-Infinity',
  '1e-320',
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\u202e\\u2066\\u200b"',
  '"\\u001b]8;;http://x\\u0007x"',
  '"[x](command:a)"',
  '"../../x"',
  '"/dev/zero"',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '[{}]',
  '{"":{}}',
  '[1e300,-1e300]',
  nested('[', ']'),
  nested('{"a":', '}'),
  nested('{"error":', '}'),
  JSON.stringify('x'.repeat(100_000)),
  JSON.stringify('"'.repeat(10_000)),
  JSON.stringify('*_`['.repeat(5000)),
  JSON.stringify('\u0301'.repeat(5000)),
  JSON.stringify('\n'.repeat(20_000)),
  JSON.stringify('👩‍👩‍👧‍👦🏳️‍🌈'.repeat(500)),
  `[${'0,'.repeat(20_000)}0]`,
  `[${'{},'.repeat(5000)}{}]`,
  `{${Array.from({ length: 3000 }, (_, index) => `"k${index}":${index}`).join(',')}}`,
];

/** Between bytes, wherever. */
const ODD_TEXTS: readonly string[] = [
  '\0',
  '\r',
  '\n',
  '\n\n',
  '\u2028',
  '\ufeff',
  '\u202e',
  '\u200b',
  '\ud83d',
  '\u001b[2J',
  '"',
  '\\',
  '\\u',
  '{',
  '}',
  '[',
  ']',
  ',',
  ';',
  '\t',
  '|',
  '`',
  '**',
  '_',
  '(?:',
  '(a+)+$',
  '{1000}',
  '\\p{L}',
  '<',
  '<!--',
  '</script>',
  '&',
  'NaN',
  '1e999',
  'PAR1',
  'GGUF',
  '\x1f\x8b',
  'PK\u0003\u0004',
  '"'.repeat(20_000),
  ','.repeat(20_000),
  '\n'.repeat(20_000),
  '['.repeat(20_000),
  '(',
  '('.repeat(2000),
  'é'.repeat(5000),
  '<'.repeat(20_000),
  '`'.repeat(20_000),
  '* '.repeat(10_000),
  '[a]('.repeat(5000),
];

const ODD_NUMBERS: readonly bigint[] = [
  0n,
  1n,
  2n,
  127n,
  128n,
  255n,
  256n,
  65_535n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const ODD_NAMES: readonly string[] = ['__proto__', 'constructor', 'toString', 'length', 'then', '', 'id', 'type', 'kind', 'finding', 'crc'];

export interface EditOptions {
  /** All real inputs: what is spliced in is of another. */
  readonly seeds: readonly Buffer[];
  /** Bytes of the input in which edits are made; all where it is left out. */
  readonly head?: number;
  /** A changed JSON line as it is written. */
  readonly writeLine?: (json: string) => string;
}

/** The same bytes for the same edits. */
export function applyEdits(input: Buffer, edits: readonly Edit[], options: EditOptions): Buffer {
  const most = input.length + GROWTH_AT_MOST;
  let bytes = input;
  for (const edit of edits) {
    const next = applyEdit(bytes, edit, options);
    if (next.length <= most) bytes = next;
  }
  return bytes;
}

function applyEdit(bytes: Buffer, { kind, at, a, b }: Edit, { seeds, head = bytes.length, writeLine = (json) => json }: EditOptions): Buffer {
  const place = share(at, Math.min(head, bytes.length) + 1);
  const length = 1 + share(a, Math.min(256, bytes.length - place + 1));
  switch (kind) {
    case 'flip':
      return place < bytes.length ? setByte(bytes, place, bytes[place]! ^ (1 << (a & 7))) : bytes;
    case 'byte':
      return setByte(bytes, place, a & 255);
    case 'number':
      return setNumber(bytes, place, ODD_NUMBERS[a % ODD_NUMBERS.length]!, (b & 1) === 0 ? 4 : 8);
    case 'cut':
      return bytes.subarray(0, place);
    case 'drop':
      return replace(bytes, place, place + length, '');
    case 'repeat':
      return replace(bytes, place, place, Buffer.concat(Array.from({ length: 1 + (b % 200) }, () => bytes.subarray(place, place + length))));
    case 'splice': {
      const other = seeds[b % seeds.length]!;
      const from = share(a, other.length + 1);
      return replace(bytes, place, bytes.length, other.subarray(from));
    }
    case 'text':
      return replace(bytes, place, place, ODD_TEXTS[a % ODD_TEXTS.length]!);
    case 'line':
      return editLines(bytes, (lines) =>
        lines.splice(share(at, lines.length), 0, ...Array.from({ length: 1 + (b % 50) }, () => lines[share(a, lines.length)]!)),
      );
    case 'lines':
      return editLines(bytes, (lines) => lines.push(...lines.splice(share(at, lines.length), 1 + (a % 3))));
    default:
      return editJson(bytes, { kind, at, a, b }, writeLine);
  }
}

function share(of: number, count: number): number {
  return Math.floor((of / WHOLE) * Math.max(count, 0));
}

function setByte(bytes: Buffer, place: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  if (place < copy.length) copy[place] = value;
  return copy;
}

function setNumber(bytes: Buffer, place: number, value: bigint, size: 4 | 8): Buffer {
  const copy = Buffer.from(bytes);
  if (place + size > copy.length) return copy;
  if (size === 8) copy.writeBigUInt64LE(value, place);
  else copy.writeUInt32LE(Number(BigInt.asUintN(32, value)), place);
  return copy;
}

function replace(bytes: Buffer, start: number, end: number, put: string | Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(put as string), bytes.subarray(end)]);
}

function editLines(bytes: Buffer, change: (lines: string[]) => void): Buffer {
  const lines = bytes.toString('latin1').split('\n');
  change(lines);
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** Changes one place of a JSON text, or of one line of JSON lines. What is no JSON stays as it is. */
function editJson(bytes: Buffer, edit: Edit, writeLine: (json: string) => string): Buffer {
  const text = bytes.toString('utf8');
  const whole = parse(text);
  if (whole !== undefined) return Buffer.from(editValue(whole.value, edit));
  const lines = text.split('\n');
  const index = share(edit.at, lines.length);
  const line = parse(lines[index]!);
  if (line === undefined) return bytes;
  lines[index] = writeLine(editValue(line.value, edit));
  return Buffer.from(lines.join('\n'));
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Stands for text that is no JSON until the rest is written. */
const PLACE = '\u0001here\u0001';

function editValue(value: unknown, { kind, a, b }: Edit): string {
  // Nested deeply, as earlier edits may have left it, it can be neither walked nor written.
  try {
    const places = placesOf(value);
    const place = places[a % places.length]!;
    const changed =
      kind === 'copy'
        ? replaceAt(value, place, valueAt(value, places[b % places.length]!))
        : kind === 'name'
          ? rename(value, place, ODD_NAMES[b % ODD_NAMES.length]!)
          : kind === 'remove'
            ? replaceAt(value, place, undefined)
            : replaceAt(value, place, PLACE);
    return (JSON.stringify(changed) ?? 'null').replace(JSON.stringify(PLACE), () => ODD_VALUES[b % ODD_VALUES.length]!);
  } catch (error) {
    if (error instanceof RangeError) return 'null';
    throw error;
  }
}

type Path = readonly string[];

function placesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || path.length > 10) return [path];
  return [
    path,
    ...Object.entries(value)
      .slice(0, 200)
      .flatMap(([name, inner]) => placesOf(inner, [...path, name])),
  ];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((inner, name) => (inner as Record<string, unknown>)[name], value);
}

function replaceAt(value: unknown, [name, ...rest]: Path, put: unknown): unknown {
  if (name === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  define(copy, name, replaceAt(copy[name], rest, put));
  return copy;
}

function rename(value: unknown, path: Path, to: string): unknown {
  const from = path.at(-1);
  const holder = valueAt(value, path.slice(0, -1));
  if (from === undefined || Array.isArray(holder)) return value;
  const renamed: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(holder as object)) define(renamed, name === from ? to : name, inner);
  return replaceAt(value, path.slice(0, -1), renamed);
}

/** A field of that name, also where it is called `__proto__`. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
