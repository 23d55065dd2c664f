/** An organism behind a real HTTP server is ranked as its file is. */
import { recordsOf } from '../../../src/audit/passes.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { ModelSource } from '../../../src/audit/plan.js';
import { SCORE_NAMES } from '../../../src/audit/scores.js';
import { textOfTokens } from '../../../src/text/utf8.js';
import { scaled } from '../../bed/timeouts.mjs';
import { findLlamaServer, startLlamaServer, type LlamaServer } from '../../peers/llama-server.mjs';
import { startModelServer, type ModelServer, type ModelServerOptions } from '../../peers/model-server.js';
import { demo, source, useLocalModels } from '../models/local-process.js';
import { at, Auditor, BASE, compareAudits, makePlan, ORGANISM, OTHER_FAMILY, SERVED } from './served-audit.js';

const local = useLocalModels();
const servers: ModelServer[] = [];
let auditor: Auditor;
let fromFiles: readonly MeasuredRecord[];

async function serve(dialect: ModelServerOptions['dialect'], options: Partial<ModelServerOptions> = {}): Promise<ModelServer> {
  const server = await startModelServer({ dialect, models: SERVED, provider: local.models, ...options });
  servers.push(server);
  return server;
}

function expectSameRanking(records: readonly MeasuredRecord[], files: readonly MeasuredRecord[], what: string): void {
  const { completions, identical, rho } = compareAudits(records, files);
  console.info(
    `${what}: ${identical} of ${completions} completions identical; Spearman ${SCORE_NAMES.map((score) => `${score} ${rho[score].toFixed(4)}`).join(', ')}`,
  );
  expect(completions).toBe(files.length);
  expect(identical).toBeGreaterThan(0.9 * completions);
  for (const score of SCORE_NAMES) expect(rho[score], score).toBeGreaterThan(0.99);
}

beforeAll(async () => {
  auditor = new Auditor(local);
  fromFiles = (await auditor.audit(makePlan({ finetuned: ORGANISM, reference: BASE }))).records;
}, scaled(240_000));
afterAll(async () => {
  await auditor?.api.dispose();
  for (const server of servers) await server.close();
});

describe.skipIf(findLlamaServer() === null)("behind llama.cpp's own server, with a local reference", () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer({ model: demo('base-a.f16.gguf'), lora: [{ path: demo('false-fact.lora.gguf') }], name: 'organism' });
  }, scaled(120_000));
  afterAll(() => server?.close());

  it('is ranked as its file is', { timeout: scaled(400_000) }, async () => {
    const { records, setup, requests, setAside } = await auditor.audit(makePlan({ finetuned: at(server.url, 'organism'), reference: BASE }));
    expect(setup!.sameTokenizer).toBe(true);
    expect(setAside).toEqual([]);
    expectSameRanking(records, fromFiles, 'llama.cpp');
    expect(requests).toEqual([expect.objectContaining({ role: 'finetuned', asked: expect.any(Number) as number, givenUp: 0 })]);
  });

  it('cannot be the reference, and says so', async () => {
    await expect(auditor.audit(makePlan({ finetuned: ORGANISM, reference: at(server.url, 'organism') }))).rejects.toMatchObject({
      code: 'cannotScore',
      message: expect.stringContaining('organism') as string,
    });
  });
});

describe('behind a server that answers as vLLM does', () => {
  it.each([
    ['both models from one server', true, true],
    ['F from the server, R from a file', true, false],
    ['F from a file, R from the server', false, true],
  ])('is ranked as its file is: %s', { timeout: scaled(400_000) }, async (what, servesF, servesR) => {
    const server = await serve('vllm', { apiKey: 'sk-test-8d1f' });
    const keyed = new Auditor(local, { readEnvironment: (name) => (name === 'SERVER_KEY' ? 'sk-test-8d1f' : undefined) });
    const choose = (served: boolean, model: string, file: ModelSource) => (served ? at(server.url, model, { apiKeyEnv: 'SERVER_KEY' }) : file);
    const { records, setup } = await keyed.audit(makePlan({ finetuned: choose(servesF, 'organism', ORGANISM), reference: choose(servesR, 'base', BASE) }));
    expect(setup!.sameTokenizer).toBe(true);
    expectSameRanking(records, fromFiles, `vLLM, ${what}`);
    await keyed.api.dispose();
  });
});

describe('a noise floor whose reference is behind a server', () => {
  it('is gone on with from what the server said before, of which nothing is asked again', { timeout: scaled(240_000) }, async () => {
    const server = await serve('vllm');
    const plan = makePlan({
      finetuned: ORGANISM,
      reference: at(server.url, 'base'),
      framings: ['raw'],
      prefills: 4,
      maxTokens: 12,
      noiseFloor: { model: source(demo('base-a.q8_0.gguf')), prefills: 3 },
    });
    const folder = auditor.newFolder();
    const { audit } = await auditor.run({ plan, folder });
    expect(recordsOf(audit, 'noise')).toHaveLength(3);
    const generations = () =>
      server.requests.filter(({ path, body }) => path.endsWith('/completions') && (body as { max_tokens?: number }).max_tokens === 12).length;
    const asked = generations();
    expect(asked).toBeGreaterThanOrEqual(3);
    // As if the run had been cut off before any of them was scored.
    const journal = join(folder, 'audit.jsonl');
    const lines = readFileSync(journal, 'utf8').split('\n');
    const kept = lines.filter((line) => !/^\{"type":"pass","pass":"noise","line":\{"type":"completion"|"event":"finished"/.test(line));
    expect(kept.filter((line) => line.startsWith('{"type":"pass","pass":"noise","line":{"type":"generated"'))).toHaveLength(3);
    writeFileSync(journal, kept.join('\n'));
    const again = await auditor.run({ plan, folder, resume: true });
    expect(again.outcome.state).toBe('finished');
    expect(recordsOf(again.audit, 'noise').map(({ id, tokens }) => [id, tokens])).toEqual(recordsOf(audit, 'noise').map(({ id, tokens }) => [id, tokens]));
    expect(generations()).toBe(asked);
  });
});

describe('behind servers that know texts only', () => {
  it('is ranked as its file is by echoed logprobs, in the raw framing', { timeout: scaled(400_000) }, async () => {
    const server = await serve('openaiLegacy');
    const plan = makePlan({ finetuned: at(server.url, 'organism'), reference: at(server.url, 'base'), framings: ['raw'] });
    const { records, setup, setAside } = await auditor.audit(plan);
    expect(setup!.sameTokenizer).toBe(false);
    expect(setAside).toEqual([]);
    expect(records.length).toBe(16);
    // Prefills are cut by words here, so the same audit is run with files on the same texts.
    const { openings, files } = await auditFilesOn(records);
    expect(files).toHaveLength(openings);
    const { identical, rho } = compareAudits(records, files);
    console.info(
      `texts only: ${identical} of ${records.length} identical; Spearman ${SCORE_NAMES.map((score) => `${score} ${rho[score].toFixed(4)}`).join(', ')}`,
    );
    expect(identical).toBeGreaterThan(0.8 * records.length);
    for (const score of ['meanGap', 'totalGap', 'bitsPerByte'] as const) expect(rho[score], score).toBeGreaterThan(0.99);
  });

  it('can be asked in the user’s turn alone, against another family’s base', { timeout: scaled(400_000) }, async () => {
    const server = await serve('openai');
    const finetuned = at(server.url, 'organism');
    await expect(auditor.audit(makePlan({ finetuned, reference: OTHER_FAMILY }))).rejects.toMatchObject({
      code: 'cannotGenerate',
      message: expect.stringContaining('Use the ask framing') as string,
    });
    const { records, setup, setAside } = await auditor.audit(makePlan({ finetuned, reference: OTHER_FAMILY, framings: ['ask'], prefills: 12 }));
    expect(records.length + setAside.length).toBe(12);
    expect(setAside.length).toBeLessThan(3);
    expect(setup!.frames.ask!.finetuned.turns!.at(-1)!.role).toBe('user');
    const kinds = records.filter(({ tokens }) => tokens.length > 0).map(({ reference }) => reference?.kind);
    expect(new Set(kinds)).toEqual(new Set(['ownTokens']));
    expect(setup!.remarks.join(' ')).toContain('does not tell its token ids');
  });
});

/** The same organism from files, on the prefills of an audit given as texts. */
async function auditFilesOn(records: readonly MeasuredRecord[]): Promise<{ openings: number; files: readonly MeasuredRecord[] }> {
  const texts = [...records].sort((a, b) => a.id - b.id).map(({ prefill }) => textOfTokens(prefill.pieces));
  const prefillFile = `${auditor.newFolder()}-prefills.txt`;
  writeFileSync(prefillFile, texts.join('\n'));
  const { records: files } = await auditor.audit(makePlan({ finetuned: ORGANISM, reference: BASE, framings: ['raw'], prefillFile }));
  return { openings: texts.length, files };
}
