/** `finetuneAuditor.importCompletions`: completions that were ranked elsewhere become an audit of this workspace. */
import { l10n, window } from 'vscode';
import type { ImportMapping } from '../records/import/import-types.js';
import { writeImportedAudit } from '../records/import/imported-audit.js';
import { readImport, readImportSample } from '../records/import/read-import.js';
import type { CommandSignatures } from './command-ids.js';
import { askMapping } from '../wizard/ask-mapping.js';
import { findFreeFolder } from './start-audit.js';
import type { Services } from './services.js';

export function makeImportCompletionsCommand(services: Services): CommandSignatures['finetuneAuditor.importCompletions'] {
  return async (file, mapping) => {
    const path = file === undefined ? await askFile() : typeof file === 'string' ? file : file.fsPath;
    if (path === undefined) return undefined;
    const chosen = mapping ?? (await chooseMapping(path));
    if (chosen === undefined) return undefined;
    const imported = await readImport(path, chosen === 'asTold' ? undefined : chosen);
    const folder = findFreeFolder(services, imported.name);
    await writeImportedAudit(imported, folder, { toolVersion: __TOOL_VERSION__, time: new Date() });
    await services.panels.show(folder);
    return folder;
  };
}

async function askFile(): Promise<string | undefined> {
  const picked = await window.showOpenDialog({
    title: l10n.t('Import completions'),
    openLabel: l10n.t('Import'),
    filters: { [l10n.t('Completions')]: ['json', 'jsonl', 'ndjson', 'csv', 'tsv', 'parquet', 'eval', 'gz', 'zst', 'zip', 'txt'], [l10n.t('All files')]: ['*'] },
  });
  return picked?.[0]?.fsPath;
}

/** Nothing is asked of a file that says itself what it holds. */
async function chooseMapping(path: string): Promise<ImportMapping | 'asTold' | undefined> {
  const sample = await readImportSample(path);
  return sample.form === 'published' ? 'asTold' : askMapping(sample);
}
