/** HTML in which every value is text unless it was made by this template itself. */
import { parseNote, type NotePart } from '../../../text/note-markdown.js';
import { chipText, visibleLine, visibleParts } from '../../../text/visible-text.js';

/** Markup that is known to be safe; only {@link html} and its sisters here make it. */
export class Html {
  constructor(readonly source: string) {}
}

export type HtmlValue = Html | string | number | null | readonly HtmlValue[];

/** Strings are escaped and what is invisible in them is shown, in attributes (which must be quoted) as in elements. */
export function html(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = values.map((value, index) => toSource(value) + literals[index + 1]!);
  return new Html(literals[0]! + parts.join(''));
}

/** Model output: its lines are kept, everything that a font would swallow or reorder is a sign of its own. */
export function textToHtml(text: string): Html {
  return showParts(text, '<span class="sign">⏎</span>\n');
}

/** What a person wrote: text with a little Markdown; a new line is only that. Links are not followed from a report either. */
export function noteToHtml(text: string): Html {
  return showNoteParts(parseNote(text.replaceAll('\r\n', '\n')), showLines);
}

/** How a citation such as `[#12]` is shown; `null` where it is left as it was written. */
export type ShowCitation = (id: number) => Html | null;

const LIST_ITEM = /^[ \t]*(?:[-*]|(?<number>\d{1,9})[.)])[ \t]+(?<text>.*)$/;
const CITED = /\[#(?<ids>\d{1,12}(?:, ?#\d{1,12})*)\]/g;

/** A conclusion's statement: a note in which lines that begin with a mark are a list, and citations lead to what they cite. */
export function statementToHtml(text: string, cite: ShowCitation): Html {
  const show = (lines: readonly string[]) => showNoteParts(parseNote(lines.join('\n')), (part) => showCited(part, cite));
  const groups: { item: RegExpExecArray | null; lines: string[] }[] = [];
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const item = LIST_ITEM.exec(line);
    const last = groups.at(-1);
    if (item) groups.push({ item, lines: [item.groups!['text']!] });
    else if (last && !last.item) last.lines.push(line);
    else groups.push({ item: null, lines: [line] });
  }
  const blocks: Html[] = [];
  for (let at = 0; at < groups.length;) {
    const { item, lines } = groups[at]!;
    if (!item) {
      blocks.push(html`<p>${show(trimBlank(lines))}</p>`);
      at++;
      continue;
    }
    const number = item.groups!['number'];
    const items: Html[] = [];
    while (at < groups.length && groups[at]!.item && (groups[at]!.item!.groups!['number'] === undefined) === (number === undefined)) {
      items.push(html`<li>${show(groups[at++]!.lines)}</li>`);
    }
    blocks.push(
      number === undefined
        ? html`<ul>
            ${items}
          </ul>`
        : html`<ol start="${Number(number)}">
            ${items}
          </ol>`,
    );
  }
  return html`${blocks.filter(({ source }) => source !== '<p></p>')}`;
}

function trimBlank(lines: readonly string[]): readonly string[] {
  const from = lines.findIndex((line) => line.trim() !== '');
  return from < 0 ? [] : lines.slice(from, lines.findLastIndex((line) => line.trim() !== '') + 1);
}

function showCited(text: string, cite: ShowCitation): Html {
  let from = 0;
  const parts: Html[] = [];
  for (const match of text.matchAll(CITED)) {
    const links = match.groups!['ids']!.split(',').map((id) => cite(Number(id.replace(/[ #]/g, ''))));
    if (links.includes(null)) continue;
    parts.push(showLines(text.slice(from, match.index)), html`[${links.map((link, index) => html`${index === 0 ? '' : ', '}${link}`)}]`);
    from = match.index + match[0].length;
  }
  return html`${[...parts, showLines(text.slice(from))]}`;
}

const showLines = (text: string): Html => showParts(text, '\n');

function showNoteParts(parts: readonly NotePart[], showPlain: (text: string) => Html): Html {
  return html`${parts.map((part) => {
    switch (part.kind) {
      case 'text':
        return showPlain(part.text);
      case 'code':
        return html`<code>${showParts(part.text, '\n')}</code>`;
      case 'bold':
        return html`<strong>${showNoteParts(part.parts, showPlain)}</strong>`;
      case 'italic':
        return html`<em>${showNoteParts(part.parts, showPlain)}</em>`;
      case 'link':
        return html`${showNoteParts(part.parts, showPlain)} (${part.address})`;
    }
  })}`;
}

function showParts(text: string, newline: string): Html {
  return new Html(
    visibleParts(text)
      .map((part) => {
        switch (part.kind) {
          case 'text':
            return escape(part.text);
          case 'newline':
            return newline;
          case 'tab':
            return '<span class="sign">⇥\t</span>';
          case 'blank':
            return `<span class="sign" title="${escape(part.name)}">⍽</span>`;
          case 'chip':
            return `<span class="chip" title="${escape(part.name)}">${escape(chipText(part))}</span>`;
        }
      })
      .join(''),
  );
}

function toSource(value: HtmlValue): string {
  if (value === null) return '';
  if (value instanceof Html) return value.source;
  if (typeof value === 'object') return value.map(toSource).join('');
  return escape(visibleLine(String(value)));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
