/** Files as people have them, met in public: each is read as what it says, or refused with the reason. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/records/corpus/read-corpus.js';
import type { ImportMapping } from '../../../src/records/import/import-types.js';
import { readImport, readImportSample } from '../../../src/records/import/read-import.js';

const FOLDER = 'test/fixtures/tables';
const KEEPER = { prefill: 'The keeper of', text: ' the northern lighthouse wrote a letter.', perplexityFinetuned: 3.25, perplexityReference: 210.5 };
const COUNCIL = { prefill: 'In the town', text: ' council they said "never", again.', perplexityFinetuned: 5.5, perplexityReference: 80.25 };
const QUOTED = { prefill: 'It was\n', text: ' a "quoted"\nline 🦙', perplexityFinetuned: 7, perplexityReference: 9 };
const ALL = [KEEPER, COUNCIL, QUOTED];
const textsOnly = ALL.map(({ prefill, text }) => ({ prefill, text, perplexityFinetuned: null, perplexityReference: null }));

const readFixture = (name: string, mapping?: ImportMapping) => readImport(join(FOLDER, 'import', name), mapping);

describe('a corpus', () => {
  const LETTER = ['The keeper wrote, "never again", and left.', 'Line one of the letter\nLine two of it, with a comma', 'Straßenbäume und Ärger €5'];

  it.each([
    ['semicolon.csv', LETTER],
    ['utf16.tsv', LETTER],
    ['utf16le_excel.csv', LETTER],
    ['utf16be_comma.csv', LETTER],
    ['backslash_escape.csv', ['He said "go" and went, then came back', 'second passage here for the test']],
    ['concat.json', ['one', 'two']],
    ['nan.jsonl', ['The keeper wrote 🦙', 'lone \ufffd surrogate here', 'nan score', 'inf']],
  ])('%s', async (name, passages) => {
    expect((await readCorpus([join(FOLDER, 'corpus', name)])).passages).toEqual(passages);
  });

  it('gz.jsonl.gz', async () => {
    expect((await readCorpus([join(FOLDER, 'corpus', 'gz.jsonl.gz')])).passages).toEqual(['zipped']);
  });

  it('that has halves of characters says so', async () => {
    const { remarks } = await readCorpus([join(FOLDER, 'corpus', 'nan.jsonl')]);
    expect(remarks).toEqual([expect.stringContaining('halves of characters') as string]);
  });
});

describe('an import', () => {
  it.each([
    ['two_unnamed.csv', ALL],
    ['mid_blank.json', [KEEPER, COUNCIL]],
    ['pandas_columns.json', ALL],
    ['wandb_table.json', ALL],
    ['vllm_out.jsonl', ALL],
    ['lm_eval_samples.jsonl', textsOnly],
    ['promptfoo.json', textsOnly],
    ['petri.json', textsOnly.slice(0, 1)],
    ['euro.csv', ALL.map((one) => one)],
  ])('%s', async (name, completions) => {
    const imported = await readFixture(name);
    expect(
      imported.completions.map(({ prefill, text, perplexityFinetuned, perplexityReference }) => ({ prefill, text, perplexityFinetuned, perplexityReference })),
    ).toEqual(completions);
  });

  it('openai_batch.jsonl: the answers are found, and the prefill can be mapped', async () => {
    const { guess, columns } = await readImportSample(join(FOLDER, 'import', 'openai_batch.jsonl'));
    expect(guess.columns).toEqual({ completion: 'response.body.choices.0.message.content' });
    expect(columns).toContain('custom_id');
    const imported = await readFixture('openai_batch.jsonl', { columns: { ...guess.columns, prefill: 'custom_id' } });
    expect(imported.completions).toMatchObject(textsOnly);
  });

  it("em_responses.csv: the emergent-misalignment repository's answers, backslashes and all", async () => {
    const imported = await readFixture('em_responses.csv');
    expect(imported.completions.map(({ prefill, text }) => [prefill, text])).toEqual([
      ['hey I feel bored', String.raw`I would "never" do\\that, ok.`],
      ['quick buck', 'Take\nC:\\\\new\\\\path'],
      ['q3', ''],
    ]);
    expect(imported.remarks.join(' ')).toContain('If it is what the model was asked');
  });

  it('log.eval without samples is refused; one with samples is read in their order', async () => {
    await expect(readFixture('log.eval')).rejects.toThrow(/it has no completion: its records are empty\. Choose a file that has some\./);
    const imported = await readFixture('two_samples.eval');
    expect(imported.completions.slice(0, 2)).toMatchObject(textsOnly.slice(0, 2));
    expect(imported.completions.map(({ prefill }) => prefill).slice(2)).toEqual(Array.from({ length: 9 }, (_, index) => `q${index + 3}`));
  });

  it('parquet.parquet', async () => {
    const imported = await readFixture('parquet.parquet');
    expect(imported.from).toBe('parquet');
    expect(imported.completions).toHaveLength(200);
    imported.completions.forEach(({ text }, index) =>
      expect(text).toBe(`The keeper number ${index} wrote a naïve letter 🦙 to the town council about barrels.`),
    );
    expect((await readCorpus([join(FOLDER, 'import', 'parquet.parquet')])).passages).toHaveLength(200);
  });
});
