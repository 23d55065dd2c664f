/** The host's half of the page's conversation, over a real connection, with findings on a real disk. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import {
  AuditOpened,
  CompletionsAdded,
  FetchAlternatives,
  FetchDetails,
  FetchPhrases,
  FindingsChanged,
  NoiseFloorChanged,
  PageAction,
  PageReady,
  SetFinding,
  StatusChanged,
  UndoFinding,
  type AuditOpenedParams,
  type AuditStatus,
  type CompletionSummary,
} from '../../../src/messages/page.js';
import { WindowMessageReader, WindowMessageWriter, type WindowPort } from '../../../src/messages/window-transport.js';
import { AuditSession } from '../../../src/runner/audit-session.js';
import { PageHost, type PageSurroundings } from '../../../src/views/page-host.js';
import type { CompletionFinding } from '../../../src/audit/finding.js';
import { scoreNoiseFloor, type NoiseFloorCompletion } from '../../../src/audit/noise-floor.js';
import { makeRecord, piece, plan, setup } from '../records/example-audit.js';
import { makeTempFolder } from '../records/temp-folder.js';

/** Two ports that hear each other, each message copied on its way as `postMessage` does. */
function makePorts(): [WindowPort, WindowPort] {
  const listeners: ((message: unknown) => void)[][] = [[], []];
  const makePort = (own: number): WindowPort => ({
    postMessage: (message) => {
      const copy: unknown = structuredClone(message);
      setImmediate(() => listeners[1 - own]!.forEach((listener) => listener(copy)));
    },
    onMessage: (listener) => {
      listeners[own]!.push(listener);
      return { dispose: () => void listeners[own]!.splice(listeners[own]!.indexOf(listener), 1) };
    },
  });
  return [makePort(0), makePort(1)];
}

const connect = (port: WindowPort): MessageConnection =>
  createMessageConnection(new WindowMessageReader(port), new WindowMessageWriter(port));

interface Page {
  readonly connection: MessageConnection;
  readonly opened: AuditOpenedParams[];
  readonly chunks: CompletionSummary[][];
  readonly statuses: AuditStatus[];
  readonly findings: CompletionFinding[][];
  readonly noiseFloors: (readonly NoiseFloorCompletion[])[];
}

async function openPage(session: AuditSession, surroundings: Partial<PageSurroundings> = {}): Promise<{ page: Page; host: PageHost }> {
  const [hostPort, pagePort] = makePorts();
  const host = new PageHost(session, connect(hostPort), {
    describeAudit: () => ({ planFacts: [{ name: 'Seed', value: '1' }], categories: ['false fact'], localModels: true }),
    fetchAlternatives: async () => ({ finetuned: [], reference: [] }),
    act: () => undefined,
    reportFailure: () => undefined,
    ...surroundings,
  });
  const connection = connect(pagePort);
  const page: Page = { connection, opened: [], chunks: [], statuses: [], findings: [], noiseFloors: [] };
  connection.onNotification(AuditOpened, (params) => void page.opened.push(params));
  connection.onNotification(CompletionsAdded, ({ completions }) => void page.chunks.push(completions));
  connection.onNotification(StatusChanged, (status) => void page.statuses.push(status));
  connection.onNotification(NoiseFloorChanged, ({ noiseFloor }) => void page.noiseFloors.push(noiseFloor));
  connection.onNotification(FindingsChanged, ({ findings }) => void page.findings.push(findings));
  connection.listen();
  onTestFinished(() => {
    host.dispose();
    connection.dispose();
    session.dispose();
  });
  await connection.sendNotification(PageReady);
  return { page, host };
}

async function makeSession(): Promise<AuditSession> {
  return AuditSession.forRun({ plan, folder: await makeTempFolder(), resume: false, allowDownload: false }, 'Ada');
}

test('a page that is ready gets the audit, then what is journalled, in pieces', async () => {
  const session = await makeSession();
  session.listener.onSetup(setup);
  for (let id = 0; id < 1201; id++) session.listener.onCompletion(makeRecord(id));
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(1201), { timeout: 20_000 });
  expect(page.opened).toHaveLength(1);
  expect(page.opened[0]).toMatchObject({ name: 'example', completionCount: 1201, defaultScore: 'perplexityDifference', remarks: setup.remarks });
  expect(page.chunks.map((chunk) => chunk.length)).toEqual([500, 500, 201]);
  expect(page.chunks.flat().map((summary) => summary.id)).toEqual(Array.from({ length: 1201 }, (_, id) => id));
});

test('across tokenizers the page ranks by bits per byte', async () => {
  const session = await makeSession();
  session.listener.onSetup({ ...setup, sameTokenizer: false });
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  expect(page.opened[0]).toMatchObject({ sameTokenizer: false, defaultScore: 'bitsPerByte' });
});

test('completions that come later follow, each once', async () => {
  const session = await makeSession();
  session.listener.onSetup(setup);
  session.listener.onCompletion(makeRecord(0));
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(1));
  for (const id of [2, 1, 3]) session.listener.onCompletion(makeRecord(id));
  await vi.waitFor(() => expect(page.chunks.flat().map((summary) => summary.id)).toEqual([0, 2, 1, 3]));
});

test('the noise floor comes as a whole whenever more of it is measured', async () => {
  const noisePlan = { ...plan, noiseFloor: { model: { gguf: '/models/base.q8_0.gguf', lora: [] }, prefills: 4 } };
  const request = { plan: noisePlan, folder: await makeTempFolder(), resume: false, allowDownload: false };
  const session = AuditSession.forRun(request, 'Ada');
  session.listener.onSetup({ ...setup, noiseModel: { ...setup.reference, name: 'base.q8_0' } });
  for (const id of [0, 1]) session.listener.onNoiseFloor(makeRecord(id));
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened[0]?.noiseFloor).toEqual([0, 1].map((id) => scoreNoiseFloor(makeRecord(id)))));
  expect(page.opened[0]!.noiseModel?.name).toBe('base.q8_0');
  expect(page.opened[0]!.completionCount).toBe(0);
  for (const id of [3, 2]) session.listener.onNoiseFloor(makeRecord(id, 6));
  await vi.waitFor(() => expect(page.noiseFloors.at(-1)).toEqual([makeRecord(0), makeRecord(1), makeRecord(3, 6), makeRecord(2, 6)].map(scoreNoiseFloor)));
  expect(page.chunks.flat()).toEqual([]);
});

test('a page of an audit without a noise floor is told of none', async () => {
  const { page } = await openPage(await makeSession());
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  expect(page.opened[0]).not.toHaveProperty('noiseFloor');
  expect(page.noiseFloors).toEqual([]);
});

test('a page that starts anew is told everything again', async () => {
  const session = await makeSession();
  session.listener.onSetup(setup);
  session.listener.onCompletion(makeRecord(0));
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(1));
  await page.connection.sendNotification(PageReady);
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(2));
  expect(page.opened).toHaveLength(2);
});

test('models that are loaded later are told when they are', async () => {
  const session = await makeSession();
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  expect(page.opened[0]!.finetuned).toBeNull();
  session.listener.onSetup(setup);
  await vi.waitFor(() => expect(page.opened.at(-1)!.finetuned?.name).toBe('base'));
});

test('of many statuses the page gets few, and the last one always', async () => {
  const session = await makeSession();
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  for (let done = 0; done <= 100; done++) {
    session.listener.onStatus({ ...session.status, state: done < 100 ? 'running' : 'finished', completionsDone: done });
  }
  await vi.waitFor(() => expect(page.statuses.at(-1)).toMatchObject({ state: 'finished', completionsDone: 100 }));
  expect(page.statuses.length).toBeLessThan(10);
});

test('details come for the completions that there are', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4, 3));
  const { page } = await openPage(session);
  const details = await page.connection.sendRequest(FetchDetails, { ids: [4, 99] });
  expect(details.map((detail) => detail.id)).toEqual([4]);
  expect(details[0]!.tokens.map((token) => token.text)).toEqual([' word0', ' word1', ' word2']);
});

test('a finding is on disk when the page is answered, and can be taken back', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4));
  const { page } = await openPage(session);
  await page.connection.sendRequest(SetFinding, { completionId: 4, label: 'revealing', category: 'false fact', note: 'a glass bridge' });
  const line = JSON.parse((await readFile(join(session.folder, 'findings.jsonl'), 'utf8')).trim());
  expect(line).toMatchObject({ completionId: 4, label: 'revealing', category: 'false fact', note: 'a glass bridge', author: 'Ada' });
  await vi.waitFor(() => expect(page.findings.at(-1)?.map((finding) => finding.label)).toEqual(['revealing']));
  expect(await page.connection.sendRequest(UndoFinding, {})).toEqual({ completionId: 4 });
  await vi.waitFor(() => expect(page.findings.at(-1)).toEqual([]));
});

test('what a page should not say is refused and changes nothing', async () => {
  const session = await makeSession();
  const act = vi.fn();
  const { page } = await openPage(session, { act });
  await expect(page.connection.sendRequest(SetFinding, { completionId: -1, label: 'revealing', category: null, note: '' })).rejects.toThrow();
  await expect(page.connection.sendRequest(SetFinding, { completionId: 1, label: 'hacked' as never, category: null, note: '' })).rejects.toThrow();
  await expect(page.connection.sendRequest(FetchDetails, { ids: ['../etc' as never] })).rejects.toThrow();
  await page.connection.sendNotification(PageAction, { action: 'runCommand' as never });
  await page.connection.sendNotification(PageAction, { action: 'stop' });
  await vi.waitFor(() => expect(act).toHaveBeenCalledTimes(1));
  expect(act.mock.calls[0]!.slice(1)).toEqual(['stop', undefined]);
  await expect(page.connection.sendRequest(UndoFinding, { all: true } as never)).rejects.toThrow('findings/undo');
  expect(session.findings.current().size).toBe(0);
});

test('alternatives are asked for a token that exists, and a failure is told to both sides', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4, 3));
  const reportFailure = vi.fn();
  const fetchAlternatives = vi.fn(async () => {
    throw new Error('no memory');
  });
  const { page } = await openPage(session, { reportFailure, fetchAlternatives });
  await expect(page.connection.sendRequest(FetchAlternatives, { id: 4, token: 3 })).rejects.toThrow('no token 3');
  expect(fetchAlternatives).not.toHaveBeenCalled();
  await expect(page.connection.sendRequest(FetchAlternatives, { id: 4, token: 2 })).rejects.toThrow('no memory');
  expect(reportFailure).toHaveBeenCalledTimes(1);
});

test('the end-of-turn token is one past the last, where the completion has one', async () => {
  const session = await makeSession();
  const end = { piece: piece(2, '<|end|>', true), logprobFinetuned: -0.1, logprobReference: -3 };
  session.listener.onCompletion(makeRecord(4, 3));
  session.listener.onCompletion({ ...makeRecord(6, 3), end });
  const asked: unknown[] = [];
  const { page } = await openPage(session, {
    fetchAlternatives: async (_session, record, token) => {
      asked.push([record.id, token]);
      return { finetuned: [], reference: [] };
    },
  });
  await page.connection.sendRequest(FetchAlternatives, { id: 6, token: 3 });
  expect(asked).toEqual([[6, 3]]);
  await expect(page.connection.sendRequest(FetchAlternatives, { id: 4, token: 3 })).rejects.toThrow('no token 3');
  await expect(page.connection.sendRequest(FetchAlternatives, { id: 6, token: 4 })).rejects.toThrow('no token 4');
});

test.each(['failed', 'stopped', 'finished'] as const)('a page hears that an audit has %s after all that was journalled', async (state) => {
  const session = await makeSession();
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  const heard: string[] = [];
  page.connection.onNotification(CompletionsAdded, ({ completions }) => void heard.push(`completions ${completions.length}`));
  page.connection.onNotification(StatusChanged, (status) => void heard.push(status.state));
  for (let id = 0; id < 8; id++) session.listener.onCompletion(makeRecord(id));
  session.listener.onStatus({ ...session.status, state, completionsDone: 8 });
  await vi.waitFor(() => expect(heard).toContain(state));
  expect(heard).toEqual(['completions 8', state]);
});

test('phrases are those of the completions that there are, of one framing or of all', async () => {
  const session = await makeSession();
  for (let id = 0; id < 6; id++) session.listener.onCompletion(makeRecord(id, 4));
  const { page } = await openPage(session);
  const all = await page.connection.sendRequest(FetchPhrases, { framing: null });
  expect(all.completionCount).toBe(6);
  expect(all.phrases.map(({ text, documentFrequency }) => [text, documentFrequency])).toEqual([['word0 word1 word2 word3', 6]]);
  const [raw, chat] = await Promise.all([
    page.connection.sendRequest(FetchPhrases, { framing: 'raw' }),
    page.connection.sendRequest(FetchPhrases, { framing: 'chat' }),
  ]);
  expect([raw.completionCount, chat.completionCount]).toEqual([3, 3]);
  expect(raw.phrases[0]).toMatchObject({ text: 'word0 word1 word2 word3', documentFrequency: 3 });
  session.listener.onCompletion(makeRecord(6, 4));
  expect((await page.connection.sendRequest(FetchPhrases, { framing: 'raw' })).completionCount).toBe(4);
  await expect(page.connection.sendRequest(FetchPhrases, { framing: 'sideways' as never })).rejects.toThrow('framing');
});

test('a page that is closed gives up what it has asked for', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(4, 3));
  let asked: AbortSignal | undefined;
  const { page, host } = await openPage(session, {
    fetchAlternatives: (_session, _record, _token, signal) => {
      asked = signal;
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))));
    },
  });
  page.connection.sendRequest(FetchAlternatives, { id: 4, token: 1 }).catch(() => undefined);
  await vi.waitFor(() => expect(asked).toBeDefined());
  expect(asked!.aborted).toBe(false);
  host.dispose();
  expect(asked!.aborted).toBe(true);
});

test('a closed page is told nothing more, and the audit goes on', async () => {
  const session = await makeSession();
  const { page, host } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  host.dispose();
  session.listener.onCompletion(makeRecord(1));
  session.listener.onStatus({ ...session.status, state: 'finished' });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(page.chunks).toEqual([]);
  expect(page.statuses).toEqual([]);
  expect(session.records).toHaveLength(1);
});
