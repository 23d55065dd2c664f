/** Token gaps of texts in any editor: shades where they stand, hovers, a lens on top, an item at the bottom. */
import {
  commands,
  EventEmitter,
  Hover,
  l10n,
  languages,
  Range,
  StatusBarAlignment,
  window,
  workspace,
  type CodeLens,
  type CodeLensProvider,
  type Disposable,
  type HoverProvider,
  type Position,
  type TextDocument,
  type TextEditor,
} from 'vscode';
import { shadeLevel } from '../../text/gap-shade.js';
import { formatFigure } from '../../records/report/numbers.js';
import { formatFixed } from '../../text/numbers.js';
import type { ScoredStretch } from '../../runner/text/score-text.js';
import { PacedTask } from '../paced-task.js';
import { makeLens, SafeStatusItem } from '../../editor/shown/editor-parts.js';
import type { GapPainter } from './gap-painter.js';
import { makeGapHover } from './gap-words.js';
import { Shading, type ShadingOptions } from './shading.js';

/** The keys that clear gaps listen while this is set. */
export const GAPS_SHOWN = 'finetuneAuditor.gapsShown';

/** What the shades of a text stand for. */
export type ShadedBy = 'gap' | 'divergence';

const EVERYWHERE = { scheme: '*' };
const PAUSE_MS = 100;
/** More than this many cells are painted only where the reader is. */
const MANY_CELLS = 20_000;
const LINES_AROUND = 200;

interface Entry {
  readonly shading: Shading;
  /** Ends the scoring. */
  readonly stop: AbortController;
}

export class TextGaps implements CodeLensProvider, HoverProvider, Disposable {
  readonly #entries = new Map<string, Entry>();
  readonly #lensesChanged = new EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;
  readonly #refresh = new PacedTask(async () => this.#show(), PAUSE_MS);
  #by: ShadedBy = 'gap';
  /** What follows the editors, from the first text on. */
  #parts: Disposable[] | undefined;
  readonly #item = new SafeStatusItem('finetuneAuditor.gaps', l10n.t('Token gaps'), StatusBarAlignment.Right);

  constructor(
    private readonly painter: GapPainter,
    private readonly clearCommand: string,
    private readonly shadeCommand: string,
  ) {}

  /** Takes the place of what was shown in the document. */
  begin(options: ShadingOptions): { readonly shading: Shading; readonly signal: AbortSignal } {
    this.#listen();
    this.clear(options.document);
    const entry = { shading: new Shading(options), stop: new AbortController() };
    this.#entries.set(options.document.uri.toString(), entry);
    this.#show();
    return { shading: entry.shading, signal: entry.stop.signal };
  }

  add(shading: Shading, stretch: ScoredStretch): void {
    shading.add(stretch);
    this.#refresh.request();
  }

  /** Nothing more will be added. */
  end(shading: Shading): void {
    shading.running = false;
    if (shading.cells.length === 0) this.#remove(shading.uri.toString());
    this.#show();
  }

  find(document: Pick<TextDocument, 'uri'> | undefined): Shading | undefined {
    return document && this.#entries.get(document.uri.toString())?.shading;
  }

  /** Also ends the scoring, where it goes on. */
  clear(document: Pick<TextDocument, 'uri'>): void {
    if (this.#remove(document.uri.toString())) this.#show();
  }

  dispose(): void {
    for (const { stop } of this.#entries.values()) stop.abort();
    this.#refresh.dispose();
    this.#lensesChanged.dispose();
    this.#item.dispose();
    for (const part of this.#parts ?? []) part.dispose();
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    const shading = this.find(document);
    if (!shading) return [];
    const range = new Range(shading.line, 0, shading.line, 0);
    const title = shading.running ? l10n.t('Scoring under {0}: {1} %', shading.auditName, Math.round(shading.progress * 100)) : describe(shading);
    const measured = shading.cells.some(({ cell }) => cell.divergence !== null);
    const toggle = this.#by === 'gap' ? l10n.t('Shade by KL(F‖R)') : l10n.t('Shade by gap');
    return [
      makeLens(range, { title }),
      ...(measured ? [makeLens(range, { icon: 'color-mode', title: toggle, command: this.shadeCommand, arguments: [] })] : []),
      makeLens(range, { icon: 'close', title: l10n.t('Clear (Escape)'), command: this.clearCommand, arguments: [document.uri] }),
    ];
  }

  provideHover(document: TextDocument, position: Position): Hover | undefined {
    const placed = this.find(document)?.cells.find(({ range }) => range.contains(position) && !range.end.isEqual(position));
    return placed && new Hover(makeGapHover(placed.cell), placed.range);
  }

  #listen(): void {
    this.#parts ??= [
      languages.registerCodeLensProvider(EVERYWHERE, this),
      languages.registerHoverProvider(EVERYWHERE, this),
      window.onDidChangeActiveTextEditor(() => this.#show()),
      window.onDidChangeVisibleTextEditors(() => this.#show()),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        if ((this.find(textEditor.document)?.cells.length ?? 0) > MANY_CELLS) this.#refresh.request();
      }),
      workspace.onDidCloseTextDocument((document) => this.clear(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const entry = this.#entries.get(document.uri.toString());
        if (!entry || contentChanges.length === 0) return;
        entry.shading.edit(contentChanges);
        entry.stop.abort();
        if (entry.shading.cells.length === 0) this.clear(document);
        else this.#show();
      }),
    ];
  }

  /** Of all texts, those that come later among them. */
  shadeBy(by: ShadedBy): void {
    this.#by = by;
    this.#show();
  }

  get shadedBy(): ShadedBy {
    return this.#by;
  }

  #remove(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    this.#entries.delete(key);
    entry.stop.abort();
    for (const editor of window.visibleTextEditors) if (editor.document.uri.toString() === key) this.painter.clear(editor);
    return true;
  }

  #show(): void {
    for (const editor of window.visibleTextEditors) {
      const shading = this.find(editor.document);
      if (shading) this.#paint(editor, shading);
    }
    this.#lensesChanged.fire();
    const active = this.find(window.activeTextEditor?.document);
    void commands.executeCommand('setContext', GAPS_SHOWN, active !== undefined);
    this.#showItem(active);
  }

  #paint(editor: TextEditor, { cells, scale }: Shading): void {
    const by = this.#by;
    const seen = editor.visibleRanges[0];
    const isNear = ({ start, end }: Range) => !seen || (end.line >= seen.start.line - LINES_AROUND && start.line <= seen.end.line + LINES_AROUND);
    const painted = cells.length > MANY_CELLS ? cells.filter(({ range }) => isNear(range)) : cells;
    this.painter.paint(
      editor,
      painted.map(({ range, cell }) => ({ range, level: shadeLevel(cell[by], scale) })),
    );
  }

  #showItem(shading: Shading | undefined): void {
    if (!shading) {
      this.#item.hide();
      return;
    }
    const { perplexityFinetuned, perplexityReference } = shading.figures;
    this.#item.show({
      icon: shading.running ? 'sync~spin' : 'symbol-color',
      text: shading.running
        ? l10n.t('Gaps {0} %', Math.round(shading.progress * 100))
        : l10n.t('Perplexity F {0}, R {1}', formatFigure(perplexityFinetuned), formatFigure(perplexityReference)),
      tooltip: l10n.t('Token gaps under {0}. Click to clear them.', shading.auditName),
      command: this.clearCommand,
    });
  }
}

function describe(shading: Shading): string {
  const { figures, auditName, progress, changed, unscored } = shading;
  const { perplexityFinetuned, perplexityReference, meanGap } = figures;
  const parts = [
    l10n.t('Perplexity F {0}, R {1}', formatFigure(perplexityFinetuned), formatFigure(perplexityReference)),
    l10n.t('mean gap {0} nats', formatFixed(meanGap, 2, true)),
    l10n.t('under {0}', auditName),
  ];
  if (unscored.length > 0) parts.push(l10n.t('{0} parts were not answered ({1})', unscored.length, unscored[0]!));
  if (changed) parts.push(l10n.t('as it was before it was edited'));
  else if (progress < 0.999 && unscored.length === 0) parts.push(l10n.t('{0} % of it', Math.floor(progress * 100)));
  return parts.join(' · ');
}
