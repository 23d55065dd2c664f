/** What is put in the place of a model's files hangs nobody, and what cannot be written is said in words. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import { createModelFile, openModelFile, readSmallFile } from '../../../src/models/local/process/model-file.js';
import { readAdapterConfig } from '../../../src/models/local/process/adapter-config.js';
import { readPeftConfig } from '../../../src/models/local/process/peft/peft-config.js';
import { SafetensorsFile } from '../../../src/models/local/process/peft/safetensors.js';
import { TensorFile } from '../../../src/models/local/process/tensors/tensor-files.js';
import { hashParts } from '../../../src/models/local/process/sha256.js';
import { makeTemporaryFolder } from '../../../src/models/local/temporary-folder.js';
import { describeUnwritable } from '../../../src/models/local/unwritable.js';

const root = mkdtempSync(join(tmpdir(), 'model-file-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function pipe(name: string): string {
  const path = join(root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  execFileSync('mkfifo', [path]);
  return path;
}

describe.runIf(process.platform !== 'win32')('a pipe in the place of', () => {
  const refused = expect.objectContaining({ code: 'notGguf', message: expect.stringContaining('is a pipe and no file') });

  it('a model is refused at once', () => expect(() => openModelFile(pipe('model.gguf'))).toThrow(refused));
  it('a model that was one before is, too', () => expect(() => new TensorFile(pipe('later.gguf'))).toThrow(refused));
  it('weights is refused at once', () => expect(() => new SafetensorsFile(pipe('adapter_model.safetensors'))).toThrow(refused));
  it('a configuration is refused at once', () => expect(() => readPeftConfig(pipe('adapter_config.json'), 'x')).toThrow(refused));
  it('a configuration beside a GGUF adapter is none', () => expect(readAdapterConfig(join(pipe('beside/adapter_config.json'), '../x.gguf'))).toBeNull());
  it('what is hashed is refused at once', async () => {
    const part = { path: pipe('hashed.gguf'), sizeBytes: 1, stamp: 'hashed' };
    await expect(hashParts([part], () => undefined, new AbortController().signal)).rejects.toThrow('is a pipe and no file');
  });
});

describe.runIf(process.platform === 'linux')('what is no file', () => {
  it.each([
    ['a device', '/dev/zero', 'is a device'],
    ['a folder', root, 'is a folder'],
    ['nothing', join(root, 'none'), 'There is no file'],
  ])('is refused, also where a link leads there: %s', (what, path, says) => {
    const link = join(root, `link to ${what}`);
    symlinkSync(path, link);
    for (const way of [path, link]) expect(() => openModelFile(way)).toThrow(says);
  });

  it('is refused where it is a socket', async () => {
    const path = join(root, 'socket');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    expect(() => openModelFile(path)).toThrow('and no file');
    await new Promise((resolve) => server.close(resolve));
  });

  it('does not keep a file behind a link from being read, as downloads are kept', () => {
    writeFileSync(join(root, 'real'), 'text');
    symlinkSync(join(root, 'real'), join(root, 'linked'));
    expect(readSmallFile(join(root, 'linked'), 4)).toBe('text');
    expect(() => readSmallFile(join(root, 'linked'), 3)).toThrow('is larger than');
  });
});

describe('a file to be made', () => {
  it('goes over nothing that is there, and through no link', () => {
    writeFileSync(join(root, 'mine'), 'mine');
    symlinkSync(join(root, 'mine'), join(root, 'to mine'));
    symlinkSync(join(root, 'not yet'), join(root, 'to nothing'));
    for (const name of ['mine', 'to mine', 'to nothing'])
      expect(() => createModelFile(join(root, name))).toThrow(expect.objectContaining({ code: 'refused', message: expect.stringContaining('in its place') }));
    expect(readFileSync(join(root, 'mine'), 'utf8')).toBe('mine');
    closeSync(createModelFile(join(root, 'made')));
  });

  it.each([
    ['ENOSPC', 'diskFull', /no room.*Make room/],
    ['EDQUOT', 'diskFull', /no room/],
    ['EROFS', 'refused', /read-only.*finetuneAuditor\.modelFolder/],
    ['EACCES', 'refused', /permission denied.*make it one that you may write to/],
  ])('that the disk refuses with %s says what to do, also where a library packed it up', (code, auditCode, says) => {
    const raw = Object.assign(new Error('raw'), { code });
    for (const error of [raw, new Error('packed', { cause: raw })])
      expect(describeUnwritable(error, '/models')).toEqual(expect.objectContaining({ code: auditCode, message: expect.stringMatching(says) }));
    expect(describeUnwritable(new Error('other'), '/models')).toBeNull();
  });

  it('in a folder that is a file is refused in words', async () => {
    writeFileSync(join(root, 'file'), '');
    for (const folder of [join(root, 'file'), join(root, 'file', 'below')]) {
      const error = await makeTemporaryFolder(folder).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AuditError);
      expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('finetuneAuditor.modelFolder') });
    }
  });
});
