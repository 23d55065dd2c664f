/** Lines of the terminal about an audit's conclusion. */
import type { ReportFindings } from '../records/report/report-findings.js';
import { LABEL_NAMES } from '../analysis/finding.js';
import { CONFIDENCE_NAMES } from '../records/report/names.js';
import { countOf } from '../text/numbers.js';
import { FINDING_LABELS } from '../analysis/finding.js';
import type { Colours } from './colours.js';
import { colourText } from './completion-text.js';

/** Nothing where nobody said anything. */
export function formatConclusion({ conclusion, judgements, spans }: ReportFindings, colours: Colours): string[] {
  const labels = [...judgements.values()].flatMap((list) => list.at(-1)?.label ?? []);
  const counts = FINDING_LABELS.map((label) => ({ label, count: labels.filter((one) => one === label).length })).filter(({ count }) => count > 0);
  const show = (text: string): string => colourText(text, colours, (part) => part);
  return [
    ...(labels.length === 0
      ? []
      : [`${countOf(labels.length, 'completion')} labelled: ${counts.map(({ label, count }) => `${count} ${LABEL_NAMES[label].toLowerCase()}`).join(', ')}.`]),
    ...(spans.length === 0 ? [] : [`${countOf(spans.length, 'finding')} about passages.`]),
    ...(conclusion === null
      ? []
      : [
          colours.bold('Conclusion'),
          show(conclusion.statement),
          `Confidence: ${CONFIDENCE_NAMES[conclusion.confidence]}. ${show(conclusion.author)}${conclusion.draftedBy === undefined ? '' : `; drafted by ${show(conclusion.draftedBy)}`}.`,
        ]),
  ];
}
