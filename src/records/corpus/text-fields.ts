/** Guesses where the text is in a record of a data set, from the names that data sets commonly use. */

import { listColumns, readColumn } from '../tables/columns.js';

/** Best first. */
const TEXT_NAMES = [
  'text',
  'content',
  'body',
  'passage',
  'document',
  'article',
  'story',
  'abstract',
  'paragraph',
  'sentence',
  'completion',
  'response',
  'output',
  'answer',
  'prompt',
  'instruction',
  'question',
  'input',
  'message',
  'comment',
  'description',
  'title',
];
const CONVERSATION_NAMES = ['messages', 'conversations', 'conversation', 'turns'];

/** Index of the column whose name says that it holds text; -1 where none does. */
export function findTextColumn(names: readonly string[]): number {
  const lower = names.map((name) => name.trim().toLowerCase());
  for (const name of TEXT_NAMES) {
    const index = lower.indexOf(name);
    if (index >= 0) return index;
  }
  return -1;
}

/** Whether a record has the turns of a conversation. */
export function isConversation(value: unknown): boolean {
  return typeof value === 'object' && value !== null && CONVERSATION_NAMES.some((name) => Array.isArray((value as Record<string, unknown>)[name]));
}

export interface ExtractedTexts {
  readonly texts: readonly string[];
  /** Whether a name says that they are texts; else the longest value was taken. */
  readonly isNamed: boolean;
  /** Where they were, in words. */
  readonly from: string;
}

/** The texts of one record: a plain string, a conversation's turns, a field that is named so, itself or within others; else the longest string. */
export function extractTexts(value: unknown): ExtractedTexts {
  if (typeof value === 'string') return { texts: [value], isNamed: true, from: 'itself' };
  if (Array.isArray(value)) return joinTexts(value.map(extractTexts));
  if (typeof value !== 'object' || value === null) return { texts: [], isNamed: true, from: '' };
  const record = value as Record<string, unknown>;
  for (const name of CONVERSATION_NAMES) {
    const turns = record[name];
    if (Array.isArray(turns) && turns.length > 0) return joinTexts(turns.map(extractTurn));
  }
  const names = Object.keys(record).filter((name) => typeof record[name] === 'string');
  const named = findTextColumn(names);
  if (named >= 0) return { texts: [record[names[named]!] as string], isNamed: true, from: `"${names[named]!}"` };
  // Within others: what is nearer to the name of a text goes before what is longer.
  const inner: { column: string; text: string }[] = [];
  for (const column of listColumns([{ values: record }])) {
    const text = readColumn(record, column);
    if (typeof text === 'string') inner.push({ column, text });
  }
  const place = findTextColumn(inner.map(({ column }) => column.slice(column.lastIndexOf('.') + 1)));
  if (place >= 0) return { texts: [inner[place]!.text], isNamed: true, from: `"${inner[place]!.column}"` };
  const longest = inner.reduce<{ column: string; text: string } | null>(
    (best, one) => (best === null || one.text.length > best.text.length ? one : best),
    null,
  );
  return longest === null ? { texts: [], isNamed: true, from: '' } : { texts: [longest.text], isNamed: false, from: `"${longest.column}"` };
}

function joinTexts(all: readonly ExtractedTexts[]): ExtractedTexts {
  return { texts: all.flatMap(({ texts }) => texts), isNamed: all.every(({ isNamed }) => isNamed), from: all.find(({ isNamed }) => !isNamed)?.from ?? '' };
}

function extractTurn(turn: unknown): ExtractedTexts {
  if (typeof turn !== 'object' || turn === null) return extractTexts(turn);
  const { content, value } = turn as { content?: unknown; value?: unknown };
  return extractTexts(content ?? value);
}
