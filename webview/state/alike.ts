/** Rows of the list: one a completion, or one for all that say the same thing. */
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

/** As the host answers: a group is known by its first id. */
export function groupOfIds(groups: readonly (readonly number[])[]): GroupOf {
  return new Map(groups.flatMap((ids) => ids.map((id) => [id, ids[0]!] as const)));
}
