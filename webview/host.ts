/** The page's end of the conversation with the host. */
import { createMessageConnection } from 'vscode-jsonrpc/browser';
import type { FindingLabel } from '../src/analysis/finding.js';
import type { AskerOf } from '../src/messages/declare-request.js';
import type { PageRequests } from '../src/messages/page-requests.js';
import type { PageListener } from '../src/messages/page.js';
import { askOver, hearOver } from '../src/messages/remote.js';
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
export interface SentJudgement {
  readonly label: FindingLabel | null;
  readonly category: string | null;
  readonly note: string;
  /** Seed of the slice in which it was given; left out where it was given in sight. */
  readonly blind?: number | undefined;
  /** When it was given, as far as the host told. */
  readonly time?: string | undefined;
}

/** What the page asks of the host. Requests reject with the host's reason. */
export type Host = AskerOf<PageRequests>;

/** Connects, without saying yet that the page is ready. */
export function connectHost(api: VsCodeApi): { host: Host; start(listener: PageListener): void } {
  const port: WindowPort = {
    postMessage: (message) => api.postMessage(message),
    onMessage: (listener) => {
      const hear = (event: MessageEvent) => listener(event.data);
      window.addEventListener('message', hear);
      return { dispose: () => window.removeEventListener('message', hear) };
    },
  };
  const connection = createMessageConnection(new WindowMessageReader(port), new WindowMessageWriter(port));
  const host = askOver<PageRequests>(connection);
  return {
    host,
    start(listener) {
      hearOver(connection, listener);
      connection.listen();
      void host.ready({});
    },
  };
}
