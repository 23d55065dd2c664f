/** The page's end of the conversation with the host. */
import { createMessageConnection } from 'vscode-jsonrpc/browser';
import type { CompletionFinding, ConclusionContent, DrawnSlice, FindingLabel, KeywordSet, Reply } from '../src/analysis/finding.js';
import type { Framing } from '../src/audit/framing.js';
import type { AuditOverview } from '../src/analysis/audit-analysis.js';
import type { NoiseFloorCompletion } from '../src/analysis/noise-floor.js';
import type { ScoreName } from '../src/audit/scores.js';
import {
  AddReply,
  AddSpan,
  CountKeywords,
  DeleteReply,
  DraftConclusion,
  DrawSlice,
  EditReply,
  EditSpan,
  EvidenceChanged,
  SetConclusion,
  SetKeywords,
  SetSpanState,
  type DraftAnswer,
  type Evidence,
  type KeywordAnswer,
  type SpanRemark,
  type UndoAnswer,
} from '../src/messages/evidence.js';
import {
  AuditOpened,
  AuditRenamed,
  CompletionsAdded,
  FetchAlternatives,
  FetchDetails,
  FetchGroups,
  FetchOverview,
  FindingsChanged,
  NoiseFloorChanged,
  PageAction,
  PageKeysChanged,
  PageReady,
  PassesChanged,
  PlanFactsChanged,
  RunPageCommand,
  SetAsideChanged,
  SetFinding,
  ShowPass,
  StatusChanged,
  UndoFinding,
  type AlternativesAnswer,
  type AuditOpenedParams,
  type AuditPasses,
  type AuditStatus,
  type CompletionDetail,
  type CompletionSummary,
  type PageActionName,
  type PageActionSubject,
  type SetAsideGroup,
} from '../src/messages/page.js';
import type { PageCommandName } from '../src/messages/page-commands.js';
import type { ReadPageKeys } from '../src/messages/page-keys.js';
import { WindowMessageReader, WindowMessageWriter, type WindowPort } from '../src/messages/window-transport.js';

export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}

/** A judgement as it is sent; `label: null` takes it back. */
export interface Judgement {
  readonly label: FindingLabel | null;
  readonly category: string | null;
  readonly note: string;
  /** Seed of the slice in which it was given; left out where it was given in sight. */
  readonly blind?: number | undefined;
  /** When it was given, as far as the host told. */
  readonly time?: string | undefined;
}

/** One framing's ranking, or all framings' (`null`). */
export interface RankingChoice {
  readonly score: ScoreName;
  readonly framing: Framing | null;
}

/** What the page says that auditors say; each resolves when it is on disk. */
export interface EvidenceHost {
  /** The place is in UTF-16 units of `prefillText + text`. Resolves to the finding's id. */
  addSpan(completionId: number, place: { readonly start: number; readonly end: number }, remark: SpanRemark): Promise<string>;
  /** `begun` is the note that editing began with. Answers whose text stands before what was typed; null where nobody wrote meanwhile. */
  editSpan(finding: string, begun: string, remark: SpanRemark): Promise<string | null>;
  setSpanState(finding: string, state: 'open' | 'resolved' | 'deleted'): Promise<void>;
  addReply(finding: string, note: string): Promise<void>;
  /** As {@link editSpan}. */
  editReply(reply: Pick<Reply, 'finding' | 'reply'>, begun: string, note: string): Promise<string | null>;
  deleteReply(reply: string): Promise<void>;
  setConclusion(conclusion: ConclusionContent | null): Promise<void>;
  draftConclusion(ranking: RankingChoice): Promise<DraftAnswer>;
  setKeywords(sets: readonly KeywordSet[]): Promise<void>;
  /** Of the sets as they are typed, best first by the score. */
  countKeywords(sets: readonly KeywordSet[], score: ScoreName): Promise<KeywordAnswer>;
  /** @param isWhole the audit has all of the ranking, not only the best of it */
  drawSlice(k: number, isWhole: boolean, ranking: RankingChoice): Promise<DrawnSlice>;
}

/** What the page asks of the host. Requests reject with the host's reason. */
export interface Host extends EvidenceHost {
  fetchDetails(ids: readonly number[]): Promise<CompletionDetail[]>;
  fetchAlternatives(id: number, token: number): Promise<AlternativesAnswer>;
  /** Of one framing, or of all (null). */
  fetchOverview(framing: Framing | null): Promise<AuditOverview>;
  /** Ids of completions that say the same. */
  fetchGroups(): Promise<readonly (readonly number[])[]>;
  /** The audit opens anew with another pass's completions. */
  showPass(pass: string): Promise<void>;
  setFinding(completionId: number, judgement: Judgement): Promise<void>;
  /** Answers what was taken back; null where there is nothing. */
  undoFinding(): Promise<UndoAnswer | null>;
  act(action: PageActionName, about?: PageActionSubject): void;
}

export interface HostListener {
  onOpened(audit: AuditOpenedParams): void;
  onCompletions(completions: readonly CompletionSummary[]): void;
  onStatus(status: AuditStatus): void;
  onFindings(findings: readonly CompletionFinding[]): void;
  /** Parts that are left out have not changed. */
  onEvidence(evidence: Partial<Evidence>): void;
  onNoiseFloor(noiseFloor: readonly NoiseFloorCompletion[]): void;
  onSetAside(setAside: readonly SetAsideGroup[]): void;
  onPasses(passes: AuditPasses): void;
  onPlanFacts(planFacts: AuditOpenedParams['planFacts']): void;
  onRenamed(name: string): void;
  onPageKeys(keys: ReadPageKeys): void;
  onCommand(command: PageCommandName): void;
}

/** Connects, without saying yet that the page is ready. */
export function connectHost(api: VsCodeApi): { host: Host; start(listener: HostListener): void } {
  const port: WindowPort = {
    postMessage: (message) => api.postMessage(message),
    onMessage: (listener) => {
      const hear = (event: MessageEvent) => listener(event.data);
      window.addEventListener('message', hear);
      return { dispose: () => window.removeEventListener('message', hear) };
    },
  };
  const connection = createMessageConnection(new WindowMessageReader(port), new WindowMessageWriter(port));
  const host: Host = {
    fetchDetails: (ids) => connection.sendRequest(FetchDetails, { ids: [...ids] }),
    fetchAlternatives: (id, token) => connection.sendRequest(FetchAlternatives, { id, token }),
    fetchOverview: (framing) => connection.sendRequest(FetchOverview, { framing }),
    fetchGroups: () => connection.sendRequest(FetchGroups, {}),
    showPass: async (pass) => void (await connection.sendRequest(ShowPass, { pass })),
    setFinding: async (completionId, { label, category, note, blind }) => {
      await connection.sendRequest(SetFinding, { completionId, label, category, note, ...(blind !== undefined && { blind }) });
    },
    undoFinding: () => connection.sendRequest(UndoFinding, {}),
    addSpan: async (completionId, place, remark) => (await connection.sendRequest(AddSpan, { completionId, ...place, ...remark })).finding,
    editSpan: async (finding, begun, remark) => (await connection.sendRequest(EditSpan, { finding, begun, ...remark })).other,
    setSpanState: async (finding, state) => void (await connection.sendRequest(SetSpanState, { finding, state })),
    addReply: async (finding, note) => void (await connection.sendRequest(AddReply, { finding, note })),
    editReply: async ({ finding, reply }, begun, note) => (await connection.sendRequest(EditReply, { finding, reply, begun, note })).other,
    deleteReply: async (reply) => void (await connection.sendRequest(DeleteReply, { reply })),
    setConclusion: async (conclusion) => void (await connection.sendRequest(SetConclusion, { conclusion })),
    draftConclusion: (ranking) => connection.sendRequest(DraftConclusion, { ...ranking }),
    setKeywords: async (sets) => void (await connection.sendRequest(SetKeywords, { sets: [...sets] })),
    countKeywords: (sets, score) => connection.sendRequest(CountKeywords, { sets: [...sets], score }),
    drawSlice: (k, isWhole, ranking) => connection.sendRequest(DrawSlice, { k, isWhole, ...ranking }),
    act: (action, about) => void connection.sendNotification(PageAction, { action, ...about }),
  };
  return {
    host,
    start(listener) {
      connection.onNotification(AuditOpened, (audit) => listener.onOpened(audit));
      connection.onNotification(CompletionsAdded, ({ completions }) => listener.onCompletions(completions));
      connection.onNotification(StatusChanged, (status) => listener.onStatus(status));
      connection.onNotification(FindingsChanged, ({ findings }) => listener.onFindings(findings));
      connection.onNotification(EvidenceChanged, (evidence) => listener.onEvidence(evidence));
      connection.onNotification(NoiseFloorChanged, ({ noiseFloor }) => listener.onNoiseFloor(noiseFloor));
      connection.onNotification(SetAsideChanged, ({ setAside }) => listener.onSetAside(setAside));
      connection.onNotification(PassesChanged, ({ passes }) => listener.onPasses(passes));
      connection.onNotification(PlanFactsChanged, ({ planFacts }) => listener.onPlanFacts(planFacts));
      connection.onNotification(AuditRenamed, ({ name }) => listener.onRenamed(name));
      connection.onNotification(PageKeysChanged, (keys) => listener.onPageKeys(keys));
      connection.onNotification(RunPageCommand, ({ command }) => listener.onCommand(command));
      connection.listen();
      void connection.sendNotification(PageReady);
    },
  };
}
