/** A finding about a span, or a reply to it, as VS Code's comments show it. */
import { CommentMode, l10n, type Comment, type CommentAuthorInformation, type MarkdownString } from 'vscode';
import type { Reply, Signature, SpanFinding } from '../../analysis/finding.js';
import { nameLabel } from '../results/finding-names.js';
import { makeMarkdownString } from '../../editor/shown/editor-parts.js';
import { harmlessLine, LONGEST_LABEL } from '../../editor/shown/harmless-text.js';
import { md } from '../../editor/shown/markdown.js';
import { showNote } from '../../editor/shown/note.js';

export const FINDING_CONTEXT = 'finding';
export const REPLY_CONTEXT = 'reply';

export class FindingComment implements Comment {
  mode = CommentMode.Preview;
  body: string | MarkdownString;
  readonly author: CommentAuthorInformation;
  readonly timestamp?: Date;
  readonly label?: string;

  private constructor(
    /** The finding that it is about. */
    readonly finding: string,
    /** `null` for the finding itself. */
    readonly reply: string | null,
    readonly contextValue: string,
    /** As it was when this was shown: what editing begins with. */
    readonly note: string,
    signature: Signature,
    label: string,
  ) {
    this.body = makeMarkdownString(note.trim() === '' ? md`*${l10n.t('no note')}*` : showNote(note));
    this.author = { name: harmlessLine(signature.author, LONGEST_LABEL) };
    const time = new Date(signature.time);
    if (!Number.isNaN(time.getTime())) this.timestamp = time;
    if (label !== '') this.label = harmlessLine(label, LONGEST_LABEL);
  }

  static ofSpan(span: SpanFinding): FindingComment {
    return new FindingComment(
      span.finding,
      null,
      FINDING_CONTEXT,
      span.note,
      span,
      [describeFinding(span), ...describeChange(span)].filter((part) => part !== '').join(' · '),
    );
  }

  static ofReply(reply: Reply): FindingComment {
    return new FindingComment(reply.finding, reply.reply, REPLY_CONTEXT, reply.note, reply, describeChange(reply).join(''));
  }

  /** The note as it was written, to be changed. */
  beginEdit(): void {
    this.mode = CommentMode.Editing;
    this.body = this.note;
  }

  get typed(): string {
    return typeof this.body === 'string' ? this.body : this.body.value;
  }
}

/** E.g. `Revealing · backdoor`; empty where it says neither. */
export function describeFinding({ label, category }: Pick<SpanFinding, 'label' | 'category'>): string {
  return [...(label ? [nameLabel(label)] : []), ...(category === null ? [] : [category])].join(' · ');
}

function describeChange({ changed, author }: Pick<SpanFinding, 'changed' | 'author'>): string[] {
  if (!changed) return [];
  return [changed.author === author ? l10n.t('edited') : l10n.t('edited by {0}', changed.author)];
}
