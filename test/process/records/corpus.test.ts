import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/records/corpus/read-corpus.js';
import { makeParquet } from '../../pure/records/parquet-fixture.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

async function readOne(name: string, content: string | Uint8Array): Promise<readonly string[]> {
  const folder = await makeTempFolder();
  writeFileSync(join(folder, name), content);
  return (await readCorpus([name], { folder })).passages;
}

describe('a corpus file', () => {
  it('of text is cut at blank lines', async () => {
    expect(await readOne('a.txt', '\uFEFFOne\nstill one.\r\n \t\r\n\r\nTwo ☃\n\n\n')).toEqual(['One\nstill one.', 'Two ☃']);
  });

  it('in UTF-16 or Latin letters of old is read as what it says', async () => {
    expect(await readOne('a.txt', Buffer.from('\uFEFFGrüße', 'utf16le'))).toEqual(['Grüße']);
    expect(await readOne('b.txt', Buffer.from('Grüße', 'latin1'))).toEqual(['Grüße']);
  });

  it.each([
    ['{"text": "One\\n\\nTwo", "meta": "a much longer field than the text"}\n\n{"text": "Three"}\n', ['One', 'Two', 'Three']],
    ['{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "text", "text": "Ho"}]}]}', ['Hi', 'Ho']],
    ['{"conversations": [{"from": "human", "value": "Hi"}]}', ['Hi']],
    ['{"id": "17", "poem": "Longest is meant"}', ['Longest is meant']],
    ['"Only a string"\n{"n": 3}\n', ['Only a string']],
  ])('of JSON lines %j', async (content, passages) => {
    expect(await readOne('a.jsonl', content)).toEqual(passages);
  });

  it('of JSON may be a list or have one inside', async () => {
    expect(await readOne('a.json', '["One", {"content": "Two"}]')).toEqual(['One', 'Two']);
    expect(await readOne('b.json', '{"version": 2, "data": [{"body": "One"}, {"body": "Two"}]}')).toEqual(['One', 'Two']);
  });

  it('of CSV has its text where the header says, or where it is longest', async () => {
    expect(await readOne('a.csv', 'id,Text,label\n1,"One, ""quoted""\nline",x\n2,Two,y\n')).toEqual(['One, "quoted"\nline', 'Two']);
    expect(await readOne('b.csv', 'n,poem\n1,The rain in the hills came late.\n2,And went.\n')).toEqual(['The rain in the hills came late.', 'And went.']);
    expect(await readOne('c.csv', '1,No header here at all.\n2,Second row.\n')).toEqual(['No header here at all.', 'Second row.']);
  });

  it('of CSV with a quotation mark left open is named rather than read as one row without end', async () => {
    const failure = readOne('a.csv', `id,text\n1,"open\n${'2,Some more of the text.\n'.repeat(400_000)}`);
    await expect(failure).rejects.toMatchObject({
      code: 'badCorpusFile',
      message: expect.stringMatching(/a\.csv .*row that ends at line \d+ is longer.*quotation mark/) as string,
    });
  });

  it('of TSV keeps quotation marks', async () => {
    expect(await readOne('a.tsv', 'text\tn\nHe said "no\t1\n"Yes"\t2\n')).toEqual(['He said "no', '"Yes"']);
  });

  it('of Parquet has its text in the column that says so, or in the longest', async () => {
    expect(await readOne('a.parquet', makeParquet({ id: ['a', 'b'], text: ['One\n\nTwo', 'Three'] }))).toEqual(['One', 'Two', 'Three']);
    expect(await readOne('b.parquet', makeParquet({ id: ['a', 'b'], poem: ['Longest', 'is meant'] }))).toEqual(['Longest', 'is meant']);
  });

  it.each([
    ['a.jsonl', '{"text": "One"}\n{"text": ', /a\.jsonl could not be read as a corpus: line 2 is not valid JSON/],
    ['a.json', '[1,', /not valid JSON/],
    ['a.bin', Uint8Array.from([0, 1, 2, 0]), /not a text file/],
    ['a.parquet', 'PAR1 nonsense', /a\.parquet could not be read/],
  ])('%s that cannot be read is named, with a way out', async (name, content, message) => {
    const failure = readOne(name, content);
    await expect(failure).rejects.toMatchObject({ code: 'badCorpusFile', message: expect.stringMatching(message) as string });
    await expect(failure).rejects.toThrow(/convert it to plain text/);
  });
});

describe('a corpus', () => {
  async function makeFolder(): Promise<string> {
    const folder = await makeTempFolder();
    mkdirSync(join(folder, 'b/.hidden'), { recursive: true });
    mkdirSync(join(folder, 'b[1]'));
    const files = { 'c.txt': 'C', 'b/z.md': 'Z', 'b/A.txt': 'A', 'b/a.txt': 'a', 'b/.hidden/h.txt': 'H', '.h.txt': 'h', 'b[1]/q.txt': 'Q' };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'b/picture.png'), Uint8Array.from([137, 80, 0, 0]));
    return folder;
  }

  it('of a folder is all its texts, sorted, without hidden files', async () => {
    const folder = await makeFolder();
    const corpus = await readCorpus(['.'], { folder });
    expect(corpus.passages).toEqual(['A', 'a', 'Z', 'Q', 'C']);
    expect(corpus.remarks).toEqual([expect.stringContaining('picture.png')]);
  });

  it('takes paths in the order given, each file once', async () => {
    const folder = await makeFolder();
    expect((await readCorpus(['c.txt', 'b/*.txt', 'c.txt', 'b'], { folder })).passages).toEqual(['C', 'A', 'a', 'Z']);
    expect((await readCorpus(['b[1]'], { folder })).passages).toEqual(['Q']);
  });

  it('names a path that leads nowhere', async () => {
    const folder = await makeFolder();
    await expect(readCorpus(['no.txt'], { folder })).rejects.toMatchObject({ code: 'fileNotFound', message: expect.stringContaining('no.txt') as string });
    await expect(readCorpus(['*.pdf'], { folder })).rejects.toMatchObject({ code: 'fileNotFound' });
  });

  it('is read with pauses, in which it can be cancelled', async () => {
    const folder = await makeTempFolder();
    writeFileSync(join(folder, 'a.jsonl'), '{"text": "A passage of some words.", "id": 17}\n'.repeat(200_000));
    // Asked before the file, then in every pause.
    let asked = 0;
    const signal = Object.defineProperty(new AbortController().signal, 'aborted', { get: () => ++asked > 3 });
    await expect(readCorpus(['a.jsonl'], { folder, signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect((await readCorpus(['a.jsonl'], { folder })).passages).toHaveLength(200_000);
  });

  it('without a text is an error', async () => {
    const folder = await makeTempFolder();
    writeFileSync(join(folder, 'a.txt'), ' \n\n ');
    await expect(readCorpus(['a.txt'], { folder })).rejects.toMatchObject({
      code: 'emptyCorpus',
      message: expect.stringContaining('bundled:general') as string,
    });
  });

  it('is read up to a limit, and says so', async () => {
    const folder = await makeTempFolder();
    writeFileSync(join(folder, 'a.txt'), 'é'.repeat(10) + '\n\n' + 'word\n'.repeat(10));
    writeFileSync(join(folder, 'b.txt'), 'never');
    const { passages, remarks } = await readCorpus(['a.txt', 'b.txt'], { folder, bytesAtMost: 30 });
    expect(passages[0]).toBe('é'.repeat(10));
    expect(passages.join('')).not.toContain('never');
    expect(remarks).toEqual(['Only the first 30 bytes of the corpus were read.']);
  });

  it('can be cancelled', async () => {
    const folder = await makeFolder();
    await expect(readCorpus(['.'], { folder, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
