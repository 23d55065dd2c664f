/** What the suites share: the workspace, the journal on disk, the model process, what the user was shown. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commands, extensions, TabInputCustom, TabInputWebview, Uri, window, workspace, type Extension } from 'vscode';
import type { AuditResult, CommandId } from '../../src/commands/command-ids.js';
import { AUDITS_FOLDER } from '../../src/records/journal/audit-files.js';

const SCALE = Number(process.env.E2E_TIMEOUT_SCALE ?? 1);

export function findExtension(): Extension<unknown> {
  const extension = extensions.getExtension('finetune-auditor.finetune-auditor');
  if (!extension) throw new Error('The extension is not installed in this host.');
  return extension;
}

export function workspaceFile(name: string): Uri {
  return Uri.joinPath(workspace.workspaceFolders![0]!.uri, name);
}

export function run<T = AuditResult>(command: CommandId, ...args: unknown[]): Thenable<T> {
  return commands.executeCommand<T>(command, ...args);
}

/** Absolute paths of the workspace's audits, in the order of their names. */
export function listAuditFolders(): string[] {
  const parent = workspaceFile(AUDITS_FOLDER).fsPath;
  try {
    return readdirSync(parent)
      .sort()
      .map((name) => join(parent, name));
  } catch {
    return [];
  }
}

export interface JournalLine {
  readonly type: string;
  readonly id?: number;
  readonly event?: string;
  readonly time?: string;
  readonly message?: string;
}

/** Whole lines of an audit's journal; none where there is no journal yet. */
export function readJournalLines(folder: string): JournalLine[] {
  let text: string;
  try {
    text = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalLine);
}

export function readCompletions(folder: string): JournalLine[] {
  return readJournalLines(folder)
    .filter((line) => line.type === 'completion')
    .sort((a, b) => a.id! - b.id!);
}

/** Waits until the condition gives something; fails with `what` after a while. */
export async function waitFor<T>(what: string, condition: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + 60_000 * SCALE; Date.now() < end; await sleep(20)) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** Process ids of this host's model processes. Linux only, where the test bed runs. */
export function findModelProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]);
        return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('model-process.mjs');
      } catch {
        return false;
      }
    });
}

/** Paths of the native libraries that a process has loaded. Linux only, likewise. */
export function listLoadedLibraries(pid: number): string[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  return [...new Set(lines.map((line) => line.slice(line.indexOf('/'))))].filter((path) => /\.(so|node)\b/.test(path));
}

/** Titles of the open tabs that show an audit. */
export function findAuditTabs(): string[] {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  const shows = ({ input }: { readonly input: unknown }) =>
    (input instanceof TabInputWebview || input instanceof TabInputCustom) && input.viewType.includes('finetuneAuditor');
  return tabs.filter(shows).map((tab) => tab.label);
}

export interface ShownMessage {
  readonly text: string;
  readonly buttons: readonly string[];
}

/** Notes the error messages that are shown while `task` runs; they are shown all the same. */
export async function noteErrors(task: () => PromiseLike<unknown>): Promise<ShownMessage[]> {
  const shown: ShownMessage[] = [];
  const original = window.showErrorMessage;
  const noting = (text: string, ...items: { title: string }[]) => {
    shown.push({ text, buttons: items.map((item) => item.title) });
    return original(text, ...items);
  };
  window.showErrorMessage = noting as typeof original;
  try {
    await task();
  } finally {
    window.showErrorMessage = original;
  }
  return shown;
}

/** Answers the questions that are asked while `task` runs: the value of each input box, or the text of each warning, in order. */
export async function answering(answers: { input?: string; buttons?: readonly string[] }, task: () => PromiseLike<unknown>): Promise<string[]> {
  const asked: string[] = [];
  const { showInputBox, showWarningMessage } = window;
  const buttons = [...(answers.buttons ?? [])];
  window.showInputBox = (async ({ value }: { value?: string } = {}) => (asked.push(value ?? ''), answers.input)) as typeof showInputBox;
  window.showWarningMessage = (async (text: string) => (asked.push(text), buttons.shift())) as unknown as typeof showWarningMessage;
  try {
    await task();
  } finally {
    Object.assign(window, { showInputBox, showWarningMessage });
  }
  return asked;
}

/** Longest time, in milliseconds, that the extension host did nothing else while `task` ran. */
export async function measureLongestBlock(task: () => PromiseLike<unknown>): Promise<number> {
  const interval = 10;
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - interval);
    last = now;
  }, interval);
  try {
    await task();
  } finally {
    clearInterval(timer);
  }
  return longest;
}

/** Puts figures beside the results of the suite: to be read by people, never a reason to fail. */
export function recordMeasurement(name: string, values: Record<string, number>): void {
  writeFileSync(join(dirname(process.env.FINETUNE_AUDITOR_TEST_RESULTS!), `${name}.json`), `${JSON.stringify(values)}\n`);
}
