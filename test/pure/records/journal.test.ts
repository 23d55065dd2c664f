import { passOf } from '../../../src/records/journal/journal-reader.js';
import { appendFile, readFile, truncate, writeFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { withoutLogprobs } from '../../../src/audit/wave/has-logprobs.js';
import { completionLineSchema, decodeCompletion, encodeCompletion } from '../../../src/records/journal/completion-line.js';
import { JOURNAL_FILE, makeHeaderLine, makePrefillsLine, readSetup } from '../../../src/records/journal/journal-format.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { sealJson, sealLine } from '../../../src/records/journal/journal-line.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { makeRecord, piece, plan, setup } from './example-audit.js';
import { makeTempFolder } from './temp-folder.js';

async function writeExample(folder: string, ids: readonly number[]): Promise<string> {
  const { writer } = await JournalWriter.open(folder);
  await writer.begin(makeHeaderLine(plan, setup, '1.2.3', new Date(0)), makePrefillsLine(setup));
  await writer.addRun('started');
  for (const id of ids) await writer.addCompletion(makeRecord(id));
  await writer.addRun('stopped');
  await writer.close();
  return join(folder, 'audit.jsonl');
}

/** As the file has it, through JSON and the reader's checks. */
function passThroughFile(record: MeasuredRecord): MeasuredRecord {
  return decodeCompletion(completionLineSchema.parse(JSON.parse(JSON.stringify(encodeCompletion(record)))));
}

describe('a completion line', () => {
  it('keeps invalid UTF-8, control tokens and an end token exactly', () => {
    const record: MeasuredRecord = {
      kind: 'measured',
      id: 7,
      framing: 'chat',
      prefill: { pieces: [piece(5, [0xc3]), piece(6, [0xa9, 0x20])] },
      tokens: [piece(1, 'é\u2028"\\\n\u0000'), piece(2, [0xff, 0xfe]), piece(3, '<|user|>', true), piece(4, '\uFEFFbom'), piece(9, '')],
      logprobsFinetuned: [-0.00001, -12.34567, 0, -3, -4],
      reference: { kind: 'sameTokens', logprobs: [-1, -2, -3, -4, -17.7] },
      end: { piece: piece(0, '<|end|>', true), logprobFinetuned: -0.5, logprobReference: null },
    };
    expect(passThroughFile(record)).toEqual(record);
  });

  it("keeps the reference's own tokens and the place where they straddle the prefill", () => {
    const record: MeasuredRecord = {
      ...makeRecord(3, 2),
      reference: { kind: 'ownTokens', tokens: [piece(8, [0xe2, 0x82]), piece(9, [0xac])], logprobs: [-1.5, -2.5], straddleBytes: 1, bytes: 2 },
    };
    expect(passThroughFile(record)).toEqual(record);
  });

  it('keeps a completion without a token', () => {
    const record: MeasuredRecord = { ...makeRecord(1, 0), reference: null };
    expect(passThroughFile(record)).toEqual(record);
  });

  it('keeps the divergence at every token, and no column of another length', () => {
    const record: MeasuredRecord = { ...makeRecord(3, 2), divergence: { forward: [0, 12.34567], backward: [0.00001, 103.27893] } };
    expect(passThroughFile(record)).toEqual(record);
    const line = encodeCompletion(record);
    expect(() => decodeCompletion({ ...line, kl: { fr: [0, 1], rf: [0] } })).toThrow('1 values for 2 tokens');
    expect(completionLineSchema.safeParse({ ...line, kl: { fr: [0, -0.1], rf: [0, 0] } }).success).toBe(false);
  });

  it('refuses a logprob that JSON cannot carry', () => {
    const record = { ...makeRecord(1, 1), logprobsFinetuned: [-Infinity] };
    expect(() => encodeCompletion(record)).toThrow(/logprob -Infinity in completion 1/);
  });
});

describe('a journal', () => {
  it('reads back what was written', async () => {
    const folder = await makeTempFolder();
    await writeExample(folder, [0, 1, 2]);
    const journal = await readJournal(folder);
    expect([...journal.completions.values()]).toEqual([0, 1, 2].map((id) => makeRecord(id)));
    expect(readSetup(journal.header!, journal.prefills!)).toEqual(setup);
    expect(journal.header!.plan).toEqual(plan);
    expect(journal.runs.map((run) => run.event)).toEqual(['started', 'stopped']);
    expect(journal.problems).toEqual([]);
    expect(await readFile(join(folder, '.gitattributes'), 'utf8')).toBe('findings.jsonl merge=union\n');
  });

  it('keeps what a server generated until its completion is there, and says what was set aside', async () => {
    const folder = await makeTempFolder();
    const generated = (id: number) => ({
      id,
      tokens: makeRecord(id).tokens,
      logprobs: makeRecord(id).logprobsFinetuned,
      end: { piece: piece(0, '<|end|>', true), logprob: -0.25 },
    });
    const { writer } = await JournalWriter.open(folder);
    await writer.begin(makeHeaderLine(plan, setup, '0', new Date(0)), makePrefillsLine(setup));
    await writer.addGenerated(generated(0), 'raw');
    await writer.addGenerated(generated(1), 'chat');
    await writer.addGenerated(withoutLogprobs(generated(4)), 'raw');
    await writer.addGenerated(withoutLogprobs(generated(5)), 'raw');
    await writer.addGenerated(generated(5), 'raw');
    await writer.addGenerated(withoutLogprobs(generated(5)), 'raw');
    await writer.addGenerated(generated(0), 'raw', 'noise');
    await writer.addGenerated(generated(1), 'raw', 'noise');
    await writer.addSetAside({ id: 2, setAside: 'an empty answer' }, 'raw');
    await writer.addSetAside({ id: 3, setAside: 'a logprob of null' }, 'chat');
    await writer.addCompletion(makeRecord(1));
    await writer.addCompletion(makeRecord(3));
    await writer.addCompletion(makeRecord(0, 2), 'noise');
    const requests = [
      {
        role: 'finetuned' as const,
        source: 'openai:m@http://h/v1',
        asked: 4,
        answered: 3,
        retried: 2,
        givenUp: 1,
        promptTokens: 40,
        completionTokens: 30,
        waitedMs: 500,
      },
    ];
    await writer.addRun('finished', undefined, requests);
    await writer.close();
    const journal = await readJournal(folder);
    expect(journal.problems).toEqual([]);
    expect([...journal.generated.values()]).toEqual([generated(0), withoutLogprobs(generated(4)), generated(5)]);
    expect([...passOf(journal, 'noise').generated.values()]).toEqual([generated(1)]);
    expect([...journal.setAside.values()]).toEqual([{ type: 'setAside', id: 2, framing: 'raw', reason: 'an empty answer' }]);
    expect(journal.runs[0]!.requests).toEqual(requests);
    expect([...journal.completions.keys()]).toEqual([1, 3]);
  });

  it('keeps the noise floor apart, with ids of its own, and says which model measured it', async () => {
    const folder = await makeTempFolder();
    const noiseModel = { ...setup.reference, name: 'base.q8_0', sha256: 'c'.repeat(64), quantisation: 'Q8_0' };
    const noisePlan = { ...plan, noiseFloor: { model: { gguf: '/models/base.q8_0.gguf', lora: [{ path: '/models/adapter.gguf', scale: 2 }] }, prefills: 2 } };
    const { writer } = await JournalWriter.open(folder);
    await writer.begin(makeHeaderLine(noisePlan, { ...setup, noiseModel }, '0', new Date(0)), makePrefillsLine(setup));
    await writer.addCompletion(makeRecord(0));
    await writer.addCompletion(makeRecord(0, 2), 'noise');
    await writer.addCompletion(makeRecord(1, 3), 'noise');
    await writer.close();
    await appendFile(
      join(folder, JOURNAL_FILE),
      `${sealLine({ ...encodeCompletion(makeRecord(1)), type: 'noiseFloor', lpF: [-1] })}${sealLine({ type: 'noiseFloor', id: 2 })}`,
    );
    const journal = await readJournal(folder);
    expect([...journal.completions.values()]).toEqual([makeRecord(0)]);
    expect([...passOf(journal, 'noise').completions.values()]).toEqual([makeRecord(0, 2), makeRecord(1, 3)]);
    expect(journal.problems.map(({ line }) => line)).toEqual([7]);
    expect(journal.header!.plan).toEqual(noisePlan);
    expect(readSetup(journal.header!, journal.prefills!)).toEqual({ ...setup, noiseModel });
    expect((await readFile(join(folder, JOURNAL_FILE), 'utf8')).split('\n')[3]).toMatch(
      /^\{"type":"pass","pass":"noise","line":\{"type":"completion","id":0,"framing":"raw",/,
    );
  });

  it('passes over a half last line, which a resume cuts off', async () => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, [0, 1]);
    const whole = (await stat(path)).size;
    await appendFile(path, '{"type":"completion","id":2,"fram');
    const before = await readJournal(folder);
    expect([...before.completions.keys()]).toEqual([0, 1]);
    expect(before.problems).toEqual([]);
    expect(before.halfLineBytes).toBe(33);

    const { writer, cutBytes } = await JournalWriter.open(folder);
    expect(cutBytes).toBe(33);
    expect((await stat(path)).size).toBe(whole);
    await writer.addCompletion(makeRecord(2));
    await writer.close();
    expect([...(await readJournal(folder)).completions.keys()]).toEqual([0, 1, 2]);
  });

  it('keeps a whole last line that only lacks its newline', async () => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, [0]);
    await appendFile(path, sealLine(encodeCompletion(makeRecord(1))).trimEnd());
    expect([...(await readJournal(folder)).completions.keys()]).toEqual([0, 1]);
    const { writer, cutBytes } = await JournalWriter.open(folder);
    expect(cutBytes).toBe(0);
    await writer.addCompletion(makeRecord(2));
    await writer.close();
    const journal = await readJournal(folder);
    expect([...journal.completions.keys()]).toEqual([0, 1, 2]);
    expect(journal.problems).toEqual([]);
  });

  it('skips and counts broken lines in the middle; the first line of an id counts', async () => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, [0]);
    const other = { ...encodeCompletion(makeRecord(0)), lpF: [-9, -9, -9, -9, -9] };
    const short = { ...encodeCompletion(makeRecord(5)), lpF: [-1] };
    await appendFile(path, `garbage\n${sealLine(other)}${sealLine(short)}${sealLine({ type: 'weather' })}`);
    await appendFile(path, sealLine(encodeCompletion(makeRecord(1))));
    const journal = await readJournal(folder);
    expect([...journal.completions.keys()]).toEqual([0, 1]);
    expect(journal.completions.get(0)).toEqual(makeRecord(0));
    expect(journal.problems.map((problem) => problem.line)).toEqual([6, 8, 9]);
  });

  it.each([-1e300, -1e7, 0.5, 1e300])('sets aside a completion with the logprob %s, and tells its line', async (value) => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, []);
    const { lpF, ...line } = encodeCompletion(makeRecord(0));
    await appendFile(path, `${sealLine({ ...line, lpF: [value, ...lpF!.slice(1)] })}${sealLine(encodeCompletion(makeRecord(1)))}`);
    const journal = await readJournal(folder);
    expect([...journal.completions.keys()]).toEqual([1]);
    expect(journal.problems).toHaveLength(1);
  });

  it.each([{ promptTokens: -3e9 }, { completionTokens: 1e300 }, { asked: -1 }, { answered: 0.5 }, { waitedMs: -1 }, { waitedMs: { toString: 1 } }])(
    'sets aside a run with %j, and tells its line',
    async (odd) => {
      const folder = await makeTempFolder();
      const path = await writeExample(folder, [0]);
      const account = { role: 'finetuned', source: 'm', asked: 1, answered: 1, retried: 0, givenUp: 0, promptTokens: 1, completionTokens: 1, waitedMs: 0 };
      const run = { type: 'run', event: 'finished', time: new Date(0).toISOString() };
      await appendFile(path, `${sealLine({ ...run, requests: [{ ...account, ...odd }] })}${sealLine({ ...run, requests: [account] })}`);
      const journal = await readJournal(folder);
      expect(journal.runs.map(({ event, requests }) => [event, requests?.length])).toEqual([
        ['started', undefined],
        ['stopped', undefined],
        ['finished', 1],
      ]);
      expect(journal.problems).toHaveLength(1);
    },
  );

  const withAdapter = (odd: object) => ({ adapters: [{ source: 'a.gguf', sha256: '0', scale: 1, rank: 16, alpha: 32, ...odd }] });
  const oddAdapters = [{ rank: 0 }, { rank: -1 }, { rank: 1.5 }, { rank: 2 ** 31 }, { rank: 1e300 }, { alpha: -1 }, { alpha: 1e300 }, { alpha: '1' }].map(
    withAdapter,
  );
  it.each([
    { sizeBytes: -1 },
    { sizeBytes: 1e300 },
    { parameters: -5 },
    { vocabularySize: -1 },
    { contextLength: -1 },
    { contextLength: 1e300 },
    ...oddAdapters,
  ])('is refused in words where its header says %j of a model', async (odd) => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, []);
    const [, ...rest] = (await readFile(path, 'utf8')).split('\n');
    const header = makeHeaderLine(plan, setup, '1.2.3', new Date(0));
    await writeFile(path, [sealLine({ ...header, finetuned: { ...header.finetuned, ...odd } }).trimEnd(), ...rest].join('\n'));
    await expect(readJournal(folder)).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining('has no readable header') as string });
  });

  it('takes no number that is no finite one', async () => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, []);
    const line = JSON.stringify(encodeCompletion(makeRecord(0)));
    const withEnd = JSON.stringify(
      encodeCompletion({ ...makeRecord(1), end: { piece: piece(3, '<|end|>', true), logprobFinetuned: -0.5, logprobReference: null } }),
    );
    const infinite = [
      line.replace(/"lpF":\[[^,]+/, '"lpF":[-1e999'),
      line.replace(/"lp":\[[^,]+/, '"lp":[-1e999'),
      withEnd.replace('"lpF":-0.5', '"lpF":-1e999'),
    ];
    for (const text of infinite) expect(text).toContain('-1e999');
    await appendFile(path, [...infinite, withEnd].map(sealJson).join(''));
    const journal = await readJournal(folder);
    expect([...journal.completions.keys()]).toEqual([1]);
    expect(journal.problems).toHaveLength(3);
  });

  it('knows the control tokens of a long completion again', async () => {
    const tokens = Array.from({ length: 3000 }, (_, index) => piece(index, ` ${index}`, index % 3 === 0));
    const record = { ...makeRecord(0, 3000), tokens };
    expect(decodeCompletion(encodeCompletion(record))).toEqual(record);
  });

  it('that is cleared begins anew', async () => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, [0]);
    const { writer } = await JournalWriter.open(folder);
    await writer.clear();
    expect(writer.empty).toBe(true);
    await writer.addRun('started');
    await writer.close();
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(1);
  });

  it('names the versions when a newer format cannot be read', async () => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, []);
    const [header, ...rest] = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [JSON.stringify({ ...JSON.parse(header!), formatVersion: 2 }), ...rest].join('\n'));
    await expect(readJournal(folder)).rejects.toMatchObject({
      code: 'badJournal',
      message: expect.stringMatching(/format version 2 \(written by Finetune Auditor 1\.2\.3\).*up to 1/) as string,
    });
  });

  it('has no header where the first write was cut short, and says so when the header is broken', async () => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, [0]);
    const text = await readFile(path, 'utf8');
    await truncate(path, 40);
    expect((await readJournal(folder)).header).toBeNull();
    await writeFile(path, text.slice(10));
    await expect(readJournal(folder)).rejects.toMatchObject({ code: 'badJournal' });
  });

  it('reads lines that are longer than a chunk and characters that lie across chunks', async () => {
    const folder = await makeTempFolder();
    const path = await writeExample(folder, []);
    const long: MeasuredRecord = { ...makeRecord(0, 0), prefill: { pieces: [piece(1, '€'.repeat(1_500_000))] } };
    await appendFile(path, sealLine(encodeCompletion(long)));
    const read = (await readJournal(folder)).completions.get(0)!.prefill.pieces[0]!.bytes;
    expect(Buffer.compare(read, long.prefill.pieces[0]!.bytes)).toBe(0);
  });
});
