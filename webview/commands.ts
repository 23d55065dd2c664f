/** What can be done on the page, by key, by button or from the host: one method each. */
import { signal } from '@preact/signals';
import type { FindingLabel } from '../src/audit/finding.js';
import { BlindCommands } from './blind-commands.js';
import { FindingCommands } from './finding-commands.js';
import type { PageCommandName } from '../src/messages/page.js';
import { LABEL_NAMES, SCORE_TEXTS } from './state/names.js';
import { reasonOf } from './state/reason.js';
import { searchedText } from './state/search.js';
import { NO_FILTER, type SidePanel } from './state/view-settings.js';
import type { PageState } from './state/page-state.js';
import { announce } from './widgets/announcer.js';

export type OpenPanel = 'help' | 'filters' | 'goToRank' | 'about' | 'setAside' | 'blind' | 'figures' | null;

export class PageCommands {
  readonly openPanel = signal<OpenPanel>(null);
  /** One line at the foot of the detail that goes away by itself. */
  readonly notice = signal<string | null>(null);
  /** What the list can do that only it can: how many rows are in view, and taking the focus. */
  list: { rowsInView(): number; scrollToTop(): void; focus(): void } | null = null;
  /** What the tokens of the selected completion can do. */
  tokens: { showAlternatives(): void; dismiss(): boolean; goToPeak(): void } | null = null;
  readonly findings: FindingCommands;
  readonly blind: BlindCommands;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly state: PageState) {
    const tell = (text: string) => this.tell(text);
    this.findings = new FindingCommands(state, tell);
    this.blind = new BlindCommands(state, tell, () => (this.openPanel.value = 'figures'));
  }

  /** Ranking and all that comes from it are hidden. */
  get isBlind(): boolean {
    return this.state.blind.peek() !== null;
  }

  /** Why something was not done. */
  tellBlind(): void {
    this.tell('Not in the blind, where the ranking and all that comes from it are hidden. Shift+B leaves it.');
  }

  /** A command of the host. */
  run(command: PageCommandName): void {
    const commands: Record<PageCommandName, () => void> = {
      search: () => this.focus('search'),
      help: () => (this.openPanel.value = 'help'),
      next: () => this.move(1),
      previous: () => this.move(-1),
      undo: () => void this.undo(),
      addFinding: () => this.findings.add(),
      showFindings: () => this.findings.show(),
      cite: () => this.findings.cite(),
      phrases: () => this.togglePanel('phrases'),
      keywords: () => this.togglePanel('keywords'),
      conclusion: () => this.togglePanel('conclusion'),
      blind: () => this.toggleBlind(),
    };
    if (this.isBlind && NOT_IN_BLIND.includes(command)) this.tellBlind();
    else commands[command]();
  }

  move(rows: number): void {
    this.state.move(rows);
    if (document.activeElement === document.body || document.activeElement === null) this.list?.focus();
  }

  movePage(direction: 1 | -1): void {
    this.move(direction * Math.max(1, (this.list?.rowsInView() ?? 2) - 1));
  }

  /** Labels, and goes on to the next where that is wanted; taking a label back stays. */
  label(label: FindingLabel | null, stay = false): void {
    const selected = this.state.selected.peek();
    if (!selected) return;
    const name = this.state.nameOf.peek()(selected.id);
    const inForce = this.state.label(label);
    this.notice.value = null;
    announce(`${name}: ${inForce ? LABEL_NAMES[inForce] : 'label taken back'}`);
    if (inForce && this.state.settings.peek().advance && !stay) this.move(1);
  }

  /** As {@link label}, from anywhere on the page: not for a completion that the list does not show any more. */
  labelByKey(label: FindingLabel | null, stay = false): void {
    if (this.state.selectionIsHidden.peek()) this.tell('Not labelled: this completion is not in the list.');
    else this.label(label, stay);
  }

  async undo(): Promise<void> {
    try {
      const undone = await this.state.judgements.undo();
      if (undone === null) {
        this.tell('Nothing to take back in this session.');
        return;
      }
      const { completionId, what } = undone;
      if (completionId === null) {
        this.tell(`Taken back: the last change of the ${what}.`);
        return;
      }
      const isHidden = this.isBlind && !this.state.blind.peek()!.slice.ids.includes(completionId);
      if (!isHidden) this.state.select(completionId);
      const of = isHidden ? 'a completion that is not in the slice' : this.state.nameOf.peek()(completionId).toLowerCase();
      this.tell(`Taken back: the last change of ${what === 'finding' ? 'a finding in ' : ''}${of}.`);
    } catch (error) {
      this.tell(`Could not take back: ${reasonOf(error)}`);
    }
  }

  cycleScore(step: 1 | -1): void {
    const next = cycle(this.state.scoreNames.peek(), this.state.score.peek(), step);
    this.state.change({ score: next });
    announce(`Ranked by ${SCORE_TEXTS[next].name}`);
  }

  cycleFraming(): void {
    const framings = this.state.audit.peek()?.framings ?? [];
    const framing = cycle(['all', ...framings] as const, this.state.filter.peek().framing, 1);
    this.state.changeFilter({ framing });
    announce(framing === 'all' ? 'All framings' : `Only ${framing} framing`);
  }

  toggleRepetitive(): void {
    const foldRepetitive = !this.state.filter.peek().foldRepetitive;
    this.state.changeFilter({ foldRepetitive });
    announce(foldRepetitive ? 'Repetitive completions folded' : 'Repetitive completions shown');
  }

  toggleGroups(): void {
    const groupAlike = !this.state.settings.peek().groupAlike;
    this.state.change({ groupAlike });
    announce(groupAlike ? 'Completions that say the same are one row' : 'Every completion is a row');
  }

  /** Opens or folds the group of the selected completion. */
  toggleAlike(): void {
    const id = this.state.selectedId.peek();
    if (id === null) return;
    if (!this.state.settings.peek().groupAlike) {
      this.tell('Completions are not grouped. D groups those that say the same.');
      return;
    }
    const others = this.state.toggleAlike(id);
    if (others === 0) this.tell('No other completion of the list says the same.');
    else announce(this.state.rows.peek()[this.state.selectedIndex.peek()]?.expanded ? `${others} alike shown` : `${others} alike folded`);
  }

  togglePanel(panel: SidePanel): void {
    const isOpen = this.state.settings.peek().panel === panel;
    this.state.change({ panel: isOpen ? null : panel });
    if (isOpen) this.list?.focus();
    else requestAnimationFrame(() => document.getElementById(FIRST_FIELD[panel])?.focus());
  }

  /** To begin, to go on or to leave. */
  toggleBlind(): void {
    if (this.isBlind) this.blind.leave();
    else this.openPanel.value = 'blind';
  }

  toggle(setting: 'printValues' | 'localScale' | 'showBoundaries' | 'advance'): void {
    this.state.change({ [setting]: !this.state.settings.peek()[setting] });
  }

  togglePlots(): void {
    this.state.change({ plotsOpen: !plotsAreOpen(this.state) });
  }

  clearFilters(): void {
    this.state.changeFilter({ ...NO_FILTER, foldRepetitive: this.state.filter.peek().foldRepetitive });
  }

  /** Answers why not, or null. */
  goToRank(rank: number): string | null {
    const { ranked } = this.state.ranks.peek();
    const found = ranked[rank - 1];
    if (!found) return `There is no rank ${rank}; the last is ${ranked.length}.`;
    this.state.select(found.id);
    if (this.state.selectedIndex.peek() < 0) this.tell(`Rank ${rank} is hidden by the filters; it is shown here all the same.`);
    return null;
  }

  copyText(): void {
    const selected = this.state.selected.peek();
    if (!selected) return;
    this.state.host.act('copyText', searchedText(selected));
    this.tell('Copied prefill and completion.');
  }

  tell(text: string): void {
    clearTimeout(this.#noticeTimer);
    this.notice.value = text;
    announce(text);
    this.#noticeTimer = setTimeout(() => {
      this.notice.value = null;
    }, 5000);
  }

  /** Back to the completion labelled last, from which the page may have gone on, and into its note. */
  noteOfLabelled(): void {
    const last = this.state.judgements.lastSave.peek();
    if (!last) {
      this.tell('No label just given to go back to. N is the note of the completion shown.');
      return;
    }
    this.state.select(last.completionId);
    // The field is another one for another completion, and there only once the page is drawn.
    requestAnimationFrame(() => this.focus('note'));
  }

  focusTokens(): void {
    document.querySelector<HTMLElement>('.tokens')?.focus();
  }

  /** Puts away what lies over the page; with nothing there, goes back to the list. */
  escape(): void {
    if (!this.tokens?.dismiss()) this.list?.focus();
  }

  focus(id: 'search' | 'note'): void {
    document.getElementById(id)?.focus();
  }

  /** With its list open, so that the arrow keys choose and Enter ends. */
  openCategory(): void {
    const field = document.getElementById('category') as (HTMLElement & { open: boolean }) | null;
    field?.focus();
    if (field) field.open = true;
  }
}

const NOT_IN_BLIND: readonly PageCommandName[] = ['search', 'cite', 'phrases', 'keywords', 'conclusion'];

const FIRST_FIELD: Readonly<Record<SidePanel, string>> = { phrases: 'phrase-list', keywords: 'keyword-0', conclusion: 'statement' };

/** Open where there is room, until the reader has said. Under 760 pixels list and detail are stacked. */
export function plotsAreOpen(state: PageState): boolean {
  return state.settings.value.plotsOpen ?? (window.innerWidth >= 760 ? window.innerHeight >= 720 : window.innerWidth >= 640 && window.innerHeight >= 900);
}

function cycle<T>(choices: readonly T[], current: T, step: 1 | -1): T {
  return choices[(choices.indexOf(current) + step + choices.length) % choices.length]!;
}
