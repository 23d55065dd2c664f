/** What is read of safetensors files, and that no header is believed. */
import { mkdtempSync, readFileSync as readBytes, rmSync, writeFileSync as writeBytes } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { AuditError } from '../../../../src/audit/errors.js';
import { SafetensorsFile } from '../../../../src/models/local/process/peft/safetensors.js';
import { float32, writeRaw, writeSafetensors } from './safetensors-file.js';

const folder = mkdtempSync(join(tmpdir(), 'finetune-auditor-safetensors-'));
const path = join(folder, 'some.safetensors');
afterAll(() => rmSync(folder, { recursive: true }));

function read(file: string): Record<string, { shape: readonly number[]; values: number[] }> {
  const opened = new SafetensorsFile(file);
  try {
    return Object.fromEntries(opened.tensors.map((tensor) => [tensor.name, { shape: tensor.shape, values: [...opened.readValues(tensor)] }]));
  } finally {
    opened.close();
  }
}

function refusal(file: string): AuditError {
  try {
    read(file);
  } catch (error) {
    if (error instanceof AuditError) return error;
    throw error;
  }
  throw new Error('it was read');
}

it('gives back what was written, in F32, F16 and BF16', () => {
  writeSafetensors(path, {
    a: { dtype: 'F32', shape: [2, 3], data: float32([1, -2, 3.25, 0, 1e-20, 1e20]) },
    half: { dtype: 'F16', shape: [2], data: Buffer.from([0x00, 0x3c, 0x00, 0xc2]) },
    brain: { dtype: 'BF16', shape: [1, 2], data: Buffer.from([0x80, 0x3f, 0x40, 0xc0]) },
    nothing: { dtype: 'F32', shape: [0, 4], data: Buffer.alloc(0) },
  });
  expect(read(path)).toEqual({
    a: { shape: [2, 3], values: [1, -2, 3.25, 0, Math.fround(1e-20), Math.fround(1e20)] },
    half: { shape: [2], values: [1, -3] },
    brain: { shape: [1, 2], values: [1, -3] },
    nothing: { shape: [0, 4], values: [] },
  });
});

it('reads any tensors of any shapes', () => {
  const tensor = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 20 });
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__' && name !== '__proto__'),
        tensor,
        { maxKeys: 6 },
      ),
      (all) => {
        writeSafetensors(
          path,
          Object.fromEntries(Object.entries(all).map(([name, values]) => [name, { dtype: 'F32', shape: [values.length], data: float32(values) }])),
        );
        const found = read(path);
        expect(new Map(Object.entries(found).map(([name, { values }]) => [name, values]))).toEqual(new Map(Object.entries(all)));
      },
    ),
    { numRuns: 200 },
  );
});

const ONE = { t: { dtype: 'F32', shape: [2], data: float32([1, 2]) } };
const TWO = { ...ONE, u: { dtype: 'F32', shape: [2], data: float32([3, 4]) } };

it.each<[what: string, write: () => string, says: RegExp]>([
  ['a place beyond the file', () => writeSafetensors(path, ONE, ({ t }) => void (t!.data_offsets = [8, 16])), /begins at byte/],
  ['a shape of other length than the place', () => writeSafetensors(path, ONE, ({ t }) => void (t!.shape = [3])), /8 bytes for 3 values/],
  ['a shape beyond all numbers', () => writeSafetensors(path, ONE, ({ t }) => void (t!.shape = [2 ** 40, 2 ** 40])), /bytes for/],
  ['a negative length', () => writeSafetensors(path, ONE, ({ t }) => void (t!.data_offsets = [8, 0])), /-8 bytes/],
  ['two tensors in one place', () => writeSafetensors(path, TWO, ({ u }) => void (u!.data_offsets = [0, 8])), /begins at byte/],
  ['a hole between two', () => writeSafetensors(path, TWO, (header) => void delete header['t']), /begins at byte/],
  ['data that no tensor is of', () => writeSafetensors(path, TWO, (header) => void delete header['u']), /tensors end at byte/],
  ['a value that is no number', () => writeSafetensors(path, { t: { dtype: 'F32', shape: [1], data: float32([NaN]) } }), /no numbers/],
  ['a header longer than the file', () => writeRaw(path, '{}', Buffer.alloc(0), 1n << 60n), /header is said to be of 1152921504606846976 bytes/],
  ['a header that is no JSON', () => writeRaw(path, '{"t":'), /no JSON/],
  ['a header that is a list', () => writeRaw(path, '[]'), /no JSON object/],
  [
    'a header with a text for a shape',
    () => writeRaw(path, '{"t":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}', Buffer.alloc(8)),
    /type, shape and place/,
  ],
  [
    'a shape that is no array but says it is',
    () => writeRaw(path, '{"t":{"dtype":"F32","shape":{"length":{"toString":1}},"data_offsets":[0,8]}}', Buffer.alloc(8)),
    /type, shape and place/,
  ],
  ['a file of no bytes', () => writeRaw(path, ''), /header/],
])('refuses %s', (_, write, says) => {
  const { code, message } = refusal(write());
  expect(code).toBe('corruptModel');
  expect(message).toMatch(says);
});

it('names a type that it does not read', () => {
  expect(refusal(writeSafetensors(path, { t: { dtype: 'F8_E4M3', shape: [4], data: Buffer.alloc(4) } }))).toMatchObject({
    code: 'unsupportedModel',
    message: expect.stringContaining('F8_E4M3'),
  });
});

it('never fails but in words, whatever bytes are changed', () => {
  const good = () => writeSafetensors(path, TWO);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
      const opened = good();
      const bytes = readBytes(opened);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      writeBytes(opened, bytes);
      try {
        read(opened);
      } catch (error) {
        expect(error).toBeInstanceOf(AuditError);
      }
    }),
    { numRuns: 500 },
  );
});
