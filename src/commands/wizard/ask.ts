/** The two kinds of question, as VS Code shows them: pick one of a list, or type something. */
import { QuickInputButtons, QuickPickItemKind, window, type Disposable, type QuickPick, type QuickPickItem } from 'vscode';
import { BACK, CANCELLED, type Answer, type StepPlace } from './multi-step.js';

/** A line to pick, with what it stands for. */
export interface Choice<T> extends QuickPickItem {
  readonly value: T;
  /** Why it cannot be chosen; it is shown and refused. */
  readonly refusal?: string;
}

export type ChoiceLine<T> = Choice<T> | (QuickPickItem & { readonly kind: QuickPickItemKind.Separator });

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
  const pick: QuickPick<ChoiceLine<T>> = window.createQuickPick<ChoiceLine<T>>();
  pick.title = question.title;
  pick.step = question.place?.step;
  pick.totalSteps = question.place?.totalSteps;
  pick.placeholder = question.placeholder;
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  pick.buttons = (question.canGoBack ?? (question.place?.step ?? 0) > 1) ? [QuickInputButtons.Back] : [];
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
function replaceLines<T>(pick: QuickPick<ChoiceLine<T>>, lines: readonly ChoiceLine<T>[]): void {
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
  const input = window.createInputBox();
  input.title = question.title;
  input.step = question.place?.step;
  input.totalSteps = question.place?.totalSteps;
  input.prompt = question.prompt;
  input.placeholder = question.placeholder;
  input.value = question.value;
  input.password = question.password ?? false;
  input.ignoreFocusOut = true;
  input.buttons = (question.canGoBack ?? question.place !== undefined) ? [QuickInputButtons.Back] : [];
  const listeners: Disposable[] = [];
  const answered = new Promise<Answer<string>>((resolve) => {
    listeners.push(
      input.onDidChangeValue((text) => (input.validationMessage = question.validate(text.trim()))),
      input.onDidAccept(() => {
        const text = input.value.trim();
        input.validationMessage = question.validate(text);
        if (!input.validationMessage) resolve(text);
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
