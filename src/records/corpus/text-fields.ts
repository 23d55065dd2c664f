/** Guesses where the text is in a record of a data set, from the names that data sets commonly use. */

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

/** The texts of one record: a plain string, a text field, the turns of a conversation, else the longest string. */
export function extractTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(extractTexts);
  if (typeof value !== 'object' || value === null) return [];
  const record = value as Record<string, unknown>;
  for (const name of CONVERSATION_NAMES) {
    const turns = record[name];
    if (Array.isArray(turns)) return turns.flatMap(extractTurn);
  }
  const names = Object.keys(record).filter((name) => typeof record[name] === 'string');
  const named = findTextColumn(names);
  if (named >= 0) return [record[names[named]!] as string];
  const longest = names.map((name) => record[name] as string).sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? [] : [longest];
}

function extractTurn(turn: unknown): string[] {
  if (typeof turn !== 'object' || turn === null) return extractTexts(turn);
  const { content, value } = turn as { content?: unknown; value?: unknown };
  return extractTexts(content ?? value);
}
