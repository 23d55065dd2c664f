/** The button on top of a plan file. */
import { CodeLens, l10n, Range, type CodeLensProvider, type DocumentSelector, type TextDocument } from 'vscode';

export const PLAN_FILES: DocumentSelector = { pattern: '**/*.audit-plan.json' };

export class PlanCodeLens implements CodeLensProvider {
  constructor(private readonly runCommand: string) {}

  provideCodeLenses(document: TextDocument): CodeLens[] {
    return [
      new CodeLens(new Range(0, 0, 0, 0), {
        title: l10n.t('$(play) Run this audit'),
        command: this.runCommand,
        arguments: [document.uri],
      }),
    ];
  }
}
