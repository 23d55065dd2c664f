/** What an audit leaves on disk, read as plain lines: the tests judge the files, not the code that wrote them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface JournalCompletion {
  readonly id: number;
  readonly framing: string;
  readonly prefill: { readonly ids: readonly number[] };
  readonly ids: readonly number[];
  readonly lpF: readonly number[];
  readonly reference: { readonly lp: readonly number[] } | null;
}

export interface FindingLine {
  readonly id: string;
  readonly supersedes: readonly string[];
  readonly completionId: number;
  readonly label: string | null;
}

interface JournalLine {
  readonly type: string;
  readonly event?: string;
}

/** A small audit of a bundled organism; fields of `changes` win. */
export function writePlan(workspace: string, name: string, changes: Record<string, unknown> = {}): string {
  const file = `${name}.audit-plan.json`;
  const plan = {
    finetuned: 'bundled:false-fact',
    reference: 'bundled:base-a',
    corpus: ['bundled:demo'],
    system: '',
    prefills: 12,
    maxTokens: 32,
    waveSize: 8,
    ...changes,
  };
  writeFileSync(join(workspace, file), JSON.stringify(plan, null, 2));
  return file;
}

/** Absolute paths of the workspace's audits, oldest first. */
export function listAuditFolders(workspace: string): string[] {
  const root = join(workspace, '.finetune-audits');
  return existsSync(root)
    ? readdirSync(root)
        .sort()
        .map((name) => join(root, name))
    : [];
}

export function readCompletions(folder: string): JournalCompletion[] {
  return readLines<JournalLine & JournalCompletion>(join(folder, 'audit.jsonl')).filter(({ type }) => type === 'completion');
}

/** Names of the run events, in order. */
export function readRunEvents(folder: string): string[] {
  return readLines<JournalLine>(join(folder, 'audit.jsonl')).flatMap(({ type, event }) => (type === 'run' && event ? [event] : []));
}

export function readFindings(folder: string): FindingLine[] {
  return readLines<FindingLine>(join(folder, 'findings.jsonl'));
}

/** A line that is only half written yet is left out. */
function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}
