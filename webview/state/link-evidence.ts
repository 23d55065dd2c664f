/** Keeps what is written on the page in step with what the host tells and with what is looked at. */
import { effect, untracked } from '@preact/signals';
import { firstToRead } from './blind.js';
import type { PageState } from './page-state.js';

export function linkEvidence(state: PageState): void {
  effect(() => {
    const sets = state.evidence.keywordSets.value;
    untracked(() => state.keywords.replaceAll(sets));
  });
  effect(() => {
    const conclusion = state.evidence.conclusion.value;
    untracked(() => state.conclusion.replace(conclusion));
  });
  effect(() => countKeywords(state));
  effect(() => selectOfSlice(state));
}

function countKeywords({ settings, blind, completions, noiseFloor, keywords, score }: PageState): void {
  const isLookedAt = settings.value.panel === 'keywords' && !blind.value && completions.value.length > 0;
  const referenceCount = noiseFloor.value?.length ?? 0;
  keywords.want(isLookedAt ? { score: score.value, counts: `${completions.value.length} ${referenceCount}` } : null);
}

/** Whoever reads blind reads the slice and nothing else. */
function selectOfSlice({ blind, list, selectedIndex, selectedId, judgements, byId }: PageState): void {
  const drawn = blind.value;
  if (!drawn || list.value.length === 0 || selectedIndex.value >= 0) return;
  const first = untracked(() => firstToRead(drawn, judgements.own.value));
  if (first !== null && byId.value.has(first)) selectedId.value = first;
}
