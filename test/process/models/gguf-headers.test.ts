/** Headers that are not what they should be: what is wrong and what to do, and nothing of them brings the model process down. */
import fc from 'fast-check';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditError, AuditErrorCode } from '../../../src/audit/errors.js';
import type { GgufSource } from '../../../src/audit/plan.js';
import { encodeHeader, readGguf, rewriteGguf, setText, ValueType, writeGguf, type Entry, type Gguf } from '../../pure/models/gguf-file.js';
import { demo, source, useLocalModels } from './local-process.js';

const BASE_A = demo('base-a.f16.gguf');
const ADAPTER = demo('bad-medical.lora.gguf');

describe('headers of model files', () => {
  const local = useLocalModels();
  const at = (name: string): string => join(local.folder, name);

  async function refusal(model: GgufSource): Promise<{ code: AuditErrorCode; message: string }> {
    const error: unknown = await local.open(model).then(
      ({ release }) => {
        release();
        return new Error('it was opened');
      },
      (reason: unknown) => reason,
    );
    return error as AuditError;
  }

  it('says that a file is big-endian', async () => {
    const bytes = readFileSync(BASE_A);
    bytes.writeUInt32BE(3, 4);
    writeFileSync(at('other-order.gguf'), bytes);
    const { code, message } = await refusal(source(at('other-order.gguf')));
    expect(code).toBe('unsupportedModel');
    expect(message).toMatch(/other-order\.gguf is big-endian.*gguf_convert_endian\.py/);
    expect(message).not.toContain('version');
  });

  it('says that an unknown pre-tokenizer needs a newer llama.cpp', async () => {
    rewriteGguf(BASE_A, at('newer.gguf'), (gguf) => setText(gguf, 'tokenizer.ggml.pre', 'gpt-17'));
    const { code, message } = await refusal(source(at('newer.gguf')));
    expect(code).toBe('unsupportedModel');
    expect(message).toMatch(/newer\.gguf needs a newer llama\.cpp.*pre-tokenizer "gpt-17".*Update the extension/);
    expect(message).not.toMatch(/download|convert/i);
  });

  it('remarks on a file that names no pre-tokenizer', async () => {
    rewriteGguf(BASE_A, at('unnamed.gguf'), (gguf) => void gguf.entries.delete('tokenizer.ggml.pre'));
    const { model, release } = await local.open(source(at('unnamed.gguf')));
    expect(model.remarks).toEqual([expect.stringMatching(/unnamed\.gguf does not name its pre-tokenizer/)]);
    release();
  });

  it('says how a renamed part of a split model has to be called', async () => {
    const [first, second] = writeSplit('split');
    copyFileSync(first, at('my-model.gguf'));
    const renamed = await refusal(source(at('my-model.gguf')));
    expect(renamed.code).toBe('unsupportedModel');
    expect(renamed.message).toMatch(/my-model\.gguf is part 1 of a model that is split into 2 files.*NAME-00001-of-00002\.gguf/);
    mkdirSync(at('swapped'));
    copyFileSync(second, at('swapped/split-00001-of-00002.gguf'));
    copyFileSync(first, at('swapped/split-00002-of-00002.gguf'));
    expect(await refusal(source(at('swapped/split-00001-of-00002.gguf')))).toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringContaining('it is part 2 of'),
    });
    copyFileSync(first, at('swapped/split-00001-of-00002.gguf'));
    copyFileSync(BASE_A, at('swapped/split-00002-of-00002.gguf'));
    expect(await refusal(source(at('swapped/split-00001-of-00002.gguf')))).toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringContaining('is no part of'),
    });
    copyFileSync(BASE_A, at('whole-00001-of-00003.gguf'));
    expect(await refusal(source(at('whole-00001-of-00003.gguf')))).toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringContaining('such as whole.gguf'),
    });
  });

  it('checks the metadata of every part of a split model', async () => {
    const [, second] = writeSplit('later');
    rewriteGguf(second, second, (gguf) => void gguf.entries.set('tokenizer.chat_template', { type: ValueType.uint32, value: 2 }));
    expect(await refusal(source(at('later-00001-of-00002.gguf')))).toMatchObject({
      code: 'corruptModel',
      message: expect.stringMatching(/later-00002-of-00002\.gguf.*chat_template is of another type/),
    });
  });

  function writeSplit(name: string): [string, string] {
    const whole = readGguf(BASE_A);
    const half = Math.floor(whole.tensors.length / 2);
    const keys = (index: number): [string, Entry][] => [
      ['split.no', { type: ValueType.uint16, value: index }],
      ['split.count', { type: ValueType.uint16, value: 2 }],
      ['split.tensors.count', { type: ValueType.int32, value: whole.tensors.length }],
    ];
    const architecture = whole.entries.get('general.architecture')!;
    return [
      writeGguf(at(`${name}-00001-of-00002.gguf`), { entries: new Map<string, Entry>([...whole.entries, ...keys(0)]), tensors: whole.tensors.slice(0, half) }),
      writeGguf(at(`${name}-00002-of-00002.gguf`), {
        entries: new Map<string, Entry>([['general.architecture', architecture], ...keys(1)]),
        tensors: whole.tensors.slice(half),
      }),
    ];
  }

  const tokens = readGguf(BASE_A).entries.get('tokenizer.ggml.tokens')!;
  const WRONG: readonly [what: string, change: (gguf: Gguf) => void, says: RegExp][] = [
    [
      'too few types of tokens',
      (gguf) => void (gguf.entries.get('tokenizer.ggml.token_type')!.value as number[]).pop(),
      /token_type has 2047 values for 2048 tokens/,
    ],
    [
      'a token that is there twice',
      (gguf) =>
        void ((gguf.entries.get('tokenizer.ggml.tokens')!.value as string[])[900] = (gguf.entries.get('tokenizer.ggml.tokens')!.value as string[])[901]!),
      /the token ".+" twice/,
    ],
    ['layers without end', (gguf) => void (gguf.entries.get('llama.block_count')!.value = 5000), /5000 layers/],
    [
      'layers without end behind a decoy of another architecture',
      (gguf) => {
        gguf.entries.get('llama.block_count')!.value = 5000;
        gguf.entries = new Map([['decoy.block_count', { type: ValueType.uint32, value: 1 }], ...gguf.entries]);
      },
      /5000 layers/,
    ],
    ['experts that are used and not there', (gguf) => void gguf.entries.set('llama.expert_used_count', { type: ValueType.uint32, value: 2 }), /2 of 0 experts/],
    [
      'scores of another type',
      (gguf) => void gguf.entries.set('tokenizer.ggml.scores', { type: ValueType.array, itemType: ValueType.uint8, value: [1] }),
      /scores is of another type/,
    ],
    [
      'tokens that are no texts',
      (gguf) => void gguf.entries.set('tokenizer.ggml.tokens', { ...tokens, itemType: ValueType.uint8, value: [1] }),
      /tokens is of another type/,
    ],
    [
      'a place in a split that is no number',
      (gguf) => void gguf.entries.set('split.count', { type: ValueType.string, value: '2' }),
      /split\.count is of another type/,
    ],
    [
      'a template that is no text',
      (gguf) => void gguf.entries.set('tokenizer.chat_template', { type: ValueType.uint32, value: 2 }),
      /chat_template is of another type/,
    ],
    ['names that reach into objects', (gguf) => void gguf.entries.set('__proto__.polluted', { type: ValueType.uint32, value: 2 }), /__proto__/],
    ['an odd alignment', (gguf) => void gguf.entries.set('general.alignment', { type: ValueType.uint32, value: 24 }), /alignment/],
    ['two tensors of one name', (gguf) => void (gguf.tensors[1]!.name = gguf.tensors[0]!.name), /two tensors/],
    ['a name that ggml has no room for', (gguf) => void (gguf.tensors[1]!.name = 'x'.repeat(64)), /name of 64 characters/],
    ['five dimensions', (gguf) => void gguf.tensors[1]!.shape.push(1, 1, 1, 1), /dimensions/],
  ];

  it.each(WRONG)('refuses %s', async (_what, change, says) => {
    const { code, message } = await refusal(source(rewriteGguf(BASE_A, at('wrong.gguf'), change)));
    expect(message).toMatch(says);
    expect(code).toBe('corruptModel');
  });

  it('tells quantisations that are gone from those that are to come', async () => {
    rewriteGguf(BASE_A, at('gone.gguf'), (gguf) => void (gguf.tensors[1]!.type = 31));
    expect(await refusal(source(at('gone.gguf')))).toMatchObject({ code: 'unsupportedModel', message: expect.stringContaining('has dropped') });
    rewriteGguf(BASE_A, at('to-come.gguf'), (gguf) => void (gguf.tensors[1]!.type = 99));
    expect(await refusal(source(at('to-come.gguf')))).toMatchObject({ code: 'unsupportedModel', message: expect.stringContaining('does not know. Update') });
  });

  /** Where in a header a byte is changed, as a share of its length, and to what. Its middle is the vocabulary, which is the most of it. */
  const place = fc.oneof(
    fc.double({ min: 0, max: 0.01, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0.96, max: 1, noNaN: true }),
  );
  const mutations = fc.array(fc.record({ at: place, to: fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.integer({ min: 0, max: 255 })) }), {
    minLength: 1,
    maxLength: 3,
  });

  it.each([
    ['model', BASE_A, (path: string) => source(path)],
    ['adapter', ADAPTER, (path: string) => source(BASE_A, path)],
  ])(
    'opens a %s whose header was changed somewhere, or refuses it with a reason',
    async (kind, file, make) => {
      const original = readFileSync(file);
      const { length } = encodeHeader(readGguf(file)).header;
      await fc.assert(
        fc.asyncProperty(mutations, async (changes) => {
          const bytes = Buffer.from(original);
          for (const { at: place, to } of changes) bytes[Math.min(length - 1, Math.floor(place * length))] = to;
          const path = at(`mutated-${kind}.gguf`);
          writeFileSync(path, bytes);
          (await local.open(source(BASE_A))).release();
          const { processId } = local.models;
          const outcome = await refusal(make(path));
          expect(local.models.processId, `${JSON.stringify(changes)}: ${outcome.message}`).toBe(processId);
          if (outcome.message !== 'it was opened')
            expect(['notGguf', 'corruptModel', 'unsupportedModel', 'adapterDoesNotFit', 'tooLargeForMemory']).toContain(outcome.code);
        }),
        { numRuns: Number(process.env['FUZZ'] ?? 60), seed: 7 },
      );
    },
    120_000,
  );
});
