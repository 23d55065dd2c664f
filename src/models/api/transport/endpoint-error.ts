/** Why an endpoint gave no usable answer to one request. */
import { boundMessage } from '../../../audit/errors.js';

export type EndpointErrorKind =
  | 'rateLimited'
  /** Asks to come back later (408, 409, 425, 503, 529). */
  | 'overloaded'
  | 'serverError'
  /** Not reached, or cut off before the answer was whole. */
  | 'connection'
  | 'timeout'
  /** An answer that is no JSON. */
  | 'unreadable'
  /** Readable, but not what was asked for: found by whoever reads the answer. */
  | 'badAnswer'
  /** The server refuses this one request. */
  | 'badRequest'
  /** The server refuses this key, or the account behind it has nothing left. */
  | 'keyRefused'
  /** No such model, or no such address at this server. */
  | 'notFound'
  /** No such host, the address has moved, or what answers there cannot be trusted or spoken to. */
  | 'unreachable';

const TRANSIENT: ReadonlySet<EndpointErrorKind> = new Set(['rateLimited', 'overloaded', 'serverError', 'connection', 'timeout', 'unreadable']);

export interface EndpointErrorDetails {
  readonly kind: EndpointErrorKind;
  /** Safe to show: redacted, at most about 300 characters, names host and status. */
  readonly message: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** What the server said, redacted and shortened. */
  readonly said?: string;
  /** No answer came, though the server may have worked on one: what it was sent may be billed. */
  readonly mayCost?: boolean;
  /** The answer holds thoughts, which are no part of it. */
  readonly showsThoughts?: boolean;
}

/** Holds nothing but what its details say: never the raw error, which may hold a key. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  readonly kind: EndpointErrorKind;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly said?: string;
  readonly mayCost: boolean;
  readonly showsThoughts: boolean;

  constructor(details: EndpointErrorDetails) {
    super(boundMessage(details.message));
    this.kind = details.kind;
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.said !== undefined) this.said = details.said;
    this.mayCost = details.mayCost ?? false;
    this.showsThoughts = details.showsThoughts ?? false;
  }

  /** The same request may well succeed later. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.kind);
  }
}
