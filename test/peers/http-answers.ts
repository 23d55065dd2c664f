/** What a peer's dialect answers a request with, and how it says no. */
import type { IncomingHttpHeaders } from 'node:http';

export interface Call {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON object; empty where there is no body. */
  readonly body: Fields;
  /** Aborts when the client hangs up. */
  readonly signal: AbortSignal;
}

export type Fields = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body: unknown;
}

export type Handler = (call: Call) => Promise<Answer> | Answer;

/** What is wrong with a request, in words that every dialect can put into its own form. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly details: { readonly param?: string; readonly code?: string; readonly type?: string } = {},
  ) {
    super(message);
  }
}

/** One way of speaking: routes by `METHOD /path`, and the forms of its errors. */
export interface Dialect {
  readonly routes: ReadonlyMap<string, Handler>;
  /** Paths that need the key, where the server has one. */
  readonly guards: (path: string) => boolean;
  /** @param given the key of the request; `undefined` where it has none. */
  readonly refuseKey: (given: string | undefined) => Answer;
  readonly notFound: (method: string, path: string) => Answer;
  readonly refuse: (refusal: Refusal) => Answer;
  /** Headers of every answer. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}
