/** One audit, running or reopened, as everything that shows it sees it. */
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { CompletionRecord } from '../../audit/completion.js';
import { AuditAnalysis } from '../../analysis/audit-analysis.js';
import { AuditError } from '../../audit/errors.js';
import type { Confirmation } from '../../audit/confirmation.js';
import type { AuditSetup } from '../../audit/events.js';
import type { Framing } from '../../audit/framing.js';
import type { NamedModel } from '../../audit/imported.js';
import type { ModelIdentity } from '../../audit/language-model.js';
import { PLAIN } from '../../audit/passes.js';
import type { AuditPlan } from '../../audit/plan.js';
import { defaultScore } from '../../audit/ranking.js';
import type { ScoreName } from '../../audit/scores.js';
import type { AuditStatus, SetAsideGroup } from '../../messages/page.js';
import { readAudit, type ReadAudit } from '../../records/journal/audit-folder.js';
import type { ReadImportedAudit } from '../../records/import/imported-audit.js';
import { framingsOfImport, modelsOfImport, remarksOfImport } from '../../records/import/imported-facts.js';
import { FindingsFile } from '../../records/findings/findings.js';
import type { Author } from '../../records/findings/authors.js';
import { describeFindingsProblems } from '../../records/findings/describe-problems.js';
import type { AmplificationLine } from '../../records/journal/amplification-line.js';
import type { RequestAccountLine, SetAsideLine } from '../../records/journal/journal-format.js';
import type { RunListener, RunRequest } from './types.js';

/** Completions of another pass than the main one. */
export interface PassCompletions {
  readonly pass: string;
  readonly records: readonly CompletionRecord[];
}

/** Where its completions come from: a run by a plan, or a file of somebody else's. */
type Origin = { readonly plan: AuditPlan; readonly imported: null } | { readonly plan: null; readonly imported: ReadImportedAudit };

export class AuditSession {
  readonly folder: string;
  readonly findings: FindingsFile;
  /** All that is concluded from its completions. */
  readonly analysis = new AuditAnalysis((pass) => this.recordsOf(pass));
  readonly #records: CompletionRecord[] = [];
  readonly #byId = new Map<number, CompletionRecord>();
  /** By pass, the main one not among them. */
  readonly #passes = new Map<string, { readonly records: CompletionRecord[]; readonly ids: Set<number> }>();
  readonly #amplification = new Map<Framing, AmplificationLine>();
  /** What plain F said to amplified completions: by pass, by id. */
  readonly #confirmations = new Map<string, Map<number, Confirmation>>();
  /** Reasons by completion. */
  readonly #setAside = new Map<number, string>();
  readonly #added = new Emitter<readonly CompletionRecord[]>();
  readonly #passAdded = new Emitter<PassCompletions>();
  readonly #amplificationFound = new Emitter<void>();
  readonly #confirmed = new Emitter<void>();
  readonly #setAsideChanged = new Emitter<void>();
  readonly #statusChanged = new Emitter<AuditStatus>();
  readonly #setUp = new Emitter<AuditSetup>();
  readonly #origin: Origin;
  #setup: AuditSetup | null;
  #status: AuditStatus;
  /** Of the journal. */
  #problems: readonly string[];
  #requests: readonly RequestAccountLine[];
  #reloading: Promise<void> = Promise.resolve();

  private constructor(parts: {
    folder: string;
    origin: Origin;
    setup: AuditSetup | null;
    records: readonly CompletionRecord[];
    passes: ReadonlyMap<string, readonly CompletionRecord[]>;
    amplification: readonly AmplificationLine[];
    confirmations: ReadAudit['confirmations'];
    setAside: readonly SetAsideLine[];
    requests: readonly RequestAccountLine[];
    status: AuditStatus;
    problems: readonly string[];
    findings: FindingsFile;
  }) {
    this.folder = parts.folder;
    this.#origin = parts.origin;
    this.findings = parts.findings;
    this.#setup = parts.setup;
    this.#status = parts.status;
    this.#problems = parts.problems;
    this.#requests = parts.requests;
    for (const { id, reason } of parts.setAside) this.#setAside.set(id, reason);
    for (const record of parts.records) this.#add(record);
    this.#addPasses(parts.passes);
    for (const found of parts.amplification) this.#amplification.set(found.framing, found);
    this.#addConfirmations(parts.confirmations);
  }

  /**
   * Opens an audit from its journal. `author` signs the findings that are set through the session.
   * @throws AuditError `fileNotFound`, `badJournal`
   */
  static async fromFolder(folder: string, author: string | Author, signal?: AbortSignal): Promise<AuditSession> {
    const [audit, findings] = await Promise.all([readAudit(folder, signal), FindingsFile.open(folder, author)]);
    const origin = originOf(audit);
    if (!origin) {
      throw new AuditError('badJournal', `The audit in ${folder} ended before anything was measured. Run it again.`);
    }
    const { setup, records, passes, amplification, confirmations, setAside, requests, status, problems } = audit;
    const parts = { folder, origin, setup, records, passes, amplification, confirmations, setAside, requests, status, problems, findings };
    return new AuditSession(parts);
  }

  /** An audit that is about to be run; filled by {@link listener}. */
  static forRun(request: RunRequest, author: string | Author): AuditSession {
    const { folder, plan } = request;
    const status: AuditStatus = {
      state: 'queued',
      completionsDone: 0,
      completionsTotal: plan.prefills * plan.framings.length,
      tokensPerSecond: null,
      secondsLeft: null,
      message: 'Waiting to start.',
      canResume: false,
    };
    return new AuditSession({
      folder,
      origin: { plan, imported: null },
      setup: null,
      records: [],
      passes: new Map(),
      amplification: [],
      confirmations: new Map(),
      setAside: [],
      requests: [],
      status,
      problems: [],
      findings: FindingsFile.openLater(folder, author),
    });
  }

  /** `null` of an imported audit. */
  get plan(): AuditPlan | null {
    return this.#origin.plan;
  }

  /** `null` of an audit that was run. */
  get imported(): ReadImportedAudit | null {
    return this.#origin.imported;
  }

  /** `null` until both models are loaded, and of an imported audit. */
  get setup(): AuditSetup | null {
    return this.#setup;
  }

  /** The name that it began with: that of its plan, or of what was imported. */
  get name(): string {
    return this.#origin.imported ? this.#origin.imported.header.name : this.#origin.plan.name;
  }

  /** What people call it: the name that it was given, or else the one that it began with. */
  get displayName(): string {
    return this.findings.auditName() ?? this.name;
  }

  get framings(): readonly Framing[] {
    return this.#origin.imported ? framingsOfImport(this.#origin.imported) : this.#origin.plan.framings;
  }

  /** `null` until both are loaded. */
  get models(): { readonly finetuned: ModelIdentity | NamedModel; readonly reference: ModelIdentity | NamedModel } | null {
    return this.imported ? modelsOfImport(this.imported) : this.#setup;
  }

  /** What a reader must know to trust or distrust it. */
  get remarks(): readonly string[] {
    return this.imported ? remarksOfImport(this.imported) : (this.#setup?.remarks ?? []);
  }

  /** What its completions are ranked by unless somebody asks for something else. */
  get defaultScore(): ScoreName {
    return this.imported?.defaultScore ?? defaultScore(this.#setup?.sameTokenizer ?? true);
  }

  /** Of the main pass, in the order in which they arrived. */
  get records(): readonly CompletionRecord[] {
    return this.#records;
  }

  record(id: number): CompletionRecord | undefined {
    return this.#byId.get(id);
  }

  /** Completions of one pass, in the order in which they arrived; ids are counted in each on their own. */
  recordsOf(pass: string): readonly CompletionRecord[] {
    return pass === PLAIN ? this.#records : (this.#passes.get(pass)?.records ?? []);
  }

  /** Names of the passes of which there is a completion by now; the main one is always among them. */
  get passes(): readonly string[] {
    return [PLAIN, ...this.#passes.keys()];
  }

  /** What the search for the strength of amplified writing came to by now, by framing. */
  get amplification(): readonly AmplificationLine[] {
    return [...this.#amplification.values()];
  }

  /** What plain F said to amplified completions by now: by pass, by id; passes without any are left out. */
  get confirmations(): ReadonlyMap<string, ReadonlyMap<number, Confirmation>> {
    return this.#confirmations;
  }

  /** What the audit goes on without by now, most frequent reason first. */
  get setAside(): readonly SetAsideGroup[] {
    const byReason = new Map<string, number[]>();
    for (const [id, reason] of this.#setAside) {
      const ids = byReason.get(reason);
      if (ids) ids.push(id);
      else byReason.set(reason, [id]);
    }
    return [...byReason].map(([reason, ids]) => ({ reason, ids: ids.sort((a, b) => a - b) })).sort((a, b) => b.ids.length - a.ids.length);
  }

  /** What was asked of servers in runs that have ended, as far as the journal was read. */
  get requests(): readonly RequestAccountLine[] {
    return this.#requests;
  }

  /** Signs what is set through {@link findings}. */
  get author(): string {
    return this.findings.author;
  }

  get status(): AuditStatus {
    return this.#status;
  }

  /** What could not be read, in words. */
  get problems(): readonly string[] {
    const isRunning = ['queued', 'loading', 'running'].includes(this.#status.state);
    // Whose completion is missing shows only when all are there.
    return [...this.#problems, ...describeFindingsProblems(this.findings, ...(isRunning ? [] : [new Set(this.#byId.keys())]))];
  }

  /** Fires with what is new of the main pass only; a completion never changes once it is there. */
  get onDidAddCompletions(): Event<readonly CompletionRecord[]> {
    return this.#added.event;
  }

  /** The same for completions of other passes. */
  get onDidAddToPass(): Event<PassCompletions> {
    return this.#passAdded.event;
  }

  get onDidFindAmplification(): Event<void> {
    return this.#amplificationFound.event;
  }

  /** Plain F has said something to amplified completions. */
  get onDidConfirm(): Event<void> {
    return this.#confirmed.event;
  }

  get onDidChangeSetAside(): Event<void> {
    return this.#setAsideChanged.event;
  }

  /** Fires with complete snapshots. */
  get onDidChangeStatus(): Event<AuditStatus> {
    return this.#statusChanged.event;
  }

  get onDidSetUp(): Event<AuditSetup> {
    return this.#setUp.event;
  }

  /** What a runner tells; completions that are known already (kept by a resume) are passed over. */
  readonly listener: Required<RunListener> = {
    onSetup: (setup) => {
      this.#setup = setup;
      this.#setUp.fire(setup);
    },
    onCompletion: (record, pass) => {
      if (pass !== PLAIN) {
        if (this.#addToPass(record, pass)) this.#passAdded.fire({ pass, records: [record] });
      } else if (this.#add(record)) this.#added.fire([record]);
    },
    onSetAside: ({ id, setAside }) => {
      this.#setAside.set(id, setAside);
      this.#setAsideChanged.fire();
    },
    onAmplification: (found) => {
      this.#amplification.set(found.framing, found);
      this.#amplificationFound.fire();
    },
    onStatus: (status) => {
      this.#status = status;
      this.#statusChanged.fire(status);
    },
  };

  /** What plain F said to a completion of a pass, in place of what it said before; it is in the journal. */
  addConfirmation(confirmation: Confirmation, pass: string): void {
    this.#addConfirmations(new Map([[pass, new Map([[confirmation.id, confirmation]])]]));
    this.#confirmed.fire();
  }

  /**
   * Reads the journal again, for an audit that another process writes. New completions and a new status are told. One
   * reading follows the other, so that an older one never has the last word.
   */
  reload(signal?: AbortSignal): Promise<void> {
    const reloading = this.#reloading.then(() => this.#reload(signal));
    this.#reloading = reloading.catch(() => undefined);
    return reloading;
  }

  async #reload(signal?: AbortSignal): Promise<void> {
    const known = this.#status;
    const audit = await readAudit(this.folder, signal);
    if (audit.setup && !this.#setup) this.listener.onSetup(audit.setup);
    const added = audit.records.filter((record) => this.#add(record));
    if (added.length > 0) this.#added.fire(added);
    for (const added of this.#addPasses(audit.passes)) this.#passAdded.fire(added);
    for (const found of audit.amplification) this.listener.onAmplification(found);
    if (audit.confirmations.size > 0) {
      this.#addConfirmations(audit.confirmations);
      this.#confirmed.fire();
    }
    this.#problems = audit.problems;
    this.#requests = audit.requests;
    for (const { id, reason } of audit.setAside) this.#setAside.set(id, reason);
    if (audit.setAside.length > 0) this.#setAsideChanged.fire();
    // Where a run began meanwhile, it knows better.
    if (this.#status === known) this.listener.onStatus(audit.status);
  }

  dispose(): void {
    this.#added.dispose();
    this.#passAdded.dispose();
    this.#amplificationFound.dispose();
    this.#confirmed.dispose();
    this.#setAsideChanged.dispose();
    this.#statusChanged.dispose();
    this.#setUp.dispose();
    this.findings.dispose();
  }

  /** @returns what is new, by pass */
  #addPasses(passes: ReadonlyMap<string, readonly CompletionRecord[]>): PassCompletions[] {
    return [...passes]
      .filter(([pass]) => pass !== PLAIN)
      .map(([pass, records]) => ({ pass, records: records.filter((record) => this.#addToPass(record, pass)) }))
      .filter(({ records }) => records.length > 0);
  }

  #addConfirmations(confirmations: ReadAudit['confirmations']): void {
    for (const [pass, own] of confirmations) this.#confirmations.set(pass, new Map([...(this.#confirmations.get(pass) ?? []), ...own]));
  }

  #addToPass(record: CompletionRecord, pass: string): boolean {
    const known = this.#passes.get(pass) ?? { records: [], ids: new Set() };
    if (known.ids.has(record.id)) return false;
    known.ids.add(record.id);
    known.records.push(record);
    this.#passes.set(pass, known);
    return true;
  }

  #add(record: CompletionRecord): boolean {
    if (this.#byId.has(record.id)) return false;
    this.#byId.set(record.id, record);
    this.#records.push(record);
    if (this.#setAside.delete(record.id)) this.#setAsideChanged.fire();
    return true;
  }
}

/** `null` where a run ended before it had measured anything. */
function originOf({ plan, imported }: ReadAudit): Origin | null {
  if (imported) return { plan: null, imported };
  return plan && { plan, imported };
}
