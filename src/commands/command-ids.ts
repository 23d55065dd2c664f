/**
 * Every command with what it takes and what it answers. The manifest is tested against this list. A command that runs an
 * audit resolves when the audit has ended, so that a task or a test can wait for it; `undefined` when it was cancelled
 * before it began.
 */
import type { Comment, CommentReply, CommentThread, Uri } from 'vscode';
import type { ByteSpan } from '../analysis/finding.js';
import { PAGE_COMMANDS, type PageCommandName } from '../messages/page-commands.js';
import type { AuditState } from '../messages/page.js';
import type { ImportMapping } from '../records/import/import-types.js';
import type { Verification } from '../runner/run/verify-audit.js';
import type { AuditNode } from '../views/audits-view/audit-item.js';

/** A completion, and what of it is to be seen, in bytes of prefill and completion joined. */
export interface CompletionTarget {
  /** Absolute path of the audit's folder. */
  readonly folder: string;
  readonly id: number;
  readonly span?: ByteSpan;
}

/** How an audit that a command ran came to its end. */
export interface AuditResult {
  /** Absolute path of the audit's folder. */
  readonly folder: string;
  readonly state: Extract<AuditState, 'finished' | 'stopped' | 'failed'>;
  readonly completions: number;
}

/** Does something on the results page in front. */
export type PageCommandId = `finetuneAuditor.page.${PageCommandName}`;

export interface CommandSignatures extends Record<PageCommandId, () => Promise<void>> {
  'finetuneAuditor.audit': () => Promise<AuditResult | undefined>;
  /** Audits a bundled organism without a question; `name` is e.g. `false-fact`. */
  'finetuneAuditor.auditDemo': (name?: string) => Promise<AuditResult | undefined>;
  'finetuneAuditor.runPlan': (plan?: Uri | string) => Promise<AuditResult | undefined>;
  'finetuneAuditor.savePlan': (folder?: string) => Promise<Uri | undefined>;
  'finetuneAuditor.openAudit': (folder?: string) => Promise<void>;
  'finetuneAuditor.resumeAudit': (folder?: string) => Promise<AuditResult | undefined>;
  /** Without a folder: the audit that is running. */
  'finetuneAuditor.stopAudit': (folder?: string) => Promise<void>;
  'finetuneAuditor.revealAuditFolder': (folder?: string) => Promise<void>;
  /** Asks for what is not given; `target` is a path whose ending says the form. Answers where the report is. */
  'finetuneAuditor.exportReport': (folder?: string, target?: string) => Promise<Uri | undefined>;
  /** Asks for what is not given; `target` is the path of a zip archive. Answers where it is. */
  'finetuneAuditor.exportAudit': (folder?: string, target?: string) => Promise<Uri | undefined>;
  /** Asks which where none is given. */
  'finetuneAuditor.verifyAudit': (folder?: string) => Promise<Verification | undefined>;
  /** Of the audit in front, where none is given. */
  'finetuneAuditor.scanModels': (folder?: string, passages?: number) => Promise<void>;
  'finetuneAuditor.compareAudits': (first?: string, second?: string) => Promise<void>;
  /** Answers the folder of the audit that the completions became. */
  'finetuneAuditor.importCompletions': (file?: Uri | string, mapping?: ImportMapping) => Promise<string | undefined>;
  'finetuneAuditor.draftConclusion': (folder?: string) => Promise<void>;
  'finetuneAuditor.unloadModels': () => Promise<void>;
  'finetuneAuditor.testEndpoint': () => Promise<void>;
  'finetuneAuditor.setApiKey': () => Promise<void>;
  'finetuneAuditor.forgetApiKeys': () => Promise<void>;
  'finetuneAuditor.showLog': () => Promise<void>;
  'finetuneAuditor.changeAuthor': () => Promise<void>;
  /** Asks for a completion where none is given. */
  'finetuneAuditor.openCompletion': (target?: CompletionTarget) => Promise<void>;
  /** Resolves when all is scored. `pick` asks for the audit although one is at hand. */
  'finetuneAuditor.showTokenGaps': (options?: { folder?: string; pick?: boolean }) => Promise<void>;
  /** Of the document in front, where none is given. */
  'finetuneAuditor.clearTokenGaps': (document?: Uri) => Promise<void>;
  /** Or by gap again. */
  'finetuneAuditor.shadeByDivergence': () => Promise<void>;
  'finetuneAuditor.inline.revealing': (target?: CompletionTarget) => Promise<void>;
  'finetuneAuditor.inline.notRevealing': (target?: CompletionTarget) => Promise<void>;
  'finetuneAuditor.inline.unsure': (target?: CompletionTarget) => Promise<void>;
  'finetuneAuditor.inline.undo': () => Promise<void>;
  'finetuneAuditor.inline.next': () => Promise<void>;
  'finetuneAuditor.inline.previous': () => Promise<void>;
  'finetuneAuditor.inline.addFinding': () => Promise<void>;
  'finetuneAuditor.comments.create': (reply: CommentReply) => Promise<void>;
  // Without an argument: the finding at the cursor of the completion's document in front.
  'finetuneAuditor.comments.reply': (reply?: CommentReply) => Promise<void>;
  'finetuneAuditor.comments.edit': (comment?: Comment) => Promise<void>;
  'finetuneAuditor.comments.save': (comment?: Comment) => Promise<void>;
  'finetuneAuditor.comments.cancel': (comment?: Comment) => Promise<void>;
  'finetuneAuditor.comments.delete': (comment?: Comment) => Promise<void>;
  'finetuneAuditor.comments.setLabel': (comment?: Comment) => Promise<void>;
  'finetuneAuditor.comments.setCategory': (comment?: Comment) => Promise<void>;
  'finetuneAuditor.comments.resolve': (thread?: CommentThread) => Promise<void>;
  'finetuneAuditor.comments.reopen': (thread?: CommentThread) => Promise<void>;
  /** Shows what an item of the tree stands for, without leaving the tree. */
  'finetuneAuditor.audits.show': (node?: AuditNode) => Promise<void>;
  /** The same of the item that has the focus, and goes there. */
  'finetuneAuditor.audits.enter': () => Promise<void>;
  'finetuneAuditor.audits.resume': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.stop': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.open': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.rename': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.compare': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.exportReport': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.exportAudit': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.verify': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.reveal': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.delete': (node?: AuditNode) => Promise<void>;
  'finetuneAuditor.audits.refresh': () => Promise<void>;
}

export type CommandId = keyof CommandSignatures;

export const pageCommandId = (name: PageCommandName): PageCommandId => `finetuneAuditor.page.${name}`;

export const COMMAND_IDS: readonly CommandId[] = [
  'finetuneAuditor.audit',
  'finetuneAuditor.auditDemo',
  'finetuneAuditor.runPlan',
  'finetuneAuditor.savePlan',
  'finetuneAuditor.openAudit',
  'finetuneAuditor.resumeAudit',
  'finetuneAuditor.stopAudit',
  'finetuneAuditor.revealAuditFolder',
  'finetuneAuditor.exportReport',
  'finetuneAuditor.exportAudit',
  'finetuneAuditor.verifyAudit',
  'finetuneAuditor.scanModels',
  'finetuneAuditor.compareAudits',
  'finetuneAuditor.importCompletions',
  'finetuneAuditor.draftConclusion',
  'finetuneAuditor.unloadModels',
  'finetuneAuditor.testEndpoint',
  'finetuneAuditor.setApiKey',
  'finetuneAuditor.forgetApiKeys',
  'finetuneAuditor.showLog',
  'finetuneAuditor.changeAuthor',
  'finetuneAuditor.openCompletion',
  'finetuneAuditor.showTokenGaps',
  'finetuneAuditor.clearTokenGaps',
  'finetuneAuditor.shadeByDivergence',
  'finetuneAuditor.inline.revealing',
  'finetuneAuditor.inline.notRevealing',
  'finetuneAuditor.inline.unsure',
  'finetuneAuditor.inline.undo',
  'finetuneAuditor.inline.next',
  'finetuneAuditor.inline.previous',
  'finetuneAuditor.inline.addFinding',
  'finetuneAuditor.comments.create',
  'finetuneAuditor.comments.reply',
  'finetuneAuditor.comments.edit',
  'finetuneAuditor.comments.save',
  'finetuneAuditor.comments.cancel',
  'finetuneAuditor.comments.delete',
  'finetuneAuditor.comments.setLabel',
  'finetuneAuditor.comments.setCategory',
  'finetuneAuditor.comments.resolve',
  'finetuneAuditor.comments.reopen',
  'finetuneAuditor.audits.show',
  'finetuneAuditor.audits.enter',
  'finetuneAuditor.audits.resume',
  'finetuneAuditor.audits.stop',
  'finetuneAuditor.audits.open',
  'finetuneAuditor.audits.rename',
  'finetuneAuditor.audits.compare',
  'finetuneAuditor.audits.exportReport',
  'finetuneAuditor.audits.exportAudit',
  'finetuneAuditor.audits.verify',
  'finetuneAuditor.audits.reveal',
  'finetuneAuditor.audits.delete',
  'finetuneAuditor.audits.refresh',
  ...PAGE_COMMANDS.map(pageCommandId),
];
