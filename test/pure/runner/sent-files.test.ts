import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditPlan, ModelSource } from '../../../src/audit/plan.js';
import { listSentFiles, realPaths } from '../../../src/runner/sent-files.js';
import { createPlan } from '../audit/models.js';
import { makeTempFolder } from '../records/temp-folder.js';

const server: ModelSource = { endpoint: 'http://localhost:1', model: 'm' };
let root = '';
let workspace = '';

beforeEach(async () => {
  root = await realpath(await makeTempFolder());
  workspace = join(root, 'workspace');
  await mkdir(join(workspace, '.hidden'), { recursive: true });
  for (const name of ['corpus.txt', 'prefills.txt', 'f.gguf', 'l.gguf', 'r.gguf', '.hidden/c.txt']) await writeFile(join(workspace, name), 'x');
  await writeFile(join(root, 'outside.txt'), 'x');
  await symlink(join(root, 'outside.txt'), join(workspace, 'link.txt'));
});

const file = (name: string, ...lora: string[]): ModelSource => ({
  gguf: join(workspace, `${name}.gguf`),
  lora: lora.map((path) => ({ path: join(workspace, `${path}.gguf`), scale: 1 })),
});

/** Paths within the root, by what they are used for. */
async function list(fields: Partial<AuditPlan>) {
  const { inside, outside } = await listSentFiles(
    createPlan({ finetuned: file('f', 'l'), reference: file('r'), corpus: [join(workspace, 'corpus.txt')], ...fields }),
    [workspace],
  );
  const tell = (files: typeof inside) => files.map(({ path, use }) => `${use} ${path.slice(root.length + 1)}`);
  return { inside: tell(inside), outside: tell(outside) };
}

describe('what a plan sends of this machine’s files', () => {
  const openings = 'openings workspace/corpus.txt';
  const ofF = ['model workspace/f.gguf', 'model workspace/l.gguf'];

  it('is nothing where no server is asked', async () => {
    expect(await list({})).toEqual({ inside: [], outside: [] });
    expect(await list({ noiseFloor: { model: file('r'), prefills: 3 } })).toEqual({ inside: [], outside: [] });
  });

  it('is its openings, and what is written by the model that a server scores', async () => {
    expect((await list({ finetuned: server })).inside).toEqual([openings]);
    expect((await list({ reference: server })).inside).toEqual([openings, ...ofF]);
    expect((await list({ noiseFloor: { model: server, prefills: 3 } })).inside).toEqual([openings, 'model workspace/r.gguf']);
    expect((await list({ finetuned: server, reference: server })).inside).toEqual([openings]);
    expect((await list({ reference: server, finetuned: { gguf: 'hf:a/b', lora: [] } })).inside).toEqual([openings]);
  });

  it('is the prefill file in place of the corpus, and nothing that comes with the program', async () => {
    expect((await list({ finetuned: server, prefillFile: join(workspace, 'prefills.txt') })).inside).toEqual(['openings workspace/prefills.txt']);
    expect(await list({ finetuned: server, corpus: ['bundled:general'] })).toEqual({ inside: [], outside: [] });
  });

  it('is outside where it is not in the workspace, is hidden there, or is a link that leads out of it', async () => {
    const corpus = ['corpus.txt', '.hidden/c.txt', 'link.txt'].map((name) => join(workspace, name)).concat(join(root, 'outside.txt'));
    expect(await list({ finetuned: server, corpus })).toEqual({
      inside: [openings],
      outside: ['openings workspace/.hidden/c.txt', 'openings workspace/link.txt', 'openings outside.txt'],
    });
  });

  it('is held against real paths of folders that exist', async () => {
    expect(await realPaths([join(workspace, 'link.txt'), join(root, 'none'), root])).toEqual([join(root, 'outside.txt'), root]);
  });
});
