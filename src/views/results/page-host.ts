/**
 * The host's half of the conversation with one results page. Knows a session and a connection, nothing of an editor: the
 * page may be a webview or a test.
 */
import type { MessageConnection } from 'vscode-jsonrpc';
import type { CompletionFinding } from '../../analysis/finding.js';
import type { MeasuredRecord } from '../../audit/completion.js';
import { AuditError } from '../../audit/errors.js';
import { NOISE } from '../../audit/passes.js';
import { countIds } from '../../audit/same-tokenizer.js';
import { answerRequests, type AnswersTo } from '../../messages/declare-request.js';
import type { DraftAnswer, RankingChoice } from '../../messages/evidence.js';
import { pageRequests, type PageRequests } from '../../messages/page-requests.js';
import type { AlternativesAnswer, AuditOpenedParams, PageActionName, PageActionSubject, PageListener } from '../../messages/page.js';
import { tellOver } from '../../messages/remote.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { answerAnalysisRequests, type AnalysedSession } from './analysis-requests.js';
import { CompletionPush } from './completion-push.js';
import { detailCompletion } from './completion-view.js';
import { NoiseFloorScores } from './noise-floor-scores.js';
import { PageConfirmations, type AskConfirmation } from './page-confirmations.js';
import { PageEvidence } from './page-evidence.js';
import { ShownPass } from './shown-pass.js';
import { Soon } from './soon.js';

export interface PageSurroundings {
  /** What the journal does not hold. */
  describeAudit(session: AuditSession): Pick<AuditOpenedParams, 'planFacts' | 'categories' | 'pageKeys' | 'localModels'>;
  fetchAlternatives(session: AuditSession, record: MeasuredRecord, token: number, signal: AbortSignal): Promise<AlternativesAnswer>;
  /** A conclusion by a language model, or why there is none; left out where none can be asked. */
  draftConclusion?(session: AuditSession, ranking: RankingChoice, signal: AbortSignal): Promise<DraftAnswer>;
  /** Puts amplified completions to the finetuned model; left out where no models can be run. */
  readonly confirm?: AskConfirmation;
  act(session: AuditSession, action: PageActionName, about: PageActionSubject): void;
  /** A request of the page failed; the page is told too. */
  reportFailure(error: unknown): void;
}

export class PageHost {
  readonly #page: PageListener;
  readonly #disposables: { dispose(): void }[] = [];
  readonly #shown: ShownPass;
  readonly #evidence: PageEvidence;
  readonly #confirmations: PageConfirmations;
  readonly #completions: CompletionPush;
  readonly #noiseFloor: NoiseFloorScores;
  #ready = false;
  /** What the page was told that the audit is called. */
  #name = '';
  /** Aborted when the page is closed: nobody waits for its answers then. */
  readonly #closed = new AbortController();
  readonly #soon = {
    completions: new Soon(() => this.#inBackground(() => this.#pushCompletions())),
    status: new Soon(() => this.#tellStatus()),
    noiseFloor: new Soon(() => this.#inBackground(() => this.#pushNoiseFloor())),
    setAside: new Soon(() => {
      if (this.#ready) this.#page.onSetAside(this.session.setAside);
    }),
    passes: new Soon(() => this.#pushPasses()),
  };

  constructor(
    private readonly session: AuditSession,
    private readonly connection: MessageConnection,
    private readonly surroundings: PageSurroundings,
  ) {
    this.#page = tellOver<PageListener>(connection);
    this.#shown = new ShownPass(session);
    this.#completions = new CompletionPush(this.#shown, this.#page);
    this.#noiseFloor = new NoiseFloorScores(session);
    this.#evidence = new PageEvidence(session, this.#page, {
      shown: this.#shown,
      summarise: (record) => this.#completions.summarise(record),
      report: (task) => this.#reporting(task),
      ...(surroundings.draftConclusion && {
        draftConclusion: (audit: AuditSession, ranking: RankingChoice, signal: AbortSignal) =>
          this.#reporting(() => surroundings.draftConclusion!(audit, ranking, signal)),
      }),
    });
    this.#confirmations = new PageConfirmations(session, this.#page, {
      shown: this.#shown,
      report: (task) => this.#reporting(task),
      ...(surroundings.confirm && { confirm: surroundings.confirm }),
    });
    const answers = {
      ...this.#answers(),
      ...answerAnalysisRequests(this.#analysed(), this.#closed.signal),
      ...this.#evidence.answers(),
      ...this.#confirmations.answers(),
    };
    this.#disposables.push(
      ...answerRequests(connection, pageRequests, answers, this.#closed.signal),
      session.onDidSetUp(() => this.#open()),
      session.onDidAddCompletions(() => this.#soon.completions.request()),
      session.onDidAddToPass(({ pass }) => (pass === NOISE ? this.#soon.noiseFloor : this.#soon.passes).request()),
      session.onDidFindAmplification(() => this.#soon.passes.request()),
      session.onDidConfirm(() => this.#pushConfirmations()),
      session.onDidChangeSetAside(() => this.#soon.setAside.request()),
      session.onDidChangeStatus(({ state }) => {
        if (!['finished', 'stopped', 'failed'].includes(state)) return this.#soon.status.request();
        this.#soon.status.dispose();
        this.#inBackground(() => this.#tellEnd());
      }),
      session.findings.onDidChange((findings) => this.#pushFindings([...findings.values()])),
    );
    connection.listen();
    this.#inBackground(() => this.#pushNoiseFloor());
  }

  dispose(): void {
    this.#ready = false;
    this.#closed.abort();
    this.#completions.restart();
    for (const disposable of [...Object.values(this.#soon), ...this.#disposables]) disposable.dispose();
    this.connection.dispose();
  }

  #answers() {
    const { session, surroundings } = this;
    const shown = this.#shown;
    return {
      ready: () => {
        this.#ready = true;
        this.#inBackground(async () => this.#open());
        return null;
      },
      act: ({ action, ...about }) => {
        if (about.id === undefined || shown.isMain) surroundings.act(session, action, about);
        return null;
      },
      showPass: ({ pass }) => {
        shown.show(pass);
        this.#open();
        return null;
      },
      fetchDetails: ({ ids }) =>
        ids.flatMap((id) => {
          const record = shown.record(id);
          return record ? [detailCompletion(record, shown.analysis.detailOf(record))] : [];
        }),
      fetchAlternatives: ({ id, token }, signal) => {
        const record = shown.record(id);
        // One past the last token stands the end-of-turn token, where there is one.
        if (!record || record.kind === 'imported' || token >= record.tokens.length + (record.end ? 1 : 0))
          throw new AuditError('refused', `Completion ${id} has no token ${token}.`);
        return this.#reporting(() => surroundings.fetchAlternatives(session, record, token, signal));
      },
      setFinding: (judgement) => {
        shown.requireMain();
        return this.#reporting(() => session.findings.set(judgement).then(() => null));
      },
      undoFinding: () => {
        shown.requireMain();
        return this.#reporting(() => session.findings.undo());
      },
    } satisfies Partial<AnswersTo<PageRequests>>;
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
    const { setup, models } = session;
    const shown = this.#shown;
    const passes = shown.list();
    this.#completions.restart();
    this.#name = session.displayName;
    this.#page.onOpened({
      ...this.surroundings.describeAudit(session),
      name: session.displayName,
      folder: session.folder,
      finetuned: models?.finetuned ?? null,
      reference: models?.reference ?? null,
      sameTokenizer: setup?.sameTokenizer ?? true,
      ...(setup?.unlikeIds && { unlikeIds: countIds(setup.unlikeIds) }),
      framings: session.framings,
      remarks: [...session.remarks, ...session.problems],
      defaultScore: session.defaultScore,
      status: session.status,
      findings: shown.isMain ? [...session.findings.current().values()] : [],
      evidence: this.#evidence.open(),
      completionCount: shown.records.length,
      ...(passes.offers.length > 1 && { passes }),
      ...(!shown.isMain && { pass: shown.name }),
      ...(session.setAside.length > 0 && { setAside: session.setAside }),
      // A measure of plain text.
      ...(session.plan?.noiseFloor && shown.isMain && { noiseFloor: this.#noiseFloor.known, noiseModel: setup?.noiseModel ?? null }),
    });
    this.#inBackground(() => this.#pushCompletions());
    this.#pushConfirmations();
  }

  #pushConfirmations(): void {
    if (this.#ready) this.#inBackground(() => this.#confirmations.push(this.#closed.signal));
  }

  async #pushCompletions(): Promise<void> {
    if (!this.#ready) return;
    await this.#completions.push();
    if (this.#ready) this.#evidence.pushPlaces();
  }

  #pushPasses(): void {
    if (!this.#ready) return;
    this.#shown.refresh();
    this.#page.onPasses(this.#shown.list());
    if (!this.#shown.isMain) this.#inBackground(() => this.#pushCompletions());
  }

  /** Scores what is new of the noise floor, then tells the page all of it. */
  async #pushNoiseFloor(): Promise<void> {
    if (!(await this.#noiseFloor.scoreNew(this.#closed.signal))) return;
    if (this.#ready && this.#shown.isMain) this.#page.onNoiseFloor(this.#noiseFloor.known);
  }

  #tellStatus(): void {
    if (this.#ready) this.#page.onStatus(this.session.status);
  }

  /** An audit that has ended has all its completions on the page before the page hears of the end. */
  async #tellEnd(): Promise<void> {
    this.#soon.completions.dispose();
    await this.#pushCompletions();
    this.#tellStatus();
    const { planFacts } = this.surroundings.describeAudit(this.session);
    if (this.#ready) this.#page.onPlanFacts(planFacts);
  }

  #pushFindings(findings: CompletionFinding[]): void {
    if (!this.#ready) return;
    if (this.#shown.isMain) this.#page.onFindings(findings);
    this.#evidence.push();
    const { displayName } = this.session;
    if (displayName === this.#name) return;
    this.#name = displayName;
    this.#page.onRenamed(displayName);
  }
}
