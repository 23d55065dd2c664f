/** Findings about spans as comment threads in the completions' documents. */
import {
  CommentMode,
  comments,
  CommentThreadCollapsibleState,
  CommentThreadState,
  l10n,
  Range,
  workspace,
  type CommentController,
  type CommentReply,
  type CommentThread,
  type Disposable,
  type TextDocument,
  type Uri,
} from 'vscode';
import { AuditError } from '../../audit/errors.js';
import type { FindingLabel, SpanFinding } from '../../analysis/finding.js';
import type { FindingsFile } from '../../records/findings/findings.js';
import type { CompletionDocuments, OpenCompletion } from '../inline/completion-documents.js';
import { describeFinding, FindingComment } from './finding-comment.js';
import { saveNote } from '../results/save-note.js';
import { harmlessLine, LONGEST_LABEL } from '../../editor/shown/harmless-text.js';
import { showInformationMessage } from '../../editor/shown/messages.js';

const OPEN_THREAD = 'openFinding';
const RESOLVED_THREAD = 'resolvedFinding';

/** Threads of one document, by finding. */
interface Threads {
  readonly open: OpenCompletion;
  readonly byFinding: Map<string, CommentThread>;
}

export class FindingComments implements Disposable {
  readonly #controller: CommentController;
  readonly #documents = new Map<string, Threads>();
  readonly #parts: Disposable[];
  /** A finding that was just made shows what it says. */
  #fresh: string | undefined;

  constructor(private readonly documents: CompletionDocuments) {
    this.#controller = comments.createCommentController('finetuneAuditor.findings', l10n.t('Findings'));
    this.#controller.options = { prompt: l10n.t('Write a note…'), placeHolder: l10n.t('What does this show? (Markdown)') };
    this.#controller.commentingRangeProvider = { provideCommentingRanges: (document) => this.#findCommentable(document) };
    this.#parts = [
      this.#controller,
      documents.onDidOpen((open) => this.#show(open)),
      documents.onDidUpdate((open) => this.#show(open)),
      documents.onDidClose(({ uri }) => this.#close(uri)),
    ];
    for (const open of documents.all) this.#show(open);
  }

  /** Makes a finding of what was typed into an empty thread. */
  async create({ thread, text }: CommentReply): Promise<void> {
    const open = this.#requireOpen(thread.uri);
    const { content, session, record } = open;
    const document = await openDocument(open);
    const span = thread.range && content.findSpan(offsets(document, thread.range));
    if (!span) throw new AuditError('refused', l10n.t('No text of the completion is selected. Select some of it.'));
    const finding = await session.findings.addSpan({ completionId: record.id, ...span, label: null, category: null, note: text.trim() });
    this.#fresh = finding;
    thread.dispose();
    this.#show(open);
  }

  async reply({ thread, text }: CommentReply): Promise<void> {
    const { session } = this.#requireOpen(thread.uri);
    if (text.trim() !== '') await session.findings.addReply(this.#requireFinding(thread), text.trim());
  }

  edit(comment: FindingComment): void {
    this.#replace(comment, () => comment.beginEdit());
  }

  async save(comment: FindingComment): Promise<void> {
    const { findings } = this.#ownerOf(comment).open.session;
    const { finding, reply, note: begun, typed } = comment;
    // Until it is saved, what comes from elsewhere does not take its place.
    const other = await saveNote(findings, { finding, reply, begun, typed });
    comment.mode = CommentMode.Preview;
    this.#refresh(comment);
    if (other !== null) void showInformationMessage(l10n.t('{0} changed this note while you edited it. Their text stays, before yours.', other));
  }

  cancel(comment: FindingComment): void {
    comment.mode = CommentMode.Preview;
    this.#refresh(comment);
  }

  /** A finding goes with its replies. */
  async delete(comment: FindingComment): Promise<void> {
    const { findings } = this.#ownerOf(comment).open.session;
    await (comment.reply === null ? findings.deleteSpan(comment.finding) : findings.deleteReply(comment.reply));
  }

  async setLabel(comment: FindingComment, label: FindingLabel | null): Promise<void> {
    await this.#ownerOf(comment).open.session.findings.editSpan(comment.finding, { label });
  }

  async setCategory(comment: FindingComment, category: string | null): Promise<void> {
    await this.#ownerOf(comment).open.session.findings.editSpan(comment.finding, { category });
  }

  async setResolved(thread: CommentThread, resolved: boolean): Promise<void> {
    const { findings } = this.#requireOpen(thread.uri).session;
    await (resolved ? findings.resolveSpan(this.#requireFinding(thread)) : findings.reopenSpan(this.#requireFinding(thread)));
  }

  /** Categories that this audit's findings have. */
  usedCategories(comment: FindingComment): string[] {
    return listCategories(this.#ownerOf(comment).open.session.findings);
  }

  /** The threads of a document, by place. */
  threadsOf(uri: Uri): CommentThread[] {
    return [...(this.#documents.get(uri.toString())?.byFinding.values() ?? [])];
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }

  #findCommentable(document: TextDocument): Range[] | undefined {
    const content = this.documents.find(document)?.content;
    return content && [new Range(document.positionAt(content.body[0]), document.positionAt(content.body[1]))];
  }

  #show(open: OpenCompletion): void {
    const key = open.uri.toString();
    const threads = this.#documents.get(key) ?? { open, byFinding: new Map<string, CommentThread>() };
    this.#documents.set(key, threads);
    void openDocument(open).then((document) => {
      if (this.#documents.get(key) === threads) this.#sync(threads, document);
    });
  }

  #sync({ open, byFinding }: Threads, document: TextDocument): void {
    const spans = open.session.findings.spans().filter(({ completionId }) => completionId === open.record.id);
    const left = new Set(byFinding.keys());
    for (const span of spans) {
      const place = open.content.placeSpan(span.span);
      if (!place) continue;
      left.delete(span.finding);
      const range = new Range(document.positionAt(place[0]), document.positionAt(place[1]));
      const known = byFinding.get(span.finding);
      // The list of all comments passes over a thread that begins without any.
      const thread = known ?? this.#controller.createCommentThread(open.uri, range, makeComments(span));
      if (!known) {
        thread.collapsibleState = CommentThreadCollapsibleState.Collapsed;
        byFinding.set(span.finding, thread);
      }
      // Its thread may have come before it was known to be the new one.
      if (this.#fresh === span.finding) {
        thread.collapsibleState = CommentThreadCollapsibleState.Expanded;
        this.#fresh = undefined;
      }
      fill(thread, span, range);
    }
    for (const finding of left) {
      byFinding.get(finding)!.dispose();
      byFinding.delete(finding);
    }
  }

  #close(uri: Uri): void {
    const key = uri.toString();
    for (const thread of this.#documents.get(key)?.byFinding.values() ?? []) thread.dispose();
    this.#documents.delete(key);
  }

  #refresh(comment: FindingComment): void {
    this.#show(this.#ownerOf(comment).open);
  }

  /** Comments are shown anew only in a new list. */
  #replace(comment: FindingComment, change: () => void): void {
    const thread = this.#ownerOf(comment).byFinding.get(comment.finding)!;
    change();
    thread.comments = [...thread.comments];
  }

  #ownerOf(comment: FindingComment): Threads {
    for (const threads of this.#documents.values()) if (threads.byFinding.get(comment.finding)?.comments.includes(comment)) return threads;
    throw new AuditError('refused', l10n.t('This comment is no longer there. Open its completion again.'));
  }

  #requireOpen(uri: Uri): OpenCompletion {
    const open = this.documents.find({ uri });
    if (!open) throw new AuditError('refused', l10n.t('The completion of this comment is no longer open. Open it again.'));
    return open;
  }

  #requireFinding(thread: CommentThread): string {
    const [first] = thread.comments;
    if (first instanceof FindingComment) return first.finding;
    throw new AuditError('refused', l10n.t('This comment is no longer there. Open its completion again.'));
  }
}

/** Categories that findings have, sorted. */
export function listCategories(findings: FindingsFile): string[] {
  const all = [...[...findings.current().values()], ...findings.spans()].flatMap(({ category }) => (category === null ? [] : [category]));
  return [...new Set(all)].sort();
}

function fill(thread: CommentThread, span: SpanFinding, range: Range): void {
  const editing = new Map(
    thread.comments
      .filter((comment): comment is FindingComment => comment instanceof FindingComment && comment.mode === CommentMode.Editing)
      .map((comment) => [comment.reply, comment]),
  );
  thread.range = range;
  // What is being edited stays under the author's hands.
  thread.comments = makeComments(span).map((comment) => editing.get(comment.reply) ?? comment);
  const label = describeFinding(span);
  thread.label = label === '' ? l10n.t('Finding') : harmlessLine(label, LONGEST_LABEL);
  thread.contextValue = span.state === 'resolved' ? RESOLVED_THREAD : OPEN_THREAD;
  thread.state = span.state === 'resolved' ? CommentThreadState.Resolved : CommentThreadState.Unresolved;
  thread.canReply = true;
}

function makeComments(span: SpanFinding): FindingComment[] {
  return [FindingComment.ofSpan(span), ...span.replies.map(FindingComment.ofReply)];
}

/** Already open, so that this reads nothing. */
async function openDocument({ uri }: OpenCompletion): Promise<TextDocument> {
  return workspace.openTextDocument(uri);
}

/** A place without text stands for its line. */
function offsets(document: TextDocument, range: Range): [number, number] {
  const whole = range.isEmpty ? document.lineAt(range.start.line).range : range;
  return [document.offsetAt(whole.start), document.offsetAt(whole.end)];
}
