/**
 * Edits of a finding or a reply that were made apart from each other, as on two branches, put together field by field, so
 * that none of them is lost. What comes out depends on the events alone, not on the order of their lines.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Draft, ReplyEvent, SpanEvent } from './events.js';
import type { EventGraph } from './event-graph.js';
import { mergeNotes } from './merge-notes.js';

type SpanDraft = Draft<SpanEvent>;
type ReplyDraft = Draft<ReplyEvent>;

interface Merger<E extends SpanEvent | ReplyEvent, D> {
  read(event: E): D;
  /** @param base where the two parted; `null` where that is not known */
  merge(base: D | null, earlier: D, later: D): D;
}

/** What the events in force about one span come to; `null` where there are none. */
export function mergeSpans(graph: EventGraph, heads: readonly SpanEvent[]): SpanDraft | null {
  return mergeHeads(graph, heads, { read: readSpan, merge: mergeTwoSpans });
}

/** The same for a reply. */
export function mergeReplies(graph: EventGraph, heads: readonly ReplyEvent[]): ReplyDraft | null {
  return mergeHeads(graph, heads, { read: readReply, merge: mergeTwoReplies });
}

/** Where two sides parted from several events at once, they began with what those came to. */
function mergeHeads<E extends SpanEvent | ReplyEvent, D>(graph: EventGraph, heads: readonly E[], merger: Merger<E, D>): D | null {
  const [first, ...rest] = heads;
  if (!first) return null;
  let merged = merger.read(first);
  for (const [index, head] of rest.entries()) {
    const base = mergeHeads(graph, graph.findPartings(heads.slice(0, index + 1), head), merger);
    merged = merger.merge(base, merged, merger.read(head));
  }
  return merged;
}

function readSpan({ finding, completionId, span, quote, label, category, note, state }: SpanEvent): SpanDraft {
  return { kind: 'span', finding, completionId, span: { start: span.start, end: span.end }, quote, label, category, note, state };
}

function readReply({ finding, reply, note, state }: ReplyEvent): ReplyDraft {
  return { kind: 'reply', finding, reply, note, state };
}

function mergeTwoSpans(base: SpanDraft | null, earlier: SpanDraft, later: SpanDraft): SpanDraft {
  const placed = base && later.quote === base.quote && isDeepStrictEqual(later.span, base.span) ? earlier : later;
  return {
    ...placed,
    label: choose(base?.label, earlier.label, later.label),
    category: choose(base?.category, earlier.category, later.category),
    note: mergeNotes(base?.note, earlier.note, later.note),
    state: chooseState(base, earlier, later),
  };
}

function mergeTwoReplies(base: ReplyDraft | null, earlier: ReplyDraft, later: ReplyDraft): ReplyDraft {
  return { ...later, note: mergeNotes(base?.note, earlier.note, later.note), state: chooseState(base, earlier, later) };
}

/** The later value, unless only the other side changed it. */
function choose<T>(base: T | undefined, earlier: T, later: T): T {
  return later === base ? earlier : later;
}

/** What one side deleted and the other edited stays. */
function chooseState<D extends SpanDraft | ReplyDraft>(base: D | null, earlier: D, later: D): D['state'] {
  const edited = [later, earlier].find((side) => side.state !== 'deleted' && !isDeepStrictEqual(side, base));
  const state = choose(base?.state, earlier.state, later.state);
  return state === 'deleted' && edited ? edited.state : state;
}
