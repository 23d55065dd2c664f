/**
 * The host's half of the conversation with one results page. Knows a session and a connection, nothing of an editor: the
 * page may be a webview or a test.
 */
import type { MessageConnection } from 'vscode-jsonrpc';
import { analyseCompletion } from '../audit/analyse.js';
import type { CompletionRecord } from '../audit/completion.js';
import type { ScoreName } from '../audit/scores.js';
import {
  AuditOpened,
  CompletionsAdded,
  FetchAlternatives,
  FetchDetails,
  FindingsChanged,
  PageAction,
  PageReady,
  SetFinding,
  StatusChanged,
  UndoFinding,
  type AlternativesAnswer,
  type AuditOpenedParams,
  type CompletionFinding,
  type CompletionSummary,
} from '../messages/page.js';
import { checkPageParams } from '../messages/page-validation.js';
import type { AuditSession } from '../runner/audit-session.js';
import { detailCompletion, summariseCompletion } from './completion-view.js';

export interface PageSurroundings {
  /** What the journal does not hold. */
  describeAudit(session: AuditSession): Pick<AuditOpenedParams, 'planFacts' | 'categories' | 'localModels'>;
  fetchAlternatives(session: AuditSession, record: CompletionRecord, token: number, signal: AbortSignal): Promise<AlternativesAnswer>;
  act(session: AuditSession, action: PageActionName, text: string | undefined): void;
  /** A request of the page failed; the page is told too. */
  reportFailure(error: unknown): void;
}

export type PageActionName = 'stop' | 'resume' | 'revealFolder' | 'openPlan' | 'copyText';

const DEFAULT_SCORE: ScoreName = 'perplexityDifference';
const CHUNK = 500;
/** The extension host has others to serve: no longer than this, in milliseconds, without a pause. */
const SLICE_MS = 15;
const PUSH_MS = 250;

export class PageHost {
  readonly #disposables: { dispose(): void }[] = [];
  readonly #summaries = new WeakMap<CompletionRecord, CompletionSummary>();
  #ready = false;
  /** Raised whenever the page starts anew, so that pushes meant for the former one end. */
  #generation = 0;
  #sent = 0;
  #sending = false;
  #completionsTimer: NodeJS.Timeout | undefined;
  #statusTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly session: AuditSession,
    private readonly connection: MessageConnection,
    private readonly surroundings: PageSurroundings,
  ) {
    this.#answerRequests();
    this.#disposables.push(
      session.onDidSetUp(() => this.#open()),
      session.onDidAddCompletions(() => this.#pushCompletionsSoon()),
      session.onDidChangeStatus((status) => this.#pushStatus(['finished', 'stopped', 'failed'].includes(status.state))),
      session.findings.onDidChange((findings) => this.#pushFindings([...findings.values()])),
    );
    connection.listen();
  }

  dispose(): void {
    this.#ready = false;
    this.#generation++;
    clearTimeout(this.#completionsTimer);
    clearTimeout(this.#statusTimer);
    for (const disposable of this.#disposables) disposable.dispose();
    this.connection.dispose();
  }

  #answerRequests(): void {
    const { connection, session, surroundings } = this;
    this.#disposables.push(
      connection.onNotification(PageReady, () => {
        this.#ready = true;
        this.#open();
      }),
      connection.onRequest(FetchDetails, (params) =>
        checkPageParams(FetchDetails, params).ids.flatMap((id) => {
          const record = session.record(id);
          return record ? [detailCompletion(record, analyseCompletion(record))] : [];
        }),
      ),
      connection.onRequest(FetchAlternatives, async (params, cancellation) => {
        const { id, token } = checkPageParams(FetchAlternatives, params);
        const record = session.record(id);
        if (!record || token >= record.tokens.length) throw new RangeError(`Completion ${id} has no token ${token}.`);
        const abort = new AbortController();
        const listener = cancellation.onCancellationRequested(() => abort.abort());
        try {
          return await this.#reporting(() => surroundings.fetchAlternatives(session, record, token, abort.signal));
        } finally {
          listener.dispose();
        }
      }),
      connection.onRequest(SetFinding, (params) => {
        const judgement = checkPageParams(SetFinding, params);
        return this.#reporting(() => session.findings.set(judgement).then(() => null));
      }),
      connection.onRequest(UndoFinding, () => this.#reporting(() => session.findings.undo())),
      connection.onNotification(PageAction, (params) => {
        const { action, text } = checkPageParams(PageAction, params);
        surroundings.act(session, action, text);
      }),
    );
  }

  async #reporting<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      this.surroundings.reportFailure(error);
      throw error;
    }
  }

  /** Tells the page everything from the beginning. */
  #open(): void {
    if (!this.#ready) return;
    const { session } = this;
    this.#generation++;
    this.#sent = 0;
    this.#sending = false;
    void this.connection.sendNotification(AuditOpened, {
      ...this.surroundings.describeAudit(session),
      name: session.plan.name,
      folder: session.folder,
      finetuned: session.setup?.finetuned ?? null,
      reference: session.setup?.reference ?? null,
      sameTokenizer: session.setup?.sameTokenizer ?? true,
      framings: session.plan.framings,
      remarks: [...(session.setup?.remarks ?? []), ...session.problems],
      defaultScore: DEFAULT_SCORE,
      status: session.status,
      findings: [...session.findings.current().values()],
      completionCount: session.records.length,
    });
    void this.#pushCompletions();
  }

  #pushCompletionsSoon(): void {
    this.#completionsTimer ??= setTimeout(() => {
      this.#completionsTimer = undefined;
      void this.#pushCompletions();
    }, PUSH_MS);
  }

  async #pushCompletions(): Promise<void> {
    if (!this.#ready || this.#sending) return;
    const generation = this.#generation;
    this.#sending = true;
    let chunk: CompletionSummary[] = [];
    let sliceEnd = Date.now() + SLICE_MS;
    while (this.#sent + chunk.length < this.session.records.length) {
      chunk.push(this.#summarise(this.session.records[this.#sent + chunk.length]!));
      const isLast = this.#sent + chunk.length === this.session.records.length;
      if (chunk.length === CHUNK || isLast) {
        void this.connection.sendNotification(CompletionsAdded, { completions: chunk });
        this.#sent += chunk.length;
        chunk = [];
      }
      if (Date.now() < sliceEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (generation !== this.#generation) return;
      sliceEnd = Date.now() + SLICE_MS;
    }
    this.#sending = false;
  }

  #summarise(record: CompletionRecord): CompletionSummary {
    const known = this.#summaries.get(record);
    if (known) return known;
    const summary = summariseCompletion(record, analyseCompletion(record));
    this.#summaries.set(record, summary);
    return summary;
  }

  #pushStatus(atOnce: boolean): void {
    if (atOnce) {
      clearTimeout(this.#statusTimer);
      this.#statusTimer = undefined;
      this.#sendStatus();
    } else {
      this.#statusTimer ??= setTimeout(() => {
        this.#statusTimer = undefined;
        this.#sendStatus();
      }, PUSH_MS);
    }
  }

  #sendStatus(): void {
    if (this.#ready) void this.connection.sendNotification(StatusChanged, this.session.status);
  }

  #pushFindings(findings: CompletionFinding[]): void {
    if (this.#ready) void this.connection.sendNotification(FindingsChanged, { findings });
  }
}
