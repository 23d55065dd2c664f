/**
 * The types of lines that are about one completion, and the pass that each belongs to: one table for the journal's reader and writer, its
 * summary, imports and exports.
 */
import { isPassName, NOISE, PLAIN } from '../../audit/passes.js';

/** What a line says of a completion. */
export type CompletionLineKind = 'completion' | 'generated' | 'setAside' | 'confirmation' | 'imported';

interface LineType {
  readonly pass: string;
  readonly kind: CompletionLineKind;
}

/** Lines that carry no name of a pass. Those of the noise floor were written before there were passes, and are read for ever. */
const LINE_TYPES: Readonly<Record<string, LineType>> = {
  completion: { pass: PLAIN, kind: 'completion' },
  generated: { pass: PLAIN, kind: 'generated' },
  setAside: { pass: PLAIN, kind: 'setAside' },
  noiseFloor: { pass: NOISE, kind: 'completion' },
  noiseGenerated: { pass: NOISE, kind: 'generated' },
  noiseSetAside: { pass: NOISE, kind: 'setAside' },
  imported: { pass: PLAIN, kind: 'imported' },
};

/** Lines that a line of a pass can carry. */
const CARRIED = new Set(['completion', 'generated', 'setAside', 'confirmation']);

/** Type of the lines of all passes but the main one: an older reader sets them aside with a word. */
export const PASS_LINE = 'pass';

export interface CompletionLineOf extends LineType {
  /** What is said of the completion, with a `type`. */
  readonly line: object;
}

/** The line of a completion in a parsed line of a journal, with its pass; `null` where the line is about something else. */
export function readCompletionLine(value: unknown): CompletionLineOf | null {
  if (typeof value !== 'object' || value === null) return null;
  const { type, pass, line } = value as { readonly type?: unknown; readonly pass?: unknown; readonly line?: unknown };
  if (type !== PASS_LINE) return isKnown(type) ? { ...LINE_TYPES[type]!, line: value } : null;
  if (typeof pass !== 'string' || !isPassName(pass) || pass === PLAIN || typeof line !== 'object' || line === null) return null;
  const { type: carried } = line as { readonly type?: unknown };
  return typeof carried === 'string' && CARRIED.has(carried) ? { pass, kind: carried as CompletionLineKind, line } : null;
}

/** The line as the journal has it: of the main pass bare, of another one within a line that names it. */
export function wrapLine(pass: string, line: object): object {
  return pass === PLAIN ? line : { type: PASS_LINE, pass, line };
}

/** Type and id stand first in the lines that this program writes. */
const START = /^(?:\{"type":"pass","pass":"(?<pass>[^"\\]+)","line":)?\{"type":"(?<type>\w+)","id":(?<id>\d+),/;
/** Bytes of a line that {@link peekCompletionLine} needs. */
export const LINE_START_BYTES = 160;

/** Whose line one is, from its beginning and without parsing it; `null` where that does not show. */
export function peekCompletionLine(start: string): (LineType & { readonly id: number }) | null {
  const { pass, type, id } = START.exec(start)?.groups ?? {};
  const whose = readCompletionLine(pass === undefined ? { type } : { type: PASS_LINE, pass, line: { type } });
  return whose && { pass: whose.pass, kind: whose.kind, id: Number(id) };
}

function isKnown(type: unknown): type is string {
  return typeof type === 'string' && Object.hasOwn(LINE_TYPES, type);
}
