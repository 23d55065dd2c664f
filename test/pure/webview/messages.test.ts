import { describe, expect, it } from 'vitest';
import { createMessageConnection, ErrorCodes, ResponseError, type MessageConnection } from 'vscode-jsonrpc/node';
import { AddSpan, DrawSlice, SetConclusion, SetKeywords, SetSpanState } from '../../../src/messages/evidence.js';
import { FetchDetails, FetchOverview, PageAction, SetFinding, StatusChanged, UndoFinding, type AuditStatus } from '../../../src/messages/page.js';
import { checkPageParams } from '../../../src/messages/page-validation.js';
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

describe('JSON-RPC over windows', () => {
  it('carries requests, answers, refusals and notifications, and passes over what else is posted', async () => {
    const [hostPort, pagePort] = windowPair();
    const host = connect(hostPort);
    const page = connect(pagePort);
    host.onRequest(FetchDetails, ({ ids }) => {
      if (ids.includes(9)) throw new ResponseError(ErrorCodes.InternalError, 'line 9 could not be read');
      return [];
    });
    const heard = new Promise<AuditStatus>((resolve) => page.onNotification(StatusChanged, resolve));
    host.listen();
    page.listen();
    pagePort.hear({ type: 'theme' });
    pagePort.hear('hello');
    pagePort.hear(null);
    expect(await page.sendRequest(FetchDetails, { ids: [1] })).toEqual([]);
    await expect(page.sendRequest(FetchDetails, { ids: [9] })).rejects.toThrow('line 9 could not be read');
    await host.sendNotification(StatusChanged, status);
    expect(await heard).toEqual(status);
    host.dispose();
    page.dispose();
  });

  it('keeps the order of what is written', async () => {
    const [hostPort, pagePort] = windowPair();
    const host = connect(hostPort);
    const page = connect(pagePort);
    const heard: number[] = [];
    page.onNotification(StatusChanged, ({ completionsDone }) => void heard.push(completionsDone));
    host.listen();
    page.listen();
    await Promise.all([1, 2, 3, 4, 5].map((completionsDone) => host.sendNotification(StatusChanged, { ...status, completionsDone })));
    await expect.poll(() => heard).toEqual([1, 2, 3, 4, 5]);
    host.dispose();
    page.dispose();
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
    expect(checkPageParams(FetchDetails, { ids: [0, 5] })).toEqual({ ids: [0, 5] });
    const finding = { completionId: 3, label: null, category: null, note: '' };
    expect(checkPageParams(SetFinding, finding)).toEqual(finding);
    expect(checkPageParams(PageAction, { action: 'stop' })).toEqual({ action: 'stop' });
    expect(checkPageParams(UndoFinding, {})).toEqual({});
    expect(checkPageParams(FetchOverview, { framing: null })).toEqual({ framing: null });
    expect(checkPageParams(FetchOverview, { framing: 'chat' })).toEqual({ framing: 'chat' });
    const sets = [
      { name: 'x', words: ['a', 'b'] },
      { name: 'y', regex: '(?i)c' },
    ];
    expect(checkPageParams(SetKeywords, { sets })).toEqual({ sets });
    const conclusion = { statement: 'x [#1]', confidence: 'medium' as const, citations: [1], draftedBy: 'm' };
    expect(checkPageParams(SetConclusion, { conclusion })).toEqual({ conclusion });
    expect(checkPageParams(SetConclusion, { conclusion: null })).toEqual({ conclusion: null });
  });

  it.each([
    ['no ids', FetchDetails, undefined],
    ['an id that is no index', FetchDetails, { ids: [1.5] }],
    ['a negative id', FetchDetails, { ids: [-1] }],
    ['a flood of ids', FetchDetails, { ids: Array.from({ length: 501 }, (_, i) => i) }],
    ['an unknown label', SetFinding, { completionId: 1, label: 'good', category: null, note: '' }],
    ['an endless note', SetFinding, { completionId: 1, label: 'unsure', category: null, note: 'x'.repeat(20_001) }],
    ['fields that nobody asked for', SetFinding, { completionId: 1, label: 'unsure', category: null, note: '', author: 'someone else' }],
    ['an overview of an unknown framing', FetchOverview, { framing: 'system' }],
    ['a span that ends where it begins', AddSpan, { completionId: 1, start: 4, end: 4, label: null, category: null, note: '' }],
    ['a span signed by another', AddSpan, { completionId: 1, start: 0, end: 4, label: null, category: null, note: '', author: 'someone else' }],
    ['a state that there is not', SetSpanState, { finding: 'f', state: 'gone' }],
    ['a set that is both words and an expression', SetKeywords, { sets: [{ name: 'x', words: ['a'], regex: 'b' }] }],
    ['a flood of words', SetKeywords, { sets: [{ name: 'x', words: Array.from({ length: 101 }, () => 'a') }] }],
    ['a slice of nothing', DrawSlice, { k: 0, isWhole: true, score: 'meanGap', framing: null }],
    ['a score that there is not', DrawSlice, { k: 5, isWhole: true, score: 'luck', framing: null }],
    ['a conclusion that is certain', SetConclusion, { conclusion: { statement: 'x', confidence: 'certain', citations: [] } }],
    ['an unknown action', PageAction, { action: 'deleteEverything' }],
  ])('is refused with %s', (_what, type, params) => {
    expect(() => checkPageParams(type, params)).toThrow(ResponseError);
    expect(() => checkPageParams(type, params)).toThrow(type.method);
  });
});
