/** What a filter line can go on with at the caret. */
import { explainQuantity, FRAMING_VALUES, LABEL_VALUES, LINE_NUMBERS, VALUE_FIELD_TEXTS, VALUE_FIELDS, type OfferedValue } from './fields.js';
import { quoteValue, readHead } from './parse-line.js';

/** What an audit has that fields can name. */
export interface LineVocabulary {
  readonly themes: readonly OfferedValue[];
  readonly passes: readonly OfferedValue[];
}

export interface Completing {
  /** What a choice stands in place of: `[from, to)` in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly choices: readonly { readonly text: string; readonly explanation: string }[];
}

/** More than this is not offered at once. */
export const MOST_CHOICES = 12;

/** Empty where nothing that is known fits. Fields are offered once a letter of them is typed, values behind the colon. */
export function completeLine(line: string, caret: number, vocabulary: LineVocabulary): Completing {
  const from = wordStart(line, caret);
  const head = readHead(line, from);
  if (head === null || head.end > caret) return offerFields(line, from, caret);
  if (head.kind === 'number') return { from: caret, to: caret, choices: [] };
  const offered = { label: LABEL_VALUES, framing: FRAMING_VALUES, theme: vocabulary.themes, pass: vocabulary.passes, text: [] }[head.field];
  const valueFrom = valueStart(line, head.end, caret);
  const typed = line.slice(valueFrom, caret).replace(/^"/, '').toLowerCase();
  const choices = offered
    .filter(({ value }) => value.toLowerCase().includes(typed))
    .toSorted((a, b) => Number(b.value.toLowerCase().startsWith(typed)) - Number(a.value.toLowerCase().startsWith(typed)))
    .slice(0, MOST_CHOICES)
    .map(({ value, explanation }) => ({ text: `${quoteValue(value)} `, explanation }));
  return { from: valueFrom, to: line[caret] === '"' ? caret + 1 : caret, choices };
}

function offerFields(line: string, from: number, caret: number): Completing {
  const begin = line[from] === '-' ? from + 1 : from;
  const typed = line.slice(begin, caret).toLowerCase();
  if (typed === '') return { from: caret, to: caret, choices: [] };
  const choices = [
    ...VALUE_FIELDS.map((field) => ({ text: `${field}:`, explanation: VALUE_FIELD_TEXTS[field] })),
    ...Object.entries(LINE_NUMBERS).map(([name, quantity]) => ({ text: `${name}>`, explanation: explainQuantity(quantity) })),
  ].filter(({ text }) => text.startsWith(typed) && text !== typed);
  return { from: begin, to: caret, choices };
}

/** Where the word with the caret begins; what stands in quotation marks is one word. */
function wordStart(line: string, caret: number): number {
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < caret; at++) {
    if (isQuoted && line[at] === '\\') at++;
    else if (line[at] === '"' && (isQuoted || at === start || line[at - 1] === ':' || line[at - 1] === ',')) isQuoted = !isQuoted;
    else if (!isQuoted && (line[at] === ' ' || line[at] === '\t')) start = at + 1;
  }
  return start;
}

/** Behind the head and the values that stand before it. */
function valueStart(line: string, from: number, caret: number): number {
  let start = from;
  let isQuoted = false;
  for (let at = from; at < caret; at++) {
    if (isQuoted && line[at] === '\\') at++;
    else if (line[at] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && line[at] === ',') start = at + 1;
  }
  return start;
}
