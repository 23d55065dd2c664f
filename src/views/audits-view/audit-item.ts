/** How audits and findings look in the tree. */
import { l10n, MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri, type Command } from 'vscode';
import type { CompletionFinding, FindingLabel, SpanFinding } from '../../audit/finding.js';
import { visibleLine } from '../../audit/visible-text.js';
import type { AuditState, AuditStatus } from '../../messages/page.js';
import { escapeMarkdown } from '../../records/report/markdown-text.js';
import { nameLabel } from '../finding-names.js';
import { describeProgress } from '../status-text.js';
import type { AuditFacts, FindingGroup } from './audit-facts.js';

export type AuditNode =
  | { readonly kind: 'audit'; readonly facts: AuditFacts }
  | { readonly kind: 'group'; readonly facts: AuditFacts; readonly group: FindingGroup }
  | { readonly kind: 'finding'; readonly facts: AuditFacts; readonly finding: CompletionFinding | SpanFinding }
  | { readonly kind: 'none'; readonly facts: AuditFacts };

export interface ItemCommands {
  readonly openPage: string;
  readonly openCompletion: string;
}

export function makeItem(node: AuditNode, commands: ItemCommands): TreeItem {
  switch (node.kind) {
    case 'audit':
      return makeAuditItem(node.facts, commands);
    case 'group':
      return makeGroupItem(node.facts, node.group);
    case 'finding':
      return makeFindingItem(node.facts, node.finding, commands);
    case 'none': {
      const item = new TreeItem(l10n.t('No findings yet'));
      item.iconPath = new ThemeIcon('dash');
      return item;
    }
  }
}

function makeAuditItem({ entry, name, status, hits }: AuditFacts, { openPage }: ItemCommands): TreeItem {
  const { folder, createdAt, finetunedName, referenceName } = entry;
  const item = new TreeItem(name, TreeItemCollapsibleState.Collapsed);
  item.id = folder;
  item.resourceUri = Uri.file(folder);
  item.iconPath = status ? stateIcon(status.state) : new ThemeIcon('warning');
  const date = new Date(createdAt).toLocaleDateString();
  item.description = [describeState(status), ...(hits > 0 ? [countHits(hits)] : []), date].join(' · ');
  item.tooltip = new MarkdownString(
    [
      `**${escapeMarkdown(name)}**`,
      l10n.t('Finetuned model: {0}', escapeMarkdown(finetunedName)),
      l10n.t('Reference: {0}', escapeMarkdown(referenceName)),
      escapeMarkdown(status ? describeProgress(status) : l10n.t('Its journal cannot be read.')),
      new Date(createdAt).toLocaleString(),
    ].join('\n\n'),
  );
  item.contextValue = status && isBusy(status) ? 'auditRunning' : 'audit';
  item.command = makeCommand(openPage, l10n.t('Open Audit'), folder);
  item.accessibilityInformation = { label: `${name}, ${item.description}, ${finetunedName}` };
  return item;
}

function makeGroupItem({ entry }: AuditFacts, { category, findings }: FindingGroup): TreeItem {
  const item = new TreeItem(category ?? l10n.t('No category'), TreeItemCollapsibleState.Expanded);
  item.id = `${entry.folder}\ngroup${category === null ? '' : ` ${category}`}`;
  item.description = String(findings.length);
  item.iconPath = new ThemeIcon('tag');
  item.contextValue = 'findingGroup';
  return item;
}

function makeFindingItem({ entry }: AuditFacts, finding: CompletionFinding | SpanFinding, { openCompletion }: ItemCommands): TreeItem {
  const span = 'finding' in finding ? finding : null;
  const [note = ''] = finding.note.split('\n');
  const item = new TreeItem(span ? `“${shorten(visibleLine(span.quote))}”` : l10n.t('Completion #{0}', finding.completionId));
  item.id = `${entry.folder}\n${span ? `span ${span.finding}` : `label ${finding.completionId}`}`;
  const signers = [finding.author, ...(span?.changed && span.changed.author !== span.author ? [l10n.t('edited by {0}', span.changed.author)] : [])];
  const said = [...(span ? [`#${finding.completionId}`] : []), ...(finding.label ? [nameLabel(finding.label)] : []), ...(span?.state === 'resolved' ? [l10n.t('resolved')] : []), visibleLine(note), ...signers];
  item.description = said.filter((part) => part !== '').join(' · ');
  item.iconPath = labelIcon(finding.label, span !== null);
  item.contextValue = 'finding';
  item.tooltip = new MarkdownString([span ? escapeMarkdown(span.quote) : l10n.t('Completion #{0}', finding.completionId), escapeMarkdown(finding.note), `${escapeMarkdown(signers.join(', '))}, ${new Date(finding.time).toLocaleString()}`].filter((part) => part !== '').join('\n\n'));
  item.command = makeCommand(openCompletion, l10n.t('Open Completion in Editor'), { folder: entry.folder, id: finding.completionId, ...(span && { span: span.span }) });
  return item;
}

export function isBusy({ state }: AuditStatus): boolean {
  return state === 'running' || state === 'loading' || state === 'queued';
}

const LONGEST_QUOTE = 60;

function shorten(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > LONGEST_QUOTE ? `${[...line].slice(0, LONGEST_QUOTE).join('')}…` : line;
}

function makeCommand(command: string, title: string, ...args: unknown[]): Command {
  return { command, title, arguments: args };
}

function countHits(hits: number): string {
  return hits === 1 ? l10n.t('1 hit') : l10n.t('{0} hits', hits);
}

function describeState(status: AuditStatus | undefined): string {
  if (!status) return l10n.t('cannot be read');
  const done = l10n.t('{0} of {1}', status.completionsDone, status.completionsTotal);
  switch (status.state) {
    case 'finished':
      return l10n.t('{0} completions', status.completionsDone);
    case 'queued':
      return l10n.t('waiting');
    case 'loading':
      return l10n.t('loading');
    case 'running':
      return done;
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
