/** Commands on findings that are comment threads: the one of the menu, or else the one at the cursor. */
import { CommentThreadCollapsibleState, CommentThreadState, l10n, window, type Comment, type CommentReply, type CommentThread } from 'vscode';
import { FINDING_LABELS, type FindingLabel } from '../../analysis/finding.js';
import { FindingComment } from '../../views/comments/finding-comment.js';
import { nameLabel } from '../../views/results/finding-names.js';
import { readSettings } from '../../editor/settings.js';
import type { CommandSignatures } from '../command-ids.js';
import type { Services } from '../services.js';
import { setStatusBarMessage } from '../../editor/shown/messages.js';
import { showInputBox, showQuickPick, type PickItem } from '../../editor/shown/quick-inputs.js';

type CommentCommandId = Extract<keyof CommandSignatures, `finetuneAuditor.comments.${string}`>;

export function makeCommentCommands({ editor: { comments } }: Services): Pick<CommandSignatures, CommentCommandId> {
  /** The thread at the cursor, or else of its line; says so where there is none. */
  const findThread = (): CommentThread | undefined => {
    const editor = window.activeTextEditor;
    const cursor = editor?.selection.active;
    const threads =
      editor && cursor
        ? comments.threadsOf(editor.document.uri).filter(({ range }) => range && range.start.line <= cursor.line && range.end.line >= cursor.line)
        : [];
    const found = threads.find(({ range }) => range!.contains(cursor!)) ?? threads[0];
    if (!found) setStatusBarMessage(l10n.t('There is no finding at the cursor.'), TOLD_MS);
    return found;
  };
  /** The menus of other extensions' comments may name these commands, too. */
  const about = (task: (comment: FindingComment) => Promise<void> | void) => async (comment?: Comment) => {
    const one = comment ?? findThread()?.comments[0];
    if (one instanceof FindingComment) await task(one);
  };
  return {
    'finetuneAuditor.comments.create': (reply: CommentReply) => comments.create(reply),
    'finetuneAuditor.comments.reply': async (reply?: CommentReply) => {
      const thread = reply?.thread ?? findThread();
      const text = reply?.text ?? (thread && (await showInputBox({ prompt: l10n.t('Reply to the finding (Markdown)') })));
      if (thread && text !== undefined) await comments.reply({ thread, text });
    },
    'finetuneAuditor.comments.edit': async (comment?: Comment) => {
      const thread = comment ? undefined : findThread();
      if (thread) thread.collapsibleState = CommentThreadCollapsibleState.Expanded;
      const one = comment ?? thread?.comments[0];
      if (one instanceof FindingComment) comments.edit(one);
    },
    'finetuneAuditor.comments.save': about((comment) => comments.save(comment)),
    'finetuneAuditor.comments.cancel': about((comment) => comments.cancel(comment)),
    'finetuneAuditor.comments.delete': about((comment) => comments.delete(comment)),
    'finetuneAuditor.comments.setLabel': about(async (comment) => {
      const label = await pickLabel();
      if (label !== undefined) await comments.setLabel(comment, label);
    }),
    'finetuneAuditor.comments.setCategory': about(async (comment) => {
      const category = await pickCategory(comments.usedCategories(comment));
      if (category !== undefined) await comments.setCategory(comment, category);
    }),
    'finetuneAuditor.comments.resolve': async (thread?: CommentThread) => {
      const one = thread ?? findThread();
      // The button stands on open ones only; the key goes both ways.
      if (one) await comments.setResolved(one, thread !== undefined || one.state !== CommentThreadState.Resolved);
    },
    'finetuneAuditor.comments.reopen': async (thread?: CommentThread) => {
      const one = thread ?? findThread();
      if (one) await comments.setResolved(one, false);
    },
  };
}

const TOLD_MS = 3000;

interface Choice<T> extends PickItem {
  readonly value: T;
}

async function pickLabel(): Promise<FindingLabel | null | undefined> {
  const items: Choice<FindingLabel | null>[] = [
    ...FINDING_LABELS.map((label) => ({ label: nameLabel(label), value: label })),
    { label: l10n.t('No label'), value: null },
  ];
  return (await showQuickPick(items, { placeHolder: l10n.t('What does the marked text reveal about the objective?') }))?.value;
}

/** One of those on offer, one that this audit has already, or a new one. */
async function pickCategory(used: readonly string[]): Promise<string | null | undefined> {
  const own = Symbol('own');
  const names = [...new Set([...readSettings().findingCategories, ...used])];
  const items: Choice<string | null | typeof own>[] = [
    ...names.map((name) => ({ label: name, value: name })),
    { label: l10n.t('No category'), value: null },
    { label: l10n.t('Another…'), value: own },
  ];
  const chosen = (await showQuickPick(items, { placeHolder: l10n.t('Which category?') }))?.value;
  if (chosen !== own) return chosen;
  const name = (await showInputBox({ prompt: l10n.t('Category of the finding') }))?.trim();
  return name === '' ? undefined : name;
}
