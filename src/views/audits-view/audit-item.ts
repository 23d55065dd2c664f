/** Items of the tree: audits and findings. */
import { l10n, ThemeColor, ThemeIcon, TreeItemCollapsibleState, Uri, type Command, type TreeItem } from 'vscode';
import type { CompletionFinding, FindingLabel, SpanFinding } from '../../analysis/finding.js';
import { countDone, describeProgress } from '../../text/progress.js';
import { visibleLine } from '../../text/visible-text.js';
import type { AuditState, AuditStatus } from '../../messages/page.js';
import { nameLabel } from '../results/finding-names.js';
import { makeTreeItem } from '../../editor/shown/editor-parts.js';
import { Markdown, md } from '../../editor/shown/markdown.js';
import type { AuditFacts, FindingGroup } from './audit-facts.js';

export type AuditNode =
  | { readonly kind: 'audit'; readonly facts: AuditFacts; /** What it is called beside the others. */ readonly title: string }
  | { readonly kind: 'group'; readonly facts: AuditFacts; readonly group: FindingGroup }
  | {
      readonly kind: 'finding';
      readonly facts: AuditFacts;
      readonly finding: CompletionFinding | SpanFinding;
      /** Of its completion; undefined where that is not there. */ readonly text: string | undefined;
    }
  | { readonly kind: 'none'; readonly facts: AuditFacts };

export interface ItemCommands {
  /** Runs with the item's node when it is selected: shows what it stands for. */
  readonly show: string;
}

export function makeItem(node: AuditNode, commands: ItemCommands): TreeItem {
  switch (node.kind) {
    case 'audit':
      return makeAuditItem(node, commands);
    case 'group':
      return makeGroupItem(node.facts, node.group);
    case 'finding':
      return makeFindingItem(node, commands);
    case 'none':
      return makeTreeItem({ label: l10n.t('No findings yet'), iconPath: new ThemeIcon('dash') });
  }
}

function makeAuditItem(node: Extract<AuditNode, { kind: 'audit' }>, { show }: ItemCommands): TreeItem {
  const { facts, title } = node;
  const { entry, name, status, hits } = facts;
  const { folder, createdAt, finetunedName, referenceName } = entry;
  // What is told apart by its time says so in its title.
  const date = title === name ? [new Date(createdAt).toLocaleDateString()] : [];
  const description = [describeState(status), ...(hits > 0 ? [countHits(hits)] : []), ...date].join(' · ');
  return makeTreeItem({
    label: title,
    collapsibleState: TreeItemCollapsibleState.Collapsed,
    id: folder,
    resourceUri: Uri.file(folder),
    iconPath: status ? stateIcon(status.state) : new ThemeIcon('warning'),
    description,
    tooltip: Markdown.join(
      [
        md`**${name}**`,
        md`${l10n.t('Finetuned model: {0}', finetunedName)}`,
        md`${l10n.t('Reference: {0}', referenceName)}`,
        md`${status ? describeProgress(status) : l10n.t('Its journal cannot be read.')}`,
        md`${new Date(createdAt).toLocaleString()}`,
      ],
      '\n\n',
    ),
    contextValue: status && isBusy(status) ? 'auditRunning' : status?.canResume ? 'auditResumable' : 'audit',
    command: makeCommand(show, l10n.t('Open Audit'), node),
    spoken: `${title}, ${description}, ${finetunedName}`,
  });
}

function makeGroupItem({ entry }: AuditFacts, { category, findings }: FindingGroup): TreeItem {
  return makeTreeItem({
    label: category ?? l10n.t('No category'),
    collapsibleState: TreeItemCollapsibleState.Expanded,
    id: `${entry.folder}\ngroup${category === null ? '' : ` ${category}`}`,
    description: String(findings.length),
    iconPath: new ThemeIcon('tag'),
    contextValue: 'findingGroup',
  });
}

function makeFindingItem(node: Extract<AuditNode, { kind: 'finding' }>, { show }: ItemCommands): TreeItem {
  const { facts, finding, text } = node;
  const { folder } = facts.entry;
  const span = 'finding' in finding ? finding : null;
  const [note = ''] = finding.note.split('\n');
  const unknown = l10n.t('Completion #{0}', finding.completionId);
  const signers = [finding.author, ...(span?.changed && span.changed.author !== span.author ? [l10n.t('edited by {0}', span.changed.author)] : [])];
  const said = [...(finding.label ? [nameLabel(finding.label)] : []), ...(span?.state === 'resolved' ? [l10n.t('resolved')] : []), note, ...signers];
  const whole = span?.quote ?? text;
  return makeTreeItem({
    label: span ? quote(span.quote) : text === undefined ? unknown : quote(text),
    id: `${folder}\n${span ? `span ${span.finding}` : `label ${finding.completionId}`}`,
    description: said.filter((part) => part !== '').join(' · '),
    iconPath: labelIcon(finding.label, span !== null),
    contextValue: 'finding',
    tooltip: Markdown.join(
      [
        ...(whole === undefined ? [] : [md`${shorten(visibleLine(whole.slice(0, 2 * LONGEST_TOOLTIP)), LONGEST_TOOLTIP)}`]),
        md`${unknown}`,
        ...(finding.note === '' ? [] : [md`${shorten(finding.note, LONGEST_TOOLTIP)}`]),
        md`${signers.join(', ')}, ${new Date(finding.time).toLocaleString()}`,
      ],
      '\n\n',
    ),
    command: makeCommand(show, l10n.t('Open Completion in Editor'), node),
  });
}

export function isBusy({ state }: AuditStatus): boolean {
  return state === 'running' || state === 'loading' || state === 'queued';
}

const LONGEST_QUOTE = 60;
const LONGEST_TOOLTIP = 600;

function quote(text: string): string {
  return `“${shorten(visibleLine(text.slice(0, LONGEST_TOOLTIP)), LONGEST_QUOTE)}”`;
}

function shorten(text: string, longest: number): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > longest ? `${[...line].slice(0, longest).join('')}…` : line;
}

function makeCommand(command: string, title: string, ...args: unknown[]): Command {
  return { command, title, arguments: args };
}

function countHits(hits: number): string {
  return hits === 1 ? l10n.t('1 hit') : l10n.t('{0} hits', hits);
}

function describeState(status: AuditStatus | undefined): string {
  if (!status) return l10n.t('cannot be read');
  const done = countDone(status);
  switch (status.state) {
    case 'finished':
      return done;
    case 'queued':
      return l10n.t('waiting');
    case 'loading':
      return l10n.t('loading');
    case 'running':
      // How far it is stands on its page and in the status bar.
      return l10n.t('running');
    case 'stopped':
      return `${l10n.t('not finished')}, ${done}`;
    case 'failed':
      return `${l10n.t('failed')}, ${done}`;
  }
}

function stateIcon(state: AuditState): ThemeIcon {
  switch (state) {
    case 'queued':
      return new ThemeIcon('clock');
    case 'loading':
    case 'running':
      return new ThemeIcon('loading~spin');
    case 'stopped':
      return new ThemeIcon('debug-pause');
    case 'finished':
      return new ThemeIcon('beaker');
    case 'failed':
      return new ThemeIcon('error', new ThemeColor('list.errorForeground'));
  }
}

function labelIcon(label: FindingLabel | null, isSpan: boolean): ThemeIcon {
  switch (label) {
    case 'revealing':
      return new ThemeIcon('flame', new ThemeColor('list.warningForeground'));
    case 'notRevealing':
      return new ThemeIcon('circle-slash');
    case 'unsure':
      return new ThemeIcon('question');
    case null:
      return new ThemeIcon(isSpan ? 'comment' : 'note');
  }
}
