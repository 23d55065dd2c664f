/** A results page's end of the conversation with a real host, over a real connection. */
import { onTestFinished } from 'vitest';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import {
  AuditOpened,
  AuditRenamed,
  CompletionsAdded,
  FindingsChanged,
  NoiseFloorChanged,
  PageReady,
  PassesChanged,
  StatusChanged,
  type AuditOpenedParams,
  type AuditPasses,
  type AuditStatus,
  type CompletionSummary,
} from '../../../src/messages/page.js';
import { WindowMessageReader, WindowMessageWriter, type WindowPort } from '../../../src/messages/window-transport.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import { PageHost, type PageSurroundings } from '../../../src/views/results/page-host.js';
import type { CompletionFinding } from '../../../src/analysis/finding.js';
import { EvidenceChanged, type Evidence } from '../../../src/messages/evidence.js';
import type { NoiseFloorCompletion } from '../../../src/analysis/noise-floor.js';
import { plan } from '../records/example-audit.js';
import { makeTempFolder } from '../records/temp-folder.js';

/** Two ports that hear each other, each message copied on its way as `postMessage` does. */
function makePorts(): [WindowPort, WindowPort] {
  const listeners: ((message: unknown) => void)[][] = [[], []];
  const makePort = (own: number): WindowPort => ({
    postMessage: (message) => {
      const copy: unknown = structuredClone(message);
      setImmediate(() => listeners[1 - own]!.forEach((listener) => listener(copy)));
    },
    onMessage: (listener) => {
      listeners[own]!.push(listener);
      return { dispose: () => void listeners[own]!.splice(listeners[own]!.indexOf(listener), 1) };
    },
  });
  return [makePort(0), makePort(1)];
}

const connect = (port: WindowPort): MessageConnection => createMessageConnection(new WindowMessageReader(port), new WindowMessageWriter(port));

export interface Page {
  readonly connection: MessageConnection;
  readonly opened: AuditOpenedParams[];
  readonly chunks: CompletionSummary[][];
  readonly statuses: AuditStatus[];
  readonly findings: CompletionFinding[][];
  readonly noiseFloors: (readonly NoiseFloorCompletion[])[];
  /** What the page knows, and what it was told, part by part. */
  readonly evidence: Evidence;
  readonly told: (keyof Evidence)[][];
  readonly names: string[];
  readonly passes: AuditPasses[];
}

export async function openPage(session: AuditSession, surroundings: Partial<PageSurroundings> = {}): Promise<{ page: Page; host: PageHost }> {
  const [hostPort, pagePort] = makePorts();
  const host = new PageHost(session, connect(hostPort), {
    describeAudit: () => ({ planFacts: [{ name: 'Seed', value: '1' }], categories: ['false fact'], localModels: true }),
    fetchAlternatives: async () => ({ finetuned: [], reference: [] }),
    act: () => undefined,
    reportFailure: () => undefined,
    ...surroundings,
  });
  const connection = connect(pagePort);
  const page: Page = {
    connection,
    opened: [],
    chunks: [],
    statuses: [],
    findings: [],
    noiseFloors: [],
    evidence: {} as Evidence,
    told: [],
    names: [],
    passes: [],
  };
  connection.onNotification(AuditOpened, (params) => {
    page.opened.push(params);
    Object.assign(page.evidence, params.evidence);
  });
  connection.onNotification(EvidenceChanged, (changed) => {
    page.told.push(Object.keys(changed) as (keyof Evidence)[]);
    Object.assign(page.evidence, changed);
  });
  connection.onNotification(AuditRenamed, ({ name }) => void page.names.push(name));
  connection.onNotification(PassesChanged, ({ passes }) => void page.passes.push(passes));
  connection.onNotification(CompletionsAdded, ({ completions }) => void page.chunks.push(completions));
  connection.onNotification(StatusChanged, (status) => void page.statuses.push(status));
  connection.onNotification(NoiseFloorChanged, ({ noiseFloor }) => void page.noiseFloors.push(noiseFloor));
  connection.onNotification(FindingsChanged, ({ findings }) => void page.findings.push(findings));
  connection.listen();
  onTestFinished(() => {
    host.dispose();
    connection.dispose();
    session.dispose();
  });
  await connection.sendNotification(PageReady);
  return { page, host };
}

export async function makeSession(): Promise<AuditSession> {
  return AuditSession.forRun({ plan, folder: await makeTempFolder(), resume: false, allowDownload: false }, 'Ada');
}
