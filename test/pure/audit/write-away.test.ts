import { expect, it } from 'vitest';
import { DEFAULT_FRAMING_TEXTS } from '../../../src/audit/framing.js';
import { writeAway } from '../../../src/audit/write-away.js';
import { createFinetuned, createReference } from './models.js';
import { BOS, type NgramModel } from './ngram-model.js';

const { signal } = new AbortController();

async function all<T>(answers: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const answer of answers) list.push(answer);
  return list;
}

it('a writer in the logit form generates away from the other model, and is the model itself in all else', async () => {
  const [model, other] = [createFinetuned(), createReference()];
  const asked: unknown[] = [];
  Object.assign(model, {
    remarks: ['slow'],
    generateAway(this: NgramModel, wave: Parameters<NgramModel['generate']>[0], ...rest: [unknown, number, { signal: AbortSignal }]) {
      asked.push(rest);
      return this.generate(wave, rest[2]);
    },
  });
  const writer = writeAway(model, other, 1.5);
  expect([writer.identity, writer.capabilities, writer.remarks]).toEqual([model.identity, model.capabilities, ['slow']]);
  const wave = [{ id: 3, prompt: [BOS], maxTokens: 4, temperature: 0, seed: 1 }];
  expect(await all(writer.generate(wave, { signal }))).toEqual(await all(model.generate(wave, { signal })));
  expect(asked).toEqual([[other, 1.5, { signal }]]);
  expect(await writer.tokenize(['The old'], signal)).toEqual(await model.tokenize(['The old'], signal));
  expect(await writer.pieces([100], signal)).toEqual(await model.pieces([100], signal));
  const frame = { framing: 'chat', texts: DEFAULT_FRAMING_TEXTS } as const;
  expect(await writer.frame(frame, signal)).toEqual(await model.frame(frame, signal));
  const given = [{ id: 1, prompt: [BOS], continuation: [100] }];
  expect(await all(writer.logprobsOf(given, { signal }))).toEqual(await all(model.logprobsOf(given, { signal })));
  expect(await writer.alternatives({ prompt: [BOS] }, 3, signal)).toEqual(await model.alternatives({ prompt: [BOS] }, 3, signal));
});

it('a model that cannot be computed with another is refused as a writer, and one without remarks gets none', () => {
  expect(() => writeAway(createFinetuned(), createReference(), 1)).toThrow(
    expect.objectContaining({
      code: 'cannotGenerate',
      message: expect.stringMatching(/^tuned cannot be amplified by logits: both models must be GGUF files/) as string,
    }),
  );
  expect(writeAway(Object.assign(createFinetuned(), { generateAway: () => undefined }) as never, createReference(), 1)).not.toHaveProperty('remarks');
});
