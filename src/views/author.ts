/** Who signs a finding: the setting, or else git's user, or else the account. Looked up when the first one is needed. */
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

const PATIENCE_MS = 3000;
const REMEMBERED_MS = 60_000;

/** What git said, by folder: whoever follows an audit that runs asks several times a second. */
const said = new Map<string, { readonly name: Promise<string>; readonly until: number }>();

/**
 * @param configured the setting's value
 * @param folder the repository whose git configuration counts; undefined where git is not to be asked
 */
export async function findAuthor(configured: string, folder: string | undefined): Promise<string> {
  const set = configured.trim();
  if (set !== '') return set;
  return (folder && (await recallGit(folder))) || nameAccount();
}

function recallGit(folder: string): Promise<string> {
  const now = Date.now();
  const known = said.get(folder);
  if (known && now < known.until) return known.name;
  const name = askGit(folder);
  said.set(folder, { name, until: now + REMEMBERED_MS });
  return name;
}

async function askGit(folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', 'user.name'], { cwd: folder, timeout: PATIENCE_MS });
    return stdout.trim();
  } catch {
    return '';
  }
}

function nameAccount(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
