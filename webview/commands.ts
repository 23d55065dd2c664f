/** What can be done on the page, by key, by button or from the host: one method each. */
import { SCORE_DEFINITIONS } from '../src/audit/scores.js';
import { signal } from '@preact/signals';
import type { FindingLabel } from '../src/analysis/finding.js';
import type { Framing } from '../src/audit/framing.js';
import { nameRank } from '../src/audit/ranking.js';
import { BlindCommands } from './blind-commands.js';
import { ConfirmationCommands } from './confirmation-commands.js';
import { FindingCommands } from './finding-commands.js';
import { COMMAND_TABLE } from './command-table.js';
import type { PageCommandName } from '../src/messages/page-commands.js';
import { LABEL_STATE_NAMES, SHADE_SCALE_TEXTS, sortOptions } from './state/names.js';
import { namePassOption, NO_LABELS } from './state/passes.js';
import { messageOf } from './state/reason.js';
import { searchedText } from './state/search.js';
import { MOST_THRESHOLD, NO_FILTER, SHADE_SCALES, THRESHOLD_STEP } from './state/view-settings.js';
import { formatFixed } from '../src/text/numbers.js';
import { openPanelOf } from './panels/open-panel.js';
import type { PanelName } from './panels/panel-names.js';
import type { PageState } from './state/page-state.js';
import { announce } from './widgets/announcer.js';
import { sayKey } from './page-keys.js';

export type OpenPanel = 'help' | 'filters' | 'goToRank' | 'about' | 'setAside' | 'blind' | 'figures' | null;

export class PageCommands {
  readonly openPanel = signal<OpenPanel>(null);
  /** One line at the foot of the detail that goes away by itself. */
  readonly notice = signal<string | null>(null);
  /** What the list can do that only it can: how many rows are in view, and taking the focus. */
  list: { rowsInView(): number; scrollToTop(): void; focus(): void } | null = null;
  /** What the tokens that are drawn can do. Keys may come before those of the selected completion are. */
  drawnTokens: { readonly id: number; showAlternatives(): void; dismiss(): boolean; goToPeak(): void; focus(): void } | null = null;
  /** The completion whose tokens shall have the focus as soon as they are there. */
  #tokensWanted: number | null = null;
  readonly findings: FindingCommands;
  readonly blind: BlindCommands;
  readonly confirmations: ConfirmationCommands;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly state: PageState) {
    const tell = (text: string) => this.tell(text);
    this.findings = new FindingCommands(state, tell);
    this.confirmations = new ConfirmationCommands(state, tell);
    this.blind = new BlindCommands(state, tell, () => this.open('figures'));
  }

  /** Ranking and all that comes from it are hidden. */
  get isBlind(): boolean {
    return this.state.blind.peek() !== null;
  }

  /** What a key or a command of the host stands for. */
  run(command: PageCommandName): void {
    const { run, notInBlind, ofMainPass } = COMMAND_TABLE[command];
    if (notInBlind && this.isBlind) this.tell(`Not while labelling blind: the ranking and all that comes from it are hidden.${sayKey('blind', 'ends it.')}`);
    else if (ofMainPass && !this.state.isMainPass.peek()) this.tell(NO_LABELS);
    else run(this);
  }

  open(panel: Exclude<OpenPanel, null>): void {
    this.openPanel.value = panel;
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
    announce(`${name}: ${inForce ? LABEL_STATE_NAMES[inForce] : 'label taken back'}`);
    if (inForce && this.state.settings.peek().advance && !stay) this.move(1);
  }

  /** As {@link label}, from anywhere on the page: not for a completion that the list no longer shows. */
  labelByKey(label: FindingLabel | null, stay = false): void {
    if (this.state.selectionIsHidden.peek()) this.tell('Not labelled: this completion is not in the list.');
    else this.label(label, stay);
  }

  async undo(): Promise<void> {
    if (this.isBlind && this.state.judgements.lastSave.peek() === null) {
      // What was done in sight would be told by its number in the slice.
      this.tell('Nothing to take back since the last label given blind.');
      return;
    }
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
      const of = isHidden ? 'a completion that is not in the slice' : this.state.nameOf.peek()(completionId);
      this.tell(`Taken back: the last change of ${what === 'finding' ? 'a finding in ' : ''}${of}.`);
    } catch (error) {
      this.tell(`Could not take back: ${messageOf(error)}`);
    }
  }

  cycleScore(step: 1 | -1): void {
    const next = cycle(this.state.scoreNames.peek(), this.state.score.peek(), step);
    this.state.change({ score: next });
    announce(`Ranked by ${SCORE_DEFINITIONS[next].name}`);
  }

  cycleFraming(): void {
    const framings = this.state.audit.peek()?.framings ?? [];
    const framing = cycle(['all', ...framings] as const, this.state.filter.peek().framing, 1);
    this.state.changeFilter({ framing });
    announce(framing === 'all' ? 'All framings' : `Only ${framing} framing`);
  }

  /** The next pass in the selector. */
  cyclePass(): void {
    const names = this.state.passes.peek()?.offers.map(({ name }) => name) ?? [];
    if (names.length < 2) this.tell('This audit has one pass.');
    else void this.showPass(cycle(names, this.state.pass.peek(), 1));
  }

  async showPass(pass: string): Promise<void> {
    if (this.findings.form.peek()) {
      this.tell('Save the finding or put it away first.');
      return;
    }
    try {
      await this.state.host.showPass({ pass });
      announce(`Pass: ${namePassOption(pass, this.state.passes.peek())}`);
    } catch (error) {
      this.tell(`Could not show the pass: ${messageOf(error)}`);
    }
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
      this.tell(`Completions are not grouped.${sayKey('groupAlike', 'groups those that say the same.')}`);
      return;
    }
    const others = this.state.toggleAlike(id);
    if (others === 0) this.tell('No other completion of the list says the same.');
    else announce(this.state.rows.peek()[this.state.selectedIndex.peek()]?.expanded ? `${others} alike shown` : `${others} alike folded`);
  }

  /** Opens a panel in the place of the one that is open, and puts the focus where its reader begins; once more closes it. */
  togglePanel(panel: PanelName): void {
    if (openPanelOf(this.state) === panel) {
      this.closePanel();
      return;
    }
    this.openPanelNamed(panel);
  }

  openPanelNamed(panel: PanelName): void {
    this.state.change({ panel });
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.side [data-autofocus]')?.focus());
  }

  closePanel(): void {
    this.state.change({ panel: 'closed' });
    this.list?.focus();
  }

  /** To begin, to go on or to leave. */
  toggleBlind(): void {
    if (this.isBlind) this.blind.leave();
    else this.open('blind');
  }

  toggle(setting: 'printValues' | 'showBoundaries' | 'advance' | 'compactRows'): void {
    this.state.change({ [setting]: !this.state.settings.peek()[setting] });
  }

  toggleAdvance(): void {
    this.toggle('advance');
    this.tell(this.state.settings.peek().advance ? 'A label goes on to the next completion.' : 'A label stays at its completion.');
  }

  cycleShadeScale(): void {
    const shadeScale = cycle(SHADE_SCALES, this.state.settings.peek().shadeScale, 1);
    this.state.change({ shadeScale });
    this.tell(`Shades: ${SHADE_SCALE_TEXTS[shadeScale].explanation}`);
  }

  cycleOrder(): void {
    const orders = sortOptions(this.state.imported.peek(), this.state.isScored.peek());
    const at = orders.findIndex(({ value }) => value === this.state.settings.peek().sort);
    const { value: sort, text } = orders[(at + 1) % orders.length]!;
    this.state.change({ sort });
    announce(`Order: ${text}`);
  }

  /** By steps of the slider that hides small gaps. */
  changeThreshold(steps: 1 | -1): void {
    const threshold = Math.min(MOST_THRESHOLD, Math.max(0, Math.round(this.state.settings.peek().threshold / THRESHOLD_STEP + steps) * THRESHOLD_STEP));
    this.state.change({ threshold });
    this.tell(`Gaps below ${formatFixed(threshold, 1)} nats are not shaded.`);
  }

  /** As a document, in which findings are comment threads. */
  openInEditor(): void {
    const selected = this.state.selected.peek();
    if (selected) void this.state.host.act({ action: 'openCompletion', id: selected.id });
  }

  exportReport(): void {
    void this.state.host.act({ action: 'exportReport' });
  }

  showSetAside(): void {
    if (this.state.setAsideCount.peek() > 0) this.open('setAside');
    else this.tell('No completion was set aside.');
  }

  clearFilters(): void {
    this.state.changeFilter({ ...NO_FILTER, foldRepetitive: this.state.filter.peek().foldRepetitive });
  }

  /** To a rank within a framing; answers why not, or null. */
  goToRank(framing: Framing, rank: number): string | null {
    const ranked = this.state.ranks.peek().rankedIn(framing);
    const found = ranked[rank - 1];
    if (!found) return `There is no ${nameRank(framing, rank)}; the last is ${nameRank(framing, ranked.length)}.`;
    this.state.select(found.id);
    if (this.state.selectedIndex.peek() < 0) this.tell(`${nameRank(framing, rank)} is hidden by the filters; it is shown here all the same.`);
    return null;
  }

  copyText(): void {
    const selected = this.state.selected.peek();
    if (!selected) return;
    void this.state.host.act({ action: 'copyText', text: searchedText(selected) });
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
      this.tell(`No label just given to go back to.${sayKey('note', 'is the note of the completion shown.')}`);
      return;
    }
    this.state.select(last.completionId);
    // The field is another one for another completion, and there only once the page is drawn.
    requestAnimationFrame(() => this.focus('note'));
  }

  /** Tokens that are still on their way take the focus when they come, if it is where it was. */
  focusTokens(): void {
    if (this.tokens) this.tokens.focus();
    else this.#tokensWanted = this.state.selectedId.peek();
  }

  /** Tokens have been drawn. */
  tokensDrawn(tokens: NonNullable<PageCommands['drawnTokens']>): void {
    this.drawnTokens = tokens;
    if (this.#tokensWanted === tokens.id && document.activeElement?.matches('body, .list-viewport')) tokens.focus();
    this.#tokensWanted = null;
  }

  /** What the tokens of the selected completion can do; `null` until they are drawn. */
  get tokens(): PageCommands['drawnTokens'] {
    return this.drawnTokens?.id === this.state.selectedId.peek() ? this.drawnTokens : null;
  }

  showAlternatives(): void {
    if (this.tokens) this.tokens.showAlternatives();
    else this.tell('The tokens are on their way.');
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

function cycle<T>(choices: readonly T[], current: T, step: 1 | -1): T {
  return choices[(choices.indexOf(current) + step + choices.length) % choices.length]!;
}
