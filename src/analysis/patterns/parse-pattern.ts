/**
 * Reads a regular expression that JavaScript accepts with the flag `u`. What a class or an escape stands for is asked of
 * JavaScript itself, one character at a time, so that it means the same here.
 */
import type { PatternNode } from './program.js';

/** What these patterns cannot have, in words that name it. */
export class UnsupportedPattern extends Error {}

const NO_BOUND = 'since the time that it takes has no bound';
const COUNT = /^\{(\d+)(,?)(\d*)\}/;
/** An escape of one character or class, `\cA`, `\xHH`, `\uHHHH` (a pair of them is one character), `\u{H}`, `\p{…}`. */
const ESCAPE = /^\\(?:u[dD][89abAB][\dA-Fa-f]{2}\\u[dD][c-fC-F][\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|u\{[\dA-Fa-f]+\}|x[\dA-Fa-f]{2}|c[A-Za-z]|[pP]\{[^}]*\}|.)/su;
/** Groups within groups: what goes through the tree does so by calling itself. */
const MOST_NESTED = 200;
/** Answers are remembered for the characters of most texts. */
const REMEMBERED = 0x250;

/**
 * @param source accepted by `new RegExp(source, flags)`
 * @param flags `u`, and any of `i`, `m`, `s`
 * @throws UnsupportedPattern for look-around and references, which cannot be matched in bounded time, for modifiers, and
 * for more than {@link MOST_NESTED} groups within each other
 */
export function parsePattern(source: string, flags: string): PatternNode {
  return new Parser(source, flags).parse();
}

class Parser {
  #at = 0;
  #depth = 0;
  readonly #tests = new Map<string, (codePoint: number) => boolean>();

  constructor(
    private readonly source: string,
    private readonly flags: string,
  ) {}

  parse(): PatternNode {
    return this.#parseChoice();
  }

  #parseChoice(): PatternNode {
    const options = [this.#parseSequence()];
    while (this.#take('|')) options.push(this.#parseSequence());
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  #parseSequence(): PatternNode {
    const nodes: PatternNode[] = [];
    while (this.#at < this.source.length && !'|)'.includes(this.source[this.#at]!)) nodes.push(this.#parseRepeat());
    return { kind: 'sequence', nodes };
  }

  #parseRepeat(): PatternNode {
    const node = this.#parseAtom();
    const [least, most] = this.#parseQuantifier() ?? [];
    if (least === undefined || most === undefined) return node;
    return { kind: 'repeat', node, least, most, greedy: !this.#take('?') };
  }

  #parseQuantifier(): [least: number, most: number] | null {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const [whole, least, comma, most] = COUNT.exec(this.source.slice(this.#at)) ?? [];
    if (whole === undefined) return null;
    this.#at += whole.length;
    return [Number(least), comma === '' ? Number(least) : most === '' ? Infinity : Number(most)];
  }

  #parseAtom(): PatternNode {
    if (this.#take('(')) return this.#parseGroup();
    if (this.#take('^')) return { kind: 'assertion', what: this.flags.includes('m') ? 'lineStart' : 'start' };
    if (this.#take('$')) return { kind: 'assertion', what: this.flags.includes('m') ? 'lineEnd' : 'end' };
    if (this.source[this.#at] === '\\') return this.#parseEscape();
    if (this.source[this.#at] === '[') return this.#parseClass();
    const character = String.fromCodePoint(this.source.codePointAt(this.#at)!);
    this.#at += character.length;
    return this.#parseCharacter(character);
  }

  #parseGroup(): PatternNode {
    if (this.#take('?') && !this.#take(':')) {
      const name = /^<[^=!][^>]*>/u.exec(this.source.slice(this.#at));
      if (!name) {
        const lookAround = /^<?[=!]/u.test(this.source.slice(this.#at));
        throw new UnsupportedPattern(
          lookAround
            ? `look-around, (?${this.source.slice(this.#at, this.#at + 2)}…), cannot be used, ${NO_BOUND}`
            : 'flags can only stand at the beginning, as in (?i)',
        );
      }
      this.#at += name[0].length;
    }
    if (++this.#depth > MOST_NESTED) throw new UnsupportedPattern(`more than ${MOST_NESTED} groups stand within each other`);
    const node = this.#parseChoice();
    this.#depth--;
    this.#take(')');
    return node;
  }

  #parseEscape(): PatternNode {
    const [escape] = ESCAPE.exec(this.source.slice(this.#at))!;
    this.#at += escape.length;
    if (escape === '\\b') return { kind: 'assertion', what: 'wordBoundary' };
    if (escape === '\\B') return { kind: 'assertion', what: 'notWordBoundary' };
    if (/^\\[1-9k]/u.test(escape)) throw new UnsupportedPattern(`a reference to a group, ${escape}, cannot be used, ${NO_BOUND}`);
    return this.#parseCharacter(escape);
  }

  #parseClass(): PatternNode {
    let end = this.#at + 1;
    while (this.source[end] !== ']') end += this.source[end] === '\\' ? 2 : 1;
    const text = this.source.slice(this.#at, end + 1);
    this.#at = end + 1;
    return this.#parseCharacter(text);
  }

  #parseCharacter(text: string): PatternNode {
    let accepts = this.#tests.get(text);
    if (!accepts) this.#tests.set(text, (accepts = testCharacter(text, this.flags)));
    return { kind: 'character', accepts };
  }

  #take(text: string): boolean {
    if (!this.source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

/** @param text the part of a pattern that stands for one character */
function testCharacter(text: string, flags: string): (codePoint: number) => boolean {
  // Without `m`, which would let the anchors stand beside a newline that is the character.
  // eslint-disable-next-line no-restricted-syntax -- on one character at a time
  const pattern = new RegExp(`^${text}$`, flags.replace('m', ''));
  const asks = (codePoint: number): boolean => pattern.test(String.fromCodePoint(codePoint));
  const known = new Array<boolean | undefined>(REMEMBERED).fill(undefined);
  return (codePoint) => (codePoint < REMEMBERED ? (known[codePoint] ??= asks(codePoint)) : asks(codePoint));
}
