/** Writes a command's result to the file of `--out`, or else to the terminal. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeFileError } from '../records/file-errors.js';
import { forTerminal, print, printAside, printData } from './terminal.js';

/** What a command's result is for: data stay as they are. */
export type Audience = 'people' | 'programs';

/** @throws AuditError naming the file that cannot be written */
export async function writeOutput(text: string | Uint8Array, path: string | undefined, audience: Audience): Promise<void> {
  if (path === undefined) {
    if (audience === 'people' && typeof text === 'string') print(text);
    else printData(text);
    return;
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, audience === 'people' && typeof text === 'string' ? forTerminal(text) : text);
  } catch (error) {
    throw describeFileError(error, path, 'write');
  }
  printAside(`Written to ${path}\n`);
}
