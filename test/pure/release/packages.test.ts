/** One package per platform: only its own binaries, nothing that does not belong, a README that its reader can use. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFaults } from '../../release/make-package.mjs';
import { packageReadme } from '../../release/package-readme.mjs';
import { TARGETS } from '../../release/targets.mjs';

const root = join(import.meta.dirname, '../../..');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, unknown> };
const ALWAYS = ['dist/extension.cjs', 'dist/model-process.mjs', 'dist/webview.js', 'dist/THIRD-PARTY-NOTICES.txt', 'LICENSE', 'README.md', 'CHANGELOG.md'];
const binariesOf = (folders: readonly string[]) => folders.map((folder) => `${folder}/bins/library.so`);

describe('the list of packages', () => {
  it('names packages of binaries that the lock file knows, each for one platform', () => {
    const named = TARGETS.flatMap(({ binaries, cuda }) => [...binaries, ...cuda]);
    expect(named.filter((path) => !(path in lock.packages))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
    expect(TARGETS.map(({ name }) => name)).toEqual(['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64', 'win32-x64', 'universal']);
  });
});

describe.for(TARGETS)('the package $name', (target) => {
  const own = [...ALWAYS, ...binariesOf(target.binaries)];

  it('is right with its own binaries alone', () => {
    expect(findFaults(own, target)).toEqual([]);
  });

  it('is wrong without one of them, or with one of any other platform', () => {
    for (const folder of target.binaries) {
      expect(findFaults([...ALWAYS, ...binariesOf(target.binaries.filter((other) => other !== folder))], target)).toEqual([`${folder} holds no binary`]);
    }
    for (const other of TARGETS.filter(({ name }) => name !== target.name)) {
      expect(findFaults([...own, ...binariesOf(other.binaries)], target)).toHaveLength(other.binaries.length);
    }
  });

  it('holds CUDA only where it was asked for', () => {
    const withCuda = [...own, ...binariesOf(target.cuda)];
    expect(findFaults(withCuda, target)).toHaveLength(target.cuda.length);
    expect(findFaults(withCuda, target, true)).toEqual([]);
  });

  it('is wrong with a binary of a package that no list names, with sources, and without its notices', () => {
    for (const file of ['node_modules/sharp/build/sharp.node', 'node_modules/koffi/src/koffi.cc', 'package-lock.json', 'dist/cli.mjs.map']) {
      expect(findFaults([...own, file], target)).toEqual([expect.stringContaining(file)]);
    }
    for (const file of ALWAYS)
      expect(
        findFaults(
          own.filter((other) => other !== file),
          target,
        ),
      ).toEqual([`${file} is missing`]);
  });
});

describe("a package's README", () => {
  it('has no picture or link that only a checkout resolves, and nothing about a checkout', () => {
    const packed = packageReadme(readFileSync(join(root, 'README.md'), 'utf8'));
    expect(packed).toContain('Audit Finetuned Model…');
    expect(packed).not.toMatch(/checkout|npm run demo/);
    expect(packed).not.toMatch(/\]\((?!https:|#)/);
    expect(packed).not.toContain('![');
    expect(packed).toContain('(`docs/servers.md`)');
  });

  it('keeps addresses, and names files', () => {
    expect(packageReadme('[a](https://a.example) [b](#b) [docs/c.md](docs/c.md#d) [text](docs/c.md#d)')).toBe(
      '[a](https://a.example) [b](#b) `docs/c.md` text (`docs/c.md`)',
    );
    expect(packageReadme('one\n\n| x |\n|---|\n| ![y](media/y.png) |\n\n![z](https://z.example/z.png)')).toBe('one\n\n![z](https://z.example/z.png)');
  });
});
