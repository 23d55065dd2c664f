/** View settings that the page remembers, and what its reader wrote that is not yet saved. */
import { FINDING_LABELS, type FindingLabel } from '../../src/analysis/finding.js';
import { FRAMINGS, type Framing } from '../../src/audit/framing.js';
import { SCORE_NAMES, type ScoreName } from '../../src/audit/scores.js';
import { PANEL_NAMES, type PanelName } from '../panels/panel-names.js';
import type { UnsavedEntry } from './judgements.js';

export type LabelState = FindingLabel | 'unlabelled';
export const LABEL_STATES: readonly LabelState[] = [...FINDING_LABELS, 'unlabelled'];

export const SORT_ORDERS = ['descending', 'ascending', 'longest', 'shortest', 'plan'] as const;
export type SortOrder = (typeof SORT_ORDERS)[number];

/** UTF-16 units of a search that is restored. */
export const LONGEST_QUERY = 1000;
const MOST_DISMISSED = 200;

/** Nats: gaps may be hidden up to here, in steps of so many. */
export const MOST_THRESHOLD = 3;
export const THRESHOLD_STEP = 0.1;

/** Of the room that two regions have between them, what one of them may take. */
export const LEAST_PANE_SHARE = 0.15;
export const MOST_PANE_SHARE = 0.7;

/** What shades are strongest at: the same nats everywhere, or the largest gaps of this audit or of each completion. */
export const SHADE_SCALES = ['fixed', 'audit', 'completion'] as const;
export type ShadeScale = (typeof SHADE_SCALES)[number];

/** Both ends included; an open end is null. */
export interface NumberRange {
  readonly min: number | null;
  readonly max: number | null;
}

export interface CompletionFilter {
  readonly query: string;
  readonly regex: boolean;
  /** The phrase of a theme whose completions alone are shown. */
  readonly theme: string | null;
  readonly framing: Framing | 'all';
  /** None is all. */
  readonly labels: readonly LabelState[];
  readonly foldRepetitive: boolean;
  readonly tokens: NumberRange | null;
  readonly perplexityFinetuned: NumberRange | null;
  readonly perplexityReference: NumberRange | null;
  readonly score: (NumberRange & { readonly name: ScoreName }) | null;
}

export const NO_FILTER: CompletionFilter = {
  query: '',
  regex: false,
  theme: null,
  framing: 'all',
  labels: [],
  foldRepetitive: true,
  tokens: null,
  perplexityFinetuned: null,
  perplexityReference: null,
  score: null,
};

export interface ViewSettings {
  /** Null until the reader has chosen one: the audit's default. */
  readonly score: ScoreName | null;
  readonly sort: SortOrder;
  readonly filter: CompletionFilter;
  /** The one of the side region; null until the reader has said. */
  readonly panel: PanelName | 'closed' | null;
  /** Phrases of themes that the reader has put aside. */
  readonly dismissedThemes: readonly string[];
  /** Marks what the keyword sets match. */
  readonly markKeywords: boolean;
  /** Seed of the slice that is read blind; null where the page shows all it knows. */
  readonly blindSeed: number | null;
  /** One row for all completions that say the same. */
  readonly groupAlike: boolean;
  /** Rows of one line, as many as a screen holds. */
  readonly compactRows: boolean;
  readonly shadeScale: ShadeScale;
  readonly printValues: boolean;
  /** Marks where each model's tokens begin. */
  readonly showBoundaries: boolean;
  /** Nats. */
  readonly threshold: number;
  readonly advance: boolean;
  /** Share of the width of list and completion that the list takes. */
  readonly listShare: number;
  /** Share of the width that an open panel takes where it stands beside list and completion. */
  readonly sideWidth: number;
  /** Share of the height that it takes where it stands under the list. */
  readonly sideHeight: number;
}

export const DEFAULT_SETTINGS: ViewSettings = {
  score: null,
  sort: 'descending',
  filter: NO_FILTER,
  panel: null,
  dismissedThemes: [],
  markKeywords: true,
  blindSeed: null,
  groupAlike: false,
  compactRows: false,
  shadeScale: 'fixed',
  printValues: false,
  showBoundaries: false,
  threshold: 0.3,
  advance: true,
  listShare: 0.36,
  sideWidth: 0.28,
  sideHeight: 0.45,
};

/** What goes into `setState`; the folder lets the host find the audit again after a restart. */
export interface StoredView {
  readonly folder: string;
  readonly selectedId: number | null;
  readonly settings: ViewSettings;
  readonly drafts: readonly UnsavedEntry[];
}

/** Reads what an earlier page (of this version or another) stored; what does not fit is as if it were not there. */
export function readStoredView(stored: unknown): StoredView | null {
  if (!isRecord(stored) || typeof stored.folder !== 'string') return null;
  return {
    folder: stored.folder,
    selectedId: typeof stored.selectedId === 'number' ? stored.selectedId : null,
    settings: readSettings(stored.settings),
    drafts: Array.isArray(stored.drafts) ? stored.drafts.flatMap(readDraft) : [],
  };
}

function readDraft(stored: unknown): UnsavedEntry[] {
  if (!isRecord(stored)) return [];
  const { completionId, category, note } = stored;
  if (typeof completionId !== 'number' || typeof note !== 'string') return [];
  return [{ completionId, category: typeof category === 'string' ? category : null, note }];
}

function readSettings(stored: unknown): ViewSettings {
  const from = isRecord(stored) ? stored : {};
  const defaults = DEFAULT_SETTINGS;
  return {
    score: oneOf(SCORE_NAMES, from.score, null),
    sort: oneOf(SORT_ORDERS, from.sort, defaults.sort),
    filter: readFilter(from.filter),
    panel: oneOf([...PANEL_NAMES, 'closed'] as const, from.panel, null),
    dismissedThemes: Array.isArray(from.dismissedThemes) ? from.dismissedThemes.filter((phrase) => typeof phrase === 'string').slice(0, MOST_DISMISSED) : [],
    markKeywords: flag(from.markKeywords, defaults.markKeywords),
    blindSeed: typeof from.blindSeed === 'number' ? from.blindSeed : null,
    groupAlike: flag(from.groupAlike, defaults.groupAlike),
    compactRows: flag(from.compactRows, defaults.compactRows),
    shadeScale: oneOf(SHADE_SCALES, from.shadeScale, defaults.shadeScale),
    printValues: flag(from.printValues, defaults.printValues),
    showBoundaries: flag(from.showBoundaries, defaults.showBoundaries),
    threshold: within(from.threshold, 0, MOST_THRESHOLD, defaults.threshold),
    advance: flag(from.advance, defaults.advance),
    listShare: within(from.listShare, LEAST_PANE_SHARE, MOST_PANE_SHARE, defaults.listShare),
    sideWidth: within(from.sideWidth, LEAST_PANE_SHARE, MOST_PANE_SHARE, defaults.sideWidth),
    sideHeight: within(from.sideHeight, LEAST_PANE_SHARE, MOST_PANE_SHARE, defaults.sideHeight),
  };
}

function readFilter(stored: unknown): CompletionFilter {
  const from = isRecord(stored) ? stored : {};
  const score = readRange(from.score);
  const scoreName = isRecord(from.score) ? oneOf(SCORE_NAMES, from.score.name, null) : null;
  return {
    query: typeof from.query === 'string' ? from.query.slice(0, LONGEST_QUERY) : '',
    regex: flag(from.regex, false),
    theme: typeof from.theme === 'string' ? from.theme.slice(0, LONGEST_QUERY) : null,
    framing: oneOf([...FRAMINGS, 'all'] as const, from.framing, 'all'),
    labels: Array.isArray(from.labels) ? LABEL_STATES.filter((label) => (from.labels as unknown[]).includes(label)) : [],
    foldRepetitive: flag(from.foldRepetitive, true),
    tokens: readRange(from.tokens),
    perplexityFinetuned: readRange(from.perplexityFinetuned),
    perplexityReference: readRange(from.perplexityReference),
    score: score && scoreName ? { ...score, name: scoreName } : null,
  };
}

function readRange(stored: unknown): NumberRange | null {
  if (!isRecord(stored)) return null;
  const end = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
  const range = { min: end(stored.min), max: end(stored.max) };
  return range.min === null && range.max === null ? null : range;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise;
}

function within(value: unknown, min: number, max: number, otherwise: number): number {
  return typeof value === 'number' && value >= min && value <= max ? value : otherwise;
}

function oneOf<T extends string, N>(choices: readonly T[], value: unknown, otherwise: N): T | N {
  return choices.find((choice) => choice === value) ?? otherwise;
}
