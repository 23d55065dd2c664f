/** Marks in the text of the selected completion. */
import type { HiddenText } from '../../src/analysis/hidden-text.js';
import type { ThemeFilter } from '../state/themes.js';
import type { Keywords } from '../../src/analysis/keywords.js';
import type { TextMatcher } from '../../src/analysis/patterns/pattern.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import type { ChosenText } from '../finding-commands.js';
import type { NumberedSpan } from '../state/evidence.js';
import { completionOffset, placeInSearched, searchedText } from '../state/search.js';
import { findRanges, marksOf, type TextMark } from '../text/marks.js';

export interface MarkSources {
  readonly pattern: TextMatcher | null;
  readonly keywords: Keywords | null;
  readonly theme: ThemeFilter | null;
  /** What is hidden in this completion. */
  readonly hidden: readonly HiddenText[];
  readonly spans: readonly NumberedSpan[];
  /** Shown where the browser shows no selection of its own. */
  readonly chosen: ChosenText | null;
}

/** In the text that is searched. */
export function markCompletion(completion: CompletionSummary, { pattern, keywords, theme, hidden, spans, chosen }: MarkSources): TextMark[] {
  const findings = spans.flatMap(({ number, span }): TextMark[] => {
    if (!span.place) return [];
    const [start, end] = placeInSearched(completion, span.place);
    return [{ start, end, kind: 'finding', number, finding: span.finding, resolved: span.state === 'resolved' }];
  });
  const range = chosen?.id === completion.id ? placeInSearched(completion, [chosen.start, chosen.end]) : null;
  return [
    ...marksOf(findRanges(pattern, searchedText(completion)), 'match'),
    ...marksOf(theme?.placesIn(completion) ?? [], 'match', completionOffset(completion)),
    ...hidden.map(({ start, end, kind, decoded }): TextMark => ({
      start: start + completionOffset(completion),
      end: end + completionOffset(completion),
      kind: 'hidden',
      title: `Hidden (${kind}): ${decoded}`,
    })),
    ...marksOf(keywords?.findMarks(completion.text) ?? [], 'keyword', completionOffset(completion)),
    ...findings,
    ...(range ? marksOf([range], 'chosen') : []),
  ];
}
