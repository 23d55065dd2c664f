/** Findings beside labels, as the host tells them, by completion. */
import { batch, computed, signal } from '@preact/signals';
import { findDisagreements } from '../../src/analysis/figures/agreement.js';
import type { CompletionFinding, Conclusion, DrawnSlice, KeywordSet } from '../../src/analysis/finding.js';
import type { Evidence, PlacedSpan } from '../../src/messages/evidence.js';

/** A finding with the number that it goes by in its completion. */
export interface NumberedSpan {
  /** From 1, by place. */
  readonly number: number;
  readonly span: PlacedSpan;
}

const NONE: readonly never[] = [];

export class EvidenceState {
  /** Who signs here; `null` where the host did not say. */
  readonly author = signal<string | null>(null);
  readonly #judgements = signal<readonly CompletionFinding[]>([]);
  readonly #spans = signal<readonly PlacedSpan[]>([]);
  readonly conclusion = signal<Conclusion | null>(null);
  readonly otherConclusions = signal<readonly Conclusion[]>([]);
  readonly keywordSets = signal<readonly KeywordSet[]>([]);
  /** Oldest first. */
  readonly slices = signal<readonly DrawnSlice[]>([]);

  /** Of the completions that more than one author judged, every author's judgement. */
  readonly judgements = computed(() => groupBy(this.#judgements.value, ({ completionId }) => completionId));
  readonly disagreements = computed(() => new Set(findDisagreements(this.judgements.value)));
  readonly #numbered = computed(() => {
    const byCompletion = groupBy(this.#spans.value, ({ completionId }) => completionId);
    return new Map([...byCompletion].map(([id, spans]) => [id, spans.map((span, index): NumberedSpan => ({ number: index + 1, span }))]));
  });

  /** Of all completions, by completion and place. */
  readonly spans = computed(() => [...this.#numbered.value.values()].flat());

  /** Findings about spans of a completion, by place. */
  spansOf(id: number): readonly NumberedSpan[] {
    return this.#numbered.value.get(id) ?? NONE;
  }

  /** For another audit. */
  replace(evidence: Evidence | undefined): void {
    const nothing: Omit<Evidence, 'author'> = { judgements: [], spans: [], conclusion: null, otherConclusions: [], keywordSets: [], slices: [] };
    batch(() => {
      this.author.value = null;
      this.update(evidence ?? nothing);
    });
  }

  update(changed: Partial<Evidence>): void {
    batch(() => {
      if (changed.author !== undefined) this.author.value = changed.author;
      if (changed.judgements) this.#judgements.value = changed.judgements;
      if (changed.spans) this.#spans.value = changed.spans;
      if (changed.conclusion !== undefined) this.conclusion.value = changed.conclusion;
      if (changed.otherConclusions) this.otherConclusions.value = changed.otherConclusions;
      if (changed.keywordSets) this.keywordSets.value = changed.keywordSets;
      if (changed.slices) this.slices.value = changed.slices;
    });
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
