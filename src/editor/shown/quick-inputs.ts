/** Lists to pick from and boxes to type into. Their labels draw icons, their prompts and complaints make links. */
import { window, type InputBox, type InputBoxOptions, type QuickPick, type QuickPickItem, type QuickPickOptions } from 'vscode';
import { harmlessLine, LONGEST_LABEL, LONGEST_MESSAGE, LONGEST_TITLE } from './harmless-text.js';

export interface PickItem extends Omit<QuickPickItem, 'iconPath'> {
  /** A codicon's name, drawn before the label: texts draw none. */
  readonly icon?: string;
}

const label = (text: string) => harmlessLine(text, LONGEST_LABEL);

function toShown(item: PickItem): QuickPickItem {
  const { icon, ...rest } = item;
  return {
    ...rest,
    label: `${icon === undefined ? '' : `$(${icon}) `}${label(item.label)}`,
    ...(item.description !== undefined && { description: label(item.description) }),
    ...(item.detail !== undefined && { detail: label(item.detail) }),
  };
}

/** @returns the chosen item itself */
export async function showQuickPick<T extends PickItem>(
  items: readonly T[],
  options: Omit<QuickPickOptions, 'canPickMany' | 'onDidSelectItem'>,
): Promise<T | undefined> {
  const shown = items.map(toShown);
  const chosen = await window.showQuickPick(shown, {
    ...options,
    ...(options.placeHolder !== undefined && { placeHolder: label(options.placeHolder) }),
    ...(options.title !== undefined && { title: label(options.title) }),
  });
  return chosen && items[shown.indexOf(chosen)];
}

/** As much of VS Code's own as is used here. */
export class SafeQuickPick<T extends PickItem> {
  readonly #pick: QuickPick<QuickPickItem> = window.createQuickPick();
  #items: readonly T[] = [];
  #shown: readonly QuickPickItem[] = [];

  readonly onDidAccept = this.#pick.onDidAccept;
  readonly onDidHide = this.#pick.onDidHide;
  readonly onDidTriggerButton = this.#pick.onDidTriggerButton;

  /** @param options what is no text */
  constructor(
    options: Partial<Pick<QuickPick<QuickPickItem>, 'step' | 'totalSteps' | 'matchOnDescription' | 'matchOnDetail' | 'ignoreFocusOut' | 'buttons'>> = {},
  ) {
    Object.assign(this.#pick, options);
  }

  set title(text: string) {
    this.#pick.title = harmlessLine(text, LONGEST_MESSAGE);
  }

  set placeholder(text: string) {
    this.#pick.placeholder = label(text);
  }

  set busy(isBusy: boolean) {
    this.#pick.busy = isBusy;
  }

  get items(): readonly T[] {
    return this.#items;
  }

  set items(items: readonly T[]) {
    this.#items = items;
    this.#shown = items.map(toShown);
    this.#pick.items = this.#shown;
  }

  get activeItems(): readonly T[] {
    return this.#pick.activeItems.flatMap((item) => this.#items[this.#shown.indexOf(item)] ?? []);
  }

  set activeItems(items: readonly T[]) {
    this.#pick.activeItems = items.flatMap((item) => this.#shown[this.#items.indexOf(item)] ?? []);
  }

  set keepScrollPosition(keep: boolean) {
    this.#pick.keepScrollPosition = keep;
  }

  show(): void {
    this.#pick.show();
  }

  hide(): void {
    this.#pick.hide();
  }

  dispose(): void {
    this.#pick.dispose();
  }
}

/** The value itself is what it is: the user's to change. */
export function showInputBox(options: Omit<InputBoxOptions, 'validateInput'>): Thenable<string | undefined> {
  const { prompt, title, placeHolder } = options;
  return window.showInputBox({
    ...options,
    ...(prompt !== undefined && { prompt: harmlessLine(prompt, LONGEST_MESSAGE) }),
    ...(title !== undefined && { title: harmlessLine(title, LONGEST_TITLE) }),
    ...(placeHolder !== undefined && { placeHolder: label(placeHolder) }),
  });
}

/** As much of VS Code's own as is used here. */
export class SafeInputBox {
  readonly #input: InputBox = window.createInputBox();
  readonly onDidChangeValue = this.#input.onDidChangeValue;
  readonly onDidAccept = this.#input.onDidAccept;
  readonly onDidHide = this.#input.onDidHide;
  readonly onDidTriggerButton = this.#input.onDidTriggerButton;

  /** @param options what is no text, and the value */
  constructor(options: Partial<Pick<InputBox, 'step' | 'totalSteps' | 'value' | 'password' | 'ignoreFocusOut' | 'buttons'>>) {
    Object.assign(this.#input, options);
  }

  get value(): string {
    return this.#input.value;
  }

  set title(text: string) {
    this.#input.title = harmlessLine(text, LONGEST_MESSAGE);
  }

  set prompt(text: string) {
    this.#input.prompt = harmlessLine(text, LONGEST_MESSAGE);
  }

  set placeholder(text: string | undefined) {
    this.#input.placeholder = text === undefined ? undefined : label(text);
  }

  set complaint(text: string | undefined) {
    this.#input.validationMessage = text === undefined ? undefined : harmlessLine(text, LONGEST_MESSAGE);
  }

  show(): void {
    this.#input.show();
  }

  dispose(): void {
    this.#input.dispose();
  }
}
