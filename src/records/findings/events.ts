/**
 * The lines of `findings.jsonl`: one event each, never rewritten. A line without a kind is a label, the form of earlier
 * versions. Lines that a later version may have written are distinguished from lines that nobody can have meant.
 */
import { z } from 'zod';
import { parseJson } from '../parse-json.js';
import { CONFIDENCES, FINDING_LABELS } from '../../analysis/finding.js';
import { checkShape } from '../../text/check-shape.js';

/** Left out of lines of this version. A line that names a higher one is not read. */
export const FINDINGS_FORMAT_VERSION = 1;

const label = z.enum(FINDING_LABELS);
const completionId = z.int().nonnegative();

const common = {
  id: z.string().min(1),
  supersedes: z.array(z.string()),
  author: z.string(),
  /** ISO 8601. */
  time: z.string(),
};

const labelSchema = z.object({
  ...common,
  kind: z.literal('label').default('label'),
  completionId,
  /** `null` takes the judgement back. */
  label: label.nullable(),
  category: z.string().nullable(),
  note: z.string(),
  /** Seed of the slice in which it was given; left out where it was given in sight of ranks and scores. */
  blind: z.int().nonnegative().optional(),
});

const spanSchema = z.object({
  ...common,
  kind: z.literal('span'),
  finding: z.string().min(1),
  completionId,
  span: z.object({ start: z.int().nonnegative(), end: z.int().nonnegative() }),
  quote: z.string(),
  label: label.nullable(),
  category: z.string().nullable(),
  note: z.string(),
  state: z.enum(['open', 'resolved', 'deleted']),
});

const replySchema = z.object({
  ...common,
  kind: z.literal('reply'),
  finding: z.string().min(1),
  reply: z.string().min(1),
  note: z.string(),
  state: z.enum(['open', 'deleted']),
});

const conclusionSchema = z.object({
  ...common,
  kind: z.literal('conclusion'),
  /** Blank takes the conclusion back. */
  statement: z.string(),
  confidence: z.enum(CONFIDENCES),
  citations: z.array(completionId),
  draftedBy: z.string().optional(),
});

const keywordsSchema = z.object({
  ...common,
  kind: z.literal('keywords'),
  sets: z.array(z.union([z.object({ name: z.string(), words: z.array(z.string()) }), z.object({ name: z.string(), regex: z.string() })])),
});

const blindSchema = z.object({
  ...common,
  kind: z.literal('blind'),
  slice: z.object({
    k: z.int().positive(),
    seed: z.int().nonnegative(),
    score: z.string(),
    framing: z.string().nullable(),
    population: z.int().nonnegative(),
    top: z.array(completionId),
    random: z.array(completionId),
    ids: z.array(completionId),
    /** Labels given in it carry its seed. */
    marked: z.literal(true).optional(),
  }),
});

const nameSchema = z.object({
  ...common,
  kind: z.literal('name'),
  /** What the audit is called; blank gives it back the name of its plan. */
  name: z.string(),
});

/** The author and these other names are one person. */
const authorSchema = z.object({
  ...common,
  kind: z.literal('author'),
  also: z.array(z.string()),
});

const SCHEMAS = {
  label: labelSchema,
  span: spanSchema,
  reply: replySchema,
  conclusion: conclusionSchema,
  keywords: keywordsSchema,
  blind: blindSchema,
  name: nameSchema,
  author: authorSchema,
};

export type EventKind = keyof typeof SCHEMAS;
export type LabelEvent = z.infer<typeof labelSchema>;
export type SpanEvent = z.infer<typeof spanSchema>;
export type ReplyEvent = z.infer<typeof replySchema>;
export type ConclusionEvent = z.infer<typeof conclusionSchema>;
export type KeywordsEvent = z.infer<typeof keywordsSchema>;
export type BlindEvent = z.infer<typeof blindSchema>;
export type NameEvent = z.infer<typeof nameSchema>;
export type AuthorEvent = z.infer<typeof authorSchema>;
export type FindingEvent = LabelEvent | SpanEvent | ReplyEvent | ConclusionEvent | KeywordsEvent | BlindEvent | NameEvent | AuthorEvent;

/** An event without what every event has. */
export type EventContent<E extends FindingEvent = FindingEvent> = E extends FindingEvent ? Omit<E, keyof typeof common> : never;

/** A line that cannot be used: kept in the file, told to the reader. */
export interface UnreadableLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** An event of a kind or a version that only a later program knows: kept in the file, told to the reader. */
export interface NewerLine extends UnreadableLine {
  readonly kind: string;
  /** What it replaces is replaced, though not by anything that can be shown. */
  readonly supersedes: readonly string[];
}

export interface ParsedFindings {
  readonly events: readonly FindingEvent[];
  readonly newer: readonly NewerLine[];
  readonly unreadable: readonly UnreadableLine[];
}

const newerSchema = z.object({ id: z.string().min(1), supersedes: z.array(z.string()).default([]) });

export function parseFindings(text: string): ParsedFindings {
  const events: FindingEvent[] = [];
  const newer: NewerLine[] = [];
  const unreadable: UnreadableLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = parseLine(line);
    if (parsed === null) unreadable.push({ line: index + 1, text: line });
    else if ('event' in parsed) events.push(parsed.event);
    else newer.push({ line: index + 1, text: line, ...parsed });
  }
  return { events, newer, unreadable };
}

function parseLine(line: string): { event: FindingEvent } | { kind: string; supersedes: string[] } | null {
  let value: unknown;
  try {
    // Some editors begin a file with a byte order mark; trimming takes it off.
    value = parseJson(line.trim());
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { kind = 'label', formatVersion } = value as { kind?: unknown; formatVersion?: unknown };
  if (typeof kind !== 'string') return null;
  if (isKnown(kind) && !(typeof formatVersion === 'number' && formatVersion > FINDINGS_FORMAT_VERSION)) {
    const event = checkShape(SCHEMAS[kind], value);
    return event.success ? { event: event.data } : null;
  }
  const newer = checkShape(newerSchema, value);
  return newer.success ? { kind, supersedes: newer.data.supersedes } : null;
}

function isKnown(kind: string): kind is EventKind {
  return Object.hasOwn(SCHEMAS, kind);
}
