/**
 * Which events are in force. An event names the events that it supersedes; what no event supersedes is in force. So the
 * state does not depend on the order of lines, and two people's files merge by putting all lines together.
 */
import type { EventKind, FindingEvent, NewerLine } from './events.js';

type EventOf<K extends EventKind> = Extract<FindingEvent, { kind: K }>;

/** All that is known of one subject of one kind. */
interface Subject {
  /** In force. */
  readonly heads: Set<FindingEvent>;
  /** The same in the order in which they show; `null` until it is asked for, and anew after every change of the subject. */
  sorted: readonly FindingEvent[] | null;
  first: FindingEvent;
}

/**
 * Adding an event costs what it names, and reading a subject the sorting of its heads: a file of `n` bytes is taken in and
 * read in `O(n log n)`, however its events hang together. {@link history} is linear in the events that it visits.
 */
export class EventGraph {
  readonly #byId = new Map<string, FindingEvent>();
  readonly #superseded = new Set<string>();
  readonly #subjects = new Map<EventKind, Map<string, Subject>>();

  constructor(events: Iterable<FindingEvent> = [], newer: Iterable<NewerLine> = []) {
    for (const { supersedes } of newer) this.#supersede(supersedes, '');
    for (const event of events) this.add(event);
  }

  add(event: FindingEvent): void {
    const known = this.#byId.get(event.id);
    this.#supersede(event.supersedes, event.id);
    if (known) {
      // The same line came in from two sides. Should anybody have changed one, every order must choose the same.
      if (JSON.stringify(event) <= JSON.stringify(known)) return;
      this.#removeHead(known);
    }
    this.#byId.set(event.id, event);
    const subject = this.#subjectFor(event);
    if (subject.first === known || compareEvents(event, subject.first) < 0) subject.first = event;
    subject.sorted = null;
    if (!this.#superseded.has(event.id)) subject.heads.add(event);
  }

  /** In force about one subject, the one that shows last: the later time, then the greater id. The same list until something changes. */
  heads<K extends EventKind>(kind: K, subject: string): readonly EventOf<K>[] {
    return this.#sort(this.#subjects.get(kind)?.get(subject)) as readonly EventOf<K>[];
  }

  /** {@link heads} of what an event is about. */
  headsAbout<E extends FindingEvent>(event: E): readonly E[] {
    return this.heads(event.kind, subjectOf(event)) as readonly FindingEvent[] as readonly E[];
  }

  /** {@link heads} of every subject that has any. */
  *allHeads<K extends EventKind>(kind: K): Generator<readonly EventOf<K>[], void, undefined> {
    for (const subject of this.#subjects.get(kind)?.values() ?? []) {
      if (subject.heads.size > 0) yield this.#sort(subject) as readonly EventOf<K>[];
    }
  }

  /** The first event about what this one is about, by time, then id: who brought it up. */
  first(event: FindingEvent): FindingEvent {
    return this.#subjects.get(event.kind)?.get(subjectOf(event))?.first ?? event;
  }

  /** What these supersede, directly or over others, as far as it is there and about the same. */
  history<E extends FindingEvent>(events: Iterable<E>): Set<E> {
    const found = new Set<E>();
    this.extendHistory(found, events, Number.POSITIVE_INFINITY);
    return found;
  }

  /**
   * Adds the {@link history} of some events to what was found before, which is not walked again.
   * @param stepsAtMost events named by others that are looked at; it stops there
   * @returns how many were
   */
  extendHistory<E extends FindingEvent>(found: Set<E>, events: Iterable<E>, stepsAtMost: number): number {
    const open = [...events];
    let steps = 0;
    for (let event = open.pop(); event; event = open.pop()) {
      for (const id of event.supersedes) {
        if (steps++ >= stepsAtMost) return steps;
        const former = this.#byId.get(id);
        if (!former || former.kind !== event.kind || subjectOf(former) !== subjectOf(event) || found.has(former as E)) continue;
        found.add(former as E);
        open.push(former as E);
      }
    }
    return steps;
  }

  #subjectFor(event: FindingEvent): Subject {
    const bySubject = this.#subjects.get(event.kind) ?? new Map<string, Subject>();
    this.#subjects.set(event.kind, bySubject);
    const name = subjectOf(event);
    const subject = bySubject.get(name) ?? { heads: new Set(), sorted: null, first: event };
    bySubject.set(name, subject);
    return subject;
  }

  #sort(subject: Subject | undefined): readonly FindingEvent[] {
    if (!subject) return [];
    return (subject.sorted ??= [...subject.heads].sort(compareEvents));
  }

  #supersede(ids: readonly string[], by: string): void {
    for (const id of ids) {
      if (id === by || this.#superseded.has(id)) continue;
      this.#superseded.add(id);
      const event = this.#byId.get(id);
      if (event) this.#removeHead(event);
    }
  }

  #removeHead(event: FindingEvent): void {
    const subject = this.#subjects.get(event.kind)?.get(subjectOf(event));
    if (subject?.heads.delete(event)) subject.sorted = null;
  }
}

/** What an event is about, within its kind. */
function subjectOf(event: FindingEvent): string {
  switch (event.kind) {
    case 'label':
      return labelSubject(event.completionId);
    case 'span':
      return event.finding;
    case 'reply':
      return event.reply;
    case 'blind':
    case 'author':
      return event.id;
    case 'conclusion':
    case 'keywords':
    case 'name':
      return THE_AUDIT;
  }
}

/** The subject of a conclusion, of keyword sets and of the audit's name. */
export const THE_AUDIT = '';

export function labelSubject(completionId: number): string {
  return String(completionId);
}

export function compareEvents(a: { readonly time: string; readonly id: string }, b: { readonly time: string; readonly id: string }): number {
  return compareTexts(a.time, b.time) || compareTexts(a.id, b.id);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
