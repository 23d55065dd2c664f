/** Whether a completion fits a filter line. */
import type { Framing } from '../../audit/framing.js';
import type { Scores, ScoreName } from '../../audit/scores.js';
import type { TextMatcher, TextRange } from '../patterns/pattern.js';
import type { LineLabel, Quantity } from './fields.js';
import type { Comparison, Condition } from './parse-line.js';

/** Of a completion, what the conditions ask. */
export interface LineSubject {
  readonly framing: Framing;
  readonly tokenCount: number;
  readonly hasTokens?: false;
  readonly scores: Scores;
}

/** What is known beside the completion itself. */
export interface LineContext<S extends LineSubject> {
  readonly label: (subject: S) => LineLabel;
  readonly pass: string;
  /** The score that the list is ranked by. */
  readonly score: ScoreName;
  readonly isOfTheme: (subject: S, phrase: string) => boolean;
}

/** Whether all conditions hold but those on text, which {@link textOfLine} looks for. */
export function fitsLine<S extends LineSubject>(conditions: readonly Condition[], subject: S, context: LineContext<S>): boolean {
  return conditions.every((condition) => condition.kind === 'text' || holds(condition, subject, context) !== condition.negated);
}

/** All conditions on text as one matcher: what it marks are the places of those that are wanted. `null` where there are none. */
export function textOfLine(conditions: readonly Condition[]): TextMatcher | null {
  const texts = conditions.filter((condition) => condition.kind === 'text');
  if (texts.length === 0) return null;
  if (texts.length === 1 && !texts[0]!.negated && texts[0]!.anyOf.length === 1) return texts[0]!.anyOf[0]!;
  const wanted = texts.filter(({ negated }) => !negated).flatMap(({ anyOf }) => anyOf);
  return {
    test: (text) => texts.every(({ anyOf, negated }) => anyOf.some((matcher) => matcher.test(text)) !== negated),
    findAll: (text, most = Infinity) => withoutOverlaps(wanted.flatMap((matcher) => matcher.findAll(text, most))).slice(0, most),
  };
}

function holds<S extends LineSubject>(condition: Exclude<Condition, { kind: 'text' }>, subject: S, context: LineContext<S>): boolean {
  switch (condition.kind) {
    case 'label':
      return condition.anyOf.includes(context.label(subject));
    case 'framing':
      return condition.anyOf.includes(subject.framing);
    case 'pass':
      return condition.anyOf.includes(context.pass);
    case 'theme':
      return condition.anyOf.some((phrase) => context.isOfTheme(subject, phrase));
    case 'number':
      return compare(quantityOf(condition.quantity, subject, context.score), condition.comparison, condition.value);
  }
}

function quantityOf(quantity: Quantity, { scores, tokenCount, hasTokens }: LineSubject, ranked: ScoreName): number | null {
  if (quantity === 'tokens') return hasTokens === false ? null : tokenCount;
  return scores[quantity === 'score' ? ranked : quantity];
}

/** A completion without the number fits no comparison. */
function compare(value: number | null, comparison: Comparison, with_: number): boolean {
  if (value === null) return false;
  if (comparison === '>') return value > with_;
  if (comparison === '>=') return value >= with_;
  if (comparison === '<') return value < with_;
  return comparison === '<=' ? value <= with_ : value === with_;
}

/** In order; of two that overlap, the one that begins first. */
function withoutOverlaps(ranges: readonly TextRange[]): TextRange[] {
  const kept: TextRange[] = [];
  for (const range of ranges.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (kept.length === 0 || range[0] >= kept.at(-1)![1]) kept.push(range);
  }
  return kept;
}
