/** An audit being carried out: from a plan to a finished journal, without an editor. */
import type { AuditSetup } from '../../audit/events.js';
import type { MeasuredRecord } from '../../audit/completion.js';
import type { Framing } from '../../audit/framing.js';
import type { SetAside } from '../../audit/language-model.js';
import type { AuditPlan } from '../../audit/plan.js';
import type { AuditStatus } from '../../messages/page.js';
import type { AmplificationLine } from '../../records/journal/amplification-line.js';
import type { RequestAccountLine } from '../../records/journal/journal-format.js';

export interface RunRequest {
  /** Paths in it are absolute, or `hf:` or `bundled:` addresses. */
  readonly plan: AuditPlan;
  /** Absolute path of the audit's folder; made where it is missing. */
  readonly folder: string;
  /** Go on with the journal in `folder` rather than start one. */
  readonly resume: boolean;
  readonly allowDownload: boolean;
  /** Tokens that servers may read and write in this run; it pauses there. No limit where left out. */
  readonly tokenLimit?: number;
  /**
   * Real paths of the folders and files that alone openings may be read from, beside what comes along: given where the plan may be
   * somebody else's and a server is sent them.
   */
  readonly readableRoots?: readonly string[];
}

/** Told what happens, in order. Must not throw. */
export interface RunListener {
  /** Both models are loaded and the prefills are drawn; before the first completion. */
  onSetup?(setup: AuditSetup): void;
  /**
   * The completion is already in the journal.
   * @param pass that it belongs to; those of others than the main one come when the audit's own are all there
   */
  onCompletion?(record: MeasuredRecord, pass: string): void;
  /** The audit goes on without this completion; the journal says so already. */
  onSetAside?(setAside: SetAside, framing: Framing): void;
  /** What the search for the strength of amplified writing came to in a framing, in place of what was told of it before. */
  onAmplification?(found: AmplificationLine): void;
  /** Complete snapshots, at most some ten a second. */
  onStatus?(status: AuditStatus): void;
}

/** `completions` are those of the main pass, others' not counted. */
export interface RunOutcome {
  readonly state: 'finished' | 'stopped';
  readonly completions: number;
  /** Why it ended, in a sentence. */
  readonly message: string;
  /** Completions that the audit goes on without. */
  readonly setAside: number;
  /** The same of other passes than the main one, by name. */
  readonly passesSetAside: ReadonlyMap<string, number>;
  /** What was asked of servers. */
  readonly requests: readonly RequestAccountLine[];
  /** Given, and true, where it was stopped by the request's `tokenLimit`. */
  readonly limitReached?: true;
}

/** Runs audits one at a time; `run` rejects with an `AuditError` when it failed, with the journal intact. */
export interface AuditRunner {
  run(request: RunRequest, listener: RunListener, signal: AbortSignal): Promise<RunOutcome>;
}
