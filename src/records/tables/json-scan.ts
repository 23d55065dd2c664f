/** Finds where the values of a JSON text begin and end, in one pass that looks at nothing twice. */
import { NAMES_AT_MOST, NESTING_AT_MOST, VALUES_AT_MOST } from './limits.js';
import { UnreadableFile } from './unreadable.js';

export interface JsonSpan {
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** Where numbers stand that JSON does not have: offset and length. */
  readonly special: readonly (readonly [number, number])[];
}

const SPECIAL = /NaN|[+-]?Infinity/y;
const LITERAL = /[^\s"[\]{},:]+/y;

/** What was met in the texts of one file so far. */
export class JsonCounts {
  #values = 0;
  readonly #names = new Set<string>();

  /** @throws UnreadableFile from {@link VALUES_AT_MOST} on */
  addValue(): void {
    if (++this.#values > VALUES_AT_MOST)
      throw new UnreadableFile(
        `it has more than ${VALUES_AT_MOST.toLocaleString('en')} values. Take a part of it, or leave out what is not needed, such as the logprobs of tokens.`,
      );
  }

  /** @throws UnreadableFile from {@link NAMES_AT_MOST} on */
  addName(name: string): void {
    if (this.#names.add(name).size > NAMES_AT_MOST)
      throw new UnreadableFile(
        `its fields have more than ${NAMES_AT_MOST.toLocaleString('en')} different names. Write it as a list of records with the same fields.`,
      );
  }
}

/** Values one after the other, on a line each or not, with blank lines or record separators between them. */
export function* scanJson(text: string, counts = new JsonCounts()): Generator<JsonSpan, void, void> {
  let line = 1;
  let at = 0;
  /** Where the string before begins, until it is known to be a name. */
  let nameStart = -1;
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) if (text.charCodeAt(at++) === 0x0a) line++;
    if (at >= text.length) return;
    const start = at;
    const startLine = line;
    const special: [number, number][] = [];
    let depth = 0;
    do {
      const c = text.charCodeAt(at);
      if (c === 0x22) {
        nameStart = at;
        at = findStringEnd(text, at, line);
      } else if (c === 0x7b || c === 0x5b) {
        if (++depth > NESTING_AT_MOST)
          throw new UnreadableFile(`line ${line}: lists and objects lie within each other more than ${NESTING_AT_MOST} deep. Write them flat.`);
        counts.addValue();
        at++;
      } else if (c === 0x7d || c === 0x5d) {
        depth--;
        at++;
      } else if (isSpace(c)) {
        if (c === 0x0a) line++;
        at++;
      } else if (c === 0x2c || c === 0x3a) {
        if (c === 0x2c) counts.addValue();
        else if (nameStart >= 0) counts.addName(text.slice(nameStart, at));
        nameStart = -1;
        at++;
      } else {
        SPECIAL.lastIndex = LITERAL.lastIndex = at;
        const end = LITERAL.test(text) ? LITERAL.lastIndex : at + 1;
        if (SPECIAL.test(text) && SPECIAL.lastIndex === end) special.push([at, end - at]);
        at = end;
      }
    } while (depth > 0 && at < text.length);
    if (depth > 0) throw new UnreadableFile(`line ${startLine} is not valid JSON: what begins there is not closed. Correct or remove it.`);
    yield { start, end: at, line: startLine, special };
  }
}

/** The value of a span. @throws UnreadableFile naming the line */
export function parseSpan(text: string, { start, end, line, special }: JsonSpan): unknown {
  const json = withoutSpecial(text, start, end, special);
  try {
    return JSON.parse(json);
  } catch (error) {
    const offset = findFault(json);
    const at = line + countLines(json, offset ?? 0);
    throw new UnreadableFile(`line ${at} is not valid JSON${offset === null ? '' : `: ${describeFault(json, offset)}`}. Correct the file there.`, {
      cause: error,
    });
  }
}

/** `null` for NaN; for the infinite ones a number that is read as infinite. Lines stay the lines that they were. */
function withoutSpecial(text: string, start: number, end: number, special: JsonSpan['special']): string {
  if (special.length === 0) return text.slice(start, end);
  const parts: string[] = [];
  let from = start;
  for (const [offset, length] of special) {
    const word = text.slice(offset, offset + length);
    parts.push(text.slice(from, offset), word === 'NaN' ? 'null' : word.startsWith('-') ? '-1e999' : '1e999');
    from = offset + length;
  }
  return parts.join('') + text.slice(from, end);
}

function isSpace(code: number): boolean {
  // Record separators (RFC 7464) and a byte order mark within a file, where files were put together.
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 || code === 0x1e || code === 0xfeff;
}

function findStringEnd(text: string, start: number, line: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i++;
    else if (c === 0x22) return i + 1;
    else if (c === 0x0a) break;
  }
  throw new UnreadableFile(`line ${line} is not valid JSON: a string is not closed. Correct or remove the line.`);
}

const TOKEN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\]:,]/y;
/** Longer values are not searched for the place. In characters. */
const SEARCHED_AT_MOST = 1 << 26;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where the string at an offset ends, or, negative, where it is broken. */
function findEndOrFault(json: string, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (c === 0x22) return i + 1;
    if (c < 0x20) return -i;
    if (c !== 0x5c) continue;
    ESCAPE.lastIndex = i;
    if (!ESCAPE.test(json)) return -i;
    i = ESCAPE.lastIndex - 1;
  }
  return -json.length;
}

/** Offset of what JSON does not allow: where another token is wanted. `null` where it is not found. */
function findFault(json: string): number | null {
  if (json.length > SEARCHED_AT_MOST) return null;
  const open: string[] = [];
  let wanted: 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'next' = 'value';
  let at = 0;
  for (;;) {
    while (at < json.length && isSpace(json.charCodeAt(at))) at++;
    if (at >= json.length) return json.length - 1;
    TOKEN.lastIndex = at;
    const isString = json[at] === '"';
    const stringEnd = isString ? findEndOrFault(json, at) : 0;
    if (stringEnd < 0) return -stringEnd;
    const token = isString ? '"' : TOKEN.exec(json)?.[0];
    if (token === undefined) return at;
    const ends = token === '}' || token === ']';
    if (ends) {
      const fits = open.at(-1) === (token === '}' ? '{' : '[') && (wanted === 'next' || wanted === (token === '}' ? 'keyOrEnd' : 'valueOrEnd'));
      if (!fits) return at;
      open.pop();
      wanted = 'next';
    } else if (token === ',' || token === ':') {
      if (wanted !== (token === ':' ? 'colon' : 'next') || open.length === 0) return at;
      wanted = token === ',' && open.at(-1) === '{' ? 'key' : 'value';
    } else if (wanted === 'key' || wanted === 'keyOrEnd') {
      if (!isString) return at;
      wanted = 'colon';
    } else if (wanted === 'value' || wanted === 'valueOrEnd') {
      if (token === '{' || token === '[') open.push(token);
      wanted = token === '{' ? 'keyOrEnd' : token === '[' ? 'valueOrEnd' : 'next';
    } else return at;
    at = isString ? stringEnd : at + token.length;
  }
}

function describeFault(json: string, offset: number): string {
  const found = /^(?:[\p{L}\p{N}.+-]{1,20}|\S)/u.exec(json.slice(offset, offset + 40))?.[0];
  return found === undefined ? 'it breaks off' : `${JSON.stringify(found)} is not expected there`;
}

/** Line breaks before an offset. */
function countLines(text: string, offset: number): number {
  let lines = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) lines++;
  return lines;
}
