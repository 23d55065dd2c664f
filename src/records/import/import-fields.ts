/** Fields of an imported completion: how a value of each is read, and what is expected, in words. */
import type { ImportField } from './import-types.js';
import { readFraming, readLabel, readNumber, readText } from './import-values.js';
import type { NumberStyle } from './number-style.js';

interface FieldReader<T> {
  /** `null` for none given, `undefined` for a value that is not what is wanted. */
  readonly read: (value: unknown, style?: NumberStyle) => T | null | undefined;
  readonly wanted: string;
}

const PERPLEXITY: FieldReader<number> = { read: readPerplexity, wanted: 'a perplexity (a number above 0)' };

export const FIELD_READERS = {
  prefill: { read: readText, wanted: 'a text' },
  completion: { read: readText, wanted: 'a text' },
  perplexityFinetuned: PERPLEXITY,
  perplexityReference: PERPLEXITY,
  score: { read: readNumber, wanted: 'a number' },
  framing: { read: readFraming, wanted: 'a framing ("raw", "chat", "ask" or "dialogue")' },
  label: { read: readLabel, wanted: 'a label ("revealing", "not revealing", "unsure", or yes and no)' },
} satisfies Readonly<Record<ImportField, FieldReader<unknown>>>;

/** Fields whose values are numbers. */
export const NUMBER_FIELDS = ['perplexityFinetuned', 'perplexityReference', 'score'] as const satisfies readonly ImportField[];

/** What a field's values are read as. */
export type FieldValue<F extends ImportField> = Exclude<ReturnType<(typeof FIELD_READERS)[F]['read']>, undefined>;

const LONGEST_SHOWN = 60;

/** The value and what it is not, for a reader who looks for it in the file. */
export function describeMisfit(field: ImportField, value: unknown): string {
  return `${JSON.stringify(typeof value === 'string' ? value.slice(0, LONGEST_SHOWN) : value)?.slice(0, LONGEST_SHOWN) ?? 'nothing'} is not ${FIELD_READERS[field].wanted}`;
}

function readPerplexity(value: unknown, style?: NumberStyle): number | null | undefined {
  const number = readNumber(value, style);
  return typeof number === 'number' && number <= 0 ? undefined : number;
}
