/** Columns of records: a name, or a path into objects and lists such as `response.body.choices.0.message.content`. */
import { COLUMNS_AT_MOST } from './limits.js';

type Values = Readonly<Record<string, unknown>>;

/** Objects and lists within each other that columns are looked for in. */
const DEPTH_AT_MOST = 8;
/** Of a list so many elements are columns. */
const ELEMENTS_AT_MOST = 4;
/** Ways in which a path may be cut into names that have dots themselves. */
const TRIES_AT_MOST = 100;

/** A column's value; `undefined` where the record has no such column. */
export function readColumn(values: Values, column: string): unknown {
  return follow(values, column, { left: TRIES_AT_MOST })?.value;
}

function follow(at: unknown, path: string, tries: { left: number }): { value: unknown } | undefined {
  if (typeof at !== 'object' || at === null || tries.left-- <= 0) return undefined;
  if (hasOwn(at, path)) return { value: (at as Values)[path] };
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot);
    const found = hasOwn(at, name) ? follow((at as Values)[name], path.slice(dot + 1), tries) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Of a list only its elements. */
function hasOwn(at: object, name: string): boolean {
  return (!Array.isArray(at) || /^\d+$/.test(name)) && Object.hasOwn(at, name);
}

/** In the order of their first appearance; of many no more than a table may have. */
export function listColumns(records: Iterable<{ readonly values: Values }>): string[] {
  const columns = new Set<string>();
  for (const { values } of records) {
    addColumns(columns, values, '', 1);
    if (columns.size >= COLUMNS_AT_MOST) break;
  }
  return [...columns].slice(0, COLUMNS_AT_MOST);
}

function addColumns(columns: Set<string>, value: object, prefix: string, depth: number): void {
  const isList = Array.isArray(value);
  for (const name of isList ? value.slice(0, ELEMENTS_AT_MOST).keys() : Object.keys(value)) {
    if (columns.size >= COLUMNS_AT_MOST) return;
    const inner = (value as Values)[name];
    const column = `${prefix}${name}`;
    const isInner = typeof inner === 'object' && inner !== null;
    if (!isInner || Array.isArray(inner) || depth >= DEPTH_AT_MOST || Object.keys(inner).length === 0) columns.add(column);
    if (isInner && depth < DEPTH_AT_MOST) addColumns(columns, inner, `${column}.`, depth + 1);
  }
}

/** Paths that lead to the lists on a column's way, with the index that it takes: `choices` and 0. */
export function listsOnTheWay(column: string): { readonly list: string; readonly index: number }[] {
  const names = column.split('.');
  return names.flatMap((name, index) => (index > 0 && /^\d+$/.test(name) ? [{ list: names.slice(0, index).join('.'), index: Number(name) }] : []));
}
