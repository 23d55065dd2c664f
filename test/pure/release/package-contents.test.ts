/** What a package of the extension holds: everything it runs on with its licence, and nothing it does not need. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '@vscode/vsce';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { thirdPartyNotices } from '../../../esbuild.notices.mjs';

const root = join(import.meta.dirname, '../../..');
const LICENCE = /^(licen[cs]e|notice|copying)/i;
let files: readonly string[];
beforeAll(async () => {
  files = await listFiles({ cwd: root });
});

/** Folders of the packages under node_modules that are packed. */
const packedPackages = () => [...new Set(files.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []))];

test('every licence file of a packed package is packed with it', () => {
  const missing = packedPackages().flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => LICENCE.test(name) && !files.includes(`${folder}/${name}`))
      .map((name) => `${folder}/${name}`),
  );
  expect(missing).toEqual([]);
  expect(packedPackages().length).toBeGreaterThan(20);
});

test('what node-llama-cpp only compiles with is not packed, nor sources, tests, bundles of git or lock files', () => {
  const needless =
    /(^|\/)(cmake-js|node-api-headers|node-addon-api|typescript)\/|gitRelease\.bundle|yarn\.lock|package-lock\.json|\.travis\.yml|\.map$|\.(ts|tsx|c|cc|cpp|h)$/;
  expect(files.filter((file) => needless.test(file))).toEqual([]);
  const own = [...new Set(files.filter((file) => !file.startsWith('node_modules/')).map((file) => file.split('/')[0]))].sort();
  const allowed = ['CHANGELOG.md', 'CITATION.cff', 'LICENSE', 'README.md', 'SECURITY.md', 'dist', 'l10n', 'media', 'package.json', 'package.nls.json'];
  expect(own.filter((name) => !allowed.includes(name!))).toEqual([]);
});

test('the notices name each bundled package with its licence, the icons among them, and those packed without a licence file', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['webview/main.tsx'],
    bundle: true,
    write: false,
    outdir: 'dist',
    metafile: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.ttf': 'file' },
    define: { __TOOL_VERSION__: '""' },
    logLevel: 'silent',
  });
  const notices = thirdPartyNotices([metafile], root);
  expect(notices).toMatch(/^@vscode\/codicons \S+ \(CC-BY-4\.0\)$/m);
  expect(notices).toContain('Creative Commons');
  expect(notices).toMatch(/^@vscode\/webview-ui-toolkit 1\.4\.0 \(MIT\)$/m);
  for (const folder of packedPackages().filter((path) => existsSync(join(root, path, 'package.json')))) {
    if (readdirSync(join(root, folder)).some((name) => LICENCE.test(name))) continue;
    const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    expect(notices).toContain(`${name} ${version} (`);
  }
});
