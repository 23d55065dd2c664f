import { expect, test } from 'vitest';
import { readServedModels } from '../../../src/endpoints/list-served-models.js';

test('an adapter names the model that it sits on', () => {
  const body = {
    object: 'list',
    data: [
      { id: 'base', parent: null, max_model_len: 256 },
      { id: 'my-lora', parent: 'base', root: '/x' },
    ],
  };
  expect(readServedModels(body)).toEqual([
    { id: 'base', contextLength: 256 },
    { id: 'my-lora', parent: 'base' },
  ]);
});

test('a list that is not wrapped is read, and what is no model is passed over', () => {
  expect(readServedModels([{ id: 'a' }, { name: 'b' }, null, { id: '' }, { id: 'c', context_length: 4096 }])).toEqual([
    { id: 'a' },
    { id: 'c', contextLength: 4096 },
  ]);
});

test.each([null, 'no', {}, { data: {} }])('%j holds no models', (body) => {
  expect(readServedModels(body)).toEqual([]);
});
