/**
 * One HTTP request by Node's own client. Unlike fetch it waits as long as its caller does (fetch ends
 * what has not begun to answer after five minutes), speaks to every port, and follows no redirect. Proxies and certificates are
 * those of Node, and in VS Code those of its settings.
 */
import http from 'node:http';
import https from 'node:https';
import type { ConnectionFault } from './connection-trouble.js';

export interface OutgoingRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Bytes of an answer that is read, by its status; what is longer is cut there and the connection ended. */
  readonly mostBytes: (isSuccess: boolean) => number;
}

export interface ReceivedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** It was longer than is read. */
  readonly isCut: boolean;
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
 * The answer, whatever its status.
 * @throws BrokenRequest also where the signal aborts, or the answer ends before it is whole
 */
export function sendRequest(address: URL, { method, headers, body, signal, mostBytes }: OutgoingRequest): Promise<ReceivedAnswer> {
  const { request: open } = address.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = open(address, { method, headers: Object.fromEntries(headers), ...(signal && { signal }) });
    let begun = false;
    const fail = (error: unknown): void => reject(new BrokenRequest(error, begun));
    request.on('error', fail);
    request.on('response', (answer) => {
      begun = true;
      receive(answer, mostBytes).then(resolve).catch(fail);
    });
    request.end(body);
  });
}

async function receive(answer: http.IncomingMessage, mostBytes: OutgoingRequest['mostBytes']): Promise<ReceivedAnswer> {
  const { statusCode: status = 0, headersDistinct } = answer;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) for (const value of values) headers.append(name, value);
  const most = mostBytes(status >= 200 && status < 300);
  // One buffer that grows: an answer that comes byte by byte would be a million small ones.
  let bytes = Buffer.allocUnsafe(Math.min(most, FIRST_BYTES));
  let length = 0;
  let isCut = false;
  // To leave the loop ends the connection.
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const taken = chunk.subarray(0, most - length);
    if (length + taken.length > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(most, Math.max(2 * bytes.length, length + taken.length)));
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    taken.copy(bytes, length);
    length += taken.length;
    isCut = taken.length < chunk.length;
    if (isCut) break;
  }
  return { status, headers, text: new TextDecoder().decode(bytes.subarray(0, length)), isCut };
}

const FIRST_BYTES = 2 ** 16;

function readCode(error: unknown, name: 'code' | 'syscall'): string | undefined {
  const value: unknown = error instanceof Error ? (error as NodeJS.ErrnoException)[name] : undefined;
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_]{2,60}$/.test(value) ? value : undefined;
}
