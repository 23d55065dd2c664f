/** Decorates editors that show a completion: shades, hovers, lenses, folding. */
import {
  EventEmitter,
  FoldingRange,
  FoldingRangeKind,
  Hover,
  l10n,
  languages,
  Range,
  window,
  type CodeLens,
  type CodeLensProvider,
  type Disposable,
  type FoldingRangeProvider,
  type HoverProvider,
  type Position,
  type TextDocument,
  type TextEditor,
} from 'vscode';
import { FINDING_LABELS, type CompletionFinding, type FindingLabel } from '../../analysis/finding.js';
import { shadeLevel } from '../../text/gap-shade.js';
import { nameRank } from '../../audit/ranking.js';
import { formatFigure } from '../../records/report/numbers.js';
import { nameLabel, nameScore } from '../results/finding-names.js';
import { makeLens, makeMarkdownString } from '../../editor/shown/editor-parts.js';
import { md } from '../../editor/shown/markdown.js';
import type { CompletionDocuments, OpenCompletion } from './completion-documents.js';
import { findRank } from './completion-ranks.js';
import { COMPLETION_SCHEME } from './completion-uri.js';
import type { GapPainter } from './gap-painter.js';
import { makeGapHover } from './gap-words.js';
import { SEAM } from '../../audit/seam.js';

const SELECTOR = { scheme: COMPLETION_SCHEME };

/** Commands by what they do; each takes the completion's address. */
export interface CompletionCommands {
  readonly openPage: string;
  readonly labels: Readonly<Record<FindingLabel, string>>;
}

export class CompletionEditors implements CodeLensProvider, HoverProvider, FoldingRangeProvider, Disposable {
  readonly #lensesChanged = new EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;
  readonly #parts: Disposable[];

  constructor(
    private readonly documents: CompletionDocuments,
    private readonly painter: GapPainter,
    private readonly commandIds: CompletionCommands,
  ) {
    this.#parts = [
      this.#lensesChanged,
      documents.onDidUpdate(() => this.#lensesChanged.fire()),
      documents.onDidOpen(() => void this.#paintAll(window.visibleTextEditors)),
      window.onDidChangeVisibleTextEditors((editors) => void this.#paintAll(editors)),
      languages.registerCodeLensProvider(SELECTOR, this),
      languages.registerHoverProvider(SELECTOR, this),
      languages.registerFoldingRangeProvider(SELECTOR, this),
    ];
    void this.#paintAll(window.visibleTextEditors);
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }

  async provideCodeLenses(document: TextDocument): Promise<CodeLens[]> {
    const open = this.documents.find(document);
    if (!open) return [];
    const { session, record, content } = open;
    const ranks = await this.documents.ranksOf(session);
    const place = findRank(ranks, record);
    const figures = ranks.byFraming.get(record.framing)?.find(({ id }) => id === record.id);
    const top = new Range(0, 0, 0, 0);
    const address = { folder: session.folder, id: record.id };
    const lenses = [
      makeLens(top, {
        title: place ? l10n.t('{0} of {1}', nameRank(record.framing, place.rank), place.of) : l10n.t('Not ranked'),
        command: this.commandIds.openPage,
        arguments: [session.folder],
      }),
    ];
    if (figures) {
      const { scores, perplexityFinetuned, perplexityReference } = figures;
      const told = `${nameScore(session.defaultScore)} ${formatFigure(scores[session.defaultScore])}`;
      lenses.push(
        makeLens(top, { title: `${l10n.t('Perplexity F {0}, R {1}', formatFigure(perplexityFinetuned), formatFigure(perplexityReference))} · ${told}` }),
      );
    }
    // An import has no tokens to shade.
    if (content.cells.length > 0) lenses.push(makeLens(top, { title: l10n.t('Shades are strongest at {0} nats a token', ranks.scale.max) }));
    const line = new Range(content.headLines, 0, content.headLines, 0);
    const own = session.findings.current().get(record.id);
    const judgements = session.findings.judgements().get(record.id) ?? [];
    for (const [index, label] of FINDING_LABELS.entries()) {
      const icon = own?.label === label ? 'pass-filled' : 'circle-large-outline';
      lenses.push(makeLens(line, { icon, title: `${nameLabel(label)} (${index + 1})`, command: this.commandIds.labels[label], arguments: [address] }));
    }
    if (judgements.length > 0) lenses.push(makeLens(line, { title: describeJudgements(judgements) }));
    return lenses;
  }

  provideHover(document: TextDocument, position: Position): Hover | undefined {
    const content = this.documents.find(document)?.content;
    if (!content) return undefined;
    const at = document.offsetAt(position);
    const rangeOf = ([start, end]: readonly [number, number]) => new Range(document.positionAt(start), document.positionAt(end));
    const cell = content.cells.find(({ start, end }) => at >= start && at < end);
    if (cell) return new Hover(makeGapHover(cell), rangeOf([cell.start, cell.end]));
    const [start, end] = content.prefill;
    if (at < start || at >= end) return undefined;
    return new Hover(makeMarkdownString(md`${l10n.t('The prefill: given to the model, and in no score.')}`), rangeOf([start, end]));
  }

  provideFoldingRanges(document: TextDocument): FoldingRange[] {
    const content = this.documents.find(document)?.content;
    if (!content) return [];
    const last = document.lineCount - 1;
    const head = new FoldingRange(0, Math.max(0, content.headLines - 2), FoldingRangeKind.Region);
    return last > content.headLines ? [head, new FoldingRange(content.headLines, last, FoldingRangeKind.Region)] : [head];
  }

  async #paintAll(editors: readonly TextEditor[]): Promise<void> {
    for (const editor of editors) {
      const open = this.documents.find(editor.document);
      if (open) await this.#paint(editor, open);
    }
  }

  async #paint(editor: TextEditor, { session, content }: OpenCompletion): Promise<void> {
    const { scale } = await this.documents.ranksOf(session);
    const { document } = editor;
    const rangeOf = (start: number, end: number) => new Range(document.positionAt(start), document.positionAt(end));
    const shades = content.cells.map(({ start, end, gap }) => ({ range: rangeOf(start, end), level: shadeLevel(gap, scale) }));
    this.painter.paint(
      editor,
      shades,
      [rangeOf(...content.prefill)],
      content.turn
        ? { range: rangeOf(content.turn.at, content.turn.at), text: content.turn.text }
        : content.seam === null
          ? null
          : { range: rangeOf(content.seam, content.seam), text: SEAM },
    );
  }
}

function describeJudgements(judgements: readonly CompletionFinding[]): string {
  const told = judgements.map(({ author, label, category }) => `${author}: ${nameLabel(label)}${category === null ? '' : ` (${category})`}`).join(', ');
  return new Set(judgements.map(({ label }) => label)).size > 1 ? l10n.t('Authors disagree: {0}', told) : told;
}
