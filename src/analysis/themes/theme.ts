/** Theme: a phrase that recurs in an audit where F is much less surprised than R. */
import type { SaidElsewhere } from './elsewhere.js';

/** A word counts as high from this gap on, in nats: F finds it e times as likely as R does. */
export const HIGH_GAP = 1;
/** Words of a phrase at most, before it is extended. */
export const MAX_PHRASE_WORDS = 6;
/** Words of a phrase at most once it is extended. */
export const MAX_EXTENDED_WORDS = 12;
/** A chosen phrase goes on as long as this share of its completions has the same next word. */
export const EXTENSION_SHARE = 0.75;
/** Distinct prefills that must have led to a phrase: one opening says nothing of what recurs. */
export const MIN_PREFILLS = 2;
/** Themes at most. */
export const MOST_THEMES = 30;
/** How many themes somebody reads at first; what {@link Theme.stability} counts. */
export const FIRST_THEMES = 10;
/** Resamples of the openings that the stability is counted over. */
export const RESAMPLES = 20;

/** Where a theme stands in a completion's text, in UTF-16 units. */
export interface ThemePlace {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

export interface Theme {
  /** As it stands in its example. */
  readonly phrase: string;
  /**
   * With token gaps: nats of evidence, over its completions, of the words that no theme before it has shown. Without: the sum over its
   * completions of ln(1 + difference of the perplexities), times how much more often its words stand there than a background expects.
   */
  readonly score: number;
  /** How many completions have it where its words are informative, one place each. */
  readonly completions: number;
  /** How many distinct prefills led to it. */
  readonly prefills: number;
  /** Names of the passes whose completions have it. */
  readonly passes: readonly string[];
  /** In how many of {@link RESAMPLES} resamples of the openings a theme with its heaviest word is among the first {@link FIRST_THEMES}. */
  readonly stability: number;
  /** What R wrote by itself that says it; `null` where R wrote nothing. */
  readonly reference: SaidElsewhere | null;
  /** What the audits say that it is held against. */
  readonly others: readonly (SaidElsewhere & { readonly audit: string })[];
  /** All of those say it at least half as often: whatever it is, this finetune alone is not known by it. */
  readonly shared: boolean;
  /** Its places, in the order of the completions. */
  readonly places: readonly ThemePlace[];
  /** The sentence in which it carries most. */
  readonly example: ThemeExample;
}

export interface ThemeExample {
  readonly id: number;
  readonly before: string;
  readonly phrase: string;
  readonly after: string;
}
