/** Files of this machine whose text would go to a server: what a plan draws its openings from, and what models in files write. */
import { realpath } from 'node:fs/promises';
import { AuditError } from '../audit/errors.js';
import { isAddress, isEndpoint, type AuditPlan, type ModelSource } from '../audit/plan.js';
import { isBundled } from '../records/plan/bundled.js';
import { findBase, isOnNetwork, liesVisiblyIn } from '../records/readable-files.js';

export interface SentFile {
  /** As the plan names it: a file, a folder or a pattern. */
  readonly path: string;
  /** `openings`: pieces of its text are sent; `model`: what it writes is. */
  readonly use: 'openings' | 'model';
  /** The real path of the file or folder, or of the folder that a pattern begins in. */
  readonly base: string;
}

export interface SentFiles {
  /** In the workspace, and not hidden in it. */
  readonly inside: readonly SentFile[];
  readonly outside: readonly SentFile[];
}

type Files = Pick<AuditPlan, 'finetuned' | 'reference' | 'noiseFloor' | 'corpus' | 'prefillFile'>;

/**
 * Nothing that comes along with the program is among them, and nothing where no server is asked.
 * @param folders of the workspace
 * @throws AuditError `badPlan` for a file on another machine, before anything is asked of that
 */
export async function listSentFiles(plan: Files, folders: readonly string[]): Promise<SentFiles> {
  const named = nameSentFiles(plan);
  if (named.length === 0) return { inside: [], outside: [] };
  const roots = await realPaths(folders);
  const files: SentFile[] = [];
  for (const { path, use } of named) {
    if (isOnNetwork(path) && !folders.some((folder) => liesVisiblyIn(path, folder))) {
      throw new AuditError('badPlan', `${path} is on another machine. Copy it into the workspace, or choose it yourself in an audit of your own.`);
    }
    files.push({ path, use, base: await findBase(path) });
  }
  const isInside = ({ base }: SentFile) => roots.some((root) => liesVisiblyIn(base, root));
  return { inside: files.filter(isInside), outside: files.filter((file) => !isInside(file)) };
}

/** The real paths of those that exist. */
export async function realPaths(paths: readonly string[]): Promise<string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => null)));
  return real.filter((path) => path !== null);
}

function nameSentFiles({ finetuned, reference, noiseFloor, corpus, prefillFile }: Files): Omit<SentFile, 'base'>[] {
  const isAsked = (source: ModelSource | undefined) => source !== undefined && isEndpoint(source);
  const openings = [finetuned, reference, noiseFloor?.model].some(isAsked) ? (prefillFile === undefined ? corpus : [prefillFile]) : [];
  // Who scores is sent what the other one writes.
  const writers = [...(isAsked(reference) ? filesOf(finetuned) : []), ...(isAsked(noiseFloor?.model) ? filesOf(reference) : [])];
  const named = [...openings.map((path) => ({ path, use: 'openings' as const })), ...writers.map((path) => ({ path, use: 'model' as const }))];
  return named.filter(({ path }) => !isBundled(path));
}

function filesOf(source: ModelSource): string[] {
  return isEndpoint(source) ? [] : [source.gguf, ...source.lora.map(({ path }) => path)].filter((path) => !isAddress(path));
}
