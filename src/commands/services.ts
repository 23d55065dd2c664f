/** The services that commands work with, made by the composition root. */
import type { AuditQueue } from '../runner/run/audit-queue.js';
import type { FindingsAuthor } from '../editor/author.js';
import type { Log } from '../editor/log.js';
import type { AgreedServers } from '../models/api/transport/server-access.js';
import type { EditorViews } from '../views/editor-views.js';
import type { OpenAudits } from '../views/open-audits.js';
import type { ResultsPanels } from '../views/results/results-panels.js';
import type { Endpoints } from '../endpoints/endpoints.js';
import type { LazyModels } from '../models/lazy-models.js';
import type { Confirming } from './confirm-amplified.js';
import type { RunningMarks } from './running-marks.js';
import type { RecentChoices } from '../wizard/recent-choices.js';

export interface Services {
  readonly log: Log;
  /** Where the bundled models and corpora lie. */
  readonly mediaFolder: string;
  /** The folders that hold `.finetune-audits`: those of the workspace, or the extension's own storage. */
  readonly auditRoots: () => readonly string[];
  /** Where new audits go: the first of {@link auditRoots}. */
  readonly auditsRoot: () => string;
  /** Tells, in a window without a folder, where audits go instead. */
  readonly tellStorage: () => void;
  readonly audits: OpenAudits;
  readonly queue: AuditQueue;
  readonly panels: ResultsPanels;
  readonly editor: EditorViews;
  readonly models: LazyModels;
  readonly endpoints: Endpoints;
  readonly recent: RecentChoices;
  readonly marks: RunningMarks;
  readonly confirming: Confirming;
  /** Servers that the user has let texts and variables be sent to in this window. */
  readonly agreedServers: AgreedServers;
  readonly author: FindingsAuthor;
}
