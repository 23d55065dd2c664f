/**
 * The requests of a download. The library that fetches takes an answer's last address and asks that itself, with the headers meant for the
 * hub: a gated file's token would go to whatever host the hub leads to. It tries 150 times what is not there, waits as long as a
 * server says, and hears no cancellation before the first byte. It takes no other `fetch` either, so that this process's is replaced.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLoopback } from '../../api/transport/loopback.js';

const MOST_HOPS = 5;
/** Bytes of the hub's answer to what files there are; the largest repositories take some hundred kilobytes. */
const LISTING_BYTES_AT_MOST = 8 << 20;
/** Where it lists files, and sends none. */
const LISTINGS = /^\/(v2|api)\//;
/** Milliseconds in which nothing but failures came, before and after the hub has answered something. */
const PATIENCE_MS = { first: 3_000, later: 60_000 };
/** Milliseconds that an ended download has to close its file. */
const CLOSING_MS = 2_000;
/** The status that the library takes for final. */
const ENDED = 499;

interface Download {
  readonly signal: AbortSignal;
  readonly end: (why: string) => void;
  /** Origin that was asked first: no other gets the token. */
  hub: string | undefined;
  hasAnswered: boolean;
  failingSince: number | undefined;
}

const downloads = new AsyncLocalStorage<Download>();
const fetchAnything = globalThis.fetch;

/**
 * Carries out one download of the library's.
 * @throws what it throws; the signal's reason; Error that says why nothing more is asked
 */
export async function downloadFromHub<T>(signal: AbortSignal, download: () => Promise<T>): Promise<T> {
  globalThis.fetch = fetchForDownload;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  either.throwIfAborted();
  const current: Download = { signal: either, end: (why) => stop.abort(new Error(why)), hub: undefined, hasAnswered: false, failingSince: undefined };
  const running = downloads.run(current, download).catch((error: unknown) => {
    throw either.aborted ? either.reason : error;
  });
  const ended = (async (): Promise<never> => {
    await once(either, 'abort');
    await Promise.race([running.catch(() => undefined), sleep(CLOSING_MS)]);
    throw either.reason;
  })();
  return Promise.race([running, ended]);
}

async function fetchForDownload(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const download = downloads.getStore();
  if (download === undefined || input instanceof Request) throw new Error('Nothing is fetched here but models that were agreed to.');
  try {
    if (download.signal.aborted) return failedAnswer(ENDED);
    const answer = await follow(new URL(input), init, download);
    if (answer.ok) {
      download.hasAnswered = true;
      download.failingSince = undefined;
      return LISTINGS.test(new URL(input).pathname) ? boundListing(answer, download) : answer;
    }
    await answer.body?.cancel();
    if (answer.status >= 500 || answer.status === 429) noteFailure(download, `the hub answers ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`);
    // Without the server's own words, and without its time to wait: it may say years.
    return failedAnswer(answer.status);
  } catch (error) {
    if (download.signal.aborted) return failedAnswer(ENDED);
    const { code } = (error as { cause?: NodeJS.ErrnoException }).cause ?? {};
    noteFailure(download, `the hub cannot be reached${code === undefined ? '' : `, ${code}`}`);
    throw error;
  }
}

/** A list of files is taken into memory whole, and has no length of its own to be checked before. */
function boundListing(answer: Response, download: Download): Response {
  if (!answer.body) return answer;
  let left = LISTING_BYTES_AT_MOST;
  const counted = answer.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (part, controller) => {
        left -= part.length;
        if (left >= 0) controller.enqueue(part);
        else {
          download.end(`the hub's list of files is larger than ${LISTING_BYTES_AT_MOST >> 20} MiB`);
          controller.error(new Error('The list is too large.'));
        }
      },
    }),
  );
  const { status, statusText, headers } = answer;
  return new Response(counted, { status, statusText, headers });
}

async function follow(address: URL, init: RequestInit, download: Download): Promise<Response> {
  download.hub ??= address.origin;
  for (let hops = 0; hops <= MOST_HOPS; hops++) {
    const headers = new Headers(init.headers);
    if (address.origin !== download.hub) headers.delete('authorization');
    const signal = init.signal ? AbortSignal.any([init.signal, download.signal]) : download.signal;
    const answer = await fetchAnything(address, { ...init, headers, signal, redirect: 'manual' });
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || location === null) return answer;
    await answer.body?.cancel();
    const next = judgeRedirect(address, location);
    if (typeof next === 'string') {
      download.end(next);
      return failedAnswer(ENDED);
    }
    address = next;
  }
  download.end(`${address.host} leads from address to address without end`);
  return failedAnswer(ENDED);
}

/** Where a redirect leads, or why it is not followed. */
export function judgeRedirect(from: URL, location: string): URL | string {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (to === undefined || !/^https?:$/.test(to.protocol)) return `${from.host} leads to something that is no web address`;
  const leads = `${from.host} leads to ${to.protocol}//${to.host}`;
  if (from.protocol === 'https:' && to.protocol === 'http:') return `${leads}, where nothing is encrypted`;
  if (isHere(to.hostname) && !isHere(from.hostname)) return `${leads}, which is this machine`;
  if (to.username !== '' || to.password !== '') return `${leads} with a user name or password`;
  return to;
}

function isHere(hostname: string): boolean {
  return isLoopback(hostname) || hostname === '0.0.0.0' || hostname === '[::]' || hostname.startsWith('[::ffff:7f');
}

function noteFailure(download: Download, why: string): void {
  download.failingSince ??= performance.now();
  const patience = download.hasAnswered ? PATIENCE_MS.later : PATIENCE_MS.first;
  if (performance.now() - download.failingSince >= patience) download.end(why);
}

function failedAnswer(status: number): Response {
  return new Response(null, { status, statusText: STATUS_CODES[status] ?? '' });
}
