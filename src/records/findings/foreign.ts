/** Findings about completions that the audit does not have: a file from elsewhere, or a journal that lost lines. */
import type { EventKind } from './events.js';
import type { EventGraph } from './event-graph.js';
import { mergeSpans } from './merge-edits.js';
import { isConclusion } from './views.js';

export interface ForeignFinding {
  /** Of the event. */
  readonly id: string;
  readonly kind: EventKind;
  readonly author: string;
  /** Those that the audit does not have, as the event names them. */
  readonly completionIds: readonly number[];
}

/** The events in force that name such completions. They stay in the file and in what it says. */
export function findForeign(graph: EventGraph, completions: { has(id: number): boolean }): ForeignFinding[] {
  return [...nameCompletions(graph)]
    .map(({ completionIds, ...event }) => ({ ...event, completionIds: completionIds.filter((id) => !completions.has(id)) }))
    .filter(({ completionIds }) => completionIds.length > 0);
}

function* nameCompletions(graph: EventGraph): Generator<ForeignFinding> {
  for (const heads of graph.allHeads('label')) {
    for (const { id, kind, author, completionId, label } of heads) if (label) yield { id, kind, author, completionIds: [completionId] };
  }
  for (const heads of graph.allHeads('span')) {
    const { id, kind, author, completionId } = heads.at(-1)!;
    if (mergeSpans(graph, heads)!.state !== 'deleted') yield { id, kind, author, completionIds: [completionId] };
  }
  for (const heads of graph.allHeads('conclusion')) {
    for (const event of heads) if (isConclusion(event)) yield { id: event.id, kind: event.kind, author: event.author, completionIds: event.citations };
  }
  for (const heads of graph.allHeads('blind')) {
    for (const { id, kind, author, slice } of heads) yield { id, kind, author, completionIds: slice.ids };
  }
}
