import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { REPOSITORY } from '../runner/built-package.js';

/** A tiny project of the same shape, with a package that npm can install without a network. */
function makeProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'finetune-auditor-bootstrap-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'src/cli'), { recursive: true });
  mkdirSync(join(root, 'webview'));
  mkdirSync(join(root, 'dep'));
  copyFileSync(join(REPOSITORY, 'src/cli/bootstrap.mjs'), join(root, 'src/cli/bootstrap.mjs'));
  const json = (path: string, content: object) => writeFileSync(join(root, path), JSON.stringify(content));
  json('dep/package.json', { name: 'dep', version: '1.0.0' });
  json('package.json', { name: 'tiny', version: '1.0.0', dependencies: { dep: 'file:dep' } });
  json('package-lock.json', {
    name: 'tiny',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'tiny', version: '1.0.0', dependencies: { dep: 'file:dep' } },
      dep: { version: '1.0.0' },
      'node_modules/dep': { resolved: 'dep', link: true },
    },
  });
  writeFileSync(join(root, 'src/main.txt'), 'source');
  writeFileSync(
    join(root, 'esbuild.mjs'),
    `import { mkdirSync, writeFileSync } from 'node:fs';
     mkdirSync('dist', { recursive: true });
     writeFileSync('dist/model-process.mjs', '');
     writeFileSync('dist/cli.mjs', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');`,
  );
  return root;
}

function bootstrap(root: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'src/cli/bootstrap.mjs'), ...args], { cwd: tmpdir(), encoding: 'utf8' });
  return { status, stdout, installs: stderr.includes('Installing'), builds: stderr.includes('Building') };
}

const inFuture = (path: string) => utimesSync(path, Date.now() / 1000 + 60, Date.now() / 1000 + 60);

describe('the bootstrap', { timeout: 120_000 }, () => {
  it('installs and builds what is missing or old, then hands over', () => {
    const root = makeProject();
    expect(bootstrap(root, 'demo', '--organism', 'x y')).toEqual({ status: 7, stdout: '["demo","--organism","x y"]\n', installs: true, builds: true });
    expect(existsSync(join(root, 'node_modules/dep/package.json'))).toBe(true);
    expect(bootstrap(root, 'demo')).toMatchObject({ status: 7, installs: false, builds: false });
    inFuture(join(root, 'src/main.txt'));
    expect(bootstrap(root, 'demo')).toMatchObject({ status: 7, installs: false, builds: true });
  });

  it('installs alone when asked, and again when the lock file is newer', () => {
    const root = makeProject();
    expect(bootstrap(root, '--only-install')).toEqual({ status: 0, stdout: '', installs: true, builds: false });
    expect(existsSync(join(root, 'dist'))).toBe(false);
    expect(bootstrap(root, '--only-install')).toMatchObject({ status: 0, installs: false });
    inFuture(join(root, 'package-lock.json'));
    expect(bootstrap(root, '--only-install')).toMatchObject({ status: 0, installs: true });
  });
});
