/** Everything the page knows, as signals; what is derived is computed once and only when it is looked at. */
import { batch, computed, effect, signal, untracked } from '@preact/signals';
import type { FindingLabel } from '../../src/analysis/finding.js';
import type { NoiseFloorCompletion } from '../../src/analysis/noise-floor.js';
import type { Framing } from '../../src/audit/framing.js';
import { nameRank } from '../../src/audit/ranking.js';
import { SCORE_DEFINITIONS, type ScoreName } from '../../src/audit/scores.js';
import type { AuditOpenedParams, AuditPasses, AuditStatus, CompletionSummary, PageListener, SetAsideGroup } from '../../src/messages/page.js';
import type { Host, VsCodeApi } from '../host.js';
import { auditMaximum, FIXED_MAXIMUM } from '../../src/text/gap-shade.js';
import type { AuditOverview } from '../../src/analysis/audit-analysis.js';
import { groupedRows, groupOfIds, ungroupedRows } from './alike.js';
import { CalmRequest } from './calm-request.js';
import { findTheme, ThemeFilter } from './themes.js';
import { findSlice } from './blind.js';
import { ConclusionState } from './conclusion.js';
import { ConfirmationState } from './confirmations.js';
import { DetailsCache } from './details-cache.js';
import { EvidenceState, type NumberedSpan } from './evidence.js';
import { LineFilter, themeOfLine } from './line-filter.js';
import { matchesFilter } from './filtering.js';
import { FoundCompletions } from './found.js';
import { Judgements } from './judgements.js';
import { KeywordState } from './keyword-sets.js';
import { PLAIN } from '../../src/audit/passes.js';
import { markPass } from './passes.js';
import { summariseFloors } from './noise-floors.js';
import { linkEvidence } from './link-evidence.js';
import { offerScores, orderBy, placeIn, rankAll } from './ranking.js';
import { compileSearch } from './search.js';
import { DEFAULT_SETTINGS, readStoredView, type CompletionFilter, type StoredView, type ViewSettings } from './view-settings.js';
import { pageKeys } from '../page-keys.js';

/** While completions stream in, the list is sorted anew at most this often (milliseconds). */
const SETTLE = 120;

export class PageState {
  readonly audit = signal<AuditOpenedParams | null>(null);
  readonly status = signal<AuditStatus | null>(null);
  readonly completions = signal<readonly CompletionSummary[]>([]);
  readonly settings = signal<ViewSettings>(DEFAULT_SETTINGS);
  readonly selectedId = signal<number | null>(null);
  readonly judgements: Judgements;
  readonly details: DetailsCache;
  /** The verdict and the themes, as the host computes them. */
  readonly overview: CalmRequest<Framing | null, AuditOverview>;
  readonly evidence = new EvidenceState();
  readonly keywords: KeywordState;
  readonly conclusion: ConclusionState;
  readonly confirmations: ConfirmationState;
  /** Completions that say the same, while someone wants them grouped. */
  readonly alike: CalmRequest<null, readonly (readonly number[])[]>;
  readonly groupOf = computed(() => groupOfIds(this.alike.answer.value ?? []));
  readonly found = new FoundCompletions();
  /** Groups whose completions are all in the list. */
  readonly expanded = signal<ReadonlySet<number>>(new Set());
  /** Of the reference against another quantisation of itself; null where the plan has none. */
  readonly noiseFloor = signal<readonly NoiseFloorCompletion[] | null>(null);
  /** What the audit goes on without, most frequent reason first. */
  readonly setAside = signal<readonly SetAsideGroup[]>([]);

  /** Those that can be shown; null where the main one is the only one. */
  readonly passes = signal<AuditPasses | null>(null);
  /** The one whose completions are here. Findings, figures and slices are of the main one alone. */
  readonly pass = computed(() => this.audit.value?.pass ?? PLAIN);
  readonly isMainPass = computed(() => this.pass.value === PLAIN);
  /** What stands at each text of the pass; null of the finetuned model's own. */
  readonly passMark = computed(() => markPass(this.pass.value, this.passes.value));
  /** Where the reader was in passes that are not shown. */
  readonly #selections = new Map<string, number | null>();

  /** Its completions were generated elsewhere: of tokens nothing is known. */
  readonly imported = computed(() => this.completions.value[0]?.hasTokens === false);
  /** What the list is ordered by, by name: not a score where none of that kind came with an import. */
  readonly rankedBy = computed(() => (this.isScored.value ? SCORE_DEFINITIONS[this.score.value].name : 'Order of the file'));
  /** Not so of an import that came without any score of this kind. */
  readonly isScored = computed(() => !this.imported.value || this.completions.value.some(({ scores }) => scores[this.score.value] !== null));
  readonly sameTokenizer = computed(() => this.audit.value?.sameTokenizer ?? true);
  /** In the order in which they are offered: the audit's own first. */
  readonly scoreNames = computed(() => offerScores(this.completions.value, this.audit.value?.defaultScore ?? 'perplexityDifference'));
  /** Completions that got no usable answer; the status may know of them before their reasons are here. */
  readonly setAsideCount = computed(() => this.setAside.value.reduce((sum, { ids }) => sum + ids.length, 0) || (this.status.value?.setAside ?? 0));
  readonly score = computed<ScoreName>(() => this.settings.value.score ?? this.audit.value?.defaultScore ?? 'perplexityDifference');
  readonly filter = computed(() => this.settings.value.filter);
  readonly search = computed(() => compileSearch(this.filter.value.query, this.filter.value.regex));
  readonly order = computed(() => orderBy(this.settings.value.sort, this.score.value));
  readonly byId = computed(() => new Map(this.completions.value.map((completion) => [completion.id, completion])));
  readonly framing = computed(() => this.filter.value.framing);
  readonly ranks = computed(() => rankAll(this.completions.value, this.score.value, this.framing.value));
  readonly selected = computed(() => (this.selectedId.value === null ? null : (this.byId.value.get(this.selectedId.value) ?? null)));

  /** The slice that is read blind, which the list shows alone. */
  readonly blind = computed(() => findSlice(this.evidence.slices.value, this.settings.value.blindSeed));

  /** The theme whose completions alone are shown, or that the filter line has first; null where all are. */
  readonly themeFilter = computed(() => {
    const phrase = this.filter.value.theme ?? themeOfLine(this.search.value.conditions);
    return phrase === null ? null : new ThemeFilter(phrase, findTheme(this.overview.answer.value, phrase));
  });
  /** What the filter line asks beside text. */
  readonly #line = computed(() => {
    const { conditions } = this.search.value;
    const asks = (kind: string) => conditions.some((condition) => condition.kind === kind);
    return new LineFilter(conditions, {
      labels: asks('label') ? this.judgements.inForce.value : null,
      overview: asks('theme') ? this.overview.answer.value : null,
      pass: this.pass.value,
      score: asks('number') ? this.score.value : 'perplexityDifference',
    });
  });
  /** Fits all filters, repetitive or not. */
  readonly matching = computed(() => {
    const filter = this.filter.value;
    const found = this.search.value.pattern === null ? null : this.found.found.value;
    const labels = filter.labels.length > 0 ? this.judgements.inForce.value : null;
    const theme = filter.theme === null ? null : this.themeFilter.value;
    const line = this.#line.value;
    return this.completions.value.filter(
      (completion) =>
        matchesFilter(completion, filter, found, labels?.get(completion.id)?.label ?? 'unlabelled') &&
        (theme === null || theme.has(completion)) &&
        line.fits(completion),
    );
  });
  readonly list = computed(() => {
    const blind = this.blind.value;
    if (blind) return blind.slice.ids.flatMap((id) => this.byId.value.get(id) ?? []);
    const fold = this.filter.value.foldRepetitive;
    return this.matching.value.filter((completion) => !(fold && completion.repetitive)).toSorted(this.order.value);
  });
  /** What the list shows: all of it, or one of each group of completions that say the same. */
  readonly rows = computed(() =>
    this.settings.value.groupAlike && !this.blind.value
      ? groupedRows(this.list.value, this.groupOf.value, this.expanded.value)
      : ungroupedRows(this.list.value),
  );
  readonly groupCount = computed(() => this.rows.value.filter(({ member }) => !member).length);
  readonly #rowIndex = computed(() => new Map(this.rows.value.map(({ completion }, index) => [completion.id, index])));
  readonly repetitiveCount = computed(() => this.matching.value.filter((completion) => completion.repetitive).length);
  /** What a completion is called: `chat 2`, by its rank, or read blind by its number in the slice. */
  readonly nameOf = computed(() => {
    const blind = this.blind.value;
    if (blind) return (id: number) => `Number ${blind.slice.ids.indexOf(id) + 1}`;
    const { rankOf } = this.ranks.value;
    return (id: number) => {
      const completion = this.byId.value.get(id);
      return completion ? nameRank(completion.framing, rankOf.get(id)!) : `#${id}, which is not in this audit`;
    };
  });
  /** Keyword sets whose matches are marked; null where none are. */
  readonly markedKeywords = computed(() =>
    this.settings.value.markKeywords && !this.blind.value && this.keywords.any.value ? this.keywords.keywords.value : null,
  );
  /** Index in the rows, or −1. */
  readonly selectedIndex = computed(() => (this.selectedId.value === null ? -1 : (this.#rowIndex.value.get(this.selectedId.value) ?? -1)));
  /** Of each framing's noise floor by the current score; absent where there is none yet. */
  readonly noiseFloors = computed(() => summariseFloors(this.noiseFloor.value ?? [], this.score.value));
  /** Nats at which shades are strongest; `null` where each completion has a scale of its own. */
  readonly shadeMaximum = computed(() => {
    const { shadeScale } = this.settings.value;
    if (shadeScale === 'completion') return null;
    return shadeScale === 'fixed' ? FIXED_MAXIMUM : auditMaximum(this.completions.value.flatMap(({ scores }) => scores.peakGap ?? []));
  });
  /** The completion that the reader chose last, be it in the list or not. */
  readonly #chosenId = signal<number | null>(null);
  /** The list has ceased to show what is selected: the reader may look elsewhere. */
  readonly selectionIsHidden = computed(() => this.selected.value !== null && this.selectedIndex.value < 0 && this.#chosenId.value !== this.selectedId.value);
  readonly running = computed(() => this.status.value !== null && isRunning(this.status.value));

  /** All that the host announced when it opened the audit is here. */
  readonly complete = computed(() => this.audit.value !== null && this.completions.value.length >= this.audit.value.completionCount);

  #arriving: CompletionSummary[] = [];
  #settling: ReturnType<typeof setTimeout> | undefined;
  #restored: StoredView | null;

  constructor(
    readonly host: Host,
    private readonly api: Pick<VsCodeApi, 'getState' | 'setState'>,
  ) {
    this.judgements = new Judgements(
      host,
      this.blind,
      computed(() => !this.isMainPass.value),
    );
    this.details = new DetailsCache((ids) => host.fetchDetails({ ids }));
    this.overview = new CalmRequest((framing) => host.fetchOverview({ framing }));
    this.alike = new CalmRequest(() => host.fetchGroups({}));
    this.confirmations = new ConfirmationState(host);
    this.keywords = new KeywordState(host);
    this.conclusion = new ConclusionState(host, (id) => this.byId.value.has(id));
    this.#restored = readStoredView(api.getState());
    if (this.#restored) this.settings.value = this.#restored.settings;
    effect(() => this.found.want(this.search.value.pattern, this.completions.value));
    effect(() => this.#store());
    effect(() => this.#selectFirst());
    effect(() =>
      this.alike.want(
        this.settings.value.groupAlike && this.completions.value.length > 0
          ? { about: null, version: `${this.pass.value} ${this.completions.value.length}`, isRunning: this.running.value }
          : null,
      ),
    );
    effect(() => this.#wantOverview());
    effect(() => this.#selectFirstOfGroup());
    linkEvidence(this);
  }

  /** What the host's messages do to the page; commands are for whoever has the keyboard. */
  listen(): Omit<PageListener, 'onCommand'> {
    return {
      onOpened: (audit) => this.#open(audit),
      onCompletions: (completions) => this.#add(completions),
      onStatus: (status) => {
        if (!isRunning(status)) this.#settle();
        this.status.value = status;
      },
      onFindings: (findings) => this.judgements.replaceAll(findings, this.evidence.author.peek()),
      onEvidence: (evidence) =>
        batch(() => {
          this.evidence.update(evidence);
          this.judgements.setReader(this.evidence.author.peek());
        }),
      onNoiseFloor: (noiseFloor) => {
        this.noiseFloor.value = noiseFloor;
      },
      onPlanFacts: (planFacts) => {
        const audit = this.audit.peek();
        if (audit) this.audit.value = { ...audit, planFacts };
      },
      onRenamed: (name) => {
        const audit = this.audit.peek();
        if (audit) this.audit.value = { ...audit, name };
      },
      onPageKeys: (keys) => {
        pageKeys.value = keys;
      },
      onPasses: (passes) => {
        this.passes.value = passes;
      },
      onConfirmations: ({ pass, confirmations }) => {
        if (pass === this.pass.peek()) this.confirmations.replace(confirmations);
      },
      onConfirmationProgress: (message) => this.confirmations.progress(message),
      onSetAside: (setAside) => {
        this.setAside.value = setAside;
      },
    };
  }

  /** Findings about spans of a completion; read blind, the reader's own. */
  shownSpans(id: number): readonly NumberedSpan[] {
    const spans = this.evidence.spansOf(id);
    const drawn = this.blind.value;
    return drawn ? spans.filter(({ span }) => span.author === this.evidence.author.value && span.time >= drawn.time) : spans;
  }

  /** Selects a completion; the group that it is folded away in is opened. */
  select(id: number): void {
    batch(() => {
      const group = this.groupOf.peek().get(id);
      const isFolded = group !== undefined && this.settings.peek().groupAlike && !this.#rowIndex.peek().has(id);
      if (isFolded) this.expanded.value = new Set(this.expanded.peek()).add(group);
      this.selectedId.value = id;
      this.#chosenId.value = id;
    });
  }

  /** Moves by rows of the list; from a completion that is not in it, from where it would be. */
  move(by: number): void {
    const rows = this.rows.peek();
    if (rows.length === 0) return;
    const selected = this.selected.peek();
    let to = by > 0 ? 0 : rows.length - 1;
    if (selected) {
      const index = this.selectedIndex.peek();
      to = index >= 0 ? index + by : this.#placeOf(selected) + by - (by > 0 ? 1 : 0);
    }
    this.select(rows[Math.min(rows.length - 1, Math.max(0, to))]!.completion.id);
  }

  /** Shows or folds the completions that say the same as the selected one; folded, their first is selected. Answers how many others. */
  toggleAlike(id: number): number {
    const group = this.groupOf.peek().get(id);
    if (group === undefined) return 0;
    const expanded = new Set(this.expanded.peek());
    const others = this.list.peek().filter((completion) => this.groupOf.peek().get(completion.id) === group);
    if (others.length < 2) return 0;
    const folds = expanded.delete(group);
    if (!folds) expanded.add(group);
    batch(() => {
      this.expanded.value = expanded;
      if (folds && others.some((other) => other.id === this.selectedId.peek())) this.select(others[0]!.id);
    });
    return others.length - 1;
  }

  change(settings: Partial<ViewSettings>): void {
    batch(() => {
      this.settings.value = { ...this.settings.peek(), ...settings };
      if (settings.filter) this.#chosenId.value = null;
    });
  }

  changeFilter(filter: Partial<CompletionFilter>): void {
    this.change({ filter: { ...this.filter.peek(), ...filter } });
  }

  /** Shows the completions of a theme alone; once more, all. */
  toggleTheme(phrase: string): void {
    this.changeFilter({ theme: this.filter.peek().theme === phrase ? null : phrase });
  }

  /** Puts a theme aside. */
  dismissTheme(phrase: string): void {
    batch(() => {
      this.change({ dismissedThemes: [...new Set([...this.settings.peek().dismissedThemes, phrase])] });
      if (this.filter.peek().theme === phrase) this.changeFilter({ theme: null });
    });
  }

  /** Labels the selected completion; the label it has already is taken back. Answers what is in force then. */
  label(label: FindingLabel | null): FindingLabel | null {
    const id = this.selectedId.peek();
    if (id === null || !this.isMainPass.peek()) return null;
    const judgement = this.judgements.judgementOf(id);
    const next = label === judgement.label ? null : label;
    this.#chosenId.value = id;
    void this.judgements.set(id, { ...judgement, label: next });
    return next;
  }

  #open(audit: AuditOpenedParams): void {
    batch(() => {
      const sameAudit = this.#restored?.folder === audit.folder;
      if (this.#restored && !sameAudit) this.settings.value = DEFAULT_SETTINGS;
      const before = this.audit.peek();
      const pass = audit.pass ?? PLAIN;
      const isOtherPass = before?.folder === audit.folder && this.pass.peek() !== pass;
      if (isOtherPass) {
        this.#selections.set(this.pass.peek(), this.selectedId.peek());
        this.#chosenId.value = null;
        this.changeFilter({ theme: null, labels: [] });
      }
      this.expanded.value = isOtherPass ? new Set() : this.expanded.peek();
      if (isOtherPass) this.selectedId.value = this.#selections.get(pass) ?? null;
      else this.selectedId.value = sameAudit && (before !== null || pass === PLAIN) ? (before ? this.selectedId.peek() : this.#restored!.selectedId) : null;
      this.passes.value = audit.passes ?? null;
      this.#arriving = [];
      this.completions.value = [];
      this.details.clear();
      if (this.audit.peek()?.folder !== audit.folder) {
        this.keywords.clear();
        this.conclusion.clear();
      }
      this.evidence.replace(audit.evidence);
      this.judgements.replaceAll(audit.findings, this.evidence.author.peek());
      this.judgements.restoreDrafts(sameAudit ? this.#restored!.drafts : []);
      if (audit.pageKeys) pageKeys.value = audit.pageKeys;
      this.status.value = audit.status;
      this.noiseFloor.value = audit.noiseFloor ?? null;
      this.setAside.value = audit.setAside ?? [];
      this.confirmations.replace([]);
      this.overview.clear();
      this.alike.clear();
      this.audit.value = audit;
    });
  }

  #add(completions: readonly CompletionSummary[]): void {
    this.#arriving.push(...completions);
    this.#settling ??= setTimeout(() => this.#settle(), SETTLE);
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    const known = this.byId.peek();
    const fresh = new Map(this.#arriving.filter(({ id }) => !known.has(id)).map((completion) => [completion.id, completion]));
    this.#arriving = [];
    if (fresh.size > 0) this.completions.value = [...this.completions.peek(), ...fresh.values()];
  }

  /** Where a completion that is not in the list would be; members of a group stand where their group does. */
  #placeOf(completion: CompletionSummary): number {
    if (this.blind.peek()) return 0;
    const heads = this.rows.peek().filter(({ member }) => !member);
    const place = placeIn(
      heads.map((row) => row.completion),
      completion,
      this.order.peek(),
    );
    const head = heads[place];
    return head ? this.#rowIndex.peek().get(head.completion.id)! : this.rows.peek().length;
  }

  /** Once an audit has been grouped, the selection is what stands for its group; while it runs, nobody's reading is moved. */
  #selectFirstOfGroup(): void {
    if (!this.settings.value.groupAlike) return;
    const groupOf = this.groupOf.value;
    untracked(() => {
      const group = groupOf.get(this.selectedId.value ?? -1);
      if (group === undefined || this.running.value || this.selectedIndex.value >= 0) return;
      const first = this.rows.value.find(({ completion, member }) => !member && groupOf.get(completion.id) === group);
      if (first) this.selectedId.value = first.completion.id;
    });
  }

  #wantOverview(): void {
    // Themes and groups of one pass are not another's.
    const isLookedAt = !this.blind.value && this.audit.value !== null && this.completions.value.length > 0;
    const { value: framing } = this.framing;
    const version = `${this.pass.value} ${this.completions.value.length} ${this.noiseFloor.value?.length ?? 0} ${this.running.value}`;
    this.overview.want(isLookedAt ? { about: framing === 'all' ? null : framing, version, isRunning: this.running.value } : null);
  }

  /** While the ranking still settles, nobody is given a completion to read that they did not ask for. */
  #selectFirst(): void {
    if (this.running.value || !this.complete.value || this.selected.value !== null) return;
    const first = this.rows.value[0];
    if (first) this.selectedId.value = first.completion.id;
  }

  #store(): void {
    const audit = this.audit.value;
    // Another window's page begins with the main pass.
    const selectedId = this.isMainPass.value ? this.selectedId.value : (this.#selections.get(PLAIN) ?? null);
    const view = { selectedId, settings: this.settings.value, drafts: this.judgements.drafts.value };
    if (!audit) return;
    this.#restored = { folder: audit.folder, ...view };
    this.api.setState(this.#restored);
  }
}

function isRunning({ state }: AuditStatus): boolean {
  return state === 'queued' || state === 'loading' || state === 'running';
}
