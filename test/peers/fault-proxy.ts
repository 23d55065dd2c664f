/**
 * A real HTTP proxy before a server, which passes requests through byte for byte and does chosen harm to chosen ones: what
 * networks, rate limits and overloaded servers do, and answers that are well-formed and wrong.
 */
import { Agent, createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { spoilAnswer, SPOILING_FAULTS, type SpoilingFault } from './spoil-answer.js';

/**
 * `reset`: the connection is reset before any byte. `silence`: no answer ever. `halfAnswer`: half of the body, then a reset.
 * `slow`: the whole answer in small parts. `serverError` 500, `unavailable` 503 (with a page of HTML, as gateways have it).
 * `limit…`: 429 with Retry-After in seconds, as a date, as retry-after-ms, or without any.
 * The rest see {@link SpoilingFault}: an answer with status 200 that is wrong.
 */
export type Fault =
  'reset' | 'silence' | 'halfAnswer' | 'slow' | 'serverError' | 'unavailable' | 'limitSeconds' | 'limitDate' | 'limitMs' | 'limitBare' | SpoilingFault;

export interface FaultRule {
  readonly fault: Fault;
  /** Requests by number, counted from 0 over those that the plan is for. */
  readonly at?: readonly number[];
  /** Share of the requests, from 0 to 1, chosen by the plan's seed and the request's number. */
  readonly share?: number;
  /** Milliseconds: how long an answer is `slow`, what a limit asks to wait. 1000. */
  readonly ms?: number;
}

export interface FaultPlan {
  /** The first rule that names a request's number has it; then the shares, which together are at most 1. */
  readonly rules: readonly FaultRule[];
  readonly seed?: number;
  /** Paths that the plan is for; others pass and are not counted. `/completions` and `/chat/completions` by default. */
  readonly paths?: RegExp;
}

export interface FaultProxy {
  /** In place of the target's URL, with its path. */
  readonly url: string;
  readonly origin: string;
  /** Requests under the plan, whatever was done to them. */
  readonly requests: number;
  /** What was done, by fault. */
  readonly counts: Readonly<Partial<Record<Fault, number>>>;
  /** Answers that had nothing to spoil and were passed as they were. */
  readonly missed: number;
  /** Bodies of the requests under the plan whose answers reached the client whole and unharmed, slowly or not. */
  readonly delivered: readonly string[];
  /** Another plan from the next request on, which is again number 0. */
  setPlan(plan: FaultPlan): void;
  close(): Promise<void>;
}

const COMPLETIONS = /\/completions$/;
const DEFAULT_MS = 1000;
const SLOW_PARTS = 20;

/** @param target URL of the server; its path stays in the proxy's URL. */
export async function startFaultProxy(target: string, { plan }: { readonly plan: FaultPlan }): Promise<FaultProxy> {
  const { origin: targetOrigin, pathname } = new URL(target);
  const proxy = new FaultDesk(targetOrigin, plan);
  const server = createServer((request, response) => void proxy.handle(request, response));
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin + pathname.replace(/\/$/, ''),
    origin,
    get requests() {
      return proxy.requests;
    },
    counts: proxy.counts,
    get missed() {
      return proxy.missed;
    },
    delivered: proxy.delivered,
    setPlan: (next) => proxy.setPlan(next),
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      proxy.dispose();
      await closed;
    },
  };
}

class FaultDesk {
  requests = 0;
  missed = 0;
  readonly counts: Partial<Record<Fault, number>> = {};
  readonly delivered: string[] = [];
  private number = 0;
  private readonly agent = new Agent({ keepAlive: true });

  constructor(
    private readonly target: string,
    private plan: FaultPlan,
  ) {}

  setPlan(plan: FaultPlan): void {
    this.plan = plan;
    this.number = 0;
  }

  dispose(): void {
    this.agent.destroy();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const rule = this.chooseRule(request);
    const answered = this.answer(request, response, rule);
    // A client that hangs up, or a target that is gone: neither leaves anything to say.
    await answered.catch(() => response.destroy());
  }

  private chooseRule(request: IncomingMessage): FaultRule | undefined {
    if (!this.isMeant(request)) return undefined;
    this.requests++;
    return chooseFault(this.plan, this.number++);
  }

  private async answer(request: IncomingMessage, response: ServerResponse, rule: FaultRule | undefined): Promise<void> {
    if (rule === undefined || rule.fault === 'slow') this.noteDelivery(request, response);
    if (rule === undefined) return this.pass(request, response);
    const { fault, ms = DEFAULT_MS } = rule;
    if (isSpoiling(fault)) return this.spoil(request, response, fault);
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
    switch (fault) {
      case 'halfAnswer':
        return this.halve(request, response);
      case 'slow':
        return this.slow(request, response, ms);
      case 'silence':
        request.resume();
        return;
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      default:
        request.resume();
        refuse(response, fault, ms);
    }
  }

  private noteDelivery(request: IncomingMessage, response: ServerResponse): void {
    if (!this.isMeant(request)) return;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    response.once('finish', () => this.delivered.push(Buffer.concat(parts).toString('utf8')));
  }

  private isMeant(request: IncomingMessage): boolean {
    return (this.plan.paths ?? COMPLETIONS).test((request.url ?? '/').replace(/\?.*$/, ''));
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.ask(request, response);
    response.writeHead(answer.statusCode!, answer.statusMessage, endToEnd(answer.rawHeaders));
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  }

  private async spoil(request: IncomingMessage, response: ServerResponse, fault: SpoilingFault): Promise<void> {
    const { answer, body } = await this.read(request, response);
    const spoiled = answer.statusCode === 200 ? spoilAnswer(body.toString('utf8'), fault) : undefined;
    if (spoiled === undefined) this.missed++;
    else this.counts[fault] = (this.counts[fault] ?? 0) + 1;
    const content = spoiled === undefined ? body : Buffer.from(spoiled);
    response.writeHead(answer.statusCode!, answer.statusMessage, withLength(answer, content.length));
    response.end(content);
  }

  private async halve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { answer, body } = await this.read(request, response);
    response.writeHead(answer.statusCode!, answer.statusMessage, withLength(answer, body.length));
    await new Promise((done) => response.write(body.subarray(0, Math.ceil(body.length / 2)), done));
    response.socket?.destroySoon();
  }

  private async slow(request: IncomingMessage, response: ServerResponse, ms: number): Promise<void> {
    const { answer, body } = await this.read(request, response);
    response.writeHead(answer.statusCode!, answer.statusMessage, withLength(answer, body.length));
    const part = Math.max(1, Math.ceil(body.length / SLOW_PARTS));
    for (let at = 0; at < body.length && !response.destroyed; at += part) {
      response.write(body.subarray(at, at + part));
      await sleep(ms / SLOW_PARTS);
    }
    response.end();
  }

  private async read(request: IncomingMessage, response: ServerResponse): Promise<{ answer: IncomingMessage; body: Buffer }> {
    const answer = await this.ask(request, response);
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    return { answer, body: Buffer.concat(parts) };
  }

  /** Sends the request on; hangs up on the target when the client does. */
  private ask(request: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
    const { host } = new URL(this.target);
    const headers = ['host', host, ...endToEnd(request.rawHeaders, 'host')];
    const onward = sendRequest(this.target + request.url, { method: request.method!, headers, agent: this.agent });
    response.once('close', () => {
      if (!response.writableFinished) onward.destroy();
    });
    request.pipe(onward);
    return new Promise((done, fail) => onward.once('response', done).once('error', fail));
  }
}

/** The rule for the request of this number, the same for the same plan. */
export function chooseFault({ rules, seed = 1 }: FaultPlan, number: number): FaultRule | undefined {
  const named = rules.find(({ at }) => at?.includes(number) === true);
  if (named !== undefined) return named;
  let rest = drawUniform(seed, number);
  return rules.find(({ share = 0 }) => (rest -= share) < 0);
}

/** A number in [0, 1) from two integers (the mixing steps of SplitMix, 32 bits). */
function drawUniform(seed: number, number: number): number {
  let x = (Math.imul(seed, 0x9e3779b9) + Math.imul(number + 1, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}

function isSpoiling(fault: Fault): fault is SpoilingFault {
  return (SPOILING_FAULTS as readonly Fault[]).includes(fault);
}

function refuse(response: ServerResponse, fault: Fault, ms: number): void {
  if (fault === 'unavailable') {
    response.writeHead(503, { 'content-type': 'text/html' }).end('<html><body><h1>503 Service Unavailable</h1></body></html>');
    return;
  }
  if (fault === 'serverError') {
    sendError(response, 500, { message: 'The server had an error while processing your request.', type: 'server_error', param: null, code: null });
    return;
  }
  const wait: Partial<Record<Fault, Record<string, string>>> = {
    limitSeconds: { 'retry-after': String(Math.ceil(ms / 1000)) },
    limitDate: { 'retry-after': new Date(Date.now() + ms).toUTCString() },
    limitMs: { 'retry-after-ms': String(ms) },
  };
  const error = { message: 'Rate limit reached for requests.', type: 'requests', param: null, code: 'rate_limit_exceeded' };
  sendError(response, 429, error, wait[fault]);
}

function sendError(response: ServerResponse, status: number, error: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }));
}

/** Headers that are not about one connection alone, as a flat list of names and values. */
function endToEnd(raw: readonly string[], ...without: readonly string[]): string[] {
  const dropped = new Set(['connection', 'keep-alive', 'transfer-encoding', ...without]);
  return raw.filter((_, i) => !dropped.has(raw[i - (i % 2)]!.toLowerCase()));
}

function withLength(answer: IncomingMessage, length: number): string[] {
  return [...endToEnd(answer.rawHeaders, 'content-length'), 'content-length', String(length)];
}
