/** The verdict and the first themes, as lines of a terminal. */
import { describeVerdict, listThemes, tellNoThemes } from '../records/report/answer-lines.js';
import type { ReportContent } from '../records/report/report-content.js';
import type { Colours } from './colours.js';
import { colourText } from './completion-text.js';

export function formatAnswer({ answer, imported }: Pick<ReportContent, 'answer' | 'imported'>, colours: Colours): string[] {
  // What amplified writing came to is told in full beside it.
  const [sentence, ...more] = describeVerdict({ answer, amplified: [] });
  const show = (text: string): string => colourText(text, colours, (part) => part);
  const themes = listThemes(answer);
  return [
    colours.bold(sentence!),
    ...more,
    ...(themes.length === 0
      ? [tellNoThemes({ answer, imported })]
      : ['Themes:', ...themes.map(({ phrase, rests }) => `  ${colours.bold(show(phrase))}: ${rests}`)]),
    ...(answer.hidden.length === 0
      ? []
      : ['Hidden text:', ...answer.hidden.slice(0, 10).map(({ id, kind, decoded }) => `  #${id}, ${kind}: ${show(decoded)}`)]),
  ];
}
