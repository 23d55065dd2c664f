import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMessageConnection, ResponseError, type MessageConnection } from 'vscode-jsonrpc/node';
import type { AuditStatus, PageListener } from '../../../src/messages/page.js';
import { z } from 'zod';
import { AuditError } from '../../../src/audit/errors.js';
import { answerRequests, checkParams, request } from '../../../src/messages/declare-request.js';
import { pageRequests, type PageRequests } from '../../../src/messages/page-requests.js';
import { askOver, hearOver, tellOver } from '../../../src/messages/remote.js';
import { WindowMessageReader, WindowMessageWriter, type WindowPort } from '../../../src/messages/window-transport.js';

/** Two windows that post to each other, with a copy of each message and one turn of the event loop in between. */
function windowPair(): [WindowPort & { hear(message: unknown): void }, WindowPort & { hear(message: unknown): void }] {
  const make = () => {
    const listeners = new Set<(message: unknown) => void>();
    return {
      other: undefined as unknown as { hear(message: unknown): void },
      hear: (message: unknown) => listeners.forEach((listener) => listener(message)),
      postMessage(message: unknown) {
        const copy: unknown = JSON.parse(JSON.stringify(message));
        setImmediate(() => this.other.hear(copy));
      },
      onMessage(listener: (message: unknown) => void) {
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      },
    };
  };
  const [a, b] = [make(), make()];
  a.other = b;
  b.other = a;
  return [a, b];
}

function connect(port: WindowPort): MessageConnection {
  return createMessageConnection(new WindowMessageReader(port), new WindowMessageWriter(port));
}

const status: AuditStatus = {
  state: 'running',
  completionsDone: 1,
  completionsTotal: 2,
  tokensPerSecond: 10,
  secondsLeft: null,
  message: '',
  canResume: false,
};

const asked = { double: request(z.strictObject({ numbers: z.array(z.int()) })).answers<number[]>() };
type Told = Pick<PageListener, 'onStatus' | 'onNoiseFloor'>;

/** A host that doubles numbers but for 9, and a page that notes what it is told. */
function converse() {
  const [hostPort, pagePort] = windowPair();
  const [host, page] = [connect(hostPort), connect(pagePort)];
  const double = vi.fn(({ numbers }: { numbers: number[] }) => {
    if (numbers.includes(9)) throw new AuditError('refused', 'Nine is not doubled.');
    return numbers.map((number) => 2 * number);
  });
  const told: unknown[] = [];
  answerRequests(host, asked, { double }, new AbortController().signal);
  hearOver<Told>(page, { onStatus: (status) => told.push(status), onNoiseFloor: (noiseFloor) => told.push(noiseFloor) });
  host.listen();
  page.listen();
  onTestFinished(() => [host, page].forEach((end) => end.dispose()));
  return { ask: askOver<typeof asked>(page), tell: tellOver<Told>(host), page, pagePort, double, told };
}

describe('a conversation over windows', () => {
  it('carries questions, answers, refusals and what is told, and passes over what else is posted', async () => {
    const { ask, tell, pagePort, told } = converse();
    pagePort.hear({ type: 'theme' });
    pagePort.hear('hello');
    pagePort.hear(null);
    expect(await ask.double({ numbers: [1, 2] })).toEqual([2, 4]);
    await expect(ask.double({ numbers: [9] })).rejects.toThrow(/^Nine is not doubled\.$/);
    tell.onStatus(status);
    tell.onNoiseFloor([]);
    await expect.poll(() => told, { timeout: 20_000 }).toEqual([status, []]);
  });

  it('lets no answer see what is not as declared, by name or by position', async () => {
    const { ask, page, double } = converse();
    await expect(ask.double({ numbers: [1.5] })).rejects.toThrow('double: ');
    await expect(page.sendRequest('double', [{ numbers: [1] }, {}])).rejects.toThrow('by position');
    await expect(page.sendRequest('halve', { numbers: [1] })).rejects.toThrow('halve');
    expect(double).not.toHaveBeenCalled();
  });

  it('keeps the order of what is told', async () => {
    const { tell, told } = converse();
    const statuses = [1, 2, 3, 4, 5].map((completionsDone) => ({ ...status, completionsDone }));
    for (const one of statuses) tell.onStatus(one);
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(statuses);
  });

  it('has ends that are no promises', async () => {
    const { ask, tell } = converse();
    expect(await Promise.resolve(ask)).toBe(ask);
    expect(await Promise.resolve(tell)).toBe(tell);
  });

  it('hears nothing after it is disposed, and reports what cannot be posted', async () => {
    const [port] = windowPair();
    const reader = new WindowMessageReader(port);
    const heard: unknown[] = [];
    reader.listen((message) => heard.push(message));
    port.hear({ jsonrpc: '2.0', method: 'x' });
    reader.dispose();
    port.hear({ jsonrpc: '2.0', method: 'y' });
    expect(heard).toEqual([{ jsonrpc: '2.0', method: 'x' }]);

    const writer = new WindowMessageWriter({
      postMessage: () => Promise.reject(new Error('the page is gone')),
      onMessage: () => ({ dispose: () => undefined }),
    });
    const errors: string[] = [];
    writer.onError(([error]) => errors.push(error.message));
    await expect(writer.write({ jsonrpc: '2.0' })).rejects.toThrow('the page is gone');
    expect(errors).toEqual(['the page is gone']);
  });
});

describe('what the page sends', () => {
  it('is taken as declared', () => {
    expect(checkParams(pageRequests, 'fetchDetails', { ids: [0, 5] })).toEqual({ ids: [0, 5] });
    const finding = { completionId: 3, label: null, category: null, note: '' };
    expect(checkParams(pageRequests, 'setFinding', finding)).toEqual(finding);
    expect(checkParams(pageRequests, 'act', { action: 'stop' })).toEqual({ action: 'stop' });
    expect(checkParams(pageRequests, 'undoFinding', {})).toEqual({});
    expect(checkParams(pageRequests, 'fetchOverview', { framing: null })).toEqual({ framing: null });
    expect(checkParams(pageRequests, 'fetchOverview', { framing: 'chat' })).toEqual({ framing: 'chat' });
    const sets = [
      { name: 'x', words: ['a', 'b'] },
      { name: 'y', regex: '(?i)c' },
    ];
    expect(checkParams(pageRequests, 'setKeywords', { sets })).toEqual({ sets });
    const conclusion = { statement: 'x [#1]', confidence: 'medium' as const, citations: [1], draftedBy: 'm' };
    expect(checkParams(pageRequests, 'setConclusion', { conclusion })).toEqual({ conclusion });
    expect(checkParams(pageRequests, 'setConclusion', { conclusion: null })).toEqual({ conclusion: null });
  });

  it.each([
    ['no ids', 'fetchDetails', undefined],
    ['an id that is no index', 'fetchDetails', { ids: [1.5] }],
    ['a negative id', 'fetchDetails', { ids: [-1] }],
    ['a flood of ids', 'fetchDetails', { ids: Array.from({ length: 501 }, (_, i) => i) }],
    ['an unknown label', 'setFinding', { completionId: 1, label: 'good', category: null, note: '' }],
    ['an endless note', 'setFinding', { completionId: 1, label: 'unsure', category: null, note: 'x'.repeat(20_001) }],
    ['fields that nobody asked for', 'setFinding', { completionId: 1, label: 'unsure', category: null, note: '', author: 'someone else' }],
    ['an overview of an unknown framing', 'fetchOverview', { framing: 'system' }],
    ['a span that ends where it begins', 'addSpan', { completionId: 1, start: 4, end: 4, label: null, category: null, note: '' }],
    ['a span signed by another', 'addSpan', { completionId: 1, start: 0, end: 4, label: null, category: null, note: '', author: 'someone else' }],
    ['a state that there is not', 'setSpanState', { finding: 'f', state: 'gone' }],
    ['a set that is both words and an expression', 'setKeywords', { sets: [{ name: 'x', words: ['a'], regex: 'b' }] }],
    ['a flood of words', 'setKeywords', { sets: [{ name: 'x', words: Array.from({ length: 101 }, () => 'a') }] }],
    ['a slice of nothing', 'drawSlice', { k: 0, isWhole: true, score: 'meanGap', framing: null }],
    ['a score that there is not', 'drawSlice', { k: 5, isWhole: true, score: 'luck', framing: null }],
    ['a conclusion that is certain', 'setConclusion', { conclusion: { statement: 'x', confidence: 'certain', citations: [] } }],
    ['an unknown action', 'act', { action: 'deleteEverything' }],
  ] satisfies [string, keyof PageRequests, unknown][])('is refused with %s', (_what, name, params) => {
    expect(() => checkParams(pageRequests, name, params)).toThrow(ResponseError);
    expect(() => checkParams(pageRequests, name, params)).toThrow(name);
  });
});
