/** The verdict and the first themes as every report words them. */
import { describeRest, explainNoThemes } from '../../analysis/themes/describe.js';
import { FIRST_THEMES } from '../../analysis/themes/theme.js';
import type { ReportContent } from './report-content.js';

/** A sentence each: the verdict, what amplified writing came to, what is missing. */
export function describeVerdict({ answer: { verdict }, amplified }: Pick<ReportContent, 'answer' | 'amplified'>): string[] {
  return [
    verdict.sentence,
    ...(verdict.kind === null ? [] : [verdict.kind]),
    ...amplified,
    ...verdict.missing.map((line) => `Missing: ${line}`),
    ...verdict.cannotExclude.map((line) => `Not excluded: ${line}`),
  ];
}

export interface ThemeRow {
  readonly phrase: string;
  /** How many completions and openings, and how stable it is. */
  readonly rests: string;
  readonly example: string;
}

export function listThemes({ themes }: ReportContent['answer']): ThemeRow[] {
  return themes
    .slice(0, FIRST_THEMES)
    .map((theme) => ({ phrase: theme.phrase, rests: describeRest(theme), example: `…${theme.example.before}${theme.example.phrase}${theme.example.after}…` }));
}

/** What stands where there are none. */
export function tellNoThemes({ answer: { completionCount }, imported }: Pick<ReportContent, 'answer' | 'imported'>): string {
  return explainNoThemes(completionCount, imported === null);
}
