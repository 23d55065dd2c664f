/**
 * The little Markdown that notes may have: bold, italic, code, links. Everything else, HTML above all, is text. Links are
 * not followed from here: a note may be somebody else's, and so may what it points to.
 */

export type NotePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'bold'; readonly parts: readonly NotePart[] }
  | { readonly kind: 'italic'; readonly parts: readonly NotePart[] }
  | { readonly kind: 'link'; readonly parts: readonly NotePart[]; readonly address: string };

/** Characters between two marks. */
const LONGEST = 2000;
/** Deeper than this nobody writes by hand. */
const DEEPEST = 4;

/** Reads each character a fixed number of times, whatever stays open in it. */
export function parseNote(source: string, depth = 0): NotePart[] {
  if (depth >= DEEPEST) return source === '' ? [] : [{ kind: 'text', text: source }];
  const parts: NotePart[] = [];
  const find = new Finder(source);
  let textFrom = 0;
  const push = (to: number) => {
    if (to > textFrom) parts.push({ kind: 'text', text: source.slice(textFrom, to) });
  };
  for (let at = 0; at < source.length;) {
    const form = readForm(source, at, find);
    if (form === null) {
      // A run of backticks that nothing closes is text as a whole.
      at = source[at] === '`' ? find.runEnd(at) : at + 1;
      continue;
    }
    push(at);
    parts.push(makePart(form, depth));
    at = textFrom = form.end;
  }
  push(source.length);
  return parts;
}

/** A mark, what is in it, and where it ends. */
interface Form {
  readonly kind: Exclude<NotePart['kind'], 'text'>;
  readonly inner: string;
  readonly address?: string;
  readonly end: number;
}

function makePart({ kind, inner, address = '' }: Form, depth: number): NotePart {
  if (kind === 'code') return { kind, text: inner };
  const parts = parseNote(inner, depth + 1);
  return kind === 'link' ? { kind, parts, address } : { kind, parts };
}

/** A mark does not stand beside a blank on its inner side, an underscore not within a word. */
function readForm(source: string, at: number, find: Finder): Form | null {
  switch (source[at]) {
    case '`':
      return readCode(source, at, find);
    case '*':
      return source[at + 1] === '*' ? readMarked('bold', source, at, 2, find.boldEnd(at + 3)) : readMarked('italic', source, at, 1, find.next('*', at + 1));
    case '_': {
      const end = find.next('_', at + 1);
      return WORD_BEFORE.test(source.slice(Math.max(0, at - 2), at)) || WORD_AFTER.test(source.slice(end + 1, end + 3))
        ? null
        : readMarked('italic', source, at, 1, end);
    }
    case '[':
      return readLink(source, at, find);
    default:
      return null;
  }
}

/** @param end where the closing mark begins; −1 where there is none */
function readMarked(kind: 'bold' | 'italic', source: string, at: number, width: number, end: number): Form | null {
  const from = at + width;
  const fits = end > from && end <= from + LONGEST && !BLANK.test(source[from]!) && !BLANK.test(source[end - 1]!);
  return fits ? { kind, inner: source.slice(from, end), end: end + width } : null;
}

function readCode(source: string, at: number, find: Finder): Form | null {
  const from = find.runEnd(at);
  const end = find.sameRun(at, from - at);
  return end < 0 || end > from + LONGEST ? null : { kind: 'code', inner: source.slice(from, end), end: end + from - at };
}

function readLink(source: string, at: number, find: Finder): Form | null {
  const labelEnd = find.next(']', at + 1);
  if (labelEnd <= at + 1 || labelEnd > at + 1 + LONGEST || source[labelEnd + 1] !== '(') return null;
  const newline = find.next('\n', at);
  if (newline >= 0 && newline < labelEnd) return null;
  const address = find.address(labelEnd + 2);
  return address === '' ? null : { kind: 'link', inner: source.slice(at + 1, labelEnd), address, end: labelEnd + 3 + address.length };
}

const WORD_BEFORE = /[\p{L}\p{N}_]$/u;
const WORD_AFTER = /^[\p{L}\p{N}_]/u;
const BLANK = /\s/;
const ADDRESS = /[^()\s]{1,2000}(?=\))/y;

/** Where things are next, for places that only go on: what was found is kept, so that nothing is looked for twice. */
class Finder {
  readonly #next = new Map<string, number>();
  #address: readonly [from: number, address: string] = [-1, ''];
  /** Beginnings of the runs of backticks, by their length, the last first. */
  #runs: Map<number, number[]> | undefined;

  constructor(readonly source: string) {}

  /** The next place of a text; −1 where there is none. */
  next(text: string, from: number): number {
    const known = this.#next.get(text);
    if (known !== undefined && (known < 0 || known >= from)) return known;
    const found = this.source.indexOf(text, from);
    this.#next.set(text, found);
    return found;
  }

  /** The next two stars that no blank stands before. */
  boldEnd(from: number): number {
    const known = this.#next.get('bold');
    if (known !== undefined && (known < 0 || known >= from)) return known;
    let found = this.source.indexOf('**', from);
    while (found >= 0 && BLANK.test(this.source[found - 1]!)) found = this.source.indexOf('**', found + 1);
    this.#next.set('bold', found);
    return found;
  }

  /** Where the backticks end that begin at a place. */
  runEnd(at: number): number {
    let end = at;
    while (this.source[end] === '`') end++;
    return end;
  }

  /** The beginning of the next run of so many backticks; −1 where there is none. */
  sameRun(after: number, length: number): number {
    this.#runs ??= listRuns(this.source);
    const runs = this.#runs.get(length) ?? [];
    while (runs.length > 0 && runs.at(-1)! <= after) runs.pop();
    return runs.at(-1) ?? -1;
  }

  /** What stands before the next closing parenthesis; blank where it is no address. */
  address(from: number): string {
    if (this.#address[0] !== from) {
      ADDRESS.lastIndex = from;
      this.#address = [from, ADDRESS.exec(this.source)?.[0] ?? ''];
    }
    return this.#address[1];
  }
}

function listRuns(source: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const {
    0: { length },
    index,
  } of [...source.matchAll(/`+/g)].reverse()) {
    const same = runs.get(length);
    if (same) same.push(index);
    else runs.set(length, [index]);
  }
  return runs;
}
