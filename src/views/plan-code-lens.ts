/** The button on top of a plan file. */
import { l10n, Range, type CodeLens, type CodeLensProvider, type DocumentSelector, type TextDocument } from 'vscode';
import { makeLens } from '../editor/shown/editor-parts.js';

export const PLAN_FILES: DocumentSelector = { pattern: '**/*.audit-plan.json' };

export class PlanCodeLens implements CodeLensProvider {
  constructor(private readonly runCommand: string) {}

  provideCodeLenses(document: TextDocument): CodeLens[] {
    return [makeLens(new Range(0, 0, 0, 0), { icon: 'play', title: l10n.t('Run this audit'), command: this.runCommand, arguments: [document.uri] })];
  }
}
