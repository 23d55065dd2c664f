/** Vocabularies of real models: llama.cpp's own test texts give the ids that llama.cpp expects. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getLlama, type Llama } from 'node-llama-cpp';
import * as library from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectGguf } from '../../../src/models/local/process/gguf-inspection.js';
import { Vocabulary } from '../../../src/models/local/process/vocabulary.js';
import { llamaCppModels } from './llama-cpp-files.js';

const folder = llamaCppModels();

/** Those that come with texts and belong to models that generate text. */
const NAMES = readdirSync(folder)
  .filter((name) => name.endsWith('.gguf') && existsSync(join(folder, `${name}.inp`)) && !name.includes('bert'))
  .sort();

describe('vocabularies of real models', () => {
  let llama: Llama;
  beforeAll(async () => {
    // The files have no weights, of which the library complains while it estimates how much memory they take.
    llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false, logger: () => undefined });
  });
  afterAll(() => llama.dispose());
  it('are there', () => expect(NAMES.length).toBeGreaterThan(12));

  it.each(NAMES)(
    '%s cuts every text as llama.cpp expects',
    async (name) => {
      const path = join(folder, name);
      const given = readFileSync(`${path}.inp`, 'utf8').split('\n__ggml_vocab_test__\n');
      const wanted = readFileSync(`${path}.out`, 'utf8')
        .split('\n')
        .map((line) =>
          line
            .split(' ')
            .filter((id) => id !== '')
            .map(Number),
        );
      // As the model process does it: the file is checked, then only its vocabulary is loaded.
      const file = await inspectGguf(path, library);
      const model = await llama.loadModel({ modelPath: file.path, vocabOnly: true });
      const vocabulary = new Vocabulary(model, file);
      const cut = given.map((text) => vocabulary.tokenize(text, false));
      await model.dispose();
      cut.forEach((pieces, index) =>
        expect(
          pieces.map(({ id }) => id),
          JSON.stringify(given[index]),
        ).toEqual(wanted[index]),
      );
      expect(cut.length).toBeGreaterThan(40);
      // A watchdog: the largest are read in a second or two where nothing else runs.
    },
    240_000,
  );
});
