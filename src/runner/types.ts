/** An audit being carried out: from a plan to a finished journal, without an editor. */
import type { AuditSetup } from '../audit/events.js';
import type { CompletionRecord } from '../audit/completion.js';
import type { AuditPlan } from '../audit/plan.js';
import type { AuditStatus } from '../messages/page.js';

export interface RunRequest {
  /** Paths in it are absolute, or `hf:` or `bundled:` addresses. */
  readonly plan: AuditPlan;
  /** Absolute path of the audit's folder; made where it is missing. */
  readonly folder: string;
  /** Go on with the journal in `folder` rather than start one. */
  readonly resume: boolean;
  readonly allowDownload: boolean;
}

/** Told what happens, in order. Must not throw. */
export interface RunListener {
  /** Both models are loaded and the prefills are drawn; before the first completion. */
  onSetup?(setup: AuditSetup): void;
  /** The completion is already in the journal. */
  onCompletion?(record: CompletionRecord): void;
  /** A completion of the noise floor, likewise; they come when the audit's own are all there. */
  onNoiseFloor?(record: CompletionRecord): void;
  /** Complete snapshots, at most some ten a second. */
  onStatus?(status: AuditStatus): void;
}

/** `completions` are the audit's own, those of its noise floor not counted. */
export type RunOutcome = { readonly state: 'finished' | 'stopped'; readonly completions: number };

/** Runs audits one at a time; `run` rejects with an `AuditError` when it failed, with the journal intact. */
export interface AuditRunner {
  run(request: RunRequest, listener: RunListener, signal: AbortSignal): Promise<RunOutcome>;
}
