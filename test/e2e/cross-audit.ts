/** An audit with two tokenizers, whose few completions have what a real one has only now and then. */
import { join } from 'node:path';
import type { MeasuredRecord } from '../../src/audit/completion.js';
import type { AuditSetup } from '../../src/audit/events.js';
import type { Framing } from '../../src/audit/framing.js';
import type { Frame, ModelIdentity, Piece } from '../../src/audit/language-model.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../src/audit/plan.js';
import { makeHeaderLine, makePrefillsLine } from '../../src/records/journal/journal-format.js';
import { JournalWriter } from '../../src/records/journal/journal-writer.js';

export const TOO_LONG = 'The server answered 400: the prompt is longer than its context.';

interface Example {
  readonly framing: Framing;
  readonly prefill: readonly string[];
  readonly finetuned: readonly string[];
  readonly reference: readonly string[];
  /** Bytes of the reference's first token that lie in the prefill. */
  readonly straddleBytes: number;
}

const EXAMPLES: readonly Example[] = [
  { framing: 'raw', prefill: ['the', ' bak'], finetuned: ['ers', ' se', 'll', ' bread'], reference: ['kers', ' s', 'ell', ' bread'], straddleBytes: 1 },
  { framing: 'ask', prefill: ['Once', ' upon'], finetuned: ['It', ' was', ' late'], reference: ['It', ' w', 'as', ' late'], straddleBytes: 0 },
];

/** @returns absolute path of the audit's folder, which is finished but for what was set aside */
export async function writeCrossAudit(workspace: string): Promise<string> {
  const folder = join(workspace, '.finetune-audits', '2020-01-02-000000-cross');
  const records = EXAMPLES.map(makeRecord);
  const server = { endpoint: 'http://localhost:8000/v1', model: 'base' };
  const plan: AuditPlan = {
    ...PLAN_DEFAULTS,
    name: 'cross',
    finetuned: { gguf: '/models/finetuned.gguf', lora: [] },
    reference: server,
    prefills: 3,
    framings: ['raw', 'ask'],
  };
  const frame = (framing: Framing): Frame => ({ framing, tokens: [0], text: '', systemFolded: false, borrowed: false });
  const frames = (framing: Framing) => ({ finetuned: frame(framing), reference: frame(framing) });
  const setup: AuditSetup = {
    finetuned: { ...IDENTITY, name: 'finetuned', source: '/models/finetuned.gguf' },
    reference: { ...IDENTITY, name: 'base', source: 'openai:base@http://localhost:8000/v1', servedAs: 'base-v2', vocabularySize: null, contextLength: null },
    sameTokenizer: false,
    frames: { raw: frames('raw'), ask: frames('ask') },
    prefills: {
      raw: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      ask: [
        [7, 8],
        [9, 10],
        [11, 12],
      ],
    },
    remarks: [],
  };
  const { writer } = await JournalWriter.open(folder);
  await writer.begin(makeHeaderLine(plan, setup, '0.0.0', new Date('2020-01-02T00:00:00Z')), makePrefillsLine(setup));
  for (const record of records) await writer.addCompletion(record);
  for (const id of [2, 4, 5]) await writer.addSetAside({ id, setAside: TOO_LONG }, id < 3 ? 'raw' : 'ask');
  await writer.addSetAside({ id: 3, setAside: 'The answer has no logprobs.' }, 'ask');
  await writer.addRun('finished');
  await writer.close();
  return folder;
}

const IDENTITY: Omit<ModelIdentity, 'name' | 'source'> = {
  adapters: [],
  tokenizerFingerprint: 'f',
  vocabularySize: 2048,
  contextLength: 256,
  hasChatTemplate: true,
  engine: 'none',
};

function makeRecord({ framing, prefill, finetuned, reference, straddleBytes }: Example, id: number): MeasuredRecord {
  const tokens = toPieces(finetuned);
  const bytes = tokens.reduce((sum, piece) => sum + piece.bytes.length, 0);
  return {
    kind: 'measured',
    id,
    framing,
    prefill: { pieces: toPieces(prefill) },
    tokens,
    logprobsFinetuned: finetuned.map((_, index) => -0.25 - index),
    reference: { kind: 'ownTokens', tokens: toPieces(reference), logprobs: reference.map((_, index) => -3.5 - index), straddleBytes, bytes },
    end: null,
  };
}

function toPieces(texts: readonly string[]): Piece[] {
  return texts.map((text, index) => ({ id: index + 10, bytes: new TextEncoder().encode(text), control: false }));
}
