/**
 * The filter line: `theme:"green glass" label:none gap>2 some text`. Conditions all have to hold; a minus before one turns it round; values
 * behind a comma are alternatives. Whatever is no condition is text that is looked for as it stands, so that a line without any condition
 * is a plain search. Nothing here is ever matched by JavaScript's own engine against a completion.
 */
import type { Framing } from '../../audit/framing.js';
import { compileLiteral } from '../patterns/literal.js';
import { compilePattern, type TextMatcher } from '../patterns/pattern.js';
import {
  FRAMING_VALUES,
  LABEL_VALUES,
  LINE_NUMBERS,
  framingOfWord,
  labelOfWord,
  VALUE_FIELDS,
  type LineLabel,
  type Quantity,
  type ValueField,
} from './fields.js';

export type Comparison = '>' | '>=' | '<' | '<=' | '=';

export type Condition = { readonly negated: boolean } & (
  | { readonly kind: 'label'; readonly anyOf: readonly LineLabel[] }
  | { readonly kind: 'framing'; readonly anyOf: readonly Framing[] }
  | { readonly kind: 'pass'; readonly anyOf: readonly string[] }
  | { readonly kind: 'theme'; readonly anyOf: readonly string[] }
  | { readonly kind: 'text'; readonly anyOf: readonly TextMatcher[] }
  | { readonly kind: 'number'; readonly quantity: Quantity; readonly comparison: Comparison; readonly value: number }
);

/** What is wrong, and where in the line: `[start, end)` in UTF-16 units. */
export interface LineProblem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

export interface FilterLine {
  readonly conditions: readonly Condition[];
  /** Whether it is more than a plain search. */
  readonly hasFields: boolean;
  /** Conditions with a problem are left out of the others. */
  readonly problem: LineProblem | null;
}

/** More conditions in a line than this are refused. */
export const MOST_CONDITIONS = 50;

/** What a condition can begin with, at the start of a line or behind a blank. The words are ours: nothing of a completion is matched. */
const VALUE_HEAD = new RegExp(String.raw`^(-?)(${VALUE_FIELDS.join('|')}):`, 'i'); // eslint-disable-line no-restricted-syntax -- of names that stand in this program
const NUMBER_HEAD = new RegExp(String.raw`^(-?)(${Object.keys(LINE_NUMBERS).join('|')})(>=|<=|[><=≥≤])`, 'i'); // eslint-disable-line no-restricted-syntax -- of names that stand in this program
const NUMBER = /^[-−+]?(\d+(\.\d*)?|\.\d+)$/;

/** One value of a condition, as it stands in the line. */
interface Value {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly form: 'bare' | 'quoted' | 'pattern';
}

class LineError extends Error {
  constructor(
    readonly start: number,
    readonly end: number,
    message: string,
  ) {
    super(message);
  }
}

export function parseLine(line: string): FilterLine {
  const conditions: Condition[] = [];
  const texts: string[] = [];
  let problem: LineProblem | null = null;
  let hasFields = false;
  let textFrom = 0;
  for (let at = 0; at < line.length;) {
    const head = readHead(line, at);
    if (head === null) {
      at = nextWord(line, at);
      continue;
    }
    hasFields = true;
    texts.push(line.slice(textFrom, at));
    const { end, values, error } = readValues(line, head.end);
    try {
      if (error) throw error;
      if (conditions.length >= MOST_CONDITIONS) throw new LineError(at, end, `more than ${MOST_CONDITIONS} conditions`);
      conditions.push(head.kind === 'value' ? valueCondition(head.field, head.negated, values, at, head.end) : numberCondition(head, values, at));
    } catch (thrown) {
      if (!(thrown instanceof LineError)) throw thrown;
      problem ??= { start: thrown.start, end: thrown.end, message: thrown.message };
    }
    at = nextWord(line, end);
    textFrom = end;
  }
  texts.push(line.slice(textFrom));
  // Blanks count where the whole line is text, as they stand.
  for (const text of hasFields ? texts.map((one) => one.trim()) : texts) {
    if (text !== '') conditions.push({ kind: 'text', negated: false, anyOf: [compileLiteral(text)] });
  }
  return { conditions, hasFields, problem };
}

type Head =
  | { readonly kind: 'value'; readonly field: ValueField; readonly negated: boolean; readonly end: number }
  | { readonly kind: 'number'; readonly quantity: Quantity; readonly comparison: Comparison; readonly negated: boolean; readonly end: number };

/** No head is longer than this. */
const LONGEST_HEAD = 24;

/** What a condition begins with at a place of the line; `null` where the word there is text. */
export function readHead(line: string, at: number): Head | null {
  const rest = line.slice(at, at + LONGEST_HEAD);
  const value = VALUE_HEAD.exec(rest);
  if (value) return { kind: 'value', field: value[2]!.toLowerCase() as ValueField, negated: value[1] === '-', end: at + value[0].length };
  const number = NUMBER_HEAD.exec(rest);
  if (!number) return null;
  const comparison = number[3]!.replace('≥', '>=').replace('≤', '<=') as Comparison;
  return { kind: 'number', quantity: LINE_NUMBERS[number[2]!.toLowerCase()]!, comparison, negated: number[1] === '-', end: at + number[0].length };
}

/** Values behind a head, as far as the next blank outside of quotes and slashes. */
function readValues(line: string, from: number): { readonly end: number; readonly values: readonly Value[]; readonly error?: LineError } {
  const values: Value[] = [];
  let at = from;
  for (;;) {
    const opening = line[at];
    if (opening === '"' || opening === '/') {
      const close = closingOf(line, at, opening);
      if (close < 0)
        return {
          end: line.length,
          values,
          error: new LineError(at, line.length, `${opening === '"' ? 'a quotation mark' : 'a slash'} that closes is missing`),
        };
      const inside = line.slice(at + 1, close);
      values.push(
        opening === '"'
          ? { text: inside.replace(/\\(["\\])/g, '$1'), start: at, end: close + 1, form: 'quoted' }
          : { text: inside.replaceAll('\\/', '/'), start: at, end: close + 1, form: 'pattern' },
      );
      at = close + 1;
    } else {
      let end = at;
      while (end < line.length && line[end] !== ',' && !isBlank(line[end]!)) end++;
      values.push({ text: line.slice(at, end), start: at, end, form: 'bare' });
      at = end;
    }
    if (line[at] === ',') at++;
    else if (at < line.length && !isBlank(line[at]!)) {
      const end = endOfWord(line, at);
      return { end, values, error: new LineError(at, end, 'a blank is missing before this') };
    } else return { end: at, values };
  }
}

function valueCondition(field: ValueField, negated: boolean, values: readonly Value[], start: number, headEnd: number): Condition {
  const empty = values.find(({ text }) => text.trim() === '');
  if (empty)
    throw new LineError(
      start,
      Math.max(headEnd, empty.end),
      `“${field}:” needs a value${field === 'text' || field === 'theme' ? ', in quotation marks where it has blanks' : ''}`,
    );
  const wrongForm = field === 'text' ? undefined : values.find(({ form }) => form === 'pattern');
  if (wrongForm) throw new LineError(wrongForm.start, wrongForm.end, 'only “text:” takes a regular expression');
  switch (field) {
    case 'label':
      return { kind: 'label', negated, anyOf: values.map((value) => known(value, labelOfWord(value.text), 'label', LABEL_VALUES)) };
    case 'framing':
      return { kind: 'framing', negated, anyOf: values.map((value) => known(value, framingOfWord(value.text), 'framing', FRAMING_VALUES)) };
    case 'text':
      return { kind: 'text', negated, anyOf: values.map(textMatcher) };
    case 'pass':
    case 'theme':
      return { kind: field, negated, anyOf: values.map(({ text }) => text) };
  }
}

function numberCondition(head: Head & { readonly kind: 'number' }, values: readonly Value[], start: number): Condition {
  const { quantity, comparison, negated } = head;
  const [value] = values;
  if (values.length !== 1 || value === undefined) throw new LineError(start, values.at(-1)!.end, 'one number stands behind a comparison');
  if (value.text === '') throw new LineError(start, value.end, 'a number is missing');
  if (value.form !== 'bare' || !NUMBER.test(value.text)) throw new LineError(value.start, value.end, `“${value.text}” is no number`);
  return { kind: 'number', quantity, comparison, value: Number(value.text.replace('−', '-')), negated };
}

function known<T>({ text, start, end }: Value, read: T | null, what: string, offered: readonly { readonly value: string }[]): T {
  if (read !== null) return read;
  throw new LineError(start, end, `“${text}” is no ${what}: ${offered.map(({ value }) => value).join(', ')}`);
}

function textMatcher({ text, form, start, end }: Value): TextMatcher {
  if (form !== 'pattern') return compileLiteral(text);
  const { pattern, problem } = compilePattern(text, 'i');
  if (pattern === null) throw new LineError(start, end, problem.replace(/\.$/, ''));
  return pattern;
}

/** Where what opens at a place is closed; −1 where it is not. A backslash takes the meaning from what follows. */
function closingOf(line: string, open: number, mark: string): number {
  for (let at = open + 1; at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === mark) return at;
  }
  return -1;
}

function endOfWord(line: string, at: number): number {
  let end = at;
  while (end < line.length && !isBlank(line[end]!)) end++;
  return end;
}

function nextWord(line: string, at: number): number {
  let next = endOfWord(line, at);
  while (next < line.length && isBlank(line[next]!)) next++;
  return next;
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\u00a0';
}

/** A value as a line takes it: in quotation marks where it would not be read as one otherwise. */
export function quoteValue(value: string): string {
  return /^[^\s",/\\]+$/.test(value) ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`;
}
