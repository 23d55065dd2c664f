// @ts-check
// Runs in StrykerJS's copy of the repository, once its files hold all changes: compiles each TypeScript file to a module beside it, so that tests
// can be imported as they are. Tests get `describe` and `it` from `collect.mjs` instead of Vitest.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';

const collect = pathToFileURL(join(process.cwd(), 'test/mutate/collect.mjs')).href;
for (const folder of ['src', 'webview', 'test']) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/(?<!\.d)\.tsx?$/.test(name)) continue;
    const file = join(folder, name);
    const { code } = transformSync(readFileSync(file, 'utf8'), {
      loader: name.endsWith('x') ? 'tsx' : 'ts',
      format: 'esm',
      target: 'node20.15',
      sourcefile: file,
      define: { __TOOL_VERSION__: '"0.0.0-test"' },
      jsx: 'automatic',
      jsxImportSource: 'preact',
    });
    writeFileSync(file.replace(/\.tsx?$/, '.js'), code.replaceAll('from "vitest"', `from ${JSON.stringify(collect)}`));
  }
}
