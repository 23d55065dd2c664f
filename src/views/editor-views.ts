/** The editor's half of an audit: completions as documents, gaps in any text, findings as comments, the tree of audits. */
import { workspace, type Disposable } from 'vscode';
import { AuditsView, type AuditsViewSurroundings } from './audits-view/audits-view.js';
import { FindingComments } from './comments/finding-comments.js';
import { CompletionDocuments } from './inline/completion-documents.js';
import { CompletionEditors } from './inline/completion-editors.js';
import { CompletionFiles } from './inline/completion-files.js';
import { COMPLETION_SCHEME } from './inline/completion-uri.js';
import { GapPainter } from './inline/gap-painter.js';
import { TextGaps } from './inline/text-gaps.js';
import type { AuditSession } from '../runner/run/audit-session.js';
import type { OpenAudits } from './open-audits.js';

export interface EditorViewsSurroundings extends Omit<AuditsViewSurroundings, 'commands'> {
  readonly audits: OpenAudits;
  /** Whether this window writes an audit's journal itself. */
  readonly isOurs: (session: AuditSession) => boolean;
}

export class EditorViews implements Disposable {
  readonly documents: CompletionDocuments;
  readonly gaps: TextGaps;
  readonly comments: FindingComments;
  readonly auditsView: AuditsView;
  readonly #parts: Disposable[];

  constructor(surroundings: EditorViewsSurroundings) {
    const { audits, isOurs } = surroundings;
    const painter = new GapPainter();
    this.documents = new CompletionDocuments(audits, isOurs);
    const files = workspace.registerFileSystemProvider(COMPLETION_SCHEME, new CompletionFiles(audits), { isReadonly: true, isCaseSensitive: true });
    const editors = new CompletionEditors(this.documents, painter, {
      openPage: 'finetuneAuditor.openAudit',
      labels: {
        revealing: 'finetuneAuditor.inline.revealing',
        notRevealing: 'finetuneAuditor.inline.notRevealing',
        unsure: 'finetuneAuditor.inline.unsure',
      },
    });
    this.gaps = new TextGaps(painter, 'finetuneAuditor.clearTokenGaps', 'finetuneAuditor.shadeByDivergence');
    this.comments = new FindingComments(this.documents);
    this.auditsView = new AuditsView({ ...surroundings, commands: { show: 'finetuneAuditor.audits.show' } });
    this.#parts = [files, editors, this.gaps, this.comments, this.auditsView, this.documents, painter];
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }
}
