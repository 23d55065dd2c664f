/** The page's end of the conversation with the host. */
import { createMessageConnection } from 'vscode-jsonrpc/browser';
import type { CompletionFinding, FindingLabel } from '../src/audit/finding.js';
import type { Framing } from '../src/audit/framing.js';
import type { NoiseFloorCompletion } from '../src/audit/noise-floor.js';
import {
  AuditOpened,
  CompletionsAdded,
  FetchAlternatives,
  FetchDetails,
  FetchPhrases,
  FindingsChanged,
  NoiseFloorChanged,
  PageAction,
  PageReady,
  PlanFactsChanged,
  RunPageCommand,
  SetAsideChanged,
  SetFinding,
  StatusChanged,
  UndoFinding,
  type AlternativesAnswer,
  type AuditOpenedParams,
  type AuditStatus,
  type CompletionDetail,
  type CompletionSummary,
  type PhrasesAnswer,
  type SetAsideGroup,
} from '../src/messages/page.js';
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
}

export type PageActionName = 'stop' | 'resume' | 'revealFolder' | 'openPlan' | 'copyText';
export type PageCommandName = 'search' | 'help' | 'next' | 'previous' | 'undo';

/** What the page asks of the host. Requests reject with the host's reason. */
export interface Host {
  fetchDetails(ids: readonly number[]): Promise<CompletionDetail[]>;
  fetchAlternatives(id: number, token: number): Promise<AlternativesAnswer>;
  /** Of one framing, or of all (null). */
  fetchPhrases(framing: Framing | null): Promise<PhrasesAnswer>;
  setFinding(completionId: number, judgement: Judgement): Promise<void>;
  /** Answers the completion whose judgement changed; null where there is nothing to take back. */
  undoFinding(): Promise<number | null>;
  act(action: PageActionName, text?: string): void;
}

export interface HostListener {
  onOpened(audit: AuditOpenedParams): void;
  onCompletions(completions: readonly CompletionSummary[]): void;
  onStatus(status: AuditStatus): void;
  onFindings(findings: readonly CompletionFinding[]): void;
  onNoiseFloor(noiseFloor: readonly NoiseFloorCompletion[]): void;
  onSetAside(setAside: readonly SetAsideGroup[]): void;
  onPlanFacts(planFacts: AuditOpenedParams['planFacts']): void;
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
    fetchPhrases: (framing) => connection.sendRequest(FetchPhrases, { framing }),
    setFinding: async (completionId, judgement) => {
      await connection.sendRequest(SetFinding, { completionId, ...judgement });
    },
    undoFinding: async () => (await connection.sendRequest(UndoFinding, {}))?.completionId ?? null,
    act: (action, text) => void connection.sendNotification(PageAction, text === undefined ? { action } : { action, text }),
  };
  return {
    host,
    start(listener) {
      connection.onNotification(AuditOpened, (audit) => listener.onOpened(audit));
      connection.onNotification(CompletionsAdded, ({ completions }) => listener.onCompletions(completions));
      connection.onNotification(StatusChanged, (status) => listener.onStatus(status));
      connection.onNotification(FindingsChanged, ({ findings }) => listener.onFindings(findings));
      connection.onNotification(NoiseFloorChanged, ({ noiseFloor }) => listener.onNoiseFloor(noiseFloor));
      connection.onNotification(SetAsideChanged, ({ setAside }) => listener.onSetAside(setAside));
      connection.onNotification(PlanFactsChanged, ({ planFacts }) => listener.onPlanFacts(planFacts));
      connection.onNotification(RunPageCommand, ({ command }) => listener.onCommand(command));
      connection.listen();
      void connection.sendNotification(PageReady);
    },
  };
}
