/**
 * Tells when anything changed in the folders of audits. The files are asked for size and time while somebody looks: the
 * editor's watchers lose events under load and on network drives, and do not follow folders that it is told to leave alone.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AUDITS_FOLDER } from '../../records/journal/audit-files.js';
import { FINDINGS_FILE } from '../../records/findings/findings.js';
import { JOURNAL_FILE } from '../../records/journal/journal-format.js';

const LOOK_MS = 2000;

export class AuditsWatcher {
  #timer: NodeJS.Timeout | undefined;
  #watching = false;
  #stamp: string | null = null;

  constructor(
    private readonly roots: () => readonly string[],
    private readonly told: () => void,
  ) {}

  /** The first look tells, too: who asked for this may have read the files before. */
  watch(watching: boolean): void {
    this.#watching = watching;
    clearTimeout(this.#timer);
    if (watching) void this.#look();
  }

  dispose(): void {
    this.watch(false);
  }

  async #look(): Promise<void> {
    const stamp = (await Promise.all(this.roots().map(stampRoot))).join('\n');
    if (!this.#watching) return;
    if (this.#stamp !== stamp) this.told();
    this.#stamp = stamp;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
  }
}

async function stampRoot(root: string): Promise<string> {
  const parent = join(root, AUDITS_FOLDER);
  const names = await readdir(parent).catch(() => []);
  const stamps = await Promise.all(names.sort().map(async (name) => `${name} ${await stampAudit(join(parent, name))}`));
  return stamps.join('\n');
}

/** The state of an audit's files: equal where nothing was written. */
export async function stampAudit(folder: string): Promise<string> {
  const stamps = [JOURNAL_FILE, FINDINGS_FILE].map((name) =>
    stat(join(folder, name)).then(
      ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
      () => 'none',
    ),
  );
  return (await Promise.all(stamps)).join(' ');
}
