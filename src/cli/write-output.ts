/** Where a command's result goes: to a file where one was named, else to the terminal. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeFileError } from '../records/file-errors.js';

/** @throws AuditError naming the file that cannot be written */
export async function writeOutput(text: string | Uint8Array, path: string | undefined): Promise<void> {
  if (path === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw describeFileError(error, path, 'write');
  }
  process.stderr.write(`Written to ${path}\n`);
}
