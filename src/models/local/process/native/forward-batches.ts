/** Groups the texts that go through the model together in a forward pass. */

/** What is still to be computed of a text. */
export interface Remainder {
  /** Tokens that are computed already. */
  readonly done: number;
  /** Tokens to compute. */
  readonly length: number;
  /** Rows of logits that are wanted, of the last tokens. */
  readonly rows: number;
}

export interface BatchLimits {
  readonly tokens: number;
  readonly rows: number;
  /** Tokens that a sequence can hold. */
  readonly capacity: number;
}

/**
 * Groups texts so that each group fills a batch. llama.cpp computes texts of unequal length apart from where the shortest one
 * ends, so that all of a group are filled up to its longest: what comes after a text changes nothing in it, and texts of similar
 * length are grouped.
 * @returns indices; a text that fills more than a batch is alone
 */
export function groupTexts(texts: readonly Remainder[], limits: BatchLimits): number[][] {
  const order = texts.map((_, index) => index).sort((a, b) => texts[b]!.length - texts[a]!.length || a - b);
  const groups: number[][] = [];
  let group: number[] = [];
  let rows = 0;
  for (const index of order) {
    const text = texts[index]!;
    const longest = texts[group[0] ?? index]!.length;
    const fits = longest * (group.length + 1) <= limits.tokens && rows + text.rows <= limits.rows && text.done + longest <= limits.capacity;
    if (group.length > 0 && !fits) {
      groups.push(group);
      group = [];
      rows = 0;
    }
    group.push(index);
    rows += text.rows;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
