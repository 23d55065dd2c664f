/** What commands work with. The composition root makes it. */
import type { AuditQueue } from '../runner/audit-queue.js';
import type { FindingsAuthor } from '../views/author.js';
import type { AgreedServers } from '../models/api/server-access.js';
import type { EditorViews } from '../views/editor-views.js';
import type { OpenAudits } from '../views/open-audits.js';
import type { ResultsPanels } from '../views/results-panels.js';
import type { Endpoints } from './endpoints/endpoints.js';
import type { LazyModels } from './lazy-models.js';
import type { RunningMarks } from './running-marks.js';
import type { RecentChoices } from './wizard/recent-choices.js';

export interface Log {
  info(text: string): void;
  warn(text: string): void;
  error(text: string | Error): void;
  show(): void;
}

export interface Services {
  readonly log: Log;
  /** Where the bundled models and corpora lie. */
  readonly mediaFolder: string;
  /** The folders that hold `.finetune-audits`: those of the workspace, or the extension's own storage. */
  readonly auditRoots: () => readonly string[];
  /** Where new audits go: the first of {@link auditRoots}. */
  readonly auditsRoot: () => string;
  /** Tells, once in a window without a folder, where an audit goes instead. */
  readonly tellStorage: () => void;
  readonly audits: OpenAudits;
  readonly queue: AuditQueue;
  readonly panels: ResultsPanels;
  readonly editor: EditorViews;
  readonly models: LazyModels;
  readonly endpoints: Endpoints;
  readonly recent: RecentChoices;
  readonly marks: RunningMarks;
  /** Servers that the user has let texts and variables be sent to in this window. */
  readonly agreedServers: AgreedServers;
  readonly author: FindingsAuthor;
}
