/** The file of `--out`. */
import { closeSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeOutput } from '../../../src/cli/write-output.js';
import { makeTempFolder } from '../records/temp-folder.js';

it('is made with its folders, and written over', async () => {
  const path = join(await makeTempFolder(), 'some', 'where.txt');
  await writeOutput('first', path, 'programs');
  await writeOutput('second', path, 'programs');
  expect(readFileSync(path, 'utf8')).toBe('second');
});

it.skipIf(process.platform === 'win32')('is no link that came with somebody’s folder, whether it leads anywhere or not', async () => {
  const folder = await makeTempFolder();
  const theirs = join(folder, 'profile');
  writeFileSync(theirs, 'mine');
  for (const [name, target] of [
    ['report.html', theirs],
    ['dangling.html', join(folder, 'nothing')],
  ] as const) {
    symlinkSync(target, join(folder, name));
    await expect(writeOutput('x', join(folder, name), 'programs')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/is a link\. Give the file that it leads to, or another name\./) as string,
    });
  }
  expect(readFileSync(theirs, 'utf8')).toBe('mine');
});

it.skipIf(process.platform === 'win32')('may be the system’s own link to what is printed', async () => {
  const path = join(await makeTempFolder(), 'printed');
  const descriptor = openSync(path, 'w');
  await writeOutput('x', `/dev/fd/${descriptor}`, 'programs');
  closeSync(descriptor);
  expect(readFileSync(path, 'utf8')).toBe('x');
});
