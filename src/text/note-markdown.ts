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

/** One alternative per form; a marker does not stand beside a blank on its inner side, an underscore not within a word. */
// eslint-disable-next-line no-restricted-syntax -- of these constants alone
const FORM = new RegExp(
  [
    '(?<fence>`+)(?<code>[^`](?:.{0,2000}?[^`])?)\\k<fence>(?!`)',
    '\\*\\*(?=\\S)(?<bold>.{1,2000}?)(?<!\\s)\\*\\*',
    '\\*(?=[^\\s*])(?<star>[^*]{1,2000}?)(?<!\\s)\\*',
    '(?<![\\p{L}\\p{N}_])_(?=[^\\s_])(?<line>[^_]{1,2000}?)(?<!\\s)_(?![\\p{L}\\p{N}_])',
    '\\[(?<label>[^\\]\\n]{1,2000})\\]\\((?<address>[^()\\s]{1,2000})\\)',
  ].join('|'),
  'su',
);

/** Deeper than this nobody writes by hand. */
const DEEPEST = 4;

export function parseNote(source: string, depth = 0): NotePart[] {
  const parts: NotePart[] = [];
  const push = (text: string) => {
    if (text !== '') parts.push({ kind: 'text', text });
  };
  let rest = source;
  while (rest !== '' && depth < DEEPEST) {
    const found = FORM.exec(rest);
    if (!found?.groups) break;
    const { code, bold, star, line, label, address } = found.groups;
    push(rest.slice(0, found.index));
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (bold !== undefined) parts.push({ kind: 'bold', parts: parseNote(bold, depth + 1) });
    else if (label !== undefined) parts.push({ kind: 'link', parts: parseNote(label, depth + 1), address: address! });
    else parts.push({ kind: 'italic', parts: parseNote((star ?? line)!, depth + 1) });
    rest = rest.slice(found.index + found[0].length);
  }
  push(rest);
  return parts;
}
