/** Completions that say the same thing: found while someone wants them grouped, and how the list shows them. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { groupCompletionsInSteps } from '../../src/analysis/grouping.js';
import { runInSlices } from '../../src/text/slices.js';
import type { CompletionSummary } from '../../src/messages/page.js';

/** Which group a completion is in; one that is in none is like no other, or not compared yet. */
export type GroupOf = ReadonlyMap<number, number>;

/** A row of the list. */
export interface ListRow {
  readonly completion: CompletionSummary;
  /** Others of the list that say the same, for the first of its group. */
  readonly alike: number;
  /** The others are in the list under it. */
  readonly expanded: boolean;
  /** It is one of those others. */
  readonly member: boolean;
}

/** Every completion by itself. */
export function ungroupedRows(list: readonly CompletionSummary[]): ListRow[] {
  return list.map((completion) => ({ completion, alike: 0, expanded: false, member: false }));
}

/** The first of each group, in the list's order; under those whose group is expanded, the others of the group. */
export function groupedRows(list: readonly CompletionSummary[], groupOf: GroupOf, expanded: ReadonlySet<number>): ListRow[] {
  const groups = new Map<number, CompletionSummary[]>();
  const heads: { readonly first: CompletionSummary; readonly group: readonly CompletionSummary[]; readonly isOpen: boolean }[] = [];
  for (const completion of list) {
    const id = groupOf.get(completion.id);
    const known = id === undefined ? undefined : groups.get(id);
    if (known) {
      known.push(completion);
      continue;
    }
    const group = [completion];
    if (id !== undefined) groups.set(id, group);
    heads.push({ first: completion, group, isOpen: id !== undefined && expanded.has(id) });
  }
  return heads.flatMap(({ first, group, isOpen }) => {
    const head = { completion: first, alike: group.length - 1, expanded: isOpen && group.length > 1, member: false };
    if (!head.expanded) return [head];
    return [head, ...group.slice(1).map((completion) => ({ completion, alike: 0, expanded: false, member: true }))];
  });
}

const SLICE_MS = 20;
/** While completions still come in, they are compared anew at most this often (milliseconds). */
const CALM = 5000;

export class AlikeGroups {
  readonly #groupOf = signal<GroupOf>(new Map());
  readonly #isStale = signal(false);
  #isComparing = false;
  #completions: readonly CompletionSummary[] | null = null;
  #compared: readonly CompletionSummary[] | null = null;
  #comparedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get groupOf(): ReadonlySignal<GroupOf> {
    return this.#groupOf;
  }

  /** Not all completions that are there have been compared. */
  get isStale(): ReadonlySignal<boolean> {
    return this.#isStale;
  }

  /** Says which completions shall be compared; null where nobody wants groups. */
  want(completions: readonly CompletionSummary[] | null): void {
    this.#completions = completions;
    this.#isStale.value = completions !== null && completions !== this.#compared;
    clearTimeout(this.#timer);
    if (completions === null || this.#isComparing || completions === this.#compared) return;
    this.#timer = setTimeout(() => void this.#compare(completions), Math.max(0, this.#comparedAt + CALM - Date.now()));
  }

  async #compare(completions: readonly CompletionSummary[]): Promise<void> {
    this.#isComparing = true;
    const groups = await runInSlices(groupCompletionsInSteps(completions), {
      sliceMs: SLICE_MS,
      pause: () => new Promise((resolve) => setTimeout(resolve)),
      isWanted: () => this.#completions !== null,
    });
    if (groups) {
      this.#compared = completions;
      this.#comparedAt = Date.now();
      this.#groupOf.value = new Map(groups.filter((ids) => ids.length > 1).flatMap((ids) => ids.map((id) => [id, ids[0]!] as const)));
    }
    this.#isComparing = false;
    this.want(this.#completions);
  }
}
