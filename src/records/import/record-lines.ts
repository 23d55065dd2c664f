/** On which line the objects of a list in a JSON file begin: JSON.parse does not say. */

/**
 * @param text valid JSON
 * @param key of the outermost object that holds the list; `null` where the list is outermost
 * @returns line, from 1, of each element, in order
 */
export function findRecordLines(text: string, key: string | null): number[] {
  const lines: number[] = [];
  const listDepth = key === null ? 1 : 2;
  let line = 1;
  let depth = 0;
  let name = '';
  let isList = key === null;
  let awaitsElement = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\n') line++;
    if (/\s/.test(c)) continue;
    if (awaitsElement && c !== ']') {
      lines.push(line);
      awaitsElement = false;
    }
    if (c === '"') {
      const end = findStringEnd(text, i);
      if (depth === 1 && key !== null) name = text.slice(i, end + 1);
      i = end;
    } else if (c === ':' && depth === 1 && key !== null) {
      isList = JSON.parse(name) === key;
      // Of a name that occurs twice JSON keeps the last.
      if (isList) lines.length = 0;
    } else if (c === '[' || c === '{') {
      depth++;
      awaitsElement = c === '[' && isList && depth === listDepth;
    } else if (c === ']' || c === '}') {
      awaitsElement = false;
      depth--;
    } else if (c === ',') {
      awaitsElement = isList && depth === listDepth;
    }
  }
  return lines;
}

/** Line, from 1, of an offset in UTF-16 units. */
export function lineOfOffset(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

function findStringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}
