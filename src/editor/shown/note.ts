/** A colleague's note with the little Markdown that notes may have, as the page shows it: its links are told, not made. */
import { parseNote, type NotePart } from '../../text/note-markdown.js';
import { Markdown, md } from './markdown.js';

const LONGEST_NOTE = 20_000;

export function showNote(note: string): Markdown {
  return Markdown.join(parseNote(note.slice(0, LONGEST_NOTE)).map(showPart), '');
}

function showPart(part: NotePart, index: number): Markdown {
  const inner = (parts: readonly NotePart[]) =>
    Markdown.join(
      parts.map((one) => showPart(one, 1)),
      '',
    );
  switch (part.kind) {
    case 'text':
      return showText(part.text, index === 0);
    case 'code':
      return Markdown.code(part.text);
    case 'bold':
      return md`**${inner(part.parts)}**`;
    case 'italic':
      return md`*${inner(part.parts)}*`;
    case 'link':
      return md`${inner(part.parts)} \\(${part.address}\\)`;
  }
}

/** A newline in a note is a new line. */
function showText(text: string, beginsLine: boolean): Markdown {
  const lines = text.split(/\r?\n/).map((line, index) => (beginsLine || index > 0 ? md`${line}` : Markdown.inline(line)));
  return Markdown.join(lines, '  \n');
}
