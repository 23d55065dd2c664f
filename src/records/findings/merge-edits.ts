/**
 * Edits of a finding or a reply that were made apart from each other, as on two branches, put together field by field, so
 * that none of them is lost. What comes out depends on the events alone, not on the order of their lines.
 */
import { isDeepStrictEqual } from 'node:util';
import type { EventContent, ReplyEvent, SpanEvent } from './events.js';
import { compareEvents, type EventGraph } from './event-graph.js';
import { mergeNotes } from './merge-notes.js';

type SpanEventContent = EventContent<SpanEvent>;
type ReplyEventContent = EventContent<ReplyEvent>;

/** What edits come to. */
export interface Merged<D> {
  readonly content: D;
  /** Whether a bound left out an edit, or took a beginning for unknown: all is in the file, not all is in the content. */
  readonly cut: boolean;
}

interface Merger<E extends SpanEvent | ReplyEvent, D> {
  read(event: E): D;
  /** @param base where the two parted; `null` where that is not known */
  merge(base: D | null, earlier: D, later: D): D;
}

/**
 * Bounds. Where two sides parted can itself be several edits that parted, and so on: without a bound a small file could ask
 * for exponentially many merges. People get nowhere near: of one finding, so many edits apart from each other are put
 * together, the latest ones; their histories are walked for so many steps, all walks of one merge together.
 */
export const HEADS_AT_MOST = 64;
const STEPS_AT_LEAST = 5000;
const STEPS_AT_MOST = 100_000;
/** Steps for each event that one of the finding supersedes, between those two bounds: a whole file of findings is merged in linear time. */
const STEPS_PER_EVENT = 200;
const DEPTH_AT_MOST = 32;

const SPANS: Merger<SpanEvent, SpanEventContent> = { read: readSpan, merge: mergeTwoSpans };
const REPLIES: Merger<ReplyEvent, ReplyEventContent> = { read: readReply, merge: mergeTwoReplies };

/** By the list of heads, which the graph makes anew when anything about them changes. */
const merged = new WeakMap<readonly (SpanEvent | ReplyEvent)[], Merged<SpanEventContent | ReplyEventContent>>();

/** What the events in force about one span come to; `null` where there are none. */
export function mergeSpans(graph: EventGraph, heads: readonly SpanEvent[]): SpanEventContent | null {
  return mergeOnce(graph, heads, SPANS)?.content ?? null;
}

/** The same for a reply. */
export function mergeReplies(graph: EventGraph, heads: readonly ReplyEvent[]): ReplyEventContent | null {
  return mergeOnce(graph, heads, REPLIES)?.content ?? null;
}

/** Findings and replies with more edits apart from each other than are put together: what they show lacks some. */
export function countCut(graph: EventGraph): number {
  let count = 0;
  for (const heads of graph.allHeads('span')) if (mergeOnce(graph, heads, SPANS)?.cut) count++;
  for (const heads of graph.allHeads('reply')) if (mergeOnce(graph, heads, REPLIES)?.cut) count++;
  return count;
}

function mergeOnce<E extends SpanEvent | ReplyEvent, D extends SpanEventContent | ReplyEventContent>(
  graph: EventGraph,
  heads: readonly E[],
  merger: Merger<E, D>,
): Merged<D> | null {
  if (heads.length === 0) return null;
  const known = merged.get(heads) as Merged<D> | undefined;
  if (known) return known;
  const result = new Merge(graph, merger).run(heads);
  merged.set(heads, result);
  return result;
}

/** One merge with its bounds. */
class Merge<E extends SpanEvent | ReplyEvent, D> {
  #stepsLeft = 0;
  #cut = false;
  /** What edits came to that two sides began with, by {@link #name} of them. */
  readonly #bases = new Map<string, D>();
  readonly #numbers = new Map<E, number>();

  constructor(
    private readonly graph: EventGraph,
    private readonly merger: Merger<E, D>,
  ) {}

  run(heads: readonly E[]): Merged<D> {
    if (heads.length === 1) return { content: this.merger.read(heads[0]!), cut: false };
    const latest = heads.slice(-HEADS_AT_MOST);
    this.#cut = latest.length < heads.length;
    const history = new Set<E>();
    const steps = this.graph.extendHistory(history, latest, STEPS_AT_MOST);
    this.#stepsLeft = Math.max(STEPS_AT_LEAST, Math.min(STEPS_AT_MOST, STEPS_PER_EVENT * steps));
    return { content: this.#merge(latest, 1), cut: this.#cut };
  }

  /** Where two sides parted from several events at once, they began with what those came to. */
  #merge(heads: readonly E[], depth: number): D {
    let content = this.merger.read(heads[0]!);
    const before = new Set<E>();
    for (const [index, head] of heads.entries()) {
      if (index > 0) content = this.merger.merge(this.#findBase(before, head, depth), content, this.merger.read(head));
      this.#walk(before, [head]);
    }
    return content;
  }

  /** @param before what the one side supersedes */
  #findBase(before: ReadonlySet<E>, head: E, depth: number): D | null {
    const partings = this.#findPartings(before, head);
    if (partings === null || partings.length === 0) return null;
    if (partings.length === 1) return this.merger.read(partings[0]!);
    const name = this.#name(partings);
    const known = this.#bases.get(name);
    if (known !== undefined) return known;
    if (depth >= DEPTH_AT_MOST || partings.length > HEADS_AT_MOST) {
      this.#cut = true;
      return null;
    }
    const base = this.#merge(partings, depth + 1);
    this.#bases.set(name, base);
    return base;
  }

  /** The latest of what both sides supersede, in the order in which heads show; `null` where a bound keeps it unknown. */
  #findPartings(before: ReadonlySet<E>, head: E): E[] | null {
    const ofHead = new Set<E>();
    if (!this.#walk(ofHead, [head])) return null;
    const common = [...ofHead].filter((event) => before.has(event));
    const older = new Set<E>();
    if (!this.#walk(older, common)) return null;
    return common.filter((event) => !older.has(event)).sort(compareEvents);
  }

  /** Adds to a history; whether all of it is in. */
  #walk(found: Set<E>, events: readonly E[]): boolean {
    if (this.#stepsLeft > 0) {
      this.#stepsLeft -= this.graph.extendHistory(found, events, this.#stepsLeft);
      if (this.#stepsLeft > 0) return true;
    }
    this.#cut = true;
    return false;
  }

  #name(events: readonly E[]): string {
    return events
      .map((event) => {
        const number = this.#numbers.get(event) ?? this.#numbers.size;
        this.#numbers.set(event, number);
        return number;
      })
      .join(' ');
  }
}

function readSpan({ finding, completionId, span, quote, label, category, note, state }: SpanEvent): SpanEventContent {
  return { kind: 'span', finding, completionId, span: { start: span.start, end: span.end }, quote, label, category, note, state };
}

function readReply({ finding, reply, note, state }: ReplyEvent): ReplyEventContent {
  return { kind: 'reply', finding, reply, note, state };
}

function mergeTwoSpans(base: SpanEventContent | null, earlier: SpanEventContent, later: SpanEventContent): SpanEventContent {
  const placed = base && later.quote === base.quote && isDeepStrictEqual(later.span, base.span) ? earlier : later;
  return {
    ...placed,
    label: choose(base?.label, earlier.label, later.label),
    category: choose(base?.category, earlier.category, later.category),
    note: mergeNotes(base?.note, earlier.note, later.note),
    state: chooseState(base, earlier, later),
  };
}

function mergeTwoReplies(base: ReplyEventContent | null, earlier: ReplyEventContent, later: ReplyEventContent): ReplyEventContent {
  return { ...later, note: mergeNotes(base?.note, earlier.note, later.note), state: chooseState(base, earlier, later) };
}

/** The later value, unless only the other side changed it. */
function choose<T>(base: T | undefined, earlier: T, later: T): T {
  return later === base ? earlier : later;
}

/** What one side deleted and the other edited stays. */
function chooseState<D extends SpanEventContent | ReplyEventContent>(base: D | null, earlier: D, later: D): D['state'] {
  const edited = [later, earlier].find((side) => side.state !== 'deleted' && !isDeepStrictEqual(side, base));
  const state = choose(base?.state, earlier.state, later.state);
  return state === 'deleted' && edited ? edited.state : state;
}
