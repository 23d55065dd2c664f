/** Everything the page knows, as signals; what is derived is computed once and only when it is looked at. */
import { batch, computed, effect, signal } from '@preact/signals';
import type { ScoreName } from '../../src/audit/scores.js';
import type { AuditOpenedParams, AuditStatus, CompletionSummary, FindingLabel } from '../../src/messages/page.js';
import type { Host, HostListener, VsCodeApi } from '../host.js';
import { sharedMaximum } from '../text/gap-shade.js';
import { DetailsCache } from './details-cache.js';
import { matchesFilter } from './filtering.js';
import { Judgements } from './judgements.js';
import { orderBy, placeIn, rankAll } from './ranking.js';
import { compileSearch } from './search.js';
import { DEFAULT_SETTINGS, readStoredView, type CompletionFilter, type StoredView, type ViewSettings } from './view-settings.js';

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

  readonly score = computed<ScoreName>(() => this.settings.value.score ?? this.audit.value?.defaultScore ?? 'perplexityDifference');
  readonly filter = computed(() => this.settings.value.filter);
  readonly search = computed(() => compileSearch(this.filter.value.query, this.filter.value.regex));
  readonly order = computed(() => orderBy(this.settings.value.sort, this.score.value));
  readonly byId = computed(() => new Map(this.completions.value.map((completion) => [completion.id, completion])));
  readonly ranks = computed(() => rankAll(this.completions.value, this.score.value));
  readonly selected = computed(() => (this.selectedId.value === null ? null : (this.byId.value.get(this.selectedId.value) ?? null)));

  /** Fits all filters, repetitive or not. */
  readonly matching = computed(() => {
    const filter = this.filter.value;
    const { pattern } = this.search.value;
    const labels = filter.labels.length > 0 ? this.judgements.inForce.value : null;
    return this.completions.value.filter((completion) => matchesFilter(completion, filter, pattern, labels?.get(completion.id)?.label ?? 'unlabelled'));
  });
  readonly list = computed(() => {
    const fold = this.filter.value.foldRepetitive;
    return this.matching.value.filter((completion) => !(fold && completion.repetitive)).toSorted(this.order.value);
  });
  readonly repetitiveCount = computed(() => this.matching.value.filter((completion) => completion.repetitive).length);
  /** Index in the list, or −1. */
  readonly selectedIndex = computed(() => {
    const selected = this.selected.value;
    if (!selected) return -1;
    const index = placeIn(this.list.value, selected, this.order.value);
    return this.list.value[index]?.id === selected.id ? index : -1;
  });
  /** Nats; the shading scale that all completions share. */
  readonly sharedMaximum = computed(() =>
    sharedMaximum(this.completions.value.flatMap(({ scores }) => (scores.peakGap === null ? [] : [scores.peakGap]))),
  );
  readonly running = computed(() => ['queued', 'loading', 'running'].includes(this.status.value?.state ?? ''));

  /** All that the host announced when it opened the audit is here. */
  readonly complete = computed(() => this.audit.value !== null && this.completions.value.length >= this.audit.value.completionCount);

  #arriving: CompletionSummary[] = [];
  #settling: ReturnType<typeof setTimeout> | undefined;
  #restored: StoredView | null;

  constructor(
    readonly host: Host,
    private readonly api: Pick<VsCodeApi, 'getState' | 'setState'>,
  ) {
    this.judgements = new Judgements(host);
    this.details = new DetailsCache((ids) => host.fetchDetails(ids));
    this.#restored = readStoredView(api.getState());
    if (this.#restored) this.settings.value = this.#restored.settings;
    effect(() => this.#store());
    effect(() => this.#selectFirst());
  }

  /** What the host's messages do to the page; commands are for whoever has the keyboard. */
  listen(): Omit<HostListener, 'onCommand'> {
    return {
      onOpened: (audit) => this.#open(audit),
      onCompletions: (completions) => this.#add(completions),
      onStatus: (status) => {
        this.status.value = status;
      },
      onFindings: (findings) => this.judgements.replaceAll(findings),
      onSelect: (id) => this.select(id),
    };
  }

  select(id: number): void {
    this.selectedId.value = id;
  }

  /** Moves by rows of the list; from a completion that is filtered away, from where it would be. */
  move(rows: number): void {
    const list = this.list.peek();
    if (list.length === 0) return;
    const selected = this.selected.peek();
    let to = rows > 0 ? 0 : list.length - 1;
    if (selected) {
      const place = placeIn(list, selected, this.order.peek());
      const absent = list[place]?.id !== selected.id;
      to = place + rows - (absent && rows > 0 ? 1 : 0);
    }
    this.select(list[Math.min(list.length - 1, Math.max(0, to))]!.id);
  }

  change(settings: Partial<ViewSettings>): void {
    this.settings.value = { ...this.settings.peek(), ...settings };
  }

  changeFilter(filter: Partial<CompletionFilter>): void {
    this.change({ filter: { ...this.filter.peek(), ...filter } });
  }

  /** Labels the selected completion; the label it has already is taken back. Answers what is in force then. */
  label(label: FindingLabel | null): FindingLabel | null {
    const id = this.selectedId.peek();
    if (id === null) return null;
    const judgement = this.judgements.judgementOf(id);
    const next = label === judgement.label ? null : label;
    void this.judgements.set(id, { ...judgement, label: next });
    return next;
  }

  #open(audit: AuditOpenedParams): void {
    batch(() => {
      const sameAudit = this.#restored?.folder === audit.folder;
      if (this.#restored && !sameAudit) this.settings.value = DEFAULT_SETTINGS;
      this.selectedId.value = sameAudit ? this.#restored!.selectedId : null;
      this.#arriving = [];
      this.completions.value = [];
      this.details.clear();
      this.judgements.replaceAll(audit.findings);
      this.status.value = audit.status;
      this.audit.value = audit;
    });
  }

  #add(completions: readonly CompletionSummary[]): void {
    this.#arriving.push(...completions);
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      const known = this.byId.peek();
      const fresh = new Map(this.#arriving.filter(({ id }) => !known.has(id)).map((completion) => [completion.id, completion]));
      this.#arriving = [];
      if (fresh.size > 0) this.completions.value = [...this.completions.peek(), ...fresh.values()];
    }, SETTLE);
  }

  /** While the ranking still settles, nobody is given a completion to read that they did not ask for. */
  #selectFirst(): void {
    if (this.running.value || !this.complete.value || this.selected.value !== null) return;
    const first = this.list.value[0];
    if (first) this.selectedId.value = first.id;
  }

  #store(): void {
    const audit = this.audit.value;
    const view = { selectedId: this.selectedId.value, settings: this.settings.value };
    if (!audit) return;
    this.#restored = { folder: audit.folder, ...view };
    this.api.setState(this.#restored);
  }
}
