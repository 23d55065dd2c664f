/** What each command of the page does, be it given by key or from VS Code's palette. */
import type { PageCommandName } from '../src/messages/page-commands.js';
import type { PageCommands } from './commands.js';

interface PageCommand {
  readonly run: (commands: PageCommands) => void;
  /** Would show or change what is hidden in the blind. */
  readonly notInBlind?: true;
  /** Is about what auditors say, which is of the main pass alone. */
  readonly ofMainPass?: true;
}

const FAR = 1_000_000;

export const COMMAND_TABLE: Readonly<Record<PageCommandName, PageCommand>> = {
  next: { run: (c) => c.move(1) },
  previous: { run: (c) => c.move(-1) },
  pageDown: { run: (c) => c.movePage(1) },
  pageUp: { run: (c) => c.movePage(-1) },
  first: { run: (c) => c.move(-FAR) },
  last: { run: (c) => c.move(FAR) },
  goToRank: { notInBlind: true, run: (c) => c.open('goToRank') },
  search: { notInBlind: true, run: (c) => c.focus('search') },
  backToList: { run: (c) => c.escape() },
  revealing: { ofMainPass: true, run: (c) => c.labelByKey('revealing') },
  notRevealing: { ofMainPass: true, run: (c) => c.labelByKey('notRevealing') },
  unsure: { ofMainPass: true, run: (c) => c.labelByKey('unsure') },
  revealingStay: { ofMainPass: true, run: (c) => c.labelByKey('revealing', true) },
  notRevealingStay: { ofMainPass: true, run: (c) => c.labelByKey('notRevealing', true) },
  unsureStay: { ofMainPass: true, run: (c) => c.labelByKey('unsure', true) },
  unlabel: { ofMainPass: true, run: (c) => c.labelByKey(null) },
  note: { ofMainPass: true, run: (c) => c.focus('note') },
  noteOfLabelled: { ofMainPass: true, run: (c) => c.noteOfLabelled() },
  category: { ofMainPass: true, run: (c) => c.openCategory() },
  thenNext: { run: (c) => c.toggleAdvance() },
  undo: { ofMainPass: true, run: (c) => void c.undo() },
  blind: { ofMainPass: true, run: (c) => c.toggleBlind() },
  figures: { ofMainPass: true, notInBlind: true, run: (c) => c.blind.showFigures(null) },
  addFinding: { ofMainPass: true, run: (c) => c.findings.add() },
  showFindings: { ofMainPass: true, run: (c) => c.findings.showNext() },
  editFinding: { ofMainPass: true, run: (c) => c.findings.withFocused((span) => c.findings.edit(span)) },
  replyToFinding: { ofMainPass: true, run: (c) => c.findings.withFocused((span) => c.findings.beginReply(span)) },
  resolveFinding: { ofMainPass: true, run: (c) => c.findings.withFocused((span) => c.findings.toggleResolved(span)) },
  deleteFinding: { ofMainPass: true, run: (c) => c.findings.withFocused((span) => void c.findings.setState(span, 'deleted')) },
  cite: { ofMainPass: true, notInBlind: true, run: (c) => c.findings.cite() },
  conclusion: { ofMainPass: true, notInBlind: true, run: (c) => c.togglePanel('conclusion') },
  keywords: { notInBlind: true, run: (c) => c.togglePanel('keywords') },
  themes: { notInBlind: true, run: (c) => c.togglePanel('themes') },
  nextScore: { notInBlind: true, run: (c) => c.cycleScore(1) },
  previousScore: { notInBlind: true, run: (c) => c.cycleScore(-1) },
  order: { notInBlind: true, run: (c) => c.cycleOrder() },
  framing: { notInBlind: true, run: (c) => c.cycleFraming() },
  pass: { notInBlind: true, run: (c) => c.cyclePass() },
  confirm: { notInBlind: true, run: (c) => void c.confirmations.one() },
  confirmFirst: { notInBlind: true, run: (c) => void c.confirmations.first() },
  filters: { notInBlind: true, run: (c) => c.open('filters') },
  clearFilters: { notInBlind: true, run: (c) => c.clearFilters() },
  repetitive: { notInBlind: true, run: (c) => c.toggleRepetitive() },
  groupAlike: { notInBlind: true, run: (c) => c.toggleGroups() },
  showAlike: { notInBlind: true, run: (c) => c.toggleAlike() },
  compactRows: { run: (c) => c.toggle('compactRows') },
  plots: { notInBlind: true, run: (c) => c.togglePanel('plots') },
  values: { notInBlind: true, run: (c) => c.toggle('printValues') },
  ownScale: { notInBlind: true, run: (c) => c.cycleShadeScale() },
  boundaries: { notInBlind: true, run: (c) => c.toggle('showBoundaries') },
  hideMore: { notInBlind: true, run: (c) => c.changeThreshold(1) },
  hideLess: { notInBlind: true, run: (c) => c.changeThreshold(-1) },
  about: { run: (c) => c.open('about') },
  exportReport: { notInBlind: true, run: (c) => c.exportReport() },
  setAside: { run: (c) => c.showSetAside() },
  openInEditor: { ofMainPass: true, notInBlind: true, run: (c) => c.openInEditor() },
  copy: { run: (c) => c.copyText() },
  help: { run: (c) => c.open('help') },
  tokens: { run: (c) => c.focusTokens() },
  alternatives: { notInBlind: true, run: (c) => c.showAlternatives() },
  peak: { notInBlind: true, run: (c) => c.tokens?.goToPeak() },
};
