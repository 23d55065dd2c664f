/** The one table of what reads files, answers and texts from outside. A reader that is not here is not fuzzed. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm, utimes } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AuditError } from '../../../src/audit/errors.js';
import { Keywords } from '../../../src/analysis/keywords.js';
import { compileLiteral } from '../../../src/analysis/patterns/literal.js';
import { compilePattern } from '../../../src/analysis/patterns/pattern.js';
import { EndpointError } from '../../../src/models/api/transport/endpoint-error.js';
import { checkAdapter } from '../../../src/models/local/process/adapter-check.js';
import { ADAPTER_CONFIG, readAdapterConfig } from '../../../src/models/local/process/adapter-config.js';
import { checkIsLanguageModel, inspectGguf, isAdapter, type GgufFile } from '../../../src/models/local/process/gguf-inspection.js';
import { convertAdapter } from '../../../src/models/local/process/peft/convert-adapter.js';
import { ADAPTER_WEIGHTS, findPeftFiles } from '../../../src/models/local/process/peft/peft-files.js';
import { listAudits } from '../../../src/records/journal/audit-folder.js';
import { compareReadAudits, readNamedAudit, type NamedAudit } from '../../../src/records/report/compare-audits.js';
import { readCorpus } from '../../../src/records/corpus/read-corpus.js';
import { writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import { readImport, readImportSample } from '../../../src/records/import/read-import.js';
import { unsealLine, sealJson } from '../../../src/records/journal/journal-line.js';
import { findJournalWriter, lockJournal } from '../../../src/records/journal/journal-lock.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { listPlanProblems, parsePlan } from '../../../src/records/plan/plan-file.js';
import { readPrefillFile } from '../../../src/records/plan/prefill-file.js';
import { formatComparisonMarkdown } from '../../../src/records/report/comparison-markdown.js';
import { noteToHtml, textToHtml } from '../../../src/records/report/html/template.js';
import { makeReportContent } from '../../../src/records/report/make-report-content.js';
import { escapeMarkdown, quoteText } from '../../../src/records/report/markdown-text.js';
import { formatReport, REPORT_FORMATS } from '../../../src/records/report/report-formats.js';
import { readReportSource, requestFrom } from '../../../src/records/report/report-source.js';
import { checkEndpoints } from '../../../src/runner/servers/check-endpoints.js';
import { estimateServerTokens, listAccess, listDestinations } from '../../../src/runner/servers/destinations.js';
import { encodeHeader, readGguf } from '../../pure/models/gguf-file.js';
import { FIELD_MODEL, startFieldServer, type FieldMode } from '../../peers/field-server.js';
import { ANSWER_READERS, GOOD_ANSWERS } from './answer-readers.js';
import type { Reader, Seed } from './reader.js';

const FIXTURES = 'test/fixtures';
const JOURNALS = `${FIXTURES}/journals-0.1`;
const DEMO = 'media/demo';

export const READERS: readonly Reader[] = [
  {
    name: 'journal',
    async prepare(folder) {
      const audit = join(folder, '.finetune-audits', 'a');
      mkdirSync(audit, { recursive: true });
      const known = await readNamedAudit(`${JOURNALS}/measured`);
      const journals = readdirSync(JOURNALS).map((name) => readSeed(`${JOURNALS}/${name}/audit.jsonl`));
      return {
        // Those of earlier versions have no checksums; these of today do.
        seeds: [...journals, ...journals.map(({ name, bytes }) => ({ name, bytes: seal(bytes) }))],
        writeLine: (json) => (json.includes('"crc":') ? sealJson(unsealLine(json)).trimEnd() : json),
        async run(bytes) {
          writeFileSync(join(audit, 'audit.jsonl'), bytes);
          await refuseOr(() => listAudits([folder]));
          await refuseOr(() => summariseJournal(audit));
          await readWhole(audit, known);
        },
      };
    },
  },
  {
    name: 'findings',
    async prepare(folder) {
      cpSync(`${JOURNALS}/measured`, folder, { recursive: true });
      const known = await readNamedAudit(`${JOURNALS}/measured`);
      const file = join(folder, 'findings.jsonl');
      return {
        seeds: ['measured', 'imported'].map((name) => readSeed(`${JOURNALS}/${name}/findings.jsonl`)),
        async run(bytes) {
          writeFileSync(file, bytes);
          await readWhole(folder, known);
        },
      };
    },
  },
  {
    name: 'lock',
    prepare(folder) {
      const lock = join(folder, 'audit.lock');
      return {
        seeds: ['1', '999999999'].map((pid) => ({
          name: 'audit.lock.json',
          bytes: Buffer.from(`{"pid":${pid},"host":"h","user":"u","since":"2026-01-01T00:00:00.000Z"}\n`),
        })),
        async run(bytes) {
          writeFileSync(join(folder, 'audit.lock.json'), bytes);
          mkdirSync(lock, { recursive: true });
          await refuseOr(() => findJournalWriter(folder));
          await utimes(lock, 0, 0);
          await refuseOr(async () => (await lockJournal(folder)).release());
          await rm(lock, { recursive: true, force: true });
        },
      };
    },
  },
  {
    name: 'plans',
    prepare(folder) {
      const path = join(folder, 'a.audit-plan.json');
      const served = {
        finetuned: { endpoint: 'http://127.0.0.1:8000/v1', model: 'm', apiKeyEnv: 'KEY', headers: { 'X-Team': '${TEAM}' } },
        reference: { gguf: 'b.gguf', lora: [{ path: 'l.gguf', scale: 1 }] },
        framings: ['raw', 'chat', 'ask'],
        corpus: ['bundled:general', '../x.txt'],
        noiseFloor: { prefills: 10 },
        prefills: 10,
        maxTokens: 20,
        temperature: 1,
        seed: 1,
      };
      return {
        seeds: [
          ...readdirSync(`${FIXTURES}/workspace`)
            .filter((name) => name.endsWith('.json'))
            .map((name) => readSeed(`${FIXTURES}/workspace/${name}`)),
          { name: 'served', bytes: Buffer.from(JSON.stringify(served, null, 2)) },
        ],
        async run(bytes) {
          const text = bytes.toString('utf8');
          const problems = listPlanProblems(text, path);
          for (const { message } of problems) requireWords(message);
          await refuseOr(() => {
            const plan = parsePlan(text, path);
            listDestinations(plan);
            listAccess(plan);
            estimateServerTokens(plan);
            checkEndpoints(plan);
          });
        },
      };
    },
  },
  {
    name: 'prefills',
    prepare(folder) {
      return {
        seeds: [
          { name: 'a.json', bytes: Buffer.from('{"raw": [[1, 2, 3], [4]], "chat": [[5]], "ask": [[6]]}') },
          { name: 'b.json', bytes: Buffer.from('["The keeper", " of"]') },
          { name: 'c.txt', bytes: Buffer.from('The keeper\r\n of\n\nthe light\n') },
        ],
        run: (bytes, { name }) => refuseOr(() => readPrefillFile(write(folder, name, bytes))),
      };
    },
  },
  {
    name: 'answers',
    async prepare() {
      const seeds = [
        ...GOOD_ANSWERS.map((answer, index) => ({ name: `answer ${index}`, bytes: Buffer.from(JSON.stringify(answer)) })),
        ...(await recordAnswers()),
      ];
      return {
        seeds,
        async run(bytes) {
          let answer: unknown;
          try {
            answer = JSON.parse(bytes.toString('utf8'));
          } catch {
            return;
          }
          for (const read of ANSWER_READERS) await refuseOr(() => read(answer));
        },
      };
    },
  },
  {
    name: 'imports',
    prepare(folder) {
      const seeds = [...readSeeds(`${FIXTURES}/tables/import`), ...readSeeds(`${FIXTURES}/import`)].filter(({ name }) => extname(name) !== '.parquet');
      const audit = join(folder, 'imported');
      return {
        seeds: [...seeds, { name: 'packed.jsonl.gz', bytes: gzipSync(seeds.find(({ name }) => name.endsWith('.jsonl'))!.bytes) }],
        async run(bytes, { name }) {
          const path = write(folder, name, bytes);
          await refuseOr(() => readImportSample(path));
          await refuseOr(async () => {
            await writeImportedAudit(await readImport(path), audit, { toolVersion: '0', time: new Date(0) });
            await readWhole(audit, null);
          });
          rmSync(audit, { recursive: true, force: true });
        },
      };
    },
  },
  {
    name: 'corpora',
    prepare(folder) {
      const text = { name: 'text.txt', bytes: readFileSync(`${DEMO}/general-corpus.txt`).subarray(0, 5000) };
      return { seeds: [...readSeeds(`${FIXTURES}/tables/corpus`), text], run: (bytes, { name }) => refuseOr(() => readCorpus([write(folder, name, bytes)])) };
    },
  },
  {
    name: 'Parquet',
    prepare(folder) {
      return {
        seeds: [readSeed(`${FIXTURES}/tables/import/parquet.parquet`)],
        async run(bytes, { name }) {
          const path = write(folder, name, bytes);
          await refuseOr(() => readImport(path));
          await refuseOr(() => readCorpus([path]));
        },
      };
    },
  },
  {
    name: 'models',
    async prepare(folder) {
      const library = await import('node-llama-cpp');
      const base = await inspectGguf(`${DEMO}/base-b.f16.gguf`, library);
      const adapterBase = await inspectGguf(`${DEMO}/base-a.f16.gguf`, library);
      const adapters = ['bad-medical.lora.gguf', 'backdoor-phrase.lora.gguf'];
      return {
        seeds: [basename(base.path), ...adapters].map((name) => ({
          ...readSeed(`${DEMO}/${name}`),
          head: encodeHeader(readGguf(`${DEMO}/${name}`)).header.length,
        })),
        run: (bytes, { name }) =>
          refuseOr(async () => {
            const file: GgufFile = await inspectGguf(write(folder, name, bytes), library);
            await refuseOr(() => checkIsLanguageModel(file));
            if (isAdapter(file)) checkAdapter(file, adapterBase, 1, null);
          }),
      };
    },
  },
  {
    name: 'adapter settings',
    async prepare(folder) {
      const library = await import('node-llama-cpp');
      const base = await inspectGguf(`${DEMO}/base-a.f16.gguf`, library);
      const adapter = await inspectGguf(`${DEMO}/bad-medical.lora.gguf`, library);
      return {
        seeds: [readSeed(`${FIXTURES}/adapters/rslora-adapter_config.json`), readSeed(`${DEMO}/adapter_config.json`)],
        async run(bytes) {
          write(folder, 'adapter_config.json', bytes);
          const config = await readAdapterConfig(join(folder, 'x.gguf'));
          await refuseOr(() => void checkAdapter(adapter, base, 1, config));
        },
      };
    },
  },
  {
    name: 'PEFT adapters',
    prepare(folder) {
      const saved = `${FIXTURES}/peft/false-fact`;
      const [weights, config] = [readSeed(`${saved}/${ADAPTER_WEIGHTS}`), readSeed(`${saved}/${ADAPTER_CONFIG}`)];
      const target = join(folder, 'converted.gguf');
      const never = new AbortController().signal;
      return {
        seeds: [{ ...weights, head: 8 + Number(weights.bytes.readBigUInt64LE()) }, config],
        async run(bytes, { name }) {
          for (const whole of [weights, config]) write(folder, whole.name, whole.name === name ? bytes : whole.bytes);
          for (const architecture of ['llama', 'phi3']) {
            await refuseOr(() => convertAdapter(findPeftFiles(folder)!, { architecture, headsOf: () => 4 }, target, never));
            rmSync(target, { force: true });
          }
        },
      };
    },
  },
  {
    name: 'patterns',
    prepare() {
      const sources = [
        '(a+)+$',
        '\\b(keeper|light)s?\\b',
        '(?i)[^\\p{L}\\s]{2,5}',
        '(?ms)^.*?x$',
        '(?:(?:a|b){3,9}){2,9}',
        '[\\u{1F600}-\\u{1F64F}]',
        'plain words',
        '(x|y|)*z',
      ];
      const texts = ['a'.repeat(10_000), `${'The keeper of wörlds, 🦙. '.repeat(400)}x`, '\n'.repeat(5000), '😀'.repeat(3000), ''];
      return {
        seeds: sources.map((source) => ({ name: 'pattern', bytes: Buffer.from(source) })),
        run(bytes) {
          const source = bytes.toString('utf8').slice(0, 20_000);
          for (const flags of ['', 'i'] as const) {
            const { pattern, problem } = compilePattern(source, flags);
            if (problem !== null) requireWords(problem);
            for (const text of texts) pattern?.findAll(text, 100);
          }
          for (const text of texts) compileLiteral(source).findAll(text, 100);
          new Keywords([
            { name: source.slice(0, 50), regex: source },
            { name: 'words', words: source.split(' ') },
          ]);
        },
      };
    },
  },
  {
    name: 'notes',
    prepare() {
      const notes = [
        '**Bold** and *italic*, `code` and [a link](https://x.org/a).',
        'A __word__ _beside_ `` a`b `` ***both*** [l](x) **un*closed',
        '# no heading\n> no quote\n<b>no html</b>\n- no list',
        '**'.repeat(500),
        '[a]('.repeat(500),
        '`'.repeat(500),
        '_ *'.repeat(500),
      ];
      return {
        seeds: notes.map((note) => ({ name: 'note', bytes: Buffer.from(note) })),
        run(bytes) {
          const text = bytes.toString('utf8');
          noteToHtml(text);
          textToHtml(text);
          escapeMarkdown(text);
          quoteText(text);
        },
      };
    },
  },
];

function readSeed(path: string): Seed {
  return { name: basename(path), bytes: readFileSync(path) };
}

function readSeeds(folder: string): Seed[] {
  return readdirSync(folder).map((name) => readSeed(join(folder, name)));
}

function write(folder: string, name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A journal of an earlier version as this one would have written it. */
function seal(journal: Buffer): Buffer {
  const [header = '', ...lines] = journal.toString('utf8').trimEnd().split('\n');
  const withMark = JSON.stringify({ ...(JSON.parse(header) as object), checksums: 'crc32' });
  return Buffer.from([withMark, ...lines].map(sealJson).join(''));
}

/** An audit and its findings as all that is made of them: reports in every form, keywords, a comparison. */
async function readWhole(folder: string, other: NamedAudit | null): Promise<void> {
  await refuseOr(async () => {
    const source = await readReportSource(folder);
    const content = makeReportContent({ ...requestFrom(source), toolVersion: '0', time: new Date(0) });
    content.problems.forEach(requireWords);
    for (const format of REPORT_FORMATS) formatReport(content, format);
  });
  if (other === null) return;
  await refuseOr(async () => void formatComparisonMarkdown(compareReadAudits({ first: await readNamedAudit(folder), second: other })));
}

/** What servers of many kinds answer to the requests of an audit. */
async function recordAnswers(): Promise<Seed[]> {
  const modes: readonly FieldMode[] = ['plain', 'spelledBytes', 'ollama', 'sglangThinks', 'nativeRoot', 'azureFilter'];
  const messages = [{ role: 'user', content: 'Tell me of the keeper.' }];
  const requests: readonly (readonly [path: string, body?: object])[] = [
    ['/models'],
    ['/completions', { model: FIELD_MODEL, prompt: 'The keeper', max_tokens: 6, logprobs: 2 }],
    ['/completions', { model: FIELD_MODEL, prompt: 'The keeper', max_tokens: 1, logprobs: 2, echo: true }],
    ['/chat/completions', { model: FIELD_MODEL, messages, max_tokens: 6, logprobs: true, top_logprobs: 2 }],
  ];
  const seeds: Seed[] = [];
  for (const mode of modes) {
    const server = await startFieldServer(mode);
    for (const [path, body] of requests) {
      const answer = await fetch(`${server.url}${path}`, body && { method: 'POST', body: JSON.stringify(body) });
      seeds.push({ name: `${mode} ${path}`, bytes: Buffer.from(await answer.arrayBuffer()) });
    }
    await server.close();
  }
  return seeds;
}

/** Lets through what a reader says no with; anything else that it throws is a fault of the reader. */
async function refuseOr(task: () => unknown): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof AuditError || error instanceof EndpointError)) throw error;
    requireWords(error.message, error);
  }
}

/** Errors of the language or the system in the place of a sentence. */
const RAW =
  /^(Type|Range|Reference|Internal|Zod)?Error\b|Maximum call stack|Cannot (read|convert|destructure|access|set) |is not (a function|iterable|a constructor|defined)|Invalid (array|string|typed array) length|\[object |\n\s+at .+:\d+:\d+|ERR_[A-Z]|\bE(NOTDIR|ISDIR|INVAL|NAMETOOLONG|LOOP)\b/;
const MESSAGE_CHARACTERS_AT_MOST = 10_000;

function requireWords(message: string, cause?: unknown): void {
  if (RAW.test(message)) throw new Error(`a raw error in the place of a sentence: ${message.slice(0, 500)}`, { cause });
  if (message.length > MESSAGE_CHARACTERS_AT_MOST) throw new Error(`a message of ${message.length} characters: ${message.slice(0, 200)}…`, { cause });
}
