/**
 * Regular expressions that cannot hang. JavaScript's own try every way through a pattern, which for some patterns on
 * some texts are more than anybody has time for, and cannot be interrupted; a page that matches as its reader types, on
 * text that a model wrote, must not depend on either. Here no instruction is tried twice at one place of a text: if it
 * did not come to a match the first time it will not the second. (R. Cox, "Regular Expression Matching: the Virtual
 * Machine Approach", 2009.) So a text takes at most its length times the number of instructions, and the matches are the
 * same: the leftmost, and of these the one that the pattern prefers.
 */
import { parsePattern, UnsupportedPattern } from './parse-pattern.js';
import { compileProgram, MOST_INSTRUCTIONS, type Assertion, type Instruction } from './program.js';

/** `[start, end)` in UTF-16 units. */
export type TextRange = readonly [start: number, end: number];

/** What texts are looked through with, however it was written. */
export interface TextMatcher {
  /** Whether it matches anywhere; a match of nothing is none. */
  test(text: string): boolean;
  /** Matches from left to right that do not overlap, at most so many; matches of nothing are none. */
  findAll(text: string, most?: number): TextRange[];
}

export type CompiledPattern =
  | { readonly pattern: Pattern; readonly problem: null }
  /** Why it is no pattern, in words that quote it, or how it begins. */
  | { readonly pattern: null; readonly problem: string };

/**
 * Bytes of the table of what was tried. Of a text that needs a larger one, as many characters at a time are searched as
 * the table holds: 16,000 at least; a match across such a cut is not found.
 */
const TABLE_BYTES = 1 << 24;
const FLAGS = /^\(\?([ims]+)\)/;
const QUOTED_CHARACTERS = 200;

/**
 * Compiles a regular expression in JavaScript's syntax, with the flag `u`. It minds case and its anchors stand for the
 * whole text, unless it begins with flags: `(?i)` for any case, `(?m)` for anchors at lines, `(?s)` for a dot that
 * stands for newlines too; `(?ims)` together. There is no look-around and no reference to a group.
 * @param always flags that it has whatever it begins with
 */
export function compilePattern(source: string, always: '' | 'i' = ''): CompiledPattern {
  const [prefix = '', letters = ''] = FLAGS.exec(source) ?? [];
  const body = source.slice(prefix.length);
  const flags = `u${[...new Set(letters + always)].join('')}`;
  const fail = (reason: string): CompiledPattern => ({ pattern: null, problem: `“${quote(source)}” is no regular expression that can be used: ${reason}.` });
  if (body === '') return fail('it is empty');
  try {
    // eslint-disable-next-line no-restricted-syntax -- is only asked whether it is one
    new RegExp(body, flags);
    const program = compileProgram(parsePattern(body, flags));
    return program ? { pattern: new Pattern(program), problem: null } : fail(`written out it has more than ${MOST_INSTRUCTIONS.toLocaleString('en')} steps`);
  } catch (error) {
    if (error instanceof UnsupportedPattern) return fail(error.message);
    if (error instanceof SyntaxError) return fail(error.message.replace(/^Invalid regular expression: .*: /s, ''));
    throw error;
  }
}

function quote(source: string): string {
  return source.length > QUOTED_CHARACTERS ? `${source.slice(0, QUOTED_CHARACTERS)}…` : source;
}

export class Pattern implements TextMatcher {
  readonly #program: readonly Instruction[];
  /** What a match can begin with. */
  readonly #beginnings: readonly ((codePoint: number) => boolean)[];
  #tried = new Uint8Array(0);

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#beginnings = findBeginnings(program);
  }

  /** Whether the pattern matches anywhere; a match of nothing is none. */
  test(text: string): boolean {
    return !this.#search(text, () => false);
  }

  /** All matches from left to right that do not overlap, at most so many; matches of nothing are none. */
  findAll(text: string, most = Infinity): TextRange[] {
    const ranges: TextRange[] = [];
    this.#search(text, (range) => ranges.push(range) < most);
    return ranges;
  }

  /** Tells each match until it is told that no more are wanted. False where it was. */
  #search(text: string, tell: (range: TextRange) => boolean): boolean {
    const window = Math.floor(TABLE_BYTES / this.#program.length) - 1;
    for (let from = 0; from < text.length;) {
      let to = Math.min(from + window, text.length);
      if (to < text.length && isSecondHalf(text, to)) to--;
      if (!this.#searchWindow(text, from, to, tell)) return false;
      from = to;
    }
    return true;
  }

  #searchWindow(text: string, from: number, to: number, tell: (range: TextRange) => boolean): boolean {
    const size = this.#program.length;
    const needed = (to - from + 1) * size;
    if (this.#tried.length < needed) this.#tried = new Uint8Array(needed);
    else this.#tried.fill(0, 0, needed);
    for (let start = from; start < to;) {
      const codePoint = text.codePointAt(start)!;
      const end = this.#beginnings.some((accepts) => accepts(codePoint)) ? this.#matchAt(text, start, from, to) : -1;
      if (end < 0) {
        start += codePoint > 0xffff ? 2 : 1;
        continue;
      }
      if (!tell([start, end])) return false;
      // What was tried where the match ends may have been cut short by the match; further on, it has all failed.
      this.#tried.fill(0, (end - from) * size, (end - from + 1) * size);
      start = end;
    }
    return true;
  }

  /** Where the preferred match that begins at `start` ends; −1 where there is none. Nothing from `to` on is read. */
  #matchAt(text: string, start: number, from: number, to: number): number {
    const program = this.#program;
    const tried = this.#tried;
    // What is still to be tried, the most preferred last: instruction and place in turn.
    const waiting = [0, start];
    while (waiting.length > 0) {
      let at = waiting.pop()!;
      let index = waiting.pop()!;
      for (;;) {
        const place = (at - from) * program.length + index;
        if (tried[place] === 1) break;
        tried[place] = 1;
        const instruction = program[index]!;
        if (instruction.kind === 'read') {
          if (at >= to) break;
          const codePoint = text.codePointAt(at)!;
          if (!instruction.accepts(codePoint)) break;
          at += codePoint > 0xffff ? 2 : 1;
          index++;
        } else if (instruction.kind === 'split') {
          waiting.push(instruction.second, at);
          index = instruction.first;
        } else if (instruction.kind === 'jump') {
          index = instruction.to;
        } else if (instruction.kind === 'assert') {
          if (!holds(instruction.what, text, at)) break;
          index++;
        } else if (at > start) {
          return at;
        } else {
          break;
        }
      }
    }
    return -1;
  }
}

/** The tests of all instructions that can be the first to read. */
function findBeginnings(program: readonly Instruction[]): ((codePoint: number) => boolean)[] {
  const beginnings = new Set<(codePoint: number) => boolean>();
  const reached = new Set([0]);
  for (const index of reached) {
    const instruction = program[index]!;
    if (instruction.kind === 'read') beginnings.add(instruction.accepts);
    else if (instruction.kind === 'split') reached.add(instruction.first).add(instruction.second);
    else if (instruction.kind === 'jump') reached.add(instruction.to);
    else if (instruction.kind === 'assert') reached.add(index + 1);
  }
  return [...beginnings];
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case 'start':
      return at === 0;
    case 'end':
      return at === text.length;
    case 'lineStart':
      return at === 0 || isLineEnd(text.charCodeAt(at - 1));
    case 'lineEnd':
      return at === text.length || isLineEnd(text.charCodeAt(at));
    case 'wordBoundary':
      return isWordUnit(text.charCodeAt(at - 1)) !== isWordUnit(text.charCodeAt(at));
    case 'notWordBoundary':
      return isWordUnit(text.charCodeAt(at - 1)) === isWordUnit(text.charCodeAt(at));
  }
}

/** JavaScript's line terminators. */
function isLineEnd(unit: number): boolean {
  return unit === 0x0a || unit === 0x0d || unit === 0x2028 || unit === 0x2029;
}

/** Letters, digits and the underscore of ASCII, as JavaScript's `\b` has it; beyond the text there is none. */
function isWordUnit(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f;
}

function isSecondHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
