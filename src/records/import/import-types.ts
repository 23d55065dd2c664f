/** Types of an import: the file as a table, what its columns mean, and the completions that come of it. */
import type { FindingLabel, KeywordSet } from '../../analysis/finding.js';
import type { Framing } from '../../audit/framing.js';
import type { ImportedCompletion } from '../../audit/imported.js';
import type { ScoreName } from '../../audit/scores.js';

/** How the file is written; `published` is the JSON of the method's published rankings, which says itself what it has. */
export const IMPORT_FORMS = ['published', 'json', 'jsonl', 'csv', 'parquet'] as const;
export type ImportForm = (typeof IMPORT_FORMS)[number];

export const IMPORT_FIELDS = ['prefill', 'completion', 'perplexityFinetuned', 'perplexityReference', 'score', 'framing', 'label'] as const;
export type ImportField = (typeof IMPORT_FIELDS)[number];

/** Which column holds which field. A column inside objects and lists is a path: `scores.reference`, `choices.0.text`. */
export interface ImportMapping {
  readonly columns: Readonly<Partial<Record<ImportField, string>>>;
  /** Which of the scores the column `score` holds. Left out where it is none of them: it only orders the completions then. */
  readonly scoreIs?: ScoreName;
  /** Framing of all completions, for a file that has no column for it. */
  readonly framing?: Framing;
  /** Columns that a guess would have taken for what they are named like, did they hold it. */
  readonly passedOver?: readonly PassedOver[];
}

export interface PassedOver {
  readonly field: ImportField;
  readonly column: string;
  /** Where the column holds something else, and what. */
  readonly reason: string;
}

/** A record of the file before anything is known about its columns. */
export interface ImportRecord {
  /** Line on which it begins, or number of the record, from 1: which of them, the table says. */
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface ImportTable {
  readonly form: ImportForm;
  /** Hex. */
  readonly sha256: string;
  /** In the order of their first appearance, those inside objects and lists with dots. */
  readonly columns: readonly string[];
  /** What places are counted in: lines of the file, or records where they are not on lines of their own. */
  readonly unit: 'line' | 'record';
  readonly records: readonly ImportRecord[];
  /** What a JSON file says beside its records. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** What was guessed of the file's form. */
  readonly remarks: readonly string[];
}

/** As much of a file as a choice of columns needs. */
export interface ImportSample {
  readonly form: ImportForm;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Records in the whole file. */
  readonly count: number;
  /** What the columns hold, as far as their names and all of their values tell. */
  readonly guess: ImportMapping;
  /** What was guessed of the file's form. */
  readonly remarks: readonly string[];
}

export interface ImportedLabel {
  readonly completionId: number;
  readonly label: FindingLabel;
}

export interface ImportedFact {
  readonly name: string;
  readonly value: string;
}

export interface ImportedAudit {
  readonly name: string;
  readonly from: ImportForm;
  /** Name of the file without its folder. */
  readonly file: string;
  readonly sha256: string;
  /** `null` where the file does not say. */
  readonly finetunedName: string | null;
  readonly referenceName: string | null;
  readonly completions: readonly ImportedCompletion[];
  /** Which of the scores the file's own is; `null` where it has none or of no known kind. */
  readonly scoreIs: ScoreName | null;
  /** Judgements that the file brings along. */
  readonly labels: readonly ImportedLabel[];
  readonly keywordSets: readonly KeywordSet[];
  readonly facts: readonly ImportedFact[];
  /** What a reader must know: what was assumed, what was taken off, what looks wrong. */
  readonly remarks: readonly string[];
}
