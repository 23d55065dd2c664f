/** The two kinds of question, as VS Code shows them: pick one of a list, or type something. */
import { QuickInputButtons, QuickPickItemKind, type Disposable } from 'vscode';
import { SafeInputBox, SafeQuickPick, type PickItem } from './shown/quick-inputs.js';
import { BACK, CANCELLED, type Answer, type StepPlace } from './multi-step.js';

/** A line to pick, with what it stands for. */
export interface Choice<T> extends PickItem {
  readonly value: T;
  /** Why it cannot be chosen; it is shown and refused. */
  readonly refusal?: string;
}

export type ChoiceLine<T> = Choice<T> | (PickItem & { readonly kind: QuickPickItemKind.Separator });

export interface PickQuestion<T> {
  readonly title: string;
  /** Left out where the question is no step of a chain. */
  readonly place?: StepPlace;
  readonly placeholder: string;
  readonly lines: readonly ChoiceLine<T>[];
  /** Selected when the question appears: Enter takes it. */
  readonly active: Choice<T> | undefined;
  /** Back is offered from the second step of the chain on, or wherever this says so. */
  readonly canGoBack?: boolean;
  /** Lines may be replaced while the question is open; the signal aborts when it closes. */
  readonly refresh?: (show: (lines: readonly ChoiceLine<T>[]) => void, signal: AbortSignal) => void;
}

export function separator<T>(label: string): ChoiceLine<T> {
  return { label, kind: QuickPickItemKind.Separator };
}

export function askPick<T>(question: PickQuestion<T>): Promise<Answer<T>> {
  const canGoBack = question.canGoBack ?? (question.place?.step ?? 0) > 1;
  const pick = new SafeQuickPick<ChoiceLine<T>>({
    ...question.place,
    matchOnDescription: true,
    ignoreFocusOut: true,
    buttons: canGoBack ? [QuickInputButtons.Back] : [],
  });
  pick.title = question.title;
  pick.placeholder = question.placeholder;
  pick.items = question.lines;
  if (question.active) pick.activeItems = [question.active];
  const closed = new AbortController();
  const answered = new Promise<Answer<T>>((resolve) => {
    const listeners: Disposable[] = [
      pick.onDidAccept(() => {
        const chosen = pick.activeItems[0];
        if (!chosen || !('value' in chosen)) return;
        if (chosen.refusal) pick.title = `${question.title}: ${chosen.refusal}`;
        else resolve(chosen.value);
      }),
      pick.onDidTriggerButton(() => resolve(BACK)),
      pick.onDidHide(() => resolve(CANCELLED)),
    ];
    closed.signal.addEventListener('abort', () => listeners.forEach((listener) => listener.dispose()));
  });
  question.refresh?.((lines) => replaceLines(pick, lines), closed.signal);
  pick.show();
  return answered.finally(() => {
    closed.abort();
    pick.dispose();
  });
}

/** The line that is active stays active under its new text. */
function replaceLines<T>(pick: SafeQuickPick<ChoiceLine<T>>, lines: readonly ChoiceLine<T>[]): void {
  const active = pick.activeItems[0];
  pick.keepScrollPosition = true;
  pick.items = lines;
  const same = lines.find((line) => line.label === active?.label);
  if (same) pick.activeItems = [same];
}

export interface InputQuestion {
  readonly title: string;
  /** Left out where the question is no step of a chain. */
  readonly place?: StepPlace;
  /** Back is offered in a chain, or wherever this says so. */
  readonly canGoBack?: boolean;
  readonly prompt: string;
  readonly value: string;
  readonly placeholder?: string;
  /** Shown as dots. */
  readonly password?: boolean;
  /** What is wrong with the text, or undefined. */
  readonly validate: (text: string) => string | undefined;
}

export function askText(question: InputQuestion): Promise<Answer<string>> {
  const { place, value, password = false, canGoBack = place !== undefined } = question;
  const input = new SafeInputBox({ ...place, value, password, ignoreFocusOut: true, buttons: canGoBack ? [QuickInputButtons.Back] : [] });
  input.title = question.title;
  input.prompt = question.prompt;
  input.placeholder = question.placeholder;
  const listeners: Disposable[] = [];
  const answered = new Promise<Answer<string>>((resolve) => {
    listeners.push(
      input.onDidChangeValue((text) => (input.complaint = question.validate(text.trim()))),
      input.onDidAccept(() => {
        const text = input.value.trim();
        const complaint = question.validate(text);
        input.complaint = complaint;
        if (complaint === undefined) resolve(text);
      }),
      input.onDidTriggerButton(() => resolve(BACK)),
      input.onDidHide(() => resolve(CANCELLED)),
    );
  });
  input.show();
  return answered.finally(() => {
    listeners.forEach((listener) => listener.dispose());
    input.dispose();
  });
}
