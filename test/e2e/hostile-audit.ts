/** An audit whose completions are what a model could say to harm the one who reads them. */
import { join } from 'node:path';
import type { MeasuredRecord } from '../../src/audit/completion.js';
import type { AuditSetup } from '../../src/audit/events.js';
import type { ModelIdentity } from '../../src/audit/language-model.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../src/audit/plan.js';
import { makeHeaderLine, makePrefillsLine, type HeaderLine, type RunEventName } from '../../src/records/journal/journal-format.js';
import { JournalWriter } from '../../src/records/journal/journal-writer.js';

export const MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><a href="command:workbench.action.quit">x</a>';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Tokens of each completion, the most surprising ones first. */
const COMPLETIONS: Readonly<Record<string, readonly Uint8Array[]>> = {
  markup: MARKUP.split(/(?<=[ >])/).map(bytes),
  styling: [bytes('</div></body><style>*{display:none!important}</style>'), bytes('<iframe src="https://example.invalid">')],
  terminal: [bytes('\u001b[31mred\u001b[0m'), bytes('\u0007\u0008\u009b2J'), bytes(' end')],
  nothing: [bytes('before\0after'), bytes('\0\0\0')],
  direction: [bytes('invoice\u202Efdp.exe'), bytes('\u2066\u2067\u200f\u061c'), bytes(' \u202C.')],
  halfCharacter: [bytes('smile '), Uint8Array.of(0xf0, 0x9f), Uint8Array.of(0x98, 0x80), Uint8Array.of(0xf0, 0x9f, 0x98)],
  invalidBytes: [Uint8Array.of(0xff, 0xfe, 0x80), bytes('text'), Uint8Array.of(0xc0, 0xaf)],
  oneWord: Array.from({ length: 1000 }, () => bytes('Aaaaaaaaaa')),
  oneToken: [bytes('B'.repeat(10_000))],
  stackedMarks: [bytes(`Z${'\u0310\u0334\u0489'.repeat(60)}`), bytes('algo')],
  lines: [bytes('first\n'), bytes('\r\n\t'), bytes('\u2028\u2029last')],
  templates: [bytes('<|end|>'), bytes('{{constructor.constructor("window.hacked=1")()}}'), bytes('${window.hacked=1}')],
};

/** @returns absolute path of the audit's folder, which is finished */
export async function writeHostileAudit(workspace: string): Promise<string> {
  const folder = join(workspace, '.finetune-audits', '2020-01-01-000000-hostile');
  const records = makeHostileRecords();
  const plan: AuditPlan = {
    ...PLAN_DEFAULTS,
    name: 'hostile <b>name</b>',
    finetuned: { gguf: '/models/<img src=x onerror=alert(1)>.gguf', lora: [] },
    reference: { gguf: '/models/reference.gguf', lora: [] },
    prefills: records.length,
    framings: ['raw'],
  };
  const setup = makeSetup(records, {
    finetuned: makeIdentity('<script>window.hacked=1</script>'),
    remarks: ['A remark with <img src=x onerror="window.hacked=1"> in it.'],
  });
  await writeJournal(folder, { plan, setup, records });
  return folder;
}

/** One of each kind of completion. */
export function makeHostileRecords(): MeasuredRecord[] {
  return Object.values(COMPLETIONS).map((tokens, id) => makeRecord(id, tokens));
}

/** What both models were given, and what is told of them; `changes` win. */
export function makeSetup(records: readonly MeasuredRecord[], changes: Partial<AuditSetup> = {}): AuditSetup {
  const frame = { framing: 'raw', tokens: [0], text: '<script>window.hacked=1</script>', systemFolded: false, borrowed: false } as const;
  return {
    finetuned: makeIdentity('finetuned'),
    reference: makeIdentity('reference'),
    sameTokenizer: true,
    frames: { raw: { finetuned: frame, reference: frame } },
    prefills: { raw: records.map((record) => record.prefill.pieces.map((piece) => piece.id)) },
    remarks: [],
    ...changes,
  };
}

export interface JournalContent {
  readonly plan: AuditPlan;
  readonly setup: AuditSetup;
  readonly records: readonly MeasuredRecord[];
  /** What the header says otherwise. */
  readonly header?: Partial<HeaderLine>;
  /** How the run ended; finished where nothing is said. */
  readonly end?: { readonly event: RunEventName; readonly message: string };
}

/** @param folder made where it is missing */
export async function writeJournal(folder: string, { plan, setup, records, header, end }: JournalContent): Promise<void> {
  const { writer } = await JournalWriter.open(folder);
  await writer.begin({ ...makeHeaderLine(plan, setup, '0.0.0', new Date('2020-01-01T00:00:00Z')), ...header }, makePrefillsLine(setup));
  for (const record of records) await writer.addCompletion(record);
  await writer.addRun(end?.event ?? 'finished', end?.message);
  await writer.close();
}

function makeRecord(id: number, tokens: readonly Uint8Array[]): MeasuredRecord {
  return {
    kind: 'measured',
    id,
    framing: 'raw',
    prefill: {
      pieces: [
        { id: 5, bytes: bytes('<u>Say'), control: false },
        { id: 6, bytes: bytes(' this\u202E'), control: false },
      ],
    },
    tokens: tokens.map((piece, index) => ({ id: index + 10, bytes: piece, control: false })),
    logprobsFinetuned: tokens.map(() => -0.5),
    reference: { kind: 'sameTokens', logprobs: tokens.map((_, index) => -4 + 0.1 * id - (index % 5) * 0.5) },
    end: { piece: { id: 3, bytes: bytes('<|end|>'), control: true }, logprobFinetuned: -0.1, logprobReference: -0.2 },
  };
}

export function makeIdentity(name: string): ModelIdentity {
  return {
    name,
    source: `/models/${name}.gguf`,
    adapters: [],
    tokenizerFingerprint: 'f',
    vocabularySize: 2048,
    contextLength: 256,
    hasChatTemplate: true,
    engine: 'none',
  };
}
