/**
 * Who signs a finding, by one rule in every window: the setting; or else the name that was signed with first; or else the
 * user's name in git, or that of the account. What a workspace says is not asked: it is trusted in one window and not in the next.
 */
import type { Memory } from './memory.js';
import { execFile } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Author } from '../records/findings/authors.js';
import { checkShape } from '../text/check-shape.js';

const PATIENCE_MS = 3000;
const KEY = 'author';

/** Accounts that are called so on many machines: whoever signed with one of these may be somebody else. */
const COMMON_ACCOUNTS: ReadonlySet<string> = new Set([
  'root',
  'admin',
  'administrator',
  'user',
  'ubuntu',
  'debian',
  'vscode',
  'code',
  'coder',
  'codespace',
  'gitpod',
  'node',
  'dev',
  'developer',
  'runner',
  'test',
  'guest',
  'me',
]);

const storedSchema = z.object({
  /** Signed with where no setting says otherwise. */
  name: z.string().min(1).optional(),
  /** By name, other names of the same person. */
  also: z.record(z.string(), z.array(z.string())).default({}),
});
type Stored = z.infer<typeof storedSchema>;

/** Names that the machine knows the user by. */
export interface KnownNames {
  /** Blank where git is not there or has no name. */
  readonly git: string;
  readonly account: string;
}

export class FindingsAuthor {
  #known: Promise<KnownNames> | undefined;

  /** @param configured the setting's value */
  constructor(
    private readonly memory: Memory,
    private readonly configured: () => string,
    private readonly readNames: () => Promise<KnownNames> = readKnownNames,
  ) {}

  async find(): Promise<Author> {
    const configured = this.configured().trim();
    const stored = this.#read();
    if (configured !== '') return { name: configured, also: stored.also[configured] ?? [] };
    const { git, account } = await (this.#known ??= this.readNames());
    const name = stored.name ?? (git || account || 'unknown');
    // Both are this user's on this machine.
    const own = [git, COMMON_ACCOUNTS.has(account.toLowerCase()) ? '' : account].filter((other) => other !== '');
    const isOwn = name === git || name === account;
    return { name, also: [...new Set([...(stored.also[name] ?? []), ...(isOwn ? own : [])])].filter((other) => other !== name) };
  }

  /** Something is being signed. Resolves to the name where nobody was told yet that it is signed with that. */
  async decide(): Promise<string | null> {
    const { name } = await this.find();
    const stored = this.#read();
    if (this.configured().trim() !== '' || stored.name !== undefined) return null;
    await this.memory.update(KEY, { ...stored, name });
    return name;
  }

  /** From now on the first name stands for the other one as well. */
  async join(name: string, other: string): Promise<void> {
    const { also, ...stored } = this.#read();
    const names = new Set([...(also[name] ?? []), other, ...(also[other] ?? [])]);
    names.delete(name);
    await this.memory.update(KEY, { ...stored, also: { ...also, [name]: [...names] } });
  }

  #read(): Stored {
    return checkShape(storedSchema, this.memory.get(KEY)).data ?? { also: {} };
  }
}

/** The user's own configuration of git, wherever the window is: that of a repository may be somebody else's doing. */
async function readKnownNames(): Promise<KnownNames> {
  return { git: await askGit(), account: nameAccount() };
}

async function askGit(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', '--global', 'user.name'], { cwd: homedir(), timeout: PATIENCE_MS });
    return stdout.trim();
  } catch {
    return '';
  }
}

function nameAccount(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
