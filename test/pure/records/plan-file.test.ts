import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import { isAddress, isEndpoint, PLAN_DEFAULTS } from '../../../src/audit/plan.js';
import { resolveBundledPlan } from '../../../src/records/plan/bundled.js';
import { formatPlan, listPlanProblems, parsePlan, readPlanFile, writePlanFile } from '../../../src/records/plan/plan-file.js';
import { makePlanJsonSchema } from '../../../src/records/plan/plan-schema.js';
import { makeTempFolder } from './temp-folder.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const path = '/plans/a.audit-plan.json';
const parse = (content: object) => parsePlan(JSON.stringify(content), path);

function messageOf(text: string): string {
  try {
    parsePlan(text, path);
  } catch (error) {
    expect(error).toMatchObject({ code: 'badPlan' });
    return (error as Error).message;
  }
  throw new Error('The plan was accepted.');
}

describe('a plan file', () => {
  it('needs two models and takes the rest from the defaults', () => {
    expect(parse({ finetuned: 'f.gguf', reference: 'hf:user/repo:Q8_0' })).toEqual({
      ...PLAN_DEFAULTS,
      name: 'a',
      finetuned: { gguf: '/plans/f.gguf', lora: [] },
      reference: { gguf: 'hf:user/repo:Q8_0', lora: [] },
    });
  });

  it('takes paths from its own folder', () => {
    const plan = parse({
      finetuned: { gguf: '../m/base.gguf', lora: ['x.gguf', { path: '/abs/y.gguf', scale: 2 }] },
      reference: { gguf: 'bundled:base-a', lora: { path: 'bundled:false-fact' } },
      corpus: 'texts/*.txt',
      prefillFile: 'p.txt',
      framings: ['chat'],
    });
    expect(plan.finetuned).toEqual({
      gguf: '/m/base.gguf',
      lora: [
        { path: '/plans/x.gguf', scale: 1 },
        { path: '/abs/y.gguf', scale: 2 },
      ],
    });
    expect(plan.reference).toMatchObject({ lora: [{ path: 'bundled:false-fact', scale: 1 }] });
    expect(plan).toMatchObject({ corpus: ['/plans/texts/*.txt'], prefillFile: '/plans/p.txt', framings: ['chat'] });
  });

  it('says with which model the noise floor is measured', () => {
    const noiseFloorOf = (noiseFloor: object) => parse({ finetuned: 'f.gguf', reference: 'r.gguf', noiseFloor }).noiseFloor;
    expect(noiseFloorOf({ model: 'bundled:base-a.q8_0' })).toEqual({ model: { gguf: 'bundled:base-a.q8_0', lora: [] }, prefills: 100 });
    expect(noiseFloorOf({ model: { gguf: 'r.q4.gguf', lora: 'l.gguf' }, prefills: 7 })).toEqual({
      model: { gguf: '/plans/r.q4.gguf', lora: [{ path: '/plans/l.gguf', scale: 1 }] },
      prefills: 7,
    });
    expect(parse({ finetuned: 'f.gguf', reference: 'r.gguf' })).not.toHaveProperty('noiseFloor');
  });

  it('keeps an endpoint’s headers and the variable of its key when it is saved, in whichever place it stands', async () => {
    const file = join(await makeTempFolder(), 'b.audit-plan.json');
    const endpoint = (model: string) => ({ endpoint: 'https://api.example.org/v1', model });
    const plan = {
      ...PLAN_DEFAULTS,
      name: 'b',
      finetuned: { ...endpoint('f'), headers: { 'X-Team': '${TEAM}' } },
      reference: { ...endpoint('r'), apiKeyEnv: 'EXAMPLE_KEY' },
      corpus: ['bundled:demo'],
      noiseFloor: { model: { ...endpoint('n'), apiKeyEnv: 'EXAMPLE_KEY', headers: { 'X-Team': '${TEAM}', 'X-B': 'b' } }, prefills: 30 },
    };
    await writePlanFile(file, plan);
    expect(await readPlanFile(file)).toEqual(plan);
    await writePlanFile(file, { ...plan, finetuned: endpoint('f') });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      finetuned: 'openai:f@https://api.example.org/v1',
      reference: { model: 'r', apiKeyEnv: 'EXAMPLE_KEY' },
    });
  });

  it('is read back as it was written', async () => {
    const folder = await makeTempFolder();
    const file = join(folder, 'b.audit-plan.json');
    const plan = {
      ...PLAN_DEFAULTS,
      name: 'b',
      finetuned: { gguf: join(folder, 'sub', 'f.gguf'), lora: [{ path: '/elsewhere/l.gguf', scale: 0.5 }] },
      reference: { gguf: 'bundled:base-b', lora: [] },
      corpus: [join(folder, 'c.txt'), 'bundled:demo'],
      prefillFile: join(folder, 'p.txt'),
      noiseFloor: { model: { gguf: join(folder, 'sub', 'r.q8.gguf'), lora: [{ path: '/elsewhere/l.gguf', scale: 2 }] }, prefills: 30 },
    };
    await writePlanFile(file, plan);
    expect(readFileSync(file, 'utf8')).toContain('"sub/f.gguf"');
    expect(readFileSync(file, 'utf8')).toContain('"sub/r.q8.gguf"');
    expect(await readPlanFile(file)).toEqual(plan);
  });

  it.each([
    ['{\n  "finetuned": "f.gguf",\n  "reference": "r.gguf",\n  "maxTokens": "many"\n}', /a\.audit-plan\.json, line 4: "maxTokens" must be a whole number/],
    ['{\n  "finetuned": "f.gguf"\n}', /"reference" is missing; it must be the path of a GGUF file/],
    [
      '{\n  "finetuned": "f.gguf", "reference": {"gguf": "r.gguf",\n "lora": [{"path": "l.gguf", "scale": "1"}]}\n}',
      /line 3: "reference\.lora\[0\]\.scale" must be a number/,
    ],
    ['{"finetuned": "f.gguf", "reference": "r.gguf", "prefils": 3}', /line 1: "prefils" is no field of a plan/],
    ['{"finetuned": {"file": "f.gguf"}, "reference": "r.gguf"}', /"finetuned\.gguf" is missing|"finetuned\.file" is no field/],
    ['{"finetuned": 3, "reference": "r.gguf"}', /"finetuned" must be the path of a GGUF file in quotes/],
    ['{"finetuned": "f", "reference": "r", "framings": ["raw", "talk"]}', /"framings\[1\]" must be "raw", "chat", "ask" or "dialogue"/],
    ['{"finetuned": "f", "reference": "r", "framings": []}', /"framings" must name at least one framing/],
    ['{"finetuned": "f", "reference": "r", "seed": 4294967296}', /"seed" must be at most 4294967295/],
    ['{"finetuned": "f", "reference": "r", "temperature": -1}', /"temperature" must not be negative/],
    ['{"finetuned": "f", "reference": "r",\n"noiseFloor": {"prefills": 3}}', /line 2: "noiseFloor\.model" is missing; it must be the path of a GGUF file/],
    ['{"finetuned": "f", "reference": "r", "noiseFloor": {"model": "m", "prefills": 0}}', /"noiseFloor\.prefills" must be at least 1/],
    ['{"finetuned": "f", "reference": "r", "noiseFloor": "m"}', /"noiseFloor" must be like \{"model"/],
    ['{\n "finetuned": "f",\n "reference": "r",,\n}', /line 3: not valid JSON/],
    ['', /is empty/],
    ['[]', /The plan must be an object/],
  ])('says what is wrong in %j', (text, message) => {
    expect(messageOf(text)).toMatch(message);
  });

  it('names a plan file that is not there', async () => {
    await expect(readPlanFile('/nowhere/x.audit-plan.json')).rejects.toMatchObject({
      code: 'fileNotFound',
      message: expect.stringContaining('/nowhere/x.audit-plan.json') as string,
    });
  });
});

describe('the JSON schema of plan files', () => {
  it('is committed as it is generated (UPDATE=1 writes it)', () => {
    const file = join(repository, 'media/schemas/audit-plan.schema.json');
    const generated = `${JSON.stringify(makePlanJsonSchema(), null, 2)}\n`;
    if (process.env['UPDATE'] === '1') writeFileSync(file, generated);
    expect(readFileSync(file, 'utf8')).toBe(generated);
  });

  it('describes every field', () => {
    const { properties, required } = makePlanJsonSchema() as { properties: Record<string, { description?: string }>; required: string[] };
    expect(required).toEqual(['finetuned', 'reference']);
    for (const [name, property] of Object.entries(properties)) {
      if (name !== '$schema') expect(property.description, name).toMatch(/\w/);
    }
  });
});

describe('bundled addresses', () => {
  const media = join(repository, 'media');

  it('become paths of files that are there', async () => {
    const noiseFloor = { model: 'bundled:base-a.q8_0', prefills: 5 };
    const plan = parse({ finetuned: 'bundled:false-fact', reference: 'bundled:base-b', corpus: 'bundled:demo', noiseFloor });
    const resolved = await resolveBundledPlan(plan, media);
    expect(resolved.finetuned).toEqual({
      gguf: join(media, 'demo/base-a.f16.gguf'),
      lora: [{ path: join(media, 'demo/false-fact.lora.gguf'), scale: 1 }],
    });
    expect(resolved.reference).toEqual({ gguf: join(media, 'demo/base-b.f16.gguf'), lora: [] });
    expect(resolved.noiseFloor).toEqual({ model: { gguf: join(media, 'demo/base-a.q8_0.gguf'), lora: [] }, prefills: 5 });
    for (const file of [resolved.finetuned, resolved.reference, resolved.noiseFloor!.model]
      .flatMap((model) => (isEndpoint(model) ? [] : [model.gguf, ...model.lora.map(({ path }) => path)]))
      .concat(resolved.corpus)) {
      expect(readFileSync(file).length).toBeGreaterThan(1000);
    }
  });

  it('that do not exist are answered with the ones that do', async () => {
    const plan = parse({ finetuned: 'bundled:nothing', reference: 'bundled:base-b' });
    await expect(resolveBundledPlan(plan, media)).rejects.toMatchObject({
      code: 'fileNotFound',
      message: expect.stringMatching(/no bundled:nothing\. .*bundled:base-a.*bundled:false-fact/) as string,
    });
  });
});

describe('a plan file that cannot be read', () => {
  it('is a bad plan, not a bad journal', async () => {
    const folder = await makeTempFolder();
    await expect(readPlanFile(folder)).rejects.toMatchObject({ code: 'badPlan', message: expect.stringContaining(`${folder} is a folder`) as string });
    await expect(readPlanFile(join(folder, 'no.audit-plan.json'))).rejects.toMatchObject({ code: 'fileNotFound' });
  });
});

describe('an endpoint', () => {
  it('is an address, or an object with a key’s variable and headers', () => {
    const full = { endpoint: 'https://api.example.org/v1/', model: 'org/model@2', apiKeyEnv: 'EXAMPLE_KEY', headers: { 'X-Team': '${TEAM}' } };
    const plan = parse({ finetuned: 'openai:org/model@2@http://localhost:8000/v1/', reference: full });
    expect(plan.finetuned).toEqual({ endpoint: 'http://localhost:8000/v1', model: 'org/model@2' });
    expect(plan.reference).toEqual({ ...full, endpoint: 'https://api.example.org/v1' });
    const written = JSON.parse(formatPlan(plan, '/plans/a.audit-plan.json')) as { finetuned: unknown; reference: unknown };
    expect(written.finetuned).toBe('openai:org/model@2@http://localhost:8000/v1');
    expect(parsePlan(JSON.stringify(written), '/plans/a.audit-plan.json')).toMatchObject({ finetuned: plan.finetuned, reference: plan.reference });
  });

  it.each([
    ['openai:model', /is no endpoint/],
    ['openai:model@ftp://x/v1', /is no endpoint/],
    ['openai:model@http://user:secret@host/v1', /is no endpoint/],
    [{ endpoint: 'localhost:8000', model: 'm' }, /base URL/],
    [{ endpoint: 'http://h/v1', model: 'm', apiKeyEnv: 'sk-abc def' }, /environment variable \(capital letters\), not a key/],
    [{ endpoint: 'http://h/v1', model: 'm', apiKey: 'sk-abc' }, /no field of a plan/],
  ])('%j is refused', (finetuned, message) => {
    const error = catchPlanError({ finetuned, reference: 'r.gguf' });
    expect(error.code).toBe('badPlan');
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  });
});

function catchPlanError(content: object): AuditError {
  try {
    parse(content);
  } catch (error) {
    if (error instanceof AuditError) return error;
  }
  throw new Error('The plan was not refused.');
}

describe('an address of the hub', () => {
  it.each(['hf:user/repo:Q8_0', 'HF:user/repo:Q8_0', 'huggingface:user/repo/file.gguf', 'hf://user/repo/file.gguf'])('%s is no path', (address) => {
    expect(isAddress(address)).toBe(true);
    expect(parse({ finetuned: address, reference: 'r.gguf' }).finetuned).toEqual({ gguf: address, lora: [] });
  });

  it.each(['hf.gguf', './hf:x.gguf', 'C:\\hf.gguf', 'bundled:base-a'])('%s is none', (address) => {
    expect(isAddress(address)).toBe(false);
  });
});

it('all that is wrong with a plan is told with its lines, and what its schema cannot tell is marked', () => {
  const text = '{\n  "finetuned": "a.gguf",\n  "reference": "b.gguf",\n  "prefills": "many",\n  "frame": ["raw"]\n}';
  const problems = listPlanProblems(text, '/plans/x.audit-plan.json');
  expect(problems.map(({ line, isInSchema }) => [line, isInSchema]).sort()).toEqual([
    [4, true],
    [5, true],
  ]);
  expect(problems.map(({ message }) => message).join('\n')).not.toContain('/plans/');
  const address = '{"finetuned": "openai:nonsense", "reference": "b.gguf"}';
  expect(listPlanProblems(address, '/plans/x.audit-plan.json')).toMatchObject([{ isInSchema: false }]);
  expect(listPlanProblems('{"finetuned": "a.gguf", "reference": "b.gguf"}', '/plans/x.audit-plan.json')).toEqual([]);
});
