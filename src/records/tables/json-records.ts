/** The records in a JSON value, in the forms in which tables are commonly written. */
import { UnreadableFile } from './unreadable.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface RecordList {
  readonly list: readonly unknown[];
  /** Names that lead to the list where it stands in the file as it is; `null` where it was put together. */
  readonly path: readonly string[] | null;
  /** Other lists of objects, which were passed over. */
  readonly passedOver: readonly string[];
}

/** Objects within each other in which a list is looked for. */
const DEPTH_AT_MOST = 3;
/** Objects that are looked into. */
const OBJECTS_AT_MOST = 10_000;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A list itself; a table of columns (pandas, Weights & Biases); the longest list of objects within an object.
 * @param wanted of passages plain strings are records, too, and no list is a column
 * @returns `null` where there is none
 * @throws UnreadableFile where a table is not whole
 */
export function findRecordList(value: unknown, wanted: 'completions' | 'passages' = 'completions'): RecordList | null {
  if (Array.isArray(value)) return { list: value, path: [], passedOver: [] };
  if (!isObject(value)) return null;
  const table = readColumnsAndData(value) ?? readColumnsOfObjects(value);
  if (table) return { list: table, path: null, passedOver: [] };
  const transcript = value['target_messages'];
  if (wanted === 'passages') return findPassages(value);
  if (Array.isArray(transcript)) {
    const turns = pairTurns(transcript);
    if (turns) return { list: turns, path: null, passedOver: [] };
  }
  const [longest, ...others] = findLists(value, isObject);
  if (longest === undefined) {
    const columns = readColumnsOfLists(value);
    return columns && { list: columns, path: null, passedOver: [] };
  }
  const list = pairTurns(longest.list);
  return { list: list ?? longest.list, path: list ? null : longest.path, passedOver: others.map(({ path }) => path.join('.')) };
}

/** All lists of strings where there are only such: parts of a data set, for instance. */
function findPassages(value: JsonObject): RecordList | null {
  const [longest, ...others] = findLists(value, isObject);
  if (longest) return { ...longest, passedOver: others.map(({ path }) => path.join('.')) };
  const strings = findLists(value, (item) => typeof item === 'string');
  return strings.length === 0 ? null : { list: strings.flatMap(({ list }) => list), path: null, passedOver: [] };
}

/** `{"columns": ["a"], "data": [[1]]}`: Weights & Biases, and pandas with `orient="split"`. */
function readColumnsAndData({ columns, data }: JsonObject): JsonObject[] | null {
  if (!Array.isArray(columns) || !Array.isArray(data) || columns.length === 0) return null;
  if (!columns.every((name) => typeof name === 'string') || !data.every(Array.isArray)) return null;
  const names = columns as string[];
  if (new Set(names).size < names.length) throw new UnreadableFile('two of its columns have the same name. Rename one of them.');
  return (data as unknown[][]).map((row, index) => {
    if (row.length !== names.length)
      throw new UnreadableFile(`record ${index + 1} has ${row.length} cells where there are ${names.length} columns. Correct the file.`);
    return Object.fromEntries(names.map((name, column) => [name, row[column]]));
  });
}

/** `{"a": {"0": 1}}`, pandas' own form, and `{"0": {"a": 1}}`, its `orient="index"`: which it is, the numbers of the rows tell. */
function readColumnsOfObjects(value: JsonObject): JsonObject[] | null {
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every((entry): entry is [string, JsonObject] => isObject(entry[1]))) return null;
  const inner = new Set(entries.flatMap(([, object]) => Object.keys(object)));
  if (inner.size === 0) return null;
  const areRows = (names: Iterable<string>) => [...names].every((name) => /^\d+$/.test(name));
  const outerAreRows = areRows(entries.map(([name]) => name));
  if (outerAreRows === areRows(inner)) return null;
  if (outerAreRows) return entries.map(([, object]) => object);
  const rows = new Map<string, [string, unknown][]>();
  for (const [column, cells] of entries) {
    for (const [row, cell] of Object.entries(cells)) {
      const list = rows.get(row);
      if (list) list.push([column, cell]);
      else rows.set(row, [[column, cell]]);
    }
  }
  return [...rows.values()].map((cells) => Object.fromEntries(cells));
}

/** `{"a": [1, 2], "b": [3, 4]}`: columns as lists of the same length. */
function readColumnsOfLists(value: JsonObject): JsonObject[] | null {
  const columns = Object.entries(value);
  const length = Array.isArray(value[columns[0]?.[0] ?? '']) ? (columns[0]![1] as unknown[]).length : 0;
  if (length === 0 || columns.length < 2 || !columns.every((column): column is [string, unknown[]] => Array.isArray(column[1]) && column[1].length === length))
    return null;
  return Array.from({ length }, (_, row) => Object.fromEntries(columns.map(([name, cells]) => [name, (cells as unknown[])[row]])));
}

/** Lists with such items, longest first; of equals the one that is less deep, then the first. */
function findLists(value: JsonObject, isItem: (item: unknown) => boolean): { list: readonly unknown[]; path: string[] }[] {
  const found: { list: readonly unknown[]; path: string[] }[] = [];
  let level: { object: JsonObject; path: string[] }[] = [{ object: value, path: [] }];
  let looked = 0;
  for (let depth = 0; depth < DEPTH_AT_MOST && level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { object, path } of level) {
      if (looked++ > OBJECTS_AT_MOST) break;
      for (const [name, inner] of Object.entries(object)) {
        if (Array.isArray(inner)) {
          if (inner.some(isItem)) found.push({ list: inner, path: [...path, name] });
        } else if (isObject(inner)) next.push({ object: inner, path: [...path, name] });
      }
    }
    level = next;
  }
  return found.sort((a, b) => b.list.length - a.list.length);
}

/** Of the messages of one conversation, each answer with the message before it; `null` where it is no conversation. */
function pairTurns(list: readonly unknown[]): JsonObject[] | null {
  const turns = list.map((turn) => (isObject(turn) && typeof turn['role'] === 'string' ? { role: turn['role'], text: textOf(turn['content']) } : null));
  if (turns.includes(null)) return null;
  return turns.flatMap((turn, index): JsonObject[] => {
    if (turn?.role !== 'assistant' || turn.text === null) return [];
    const asked = turns.slice(0, index).findLast((one) => one?.role === 'user');
    return [{ turn: index + 1, prompt: asked?.text ?? null, completion: turn.text }];
  });
}

/** A message's text, also one in parts. */
function textOf(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  const parts = content.flatMap((part) => (typeof part === 'string' ? [part] : isObject(part) && typeof part['text'] === 'string' ? [part['text']] : []));
  return parts.length === 0 ? null : parts.join('');
}
