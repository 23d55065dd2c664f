/** Who signs a finding: the setting, or else git's user, or else the account. Looked up when the first one is needed. */
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

const PATIENCE_MS = 3000;

/**
 * @param configured the setting's value
 * @param folder the repository whose git configuration counts; undefined where git is not to be asked
 */
export async function findAuthor(configured: string, folder: string | undefined): Promise<string> {
  const set = configured.trim();
  if (set !== '') return set;
  return (folder && (await askGit(folder))) || nameAccount();
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
