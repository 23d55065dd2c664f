/**
 * Every command with what it takes and what it answers. The manifest is tested against this list. A command that runs an
 * audit resolves when the audit has ended, so that a task or a test can wait for it; `undefined` when it was called off
 * before it began.
 */
import type { Uri } from 'vscode';
import type { AuditState } from '../messages/page.js';

/** How an audit that a command ran came to its end. */
export interface AuditResult {
  /** Absolute path of the audit's folder. */
  readonly folder: string;
  readonly state: Extract<AuditState, 'finished' | 'stopped' | 'failed'>;
  readonly completions: number;
}

export interface CommandSignatures {
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
  'finetuneAuditor.unloadModels': () => Promise<void>;
  'finetuneAuditor.testEndpoint': () => Promise<void>;
  'finetuneAuditor.setApiKey': () => Promise<void>;
  'finetuneAuditor.forgetApiKeys': () => Promise<void>;
  'finetuneAuditor.showLog': () => Promise<void>;
  'finetuneAuditor.page.search': () => Promise<void>;
  'finetuneAuditor.page.help': () => Promise<void>;
  'finetuneAuditor.page.next': () => Promise<void>;
  'finetuneAuditor.page.previous': () => Promise<void>;
  'finetuneAuditor.page.undo': () => Promise<void>;
}

export type CommandId = keyof CommandSignatures;

export const COMMAND_IDS = [
  'finetuneAuditor.audit',
  'finetuneAuditor.auditDemo',
  'finetuneAuditor.runPlan',
  'finetuneAuditor.savePlan',
  'finetuneAuditor.openAudit',
  'finetuneAuditor.resumeAudit',
  'finetuneAuditor.stopAudit',
  'finetuneAuditor.revealAuditFolder',
  'finetuneAuditor.unloadModels',
  'finetuneAuditor.testEndpoint',
  'finetuneAuditor.setApiKey',
  'finetuneAuditor.forgetApiKeys',
  'finetuneAuditor.showLog',
  'finetuneAuditor.page.search',
  'finetuneAuditor.page.help',
  'finetuneAuditor.page.next',
  'finetuneAuditor.page.previous',
  'finetuneAuditor.page.undo',
] as const satisfies readonly CommandId[];
