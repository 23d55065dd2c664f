/**
 * One HTTP request by Node's own client, in the form of `fetch`. Unlike fetch it waits as long as its caller does (fetch ends
 * what has not begun to answer after five minutes), speaks to every port, and follows no redirect. Proxies and certificates are
 * those of Node, and in VS Code those of its settings.
 */
import http from 'node:http';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { ConnectionFault } from './connection-trouble.js';

export interface OutgoingRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** No whole answer came. Holds codes only: texts of errors may quote what was sent. */
export class BrokenRequest extends Error implements ConnectionFault {
  override readonly name = 'BrokenRequest';
  readonly code: string | undefined;
  readonly syscall: string | undefined;

  constructor(
    error: unknown,
    /** The server had begun to answer. */
    readonly begun: boolean,
  ) {
    super('The request came to no answer');
    this.code = readCode(error, 'code');
    this.syscall = readCode(error, 'syscall');
  }
}

/**
 * The whole answer, whatever its status.
 * @throws BrokenRequest also where the signal aborts, or the answer ends before it is whole
 */
export function sendRequest(address: URL, { method, headers, body, signal }: OutgoingRequest): Promise<Response> {
  const { request: open } = address.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = open(address, { method, headers: Object.fromEntries(headers), ...(signal && { signal }) });
    let begun = false;
    const fail = (error: unknown): void => reject(new BrokenRequest(error, begun));
    request.on('error', fail);
    request.on('response', (answer) => {
      begun = true;
      buffer(answer)
        .then((bytes) => resolve(toResponse(answer, bytes)))
        .catch(fail);
    });
    request.end(body);
  });
}

/** Statuses whose answers have no body. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

function toResponse({ statusCode = 0, headersDistinct }: http.IncomingMessage, bytes: Buffer<ArrayBuffer>): Response {
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]));
  return new Response(WITHOUT_BODY.has(statusCode) ? null : bytes, { status: statusCode, headers });
}

function readCode(error: unknown, name: 'code' | 'syscall'): string | undefined {
  const value: unknown = error instanceof Error ? (error as NodeJS.ErrnoException)[name] : undefined;
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_]{2,60}$/.test(value) ? value : undefined;
}
