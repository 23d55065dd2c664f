/** The programs as they are shipped, for a test file that runs them. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, inject } from 'vitest';

export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
export const MEDIA = join(REPOSITORY, 'media');

export interface BuiltPackage {
  readonly cli: string;
  readonly modelProcess: string;
  /** For what the tests of the file write; gone after them. */
  readonly scratch: string;
}

export function useBuiltPackage(): BuiltPackage {
  const dist = join(inject('builtPackage'), 'dist');
  const scratch = mkdtempSync(join(tmpdir(), 'finetune-auditor-scratch-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  return { cli: join(dist, 'cli.mjs'), modelProcess: join(dist, 'model-process.mjs'), scratch };
}

/** A copy in the test file's own folder, for a test that changes a program: the package that was built is every test file's. */
export function copyPackage({ scratch }: BuiltPackage): BuiltPackage {
  const root = join(scratch, 'package');
  cpSync(inject('builtPackage'), root, { recursive: true });
  return { cli: join(root, 'dist', 'cli.mjs'), modelProcess: join(root, 'dist', 'model-process.mjs'), scratch };
}
