/**
 * Text for VS Code's own surfaces. Whatever it came from, a plan, a model, a server, a colleague, nothing in it is a link
 * to a command (`[x](command:…)`), an icon (`$(verified)`), a line of its own or a character that cannot be seen.
 */
import { chipText, visibleParts } from '../../text/visible-text.js';

/** UTF-16 units. Notifications are cut at 1000 by VS Code itself, at their end, where ours say what to do. */
export const LONGEST_MESSAGE = 900;
export const LONGEST_LABEL = 300;
export const LONGEST_TITLE = 120;
const MOST_LINES = 60;
/** Invisible characters take more room when they are shown; nothing beyond this is looked at. */
const LOOKED_AT = 4;

/** One line. Too long a text loses its middle. */
export function harmlessLine(text: string, longest: number): string {
  const line = visibleParts(cutMiddle(text, LOOKED_AT * longest))
    .map((part) => (part.kind === 'text' ? part.text : part.kind === 'chip' ? `⟦${chipText(part)}⟧` : ' '))
    .join('')
    .replaceAll('](', '] (')
    .replaceAll('$(', '$ (');
  return cutMiddle(line, longest);
}

/** The same for what may have lines, such as the details of a question. */
export function harmlessLines(text: string, longest: number): string {
  const lines = cutMiddle(text, MOST_LINES * longest).split('\n');
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), '…'] : lines;
  return shown.map((line) => harmlessLine(line, longest)).join('\n');
}

function cutMiddle(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const end = Math.floor(longest / 3);
  const head = text.slice(0, longest - end - 1).replace(/[\uD800-\uDBFF]$/, '');
  const tail = text.slice(text.length - end).replace(/^[\uDC00-\uDFFF]/, '');
  return `${head}…${tail}`;
}
