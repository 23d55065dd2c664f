/** Asks what the columns of an imported file mean: each guess stands with an example and can be changed. */
import { l10n } from 'vscode';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { SCORE_DEFINITIONS, SCORE_NAMES, type ScoreName } from '../audit/scores.js';
import { visibleLine } from '../text/visible-text.js';
import { IMPORT_FIELDS, type ImportField, type ImportMapping, type ImportSample } from '../records/import/import-types.js';
import { readColumn } from '../records/tables/columns.js';
import { askPick, askText, separator, type Choice } from '../editor/ask.js';
import { BACK, CANCELLED } from '../editor/multi-step.js';

type Line = ImportField | 'done' | 'allFraming' | 'scoreIs';

/** Resolves to undefined when the user gave up. */
export async function askMapping(sample: ImportSample): Promise<ImportMapping | undefined> {
  const title = l10n.t('Import completions');
  let mapping = sample.guess;
  let last: Line = 'done';
  for (;;) {
    const lines = describeMapping(sample, mapping);
    const choices = lines.filter((line): line is Choice<Line> => 'value' in line);
    const picked = await askPick<Line>({
      title,
      placeholder:
        sample.count === 1
          ? l10n.t('1 record. Is this what the columns hold?')
          : l10n.t('{0} records. Is this what the columns hold?', sample.count.toLocaleString()),
      lines,
      active: choices.find(({ value }) => value === (mapping.columns.completion === undefined ? 'completion' : last)),
    });
    if (picked === BACK || picked === CANCELLED) return undefined;
    if (picked === 'done') return mapping;
    const changed = await change(picked, sample, mapping, title);
    if (changed === CANCELLED) return undefined;
    if (changed !== BACK) {
      mapping = changed;
      last = 'done';
    } else last = picked;
  }
}

function describeMapping(sample: ImportSample, { columns, framing, scoreIs }: ImportMapping) {
  const field = (name: ImportField): Choice<Line> => {
    const column = columns[name];
    return column === undefined
      ? { label: nameField(name), description: l10n.t('no column'), value: name }
      : { label: nameField(name), description: column, detail: showExample(sample, column), value: name };
  };
  const done: Choice<Line> = {
    icon: 'check',
    label: l10n.t('Import with these columns'),
    value: 'done',
    ...(columns.completion === undefined && { refusal: l10n.t('choose the column of the completions first') }),
  };
  return [
    done,
    ...sample.remarks.map((remark): ReturnType<typeof separator<Line>> => separator(visibleLine(remark))),
    separator<Line>(l10n.t('columns; choose one to change it')),
    ...IMPORT_FIELDS.map(field),
    ...(columns.framing === undefined
      ? [{ label: l10n.t('Framing of all'), description: framing ?? l10n.t('not known, shown as raw'), value: 'allFraming' as const }]
      : []),
    ...(columns.score === undefined
      ? []
      : [
          {
            label: l10n.t('The score is'),
            description: scoreIs === undefined ? l10n.t('not known; it only makes the order') : SCORE_DEFINITIONS[scoreIs].name,
            value: 'scoreIs' as const,
          },
        ]),
  ];
}

async function change(
  line: Exclude<Line, 'done'>,
  sample: ImportSample,
  mapping: ImportMapping,
  title: string,
): Promise<ImportMapping | typeof BACK | typeof CANCELLED> {
  if (line === 'allFraming') {
    const choices = [...FRAMINGS.map((value): Choice<Framing | null> => ({ label: value, value })), { label: l10n.t('not known'), value: null }];
    const framing = await askPick({
      title,
      placeholder: l10n.t('In which framing were they all generated?'),
      lines: choices,
      active: choices.find(({ value }) => value === mapping.framing),
      canGoBack: true,
    });
    if (framing === BACK || framing === CANCELLED) return framing;
    const { framing: _, ...rest } = mapping;
    return framing === null ? rest : { ...rest, framing };
  }
  if (line === 'scoreIs') {
    const choices = [
      ...SCORE_NAMES.map((value): Choice<ScoreName | null> => ({ label: SCORE_DEFINITIONS[value].name, value })),
      { label: l10n.t('none of them'), value: null },
    ];
    const scoreIs = await askPick({
      title,
      placeholder: l10n.t('Which score is in this column?'),
      lines: choices,
      active: choices.find(({ value }) => value === mapping.scoreIs),
      canGoBack: true,
    });
    if (scoreIs === BACK || scoreIs === CANCELLED) return scoreIs;
    const { scoreIs: _, ...rest } = mapping;
    return scoreIs === null ? rest : { ...rest, scoreIs };
  }
  const none: Choice<string | null | typeof PATH> = { icon: 'circle-slash', label: l10n.t('No column'), value: null };
  const path: Choice<string | null | typeof PATH> = {
    icon: 'edit',
    label: l10n.t('A path into the records…'),
    description: 'response.body.choices.0.message.content',
    value: PATH,
  };
  const choices = sample.columns.map((column): Choice<string | null | typeof PATH> => ({ label: column, detail: showExample(sample, column), value: column }));
  const picked = await askPick<string | null | typeof PATH>({
    title,
    placeholder: l10n.t('Which column holds this: {0}?', nameField(line)),
    lines: [...choices, path, none],
    active: choices.find(({ value }) => value === mapping.columns[line]) ?? choices[0],
    canGoBack: true,
  });
  const column = picked === PATH ? await askPath(sample, mapping.columns[line] ?? '', title) : picked;
  if (column === BACK || column === CANCELLED) return column;
  const { [line]: _, ...others } = mapping.columns;
  const { scoreIs, ...rest } = mapping;
  // Which score it is was told by the name of the former column.
  const keepsScore = line !== 'score' || column === mapping.columns.score;
  return { ...rest, columns: column === null ? others : { ...others, [line]: column }, ...(keepsScore && scoreIs !== undefined && { scoreIs }) };
}

/** Names that lead to a value within objects, and numbers, from 0, within lists. */
function askPath(sample: ImportSample, value: string, title: string): Promise<string | typeof BACK | typeof CANCELLED> {
  return askText({
    title,
    canGoBack: true,
    prompt: l10n.t('Names and numbers with dots between them; lists count from 0.'),
    value,
    placeholder: 'response.body.choices.0.message.content',
    validate: (path) => (sample.rows.some((row) => readColumn(row, path) !== undefined) ? undefined : l10n.t('The first records have no value there.')),
  });
}

const PATH = Symbol('path');
const LONGEST_EXAMPLE = 90;

/** The first value that the column has. */
function showExample({ rows }: ImportSample, column: string): string {
  const value = rows.map((row) => readColumn(row, column)).find((one) => one !== undefined && one !== null && one !== '');
  if (value === undefined) return l10n.t('no value in the first records');
  const text = visibleLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > LONGEST_EXAMPLE ? `${text.slice(0, LONGEST_EXAMPLE)}…` : text;
}

function nameField(field: ImportField): string {
  switch (field) {
    case 'prefill':
      return l10n.t('Prefill');
    case 'completion':
      return l10n.t('Completion');
    case 'perplexityFinetuned':
      return l10n.t('Perplexity under the finetuned model');
    case 'perplexityReference':
      return l10n.t('Perplexity under the reference');
    case 'score':
      return l10n.t('Score');
    case 'framing':
      return l10n.t('Framing');
    case 'label':
      return l10n.t('Label');
  }
}
