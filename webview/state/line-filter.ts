/** The conditions of a filter line, with what the page knows. */
import type { AuditOverview } from '../../src/analysis/audit-analysis.js';
import { fitsLine, type LineContext } from '../../src/analysis/filter-line/match-line.js';
import type { Condition } from '../../src/analysis/filter-line/parse-line.js';
import type { FindingLabel } from '../../src/analysis/finding.js';
import type { ScoreName } from '../../src/audit/scores.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import { findTheme, ThemeFilter } from './themes.js';

export interface Known {
  readonly labels: ReadonlyMap<number, { readonly label: FindingLabel | null }> | null;
  readonly overview: AuditOverview | null;
  readonly pass: string;
  readonly score: ScoreName;
}

export class LineFilter {
  readonly #context: LineContext<CompletionSummary>;

  constructor(
    private readonly conditions: readonly Condition[],
    { labels, overview, pass, score }: Known,
  ) {
    const themes = new Map(
      conditions
        .flatMap((condition) => (condition.kind === 'theme' ? condition.anyOf : []))
        .map((phrase) => [phrase, new ThemeFilter(phrase, findTheme(overview, phrase))]),
    );
    this.#context = {
      label: ({ id }) => labels?.get(id)?.label ?? 'unlabelled',
      pass,
      score,
      isOfTheme: (completion, phrase) => themes.get(phrase)!.has(completion),
    };
  }

  fits(completion: CompletionSummary): boolean {
    return fitsLine(this.conditions, completion, this.#context);
  }
}

/** The first theme that a line wants, whose places are marked. */
export function themeOfLine(conditions: readonly Condition[]): string | null {
  const wanted = conditions.find((condition) => condition.kind === 'theme' && !condition.negated);
  return wanted?.kind === 'theme' ? wanted.anyOf[0]! : null;
}
