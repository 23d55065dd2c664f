/** Arguments as they can be typed into a shell. */
import { visibleParts } from './visible-text.js';

const PLAIN = /^[\w./:@%+,=-]+$/;

/**
 * An argument that bash, zsh and their kin take for this very text; on Windows, for what a name can be there, in double
 * quotes. What cannot be seen is written as its code, so that the line is what it looks like.
 */
export function quoteArgument(text: string, platform: NodeJS.Platform = process.platform): string {
  if (PLAIN.test(text) || (platform === 'win32' && /^[\w./\\:@+,=-]+$/.test(text))) return text;
  if (platform === 'win32') return `"${text.replaceAll('"', '""')}"`;
  const parts = visibleParts(text);
  if (parts.every(({ kind }) => kind === 'text')) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${parts.map((part) => (part.kind === 'text' ? part.text.replace(/[\\']/g, '\\$&') : encode(text.slice(part.start, part.end)))).join('')}'`;
}

/** The same for a path, which is no option whatever it begins with. */
export function quotePath(path: string, platform: NodeJS.Platform = process.platform): string {
  return quoteArgument(path.startsWith('-') ? `./${path}` : path, platform);
}

function encode(text: string): string {
  return [...text].map((character) => `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`).join('');
}
