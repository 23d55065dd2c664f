/** A results page's end of the conversation with a real host, over a real connection. */
import { onTestFinished } from 'vitest';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import type { AskerOf } from '../../../src/messages/declare-request.js';
import type { PageRequests } from '../../../src/messages/page-requests.js';
import type { AuditOpenedParams, AuditPasses, AuditStatus, CompletionSummary, PageListener } from '../../../src/messages/page.js';
import { askOver, hearOver } from '../../../src/messages/remote.js';
import { WindowMessageReader, WindowMessageWriter, type WindowPort } from '../../../src/messages/window-transport.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import { PageHost, type PageSurroundings } from '../../../src/views/results/page-host.js';
import type { CompletionFinding } from '../../../src/analysis/finding.js';
import type { Evidence } from '../../../src/messages/evidence.js';
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
  readonly ask: AskerOf<PageRequests>;
  /** All that it hears, in order: the method, and what came with it. */
  readonly heard: [method: keyof PageListener, value: unknown][];
  readonly opened: AuditOpenedParams[];
  readonly chunks: (readonly CompletionSummary[])[];
  readonly statuses: AuditStatus[];
  readonly findings: (readonly CompletionFinding[])[];
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
    ask: askOver<PageRequests>(connection),
    heard: [],
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
  const listener: PageListener = {
    onOpened: (audit) => {
      page.opened.push(audit);
      Object.assign(page.evidence, audit.evidence);
    },
    onEvidence: (changed) => {
      page.told.push(Object.keys(changed) as (keyof Evidence)[]);
      Object.assign(page.evidence, changed);
    },
    onRenamed: (name) => void page.names.push(name),
    onPasses: (passes) => void page.passes.push(passes),
    onCompletions: (completions) => void page.chunks.push(completions),
    onStatus: (status) => void page.statuses.push(status),
    onNoiseFloor: (noiseFloor) => void page.noiseFloors.push(noiseFloor),
    onFindings: (findings) => void page.findings.push(findings),
    onSetAside: () => undefined,
    onConfirmations: () => undefined,
    onConfirmationProgress: () => undefined,
    onPlanFacts: () => undefined,
    onPageKeys: () => undefined,
    onCommand: () => undefined,
  };
  const noting = Object.entries(listener).map(([method, hear]) => [
    method,
    (value: never) => {
      page.heard.push([method as keyof PageListener, value]);
      (hear as (value: never) => void)(value);
    },
  ]);
  hearOver(connection, Object.fromEntries(noting) as PageListener);
  connection.listen();
  onTestFinished(() => {
    host.dispose();
    connection.dispose();
    session.dispose();
  });
  await page.ask.ready({});
  return { page, host };
}

export async function makeSession(): Promise<AuditSession> {
  return AuditSession.forRun({ plan, folder: await makeTempFolder(), resume: false, allowDownload: false }, 'Ada');
}
