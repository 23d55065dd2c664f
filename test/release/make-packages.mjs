// @ts-check
// Makes the packages of the extension, one for each platform with that platform's binaries, and one without any:
//
//   npm run package                               all that can be made here, into packages/
//   npm run package -- linux-x64 universal        these
//   npm run package -- linux-x64 --cuda           with llama.cpp's build for CUDA, half a gigabyte
//   npm run package -- --out FOLDER               into another folder
//
// Exit code 1 where one that was named, or anything but missing binaries, failed. Binaries that the npm registry in use does not
// serve are said, and the others are made.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makePackage } from './make-package.mjs';
import { MissingBinaries } from './stage-package.mjs';
import { TARGETS } from './targets.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { cuda: { type: 'boolean', default: false }, out: { type: 'string' } } });
const unknown = positionals.filter((name) => !TARGETS.some((target) => target.name === name));
if (unknown.length) {
  console.error(`There is no package ${unknown.join(', ')}. Packages: ${TARGETS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const wanted = TARGETS.filter(({ name, cuda }) => (positionals.length ? positionals.includes(name) : !values.cuda || cuda.length > 0));
const withoutCuda = wanted.filter(({ cuda }) => values.cuda && !cuda.length);
if (withoutCuda.length) {
  console.error(`llama.cpp is not built for CUDA on ${withoutCuda.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const folder = resolve(values.out ?? join(ROOT, 'packages'));
for (const target of wanted) {
  const label = `${target.name}${values.cuda ? ', CUDA' : ''}`;
  const out = join(folder, `${name}-${target.name}${values.cuda ? '-cuda' : ''}-${version}.vsix`);
  try {
    const { bytes, files } = await makePackage(target, { out, cuda: values.cuda });
    console.log(`${label}: ${(bytes / 1e6).toFixed(1)} MB, ${files} files, ${out}`);
  } catch (error) {
    const isMissing = error instanceof MissingBinaries;
    console.error(`${label}: not made: ${error instanceof Error ? error.message : String(error)}`);
    if (!isMissing || positionals.length) process.exitCode = 1;
  }
}
