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
export function showText(text: string): Html {
  return showParts(text, '<span class="sign">⏎</span>\n');
}

/** What a person wrote: text with a little Markdown; a new line is only that. Links are not followed from a report either. */
export function showNote(text: string): Html {
  return showNoteParts(parseNote(text.replaceAll('\r\n', '\n')));
}

function showNoteParts(parts: readonly NotePart[]): Html {
  return html`${parts.map((part) => {
    switch (part.kind) {
      case 'text':
        return showParts(part.text, '\n');
      case 'code':
        return html`<code>${showParts(part.text, '\n')}</code>`;
      case 'bold':
        return html`<strong>${showNoteParts(part.parts)}</strong>`;
      case 'italic':
        return html`<em>${showNoteParts(part.parts)}</em>`;
      case 'link':
        return html`${showNoteParts(part.parts)} (${part.address})`;
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
