/** Prefills that a user brings along: one per line of a text file, or token ids per framing in a JSON file. */
import { z } from 'zod';
import { AuditError } from '../../audit/errors.js';
import { FRAMINGS, inEveryFraming, type Framing } from '../../audit/framing.js';
import { readNamedFile } from '../journal/audit-files.js';
import { describeFileError } from '../file-errors.js';
import { parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';

export type PrefillFileContent =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  /** Token ids of F; a framing without a list of its own has none. */
  | { readonly kind: 'ids'; readonly ids: Readonly<Partial<Record<Framing, readonly (readonly number[])[]>>> };

const BYTES_AT_MOST = 64 << 20;

const ids = z.array(z.array(z.int().nonnegative()).min(1)).min(1);
const perFraming = z.object(inEveryFraming(ids.exactOptional()));

/**
 * Text: a line is a prefill, with its leading spaces; empty lines are left out. JSON: `{"raw": [[1, 2, 3], …], "chat":
 * […]}`, or one list of lists for every framing, or a list of texts.
 * @throws AuditError `badPrefillFile`, `fileNotFound`
 */
export async function readPrefillFile(path: string): Promise<PrefillFileContent> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readNamedFile(path, BYTES_AT_MOST));
  } catch (error) {
    if (error instanceof TypeError) throw badFile(path, 'it is not UTF-8 text');
    throw describeFileError(error, path, 'read', 'badPrefillFile');
  }
  if (/^\s*[[{]/.test(text) && /\.json$/i.test(path)) return readJson(text, path);
  const texts = text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '');
  if (texts.length === 0) throw badFile(path, 'it has no line with a prefill');
  return { kind: 'texts', texts };
}

/** Prefills of the framing that has most of them. */
export function countPrefills(content: PrefillFileContent): number {
  if (content.kind === 'texts') return content.texts.length;
  return Object.values(content.ids).reduce((most, { length }) => Math.max(most, length), 0);
}

function readJson(text: string, path: string): PrefillFileContent {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw badFile(path, 'it is not valid JSON');
  }
  const texts = checkShape(z.array(z.string().min(1)).min(1), value);
  if (texts.success) return { kind: 'texts', texts: texts.data };
  const list = checkShape(ids, value);
  if (list.success) return { kind: 'ids', ids: inEveryFraming(list.data) };
  const framed = checkShape(perFraming, value);
  if (framed.success && FRAMINGS.some((framing) => framed.data[framing])) return { kind: 'ids', ids: framed.data };
  throw badFile(path, 'it has no lists of token ids under "raw", "chat", "ask" or "dialogue"');
}

function badFile(path: string, reason: string): AuditError {
  return new AuditError(
    'badPrefillFile',
    `${path} cannot be used as prefills: ${reason}. Give one prefill per line, or JSON like {"raw": [[12, 7, 9]], "chat": [[12, 7, 9]]}.`,
  );
}
