/** Numbers that Python writes into JSON and that JSON does not have. */

/** A string, which is left as it is, or one of the numbers. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|NaN|([+-]?)Infinity/gs;

/**
 * The same text with `null` for `NaN`, and for the infinite ones a number that is read as infinite. What stands in strings
 * is left alone, and every line stays the line that it was.
 */
export function replaceSpecialNumbers(text: string): string {
  if (!text.includes('NaN') && !text.includes('Infinity')) return text;
  return text.replace(STRING_OR_NUMBER, (found: string, sign: string | undefined) => {
    if (found.startsWith('"')) return found;
    return sign === undefined ? 'null' : `${sign === '-' ? '-' : ''}1e999`;
  });
}
