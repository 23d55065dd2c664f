/** Writes a command's result to the file of `--out`, or else to the terminal. */
import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AuditError } from '../audit/errors.js';
import { describeFileError } from '../records/file-errors.js';
import { forTerminal, print, printAside, printData } from './terminal.js';

/** What a command's result is for: data stay as they are. */
export type Audience = 'people' | 'programs';

/** The system's own links to the terminal and to pipes. */
const DEVICES = /^\/(dev|proc)\//;

/** @throws AuditError naming the file that cannot be written; `refused` where a link is in its place: it may have come with somebody's folder */
export async function writeOutput(text: string | Uint8Array, path: string | undefined, audience: Audience): Promise<void> {
  if (path === undefined) {
    if (audience === 'people' && typeof text === 'string') print(text);
    else printData(text);
    return;
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    if (!DEVICES.test(path) && (await lstat(path).catch(() => null))?.isSymbolicLink()) {
      throw new AuditError('refused', `${path} is a link. Give the file that it leads to, or another name.`);
    }
    await writeFile(path, audience === 'people' && typeof text === 'string' ? forTerminal(text) : text);
  } catch (error) {
    throw describeFileError(error, path, 'write');
  }
  printAside(`Written to ${path}\n`);
}
