/** Problems of a plan file beyond its JSON schema, shown in place while it is written. */
import { Diagnostic, DiagnosticSeverity, languages, Range, workspace, type Disposable, type TextDocument } from 'vscode';
import { listPlanProblems, PLAN_FILE_SUFFIX } from '../records/plan/plan-file.js';

const PAUSE_MS = 300;

export class PlanProblems implements Disposable {
  readonly #collection = languages.createDiagnosticCollection('finetuneAuditor.plan');
  readonly #parts: Disposable[];
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor() {
    this.#parts = [
      this.#collection,
      workspace.onDidOpenTextDocument((document) => this.#check(document)),
      workspace.onDidChangeTextDocument(({ document }) => this.#checkSoon(document)),
      workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri.toString(), () => this.#collection.delete(uri))),
    ];
    for (const document of workspace.textDocuments) this.#check(document);
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    for (const part of this.#parts) part.dispose();
  }

  #checkSoon(document: TextDocument): void {
    if (!isPlan(document)) return;
    const key = document.uri.toString();
    this.#forget(key);
    this.#waiting.set(
      key,
      setTimeout(() => this.#check(document), PAUSE_MS),
    );
  }

  #forget(key: string, then?: () => void): void {
    clearTimeout(this.#waiting.get(key));
    this.#waiting.delete(key);
    then?.();
  }

  #check(document: TextDocument): void {
    if (!isPlan(document)) return;
    this.#forget(document.uri.toString());
    const problems = listPlanProblems(document.getText(), document.uri.fsPath).filter(({ isInSchema }) => !isInSchema);
    const found = problems.map(({ message, line }) => {
      const { text, range, firstNonWhitespaceCharacterIndex } = document.lineAt(Math.min((line ?? 1) - 1, document.lineCount - 1));
      const place = text.trim() === '' ? range : new Range(range.start.translate(0, firstNonWhitespaceCharacterIndex), range.end);
      const diagnostic = new Diagnostic(place, message, DiagnosticSeverity.Error);
      diagnostic.source = 'Finetune Auditor';
      return diagnostic;
    });
    this.#collection.set(document.uri, found);
  }
}

function isPlan({ uri }: TextDocument): boolean {
  return uri.path.endsWith(PLAN_FILE_SUFFIX);
}
