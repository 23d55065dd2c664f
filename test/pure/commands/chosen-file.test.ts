/** Saving goes through no link that lies ready under the suggested name. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireNoLink } from '../../../src/editor/chosen-file.js';
import { makeTempFolder } from '../records/temp-folder.js';

describe('a file to be saved', () => {
  it('may be new, or go over another', async () => {
    const folder = await makeTempFolder();
    writeFileSync(join(folder, 'old.zip'), '');
    for (const name of ['old.zip', 'new.zip']) await requireNoLink({ scheme: 'file', fsPath: join(folder, name) });
    await requireNoLink({ scheme: 'vscode-vfs', fsPath: join(folder, 'elsewhere.zip') });
  });

  it.runIf(process.platform !== 'win32')('is refused where a link lies ready, to a file or to nothing', async () => {
    const folder = await makeTempFolder();
    writeFileSync(join(folder, '.profile'), 'mine');
    for (const to of ['.profile', 'not-yet']) {
      symlinkSync(join(folder, to), join(folder, `${to}.zip`));
      await expect(requireNoLink({ scheme: 'file', fsPath: join(folder, `${to}.zip`) })).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/is a link.*Choose another name/),
      });
    }
    expect(readFileSync(join(folder, '.profile'), 'utf8')).toBe('mine');
  });
});

it('is looked at by every command that saves one', () => {
  for (const command of ['export-audit', 'export-report', 'save-plan'])
    expect(readFileSync(`src/commands/${command}.ts`, 'utf8')).toMatch(/await requireNoLink\(.*\);\n\s+await (workspace\.fs\.writeFile|writePlanFile)\(/);
});
