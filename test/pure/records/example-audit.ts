/** An audit of the shape that a run makes, for tests of what is on disk. */
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { AuditSetup } from '../../../src/audit/events.js';
import type { Frame, ModelIdentity, Piece } from '../../../src/audit/language-model.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../../src/audit/plan.js';
import type { Framing } from '../../../src/audit/framing.js';

export const plan: AuditPlan = {
  ...PLAN_DEFAULTS,
  name: 'example',
  finetuned: { gguf: '/models/base.gguf', lora: [{ path: '/models/adapter.gguf', scale: 1.5 }] },
  reference: { gguf: '/models/base.gguf', lora: [] },
  prefills: 4,
};

const identity: ModelIdentity = {
  name: 'base',
  source: '/models/base.gguf',
  sha256: 'a'.repeat(64),
  sizeBytes: 1234,
  architecture: 'llama',
  adapters: [],
  tokenizerFingerprint: 'f'.repeat(64),
  vocabularySize: 2048,
  contextLength: 256,
  hasChatTemplate: true,
  engine: 'an engine 1.0, CPU',
};

const frame = (framing: Framing): Frame => ({ framing, tokens: [0], text: '<s>', systemFolded: false, borrowed: false });

export const setup: AuditSetup = {
  finetuned: { ...identity, adapters: [{ source: '/models/adapter.gguf', sha256: 'b'.repeat(64), scale: 1.5, rank: 12 }] },
  reference: identity,
  sameTokenizer: true,
  frames: {
    raw: { finetuned: frame('raw'), reference: frame('raw') },
    chat: { finetuned: frame('chat'), reference: frame('chat') },
  },
  prefills: {
    raw: [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
      [1, 5, 9],
    ],
    chat: [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
      [1, 5, 9],
    ],
  },
  remarks: ['The system text was put into the user turn.'],
};

export function piece(id: number, bytes: string | readonly number[], control = false): Piece {
  return { id, bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : Uint8Array.from(bytes), control };
}

export function makeRecord(id: number, tokenCount = 5): MeasuredRecord {
  const tokens = Array.from({ length: tokenCount }, (_, index) => piece(100 + index, ` word${index}`));
  return {
    kind: 'measured',
    id,
    framing: id % 2 === 0 ? 'raw' : 'chat',
    prefill: { pieces: [piece(1, 'On'), piece(2, ' a'), piece(3, ' day')] },
    tokens,
    logprobsFinetuned: tokens.map((_, index) => -(index + id + 1) / 100_000),
    reference: { kind: 'sameTokens', logprobs: tokens.map((_, index) => -(index + 1.25)) },
    end: null,
  };
}
