/**
 * The host's half of the conversation with one results page. Knows a session and a connection, nothing of an editor: the
 * page may be a webview or a test.
 */
import { AuditError } from '../../audit/errors.js';
import { NOISE } from '../../audit/passes.js';
import type { MessageConnection } from 'vscode-jsonrpc';
import type { CompletionRecord, MeasuredRecord } from '../../audit/completion.js';
import { countIds } from '../../audit/same-tokenizer.js';
import type { CompletionFinding } from '../../analysis/finding.js';
import type { NoiseFloorCompletion } from '../../analysis/noise-floor.js';
import {
  AuditOpened,
  AuditRenamed,
  CompletionsAdded,
  FetchAlternatives,
  FetchDetails,
  FindingsChanged,
  NoiseFloorChanged,
  PageAction,
  PageReady,
  PassesChanged,
  PlanFactsChanged,
  SetAsideChanged,
  SetFinding,
  ShowPass,
  StatusChanged,
  UndoFinding,
  type AlternativesAnswer,
  type AuditOpenedParams,
  type CompletionSummary,
  type PageActionName,
  type PageActionSubject,
} from '../../messages/page.js';
import type { DraftAnswer } from '../../messages/evidence.js';
import { answerRequest } from '../../messages/answer-request.js';
import { checkPageParams } from '../../messages/page-validation.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { detailCompletion, summariseCompletion } from './completion-view.js';
import { PageEvidence, type PageRanking } from './page-evidence.js';
import { answerAnalysisRequests, type AnalysedSession } from './analysis-requests.js';
import { ShownPass } from './shown-pass.js';

export interface PageSurroundings {
  /** What the journal does not hold. */
  describeAudit(session: AuditSession): Pick<AuditOpenedParams, 'planFacts' | 'categories' | 'pageKeys' | 'localModels'>;
  fetchAlternatives(session: AuditSession, record: MeasuredRecord, token: number, signal: AbortSignal): Promise<AlternativesAnswer>;
  /** A conclusion by a language model, or why there is none; left out where none can be asked. */
  draftConclusion?(session: AuditSession, ranking: PageRanking, signal: AbortSignal): Promise<DraftAnswer>;
  act(session: AuditSession, action: PageActionName, about: PageActionSubject): void;
  /** A request of the page failed; the page is told too. */
  reportFailure(error: unknown): void;
}

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
  #sending: Promise<void> | null = null;
  readonly #evidence: PageEvidence;
  readonly #shown: ShownPass;
  /** What the page was told that the audit is called. */
  #name = '';
  /** Of the session's noise floor, as far as its scores are computed. */
  readonly #noiseFloor: NoiseFloorCompletion[] = [];
  #scoringNoiseFloor = false;
  /** Aborted when the page is closed: nobody waits for its answers then. */
  readonly #closed = new AbortController();
  #completionsTimer: NodeJS.Timeout | undefined;
  #statusTimer: NodeJS.Timeout | undefined;
  #noiseFloorTimer: NodeJS.Timeout | undefined;
  #setAsideTimer: NodeJS.Timeout | undefined;
  #passesTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly session: AuditSession,
    private readonly connection: MessageConnection,
    private readonly surroundings: PageSurroundings,
  ) {
    this.#shown = new ShownPass(session);
    this.#evidence = new PageEvidence(session, connection, {
      shown: this.#shown,
      summarise: (record) => this.#summarise(record),
      report: (task) => this.#reporting(task),
      ...(surroundings.draftConclusion && {
        draftConclusion: (audit: AuditSession, ranking: PageRanking, signal: AbortSignal) =>
          this.#reporting(() => surroundings.draftConclusion!(audit, ranking, signal)),
      }),
    });
    this.#answerRequests();
    this.#disposables.push(
      session.onDidSetUp(() => this.#open()),
      session.onDidAddCompletions(() => this.#pushCompletionsSoon()),
      session.onDidAddToPass(({ pass }) => (pass === NOISE ? this.#pushNoiseFloorSoon() : this.#pushPassesSoon())),
      session.onDidFindAmplification(() => this.#pushPassesSoon()),
      session.onDidChangeSetAside(() => this.#pushSetAsideSoon()),
      session.onDidChangeStatus((status) => this.#pushStatus(['finished', 'stopped', 'failed'].includes(status.state))),
      session.findings.onDidChange((findings) => this.#pushFindings([...findings.values()])),
    );
    connection.listen();
    this.#inBackground(() => this.#pushNoiseFloor());
  }

  dispose(): void {
    this.#ready = false;
    this.#closed.abort();
    this.#generation++;
    clearTimeout(this.#completionsTimer);
    clearTimeout(this.#statusTimer);
    clearTimeout(this.#noiseFloorTimer);
    clearTimeout(this.#setAsideTimer);
    clearTimeout(this.#passesTimer);
    for (const disposable of this.#disposables) disposable.dispose();
    this.connection.dispose();
  }

  #answerRequests(): void {
    const { connection, session, surroundings } = this;
    this.#disposables.push(
      connection.onNotification(PageReady, () => {
        this.#ready = true;
        this.#inBackground(async () => this.#open());
      }),
      answerRequest(connection, FetchDetails, (params) =>
        checkPageParams(FetchDetails, params).ids.flatMap((id) => {
          const record = this.#shown.record(id);
          return record ? [detailCompletion(record, this.#shown.analysis.detailOf(record))] : [];
        }),
      ),
      answerRequest(connection, FetchAlternatives, async (params, cancellation) => {
        const { id, token } = checkPageParams(FetchAlternatives, params);
        const record = this.#shown.record(id);
        // One past the last token stands the end-of-turn token, where there is one.
        if (!record || record.kind === 'imported' || token >= record.tokens.length + (record.end ? 1 : 0))
          throw new AuditError('refused', `Completion ${id} has no token ${token}.`);
        const cancelled = new AbortController();
        const listener = cancellation.onCancellationRequested(() => cancelled.abort());
        const signal = AbortSignal.any([cancelled.signal, this.#closed.signal]);
        try {
          return await this.#reporting(() => surroundings.fetchAlternatives(session, record, token, signal));
        } finally {
          listener.dispose();
        }
      }),
      answerRequest(connection, SetFinding, (params) => {
        const judgement = checkPageParams(SetFinding, params);
        this.#shown.requireMain();
        return this.#reporting(() => session.findings.set(judgement).then(() => null));
      }),
      answerRequest(connection, UndoFinding, (params) => {
        checkPageParams(UndoFinding, params);
        this.#shown.requireMain();
        return this.#reporting(() => session.findings.undo());
      }),
      answerRequest(connection, ShowPass, (params) => {
        this.#shown.show(checkPageParams(ShowPass, params).pass);
        this.#open();
        return null;
      }),
      ...answerAnalysisRequests(connection, this.#analysed(), this.#closed.signal),
      ...this.#evidence.answerRequests(this.#closed.signal),
      connection.onNotification(PageAction, (params) => {
        const { action, ...about } = checkPageParams(PageAction, params);
        if (about.id !== undefined && !this.#shown.isMain) return;
        surroundings.act(session, action, about);
      }),
    );
  }

  /** Nobody waits for it, so an error is shown here: otherwise the page would stay empty without a word. */
  #inBackground(task: () => Promise<void>): void {
    this.#reporting(task).catch(() => undefined);
  }

  async #reporting<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      this.surroundings.reportFailure(error);
      throw error;
    }
  }

  #analysed(): AnalysedSession {
    const { session } = this;
    const shown = this.#shown;
    return {
      get analysis() {
        return shown.analysis;
      },
      get status() {
        return session.status;
      },
    };
  }

  /** Tells the page everything from the beginning. */
  #open(): void {
    if (!this.#ready) return;
    const { session } = this;
    const shown = this.#shown;
    const passes = shown.list();
    const sameTokenizer = session.setup?.sameTokenizer ?? true;
    this.#generation++;
    this.#sent = 0;
    this.#sending = null;
    this.#name = session.displayName;
    void this.connection.sendNotification(AuditOpened, {
      ...this.surroundings.describeAudit(session),
      name: session.displayName,
      folder: session.folder,
      finetuned: session.setup?.finetuned ?? null,
      reference: session.setup?.reference ?? null,
      sameTokenizer,
      ...(session.setup?.unlikeIds && { unlikeIds: countIds(session.setup.unlikeIds) }),
      framings: session.plan.framings,
      remarks: [...(session.setup?.remarks ?? []), ...session.problems],
      defaultScore: session.defaultScore,
      status: session.status,
      findings: shown.isMain ? [...session.findings.current().values()] : [],
      evidence: this.#evidence.open(),
      completionCount: shown.records.length,
      ...(passes.offers.length > 1 && { passes }),
      ...(!shown.isMain && { pass: shown.name }),
      ...(session.setAside.length > 0 && { setAside: session.setAside }),
      // A measure of plain text.
      ...(session.plan.noiseFloor && shown.isMain && { noiseFloor: this.#noiseFloor, noiseModel: session.setup?.noiseModel ?? null }),
    });
    this.#inBackground(() => this.#pushCompletions());
  }

  #pushCompletionsSoon(): void {
    this.#completionsTimer ??= setTimeout(() => {
      this.#completionsTimer = undefined;
      this.#inBackground(() => this.#pushCompletions());
    }, PUSH_MS);
  }

  /** Resolves when the page has all completions that there are by then. */
  async #pushCompletions(): Promise<void> {
    while (this.#ready && this.#sent < this.#shown.records.length) {
      const sending = (this.#sending ??= this.#sendCompletions());
      await sending;
      if (this.#sending === sending) this.#sending = null;
    }
    if (this.#ready) this.#evidence.pushPlaces();
  }

  async #sendCompletions(): Promise<void> {
    const generation = this.#generation;
    let chunk: CompletionSummary[] = [];
    let sliceEnd = Date.now() + SLICE_MS;
    while (this.#sent + chunk.length < this.#shown.records.length) {
      chunk.push(this.#summarise(this.#shown.records[this.#sent + chunk.length]!));
      const isLast = this.#sent + chunk.length === this.#shown.records.length;
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
  }

  #summarise(record: CompletionRecord): CompletionSummary {
    const known = this.#summaries.get(record);
    if (known) return known;
    const summary = summariseCompletion(record, this.#shown.analysis.figuresOf(record));
    this.#summaries.set(record, summary);
    return summary;
  }

  #pushSetAsideSoon(): void {
    this.#setAsideTimer ??= setTimeout(() => {
      this.#setAsideTimer = undefined;
      if (this.#ready) void this.connection.sendNotification(SetAsideChanged, { setAside: this.session.setAside });
    }, PUSH_MS);
  }

  #pushPassesSoon(): void {
    this.#passesTimer ??= setTimeout(() => {
      this.#passesTimer = undefined;
      this.#pushPasses();
    }, PUSH_MS);
  }

  #pushPasses(): void {
    if (!this.#ready) return;
    this.#shown.refresh();
    void this.connection.sendNotification(PassesChanged, { passes: this.#shown.list() });
    if (!this.#shown.isMain) this.#inBackground(() => this.#pushCompletions());
  }

  #pushNoiseFloorSoon(): void {
    this.#noiseFloorTimer ??= setTimeout(() => {
      this.#noiseFloorTimer = undefined;
      this.#inBackground(() => this.#pushNoiseFloor());
    }, PUSH_MS);
  }

  /** Scores what is new of the noise floor, then tells the page all of it. */
  async #pushNoiseFloor(): Promise<void> {
    const measured = () => this.session.recordsOf(NOISE);
    if (this.#scoringNoiseFloor || this.#noiseFloor.length === measured().length) return;
    this.#scoringNoiseFloor = true;
    for (let sliceEnd = Date.now() + SLICE_MS; this.#noiseFloor.length < measured().length && !this.#closed.signal.aborted;) {
      const { framing, scores } = this.session.analysis.figuresOf(measured()[this.#noiseFloor.length]!);
      this.#noiseFloor.push({ framing, scores });
      if (Date.now() < sliceEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = Date.now() + SLICE_MS;
    }
    this.#scoringNoiseFloor = false;
    if (this.#ready && this.#shown.isMain) void this.connection.sendNotification(NoiseFloorChanged, { noiseFloor: this.#noiseFloor });
  }

  #pushStatus(atOnce: boolean): void {
    if (atOnce) {
      clearTimeout(this.#statusTimer);
      this.#statusTimer = undefined;
      this.#inBackground(() => this.#sendLastStatus());
    } else {
      this.#statusTimer ??= setTimeout(() => {
        this.#statusTimer = undefined;
        this.#sendStatus();
      }, PUSH_MS);
    }
  }

  /** An audit that has ended has all its completions on the page before the page hears of the end. */
  async #sendLastStatus(): Promise<void> {
    clearTimeout(this.#completionsTimer);
    this.#completionsTimer = undefined;
    await this.#pushCompletions();
    this.#sendStatus();
    const { planFacts } = this.surroundings.describeAudit(this.session);
    if (this.#ready) void this.connection.sendNotification(PlanFactsChanged, { planFacts });
  }

  #sendStatus(): void {
    if (this.#ready) void this.connection.sendNotification(StatusChanged, this.session.status);
  }

  #pushFindings(findings: CompletionFinding[]): void {
    if (!this.#ready) return;
    if (this.#shown.isMain) void this.connection.sendNotification(FindingsChanged, { findings });
    this.#evidence.push();
    const { displayName } = this.session;
    if (displayName === this.#name) return;
    this.#name = displayName;
    void this.connection.sendNotification(AuditRenamed, { name: displayName });
  }
}
