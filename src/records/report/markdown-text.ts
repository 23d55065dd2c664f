/** Text of any origin as Markdown in which nothing of it is markup. */
import { visibleLine } from '../../text/visible-text.js';

/** Names that only Markdown's extensions give a meaning to: addresses without brackets, mathematics, tables. */
const PUNCTUATION = /[\\`*_{}[\]()|~$^#!@]/g;

/**
 * One line in which all of the text is text: characters that are not seen are made visible, everything that Markdown or
 * HTML could take for more than a letter is escaped. It may stand anywhere but at the beginning of a line, see {@link escapeStart}.
 */
export function escapeMarkdown(text: string): string {
  return (
    visibleLine(text)
      .replace(PUNCTUATION, '\\$&')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // Two slashes are the beginning of an address to some, with a scheme before them or without.
      .replace(/:(?=\/)/g, '\\:')
      .replace(/\/(?=\/)/g, '\\/')
      .replace(/www\./gi, (address) => `${address.slice(0, -1)}\\.`)
      .replace(/\s+/g, ' ')
  );
}

/** The same where a line, a list item or a quotation begins: no heading, list, rule, or indented code. */
export function escapeStart(text: string): string {
  return escapeMarkdown(text)
    .replace(/^\s+/, '')
    .replace(/^([-+=])/, '\\$1')
    .replace(/^(\d{1,9})([.])/, '$1\\$2');
}

/** A text of several lines as a quotation; its own lines and paragraphs are kept. */
export function quoteText(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => (line.trim() === '' ? '>' : `> ${escapeStart(line)}  `))
    .join('\n');
}

/** A table of two columns; nothing for no rows. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line), ''];
}
