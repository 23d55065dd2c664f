/** `finetuneAuditor.openCompletion`: one completion as a read-only document of the editor. */
import { l10n } from 'vscode';
import { nameRank } from '../../audit/ranking.js';
import { visibleLine } from '../../text/visible-text.js';
import { formatFigure } from '../../records/report/numbers.js';
import type { CommandSignatures, CompletionTarget } from '../command-ids.js';
import { pickAudit } from '../pick-audit.js';
import type { Services } from '../services.js';
import { showQuickPick, type PickItem } from '../../editor/shown/quick-inputs.js';
import { joinForReading, textsOf } from '../../audit/seam.js';

export function makeOpenCompletionCommand(services: Services): CommandSignatures['finetuneAuditor.openCompletion'] {
  return async (target) => {
    const chosen = target ?? (await pickCompletion(services));
    if (chosen) await services.editor.documents.show(chosen, chosen.span);
  };
}

interface CompletionItem extends PickItem {
  readonly id: number;
}

async function pickCompletion(services: Services): Promise<CompletionTarget | undefined> {
  const { panels, audits, editor } = services;
  const folder = panels.active?.folder ?? editor.documents.active?.session.folder ?? (await pickAudit(services, l10n.t('Which audit?')));
  if (folder === undefined) return undefined;
  const lease = await audits.open(folder);
  try {
    const { session } = lease;
    const { byFraming } = await editor.documents.ranksOf(session);
    const items = [...byFraming].flatMap(([framing, list]) =>
      list.map(({ id, scores }, index): CompletionItem => {
        const record = session.record(id)!;
        return {
          id,
          label: nameRank(framing, index + 1),
          description: `#${id} · ${formatFigure(scores[session.defaultScore])}`,
          detail: visibleLine(joinForReading(textsOf(record))).slice(0, 300),
        };
      }),
    );
    const item = await showQuickPick(items, {
      placeHolder: l10n.t('Which completion? Type to search in their texts.'),
      matchOnDetail: true,
      matchOnDescription: true,
    });
    return item && { folder, id: item.id };
  } finally {
    lease.release();
  }
}
