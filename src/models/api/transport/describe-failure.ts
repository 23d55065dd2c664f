/** Turns what a server answered in place of a result into an {@link EndpointError} that is safe to show. */
import { STATUS_CODES } from 'node:http';
import { EndpointError, type EndpointErrorKind } from './endpoint-error.js';
import { redact } from './redact.js';

const SAID_CHARACTERS = 200;

export interface FailedAnswer {
  readonly status: number;
  /** As it came, or what was read in it. */
  readonly body: string | object;
  readonly location?: string | null;
  readonly retryAfterMs?: number | undefined;
  /** The server had begun to work on it. */
  readonly wasBegun?: boolean;
}

export interface Speaker {
  /** Host and port. */
  readonly host: string;
  readonly secrets: readonly string[];
}

export function describeFailedAnswer(answer: FailedAnswer, { host, secrets }: Speaker): EndpointError {
  const { status, body, location, retryAfterMs } = answer;
  const parsed = typeof body === 'string' ? parse(body) : body;
  const points = status >= 300 && status < 400 && location ? `points to ${location}` : undefined;
  const shown = makeShowable(points ?? readReason(parsed) ?? (typeof body === 'string' ? stripTags(body) : ''), secrets, SAID_CHARACTERS);
  const said = points === undefined ? shown : `${shown}; use that address if you trust it`;
  const kind = kindOf(status, parsed);
  return new EndpointError({
    kind,
    status,
    message: makeShowable(`${host} answered ${[status, STATUS_CODES[status]].join(' ').trim()}${said === '' ? '' : `: ${said}`}`, secrets, 300),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(said === '' ? {} : { said }),
    mayCost: kind === 'timeout' || answer.wasBegun === true,
  });
}

export interface HiddenError {
  /** 500 where it says none. */
  readonly status: number;
  readonly error: unknown;
  /** It stands in the place of a text, or beside the part of one that was written. */
  readonly isPart: boolean;
}

/** An error that came with a success status, as gateways send it when the model behind them fails. */
export function findHiddenError(answer: unknown): HiddenError | undefined {
  if (!isRecord(answer)) return undefined;
  const choice: unknown = Array.isArray(answer['choices']) ? answer['choices'][0] : undefined;
  const isPart = 'choices' in answer;
  const error = isPart ? (isRecord(choice) ? choice['error'] : undefined) : answer['error'];
  if (!isRecord(error)) return typeof error === 'string' && error !== '' ? { status: 500, error, isPart } : undefined;
  const status = toStatus(error['code'] ?? error['status']);
  return { status: Number.isInteger(status) && status >= 400 && status < 600 ? status : 500, error, isPart };
}

function toStatus(code: unknown): number {
  return typeof code === 'number' || typeof code === 'string' ? Number(code) : Number.NaN;
}

/** One line of ordinary characters without secrets, at most `length` characters long. */
export function makeShowable(text: string, secrets: readonly string[], length: number): string {
  // Redacted first: a key that is cut in two would no longer be recognised.
  const line = redact(text, secrets)
    .replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return line.length <= length ? line : `${line.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function kindOf(status: number, body: unknown): EndpointErrorKind {
  if (status === 429) return readCode(body) === 'insufficient_quota' ? 'keyRefused' : 'rateLimited';
  // OpenRouter says so when its moderation refuses a text; the key is fine.
  if (status === 403 && isModeration(body)) return 'badRequest';
  if (status === 401 || status === 402 || status === 403) return 'keyRefused';
  if (status < 400) return 'unreachable';
  if (status === 404 || status === 405 || status === 410 || status === 501) return 'notFound';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 409 || status === 425 || status === 503 || status === 529) return 'overloaded';
  return status >= 500 ? 'serverError' : 'badRequest';
}

function isModeration(body: unknown): boolean {
  const error = isRecord(body) ? body['error'] : undefined;
  const metadata = isRecord(error) ? error['metadata'] : undefined;
  return isRecord(metadata) && 'reasons' in metadata;
}

/** Servers put their reason into `error.message`, `error`, `message` or `detail`. */
function readReason(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  const { error } = body;
  const places = [isRecord(error) ? error['message'] : error, body['message'], body['detail']];
  const reason = places.find((place) => place !== undefined && place !== null);
  return reason === undefined ? undefined : typeof reason === 'string' ? reason : writeOut(reason);
}

/** JSON.parse reads any nesting, JSON.stringify does not write it. */
function writeOut(reason: unknown): string {
  try {
    return JSON.stringify(reason);
  } catch {
    return 'a reason that is nested too deeply to be shown';
  }
}

function readCode(body: unknown): unknown {
  const error = isRecord(body) ? body['error'] : undefined;
  return isRecord(error) ? (error['code'] ?? error['type']) : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A page's text. Reads each character a fixed number of times, whatever stays open in it. */
function stripTags(body: string): string {
  if (!body.trimStart().startsWith('<')) return body;
  const parts: string[] = [];
  // Indexes must agree with the body's: no letter but these changes its length.
  const lower = body.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  let position = 0;
  for (;;) {
    const open = body.indexOf('<', position);
    parts.push(body.slice(position, open < 0 ? undefined : open));
    if (open < 0) return parts.join(' ');
    const hidden = HIDDEN.find((name) => lower.startsWith(`<${name}`, open));
    const from = hidden === undefined ? open : lower.indexOf(`</${hidden}`, open);
    const close = from < 0 ? -1 : body.indexOf('>', from);
    // What is never closed hides the rest.
    if (close < 0) return parts.join(' ');
    position = close + 1;
  }
}

/** Elements whose text is not for people. */
const HIDDEN = ['style', 'script'] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
