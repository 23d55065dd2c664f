/** An edited note in the place of the one in force. */
import type { SpanFinding } from '../../analysis/finding.js';
import type { FindingsFile } from '../../records/findings/findings.js';
import { mergeNotes } from '../../records/findings/merge-notes.js';

/** A note of a finding, or of a reply to it, that was edited. */
export interface EditedNote {
  readonly finding: string;
  /** `null` for the note of the finding itself. */
  readonly reply: string | null;
  /** The note that the editing began with. */
  readonly begun: string;
  readonly typed: string;
  /** What else was edited of the finding itself. */
  readonly rest?: Pick<SpanFinding, 'label' | 'category'>;
}

/**
 * What somebody else wrote meanwhile stays, before what was typed.
 * @returns who that was; `null` where the note is as it was typed
 * @throws AuditError where the finding or the reply is gone, or the file cannot be read or written
 */
export async function saveNote(findings: FindingsFile, { finding, reply, begun, typed, rest }: EditedNote): Promise<string | null> {
  await findings.reload();
  const inForce = findNote(findings.spans(), finding, reply);
  const base = begun.trim();
  const theirs = inForce?.note.trim() ?? base;
  const yours = typed.trim();
  const note = mergeNotes(base, theirs, yours);
  if (!inForce || note !== theirs || rest) await (reply === null ? findings.editSpan(finding, { ...rest, note }) : findings.editReply(reply, note));
  return inForce && yours !== base && note !== yours ? (inForce.changed ?? inForce).author : null;
}

function findNote(spans: readonly SpanFinding[], finding: string, reply: string | null) {
  const span = spans.find((one) => one.finding === finding);
  return reply === null ? span : span?.replies.find((one) => one.reply === reply);
}
