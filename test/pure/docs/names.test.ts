/** One name, one meaning: what is exported in two places makes a reader open both. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'webview'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.tsx?$/.test(file) && existsSync(join(root, file)));

/** The two backends of the model process say the same of themselves. */
const SEAM = ['src/models/local/process/native/', 'src/models/local/process/node-llama/'];

function exportedNames(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return [];
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? name.text : []));
    const { name } = statement as ts.Statement & { readonly name?: ts.Identifier };
    return name ? [name.text] : [];
  });
}

test('no name is exported in two files', () => {
  const owners = new Map<string, Set<string>>();
  for (const file of files) for (const name of exportedNames(file)) owners.set(name, (owners.get(name) ?? new Set()).add(file));
  expect(owners.size).toBeGreaterThan(1000);
  const doubled = [...owners].filter(([, places]) => [...places].filter((place) => !SEAM.slice(1).some((folder) => place.startsWith(folder))).length > 1);
  expect(doubled.map(([name, places]) => `${name}: ${[...places].join(', ')}`)).toEqual([]);
});

test('run-audit.ts is one file', () => {
  expect(files.filter((file) => basename(file) === 'run-audit.ts')).toEqual(['src/audit/run-audit.ts']);
});
