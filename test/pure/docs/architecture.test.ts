/** The map of the house is true: what it names exists, and its order of rooms is the one that the lint rule holds. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mayImport } from '../../../eslint.config.mjs';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const named = [...page.matchAll(/`((?:src|webview|test)\/[\w./-]+)`/g)].map(([, path]) => path!);
const rooms = [...page.matchAll(/^\| `src\/(\w+)` \|/gm)].map(([, room]) => room!);

test('every path that is named exists', () => {
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(['CONTRIBUTING.md', 'docs/method.md', 'docs/engine.md', 'SECURITY.md'])('every path that %s names exists', (name) => {
  const paths = [...readFileSync(join(root, name), 'utf8').matchAll(/`((?:src|webview|test)\/[\w./-]+)`/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(join(root, path)) && path !== 'test/results/screenshots')).toEqual([]);
});

test('every folder of src has its line', () => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect([...rooms, 'cli', 'mcp'].sort()).toEqual(folders.map(({ name }) => name).sort());
});

test('a room may import only rooms that stand above it', () => {
  for (const [i, room] of rooms.entries()) {
    const allowed = (mayImport as Record<string, readonly string[]>)[room];
    expect(allowed, room).toBeDefined();
    expect(
      allowed!.filter((other) => !rooms.slice(0, i).includes(other)),
      room,
    ).toEqual([]);
  }
});
