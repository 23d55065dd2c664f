/** Themes in words, for the page and for reports alike. */
import { countOf, formatCount } from '../../text/numbers.js';
import { RESAMPLES, type Theme } from './theme.js';

/** Below this many completions only what most of them say is a theme. */
const FEW_COMPLETIONS = 50;

export function explainNoThemes(completions: number, hasTokens: boolean): string {
  if (completions === 0) return 'No themes: there are no completions yet.';
  if (completions < FEW_COMPLETIONS)
    return `No theme in ${countOf(completions, 'completion')}: that few show only what most of them say. Quieter themes need some hundred openings.`;
  return `No theme: nothing that ${hasTokens ? 'has a high gap' : 'a background does not expect'} recurs after two different openings in ${countOf(completions, 'completion')}.`;
}

/** How many completions and openings it rests on, how stable it is, and where else it is said. */
export function describeRest({
  completions,
  prefills,
  stability,
  ...elsewhere
}: Pick<Theme, 'completions' | 'prefills' | 'stability' | 'reference' | 'others' | 'shared'>): string {
  return [
    `${countOf(completions, 'completion')} after ${countOf(prefills, 'opening')}`,
    `among the first ten in ${stability} of ${RESAMPLES} resamples`,
    ...describeElsewhere(elsewhere),
  ].join(', ');
}

/** A part each: what the reference wrote itself, and the audits that it is held against. */
export function describeElsewhere({ reference, others, shared }: Pick<Theme, 'reference' | 'others' | 'shared'>): string[] {
  const count = (said: number, of: number) => `${formatCount(said)} of ${formatCount(of)}`;
  return [
    ...(reference ? [`in ${count(reference.completions, reference.of)} that the reference wrote itself`] : []),
    ...others.map(({ audit, completions, of }) => `in ${count(completions, of)} of ${audit}`),
    ...(shared ? ['shared with all that it is held against'] : []),
  ];
}
