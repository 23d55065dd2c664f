import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { countPrefills, readPrefillFile } from '../../../src/records/plan/prefill-file.js';
import { makeTempFolder } from './temp-folder.js';

async function readText(name: string, text: string | Uint8Array) {
  const path = join(await makeTempFolder(), name);
  writeFileSync(path, text);
  return readPrefillFile(path);
}

describe('a prefill file', () => {
  it('of text has an opening per line, leading spaces included', async () => {
    expect(await readText('p.txt', 'The old\r\n\n of the \n[Note\n')).toEqual({ kind: 'texts', texts: ['The old', ' of the ', '[Note'] });
  });

  it('of JSON has token ids per framing', async () => {
    const content = await readPrefillFile(fileURLToPath(new URL('../../fixtures/greedy-400-prefills.json', import.meta.url)));
    if (content.kind !== 'ids') throw new Error('no ids');
    expect(content.ids.raw).toHaveLength(400);
    expect(content.ids.raw![0]).toEqual([875, 114, 486]);
    expect(countPrefills(content)).toBe(400);
  });

  it('of JSON may have one list for all framings, or texts', async () => {
    expect(await readText('p.json', '[[1, 2], [3]]')).toEqual({
      kind: 'ids',
      ids: { raw: [[1, 2], [3]], chat: [[1, 2], [3]], ask: [[1, 2], [3]], dialogue: [[1, 2], [3]] },
    });
    expect(await readText('p.json', '["One", " two"]')).toEqual({ kind: 'texts', texts: ['One', ' two'] });
  });

  it.each([
    ['p.txt', '\n \n', /no line with a prefill/],
    ['p.txt', Uint8Array.from([0xff, 0xfe, 0x00]), /not UTF-8/],
    ['p.json', '{"raw": [[1, -2]]}', /no lists of token ids/],
    ['p.json', '[', /not valid JSON/],
    ['p.json', '{}', /no lists of token ids/],
  ])('%s with %j is refused', async (name, text, message) => {
    await expect(readText(name, text)).rejects.toMatchObject({ code: 'badPrefillFile', message: expect.stringMatching(message) as string });
  });

  it('that is a folder, or missing, is named as such', async () => {
    const folder = await makeTempFolder();
    await expect(readPrefillFile(folder)).rejects.toMatchObject({
      code: 'badPrefillFile',
      message: expect.stringContaining(`${folder} is a folder`) as string,
    });
    await expect(readPrefillFile(join(folder, 'no.txt'))).rejects.toMatchObject({ code: 'fileNotFound' });
  });
});
