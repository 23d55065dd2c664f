/** Files are checked where they are chosen: what an audit could not load is refused there, with the reason. */
import { l10n, ProgressLocation } from 'vscode';
import { AuditError } from '../audit/errors.js';
import { isAddress, isEndpoint, type GgufSource, type ModelSource } from '../audit/plan.js';
import { nameSource } from './choices.js';
import { showErrorMessage, withProgress } from '../editor/shown/messages.js';

/** Nobody is kept waiting longer. */
const LOOK_MS = 10_000;

/** Reads and checks all files of a source as opening it would, without loading it. Rejects with an `AuditError`. */
export type CheckSource = (source: GgufSource) => Promise<void>;

/** Why a model cannot be used; `null` where it can, as far as that can be told before it is downloaded or asked. */
export async function findRefusal(source: ModelSource, check: CheckSource): Promise<string | null> {
  if (isEndpoint(source) || [source.gguf, ...source.lora.map(({ path }) => path)].some(isAddress)) return null;
  const title = l10n.t('Checking {0}…', nameSource(source));
  return withProgress({ location: ProgressLocation.Notification, title }, async () => {
    try {
      await check(source);
      return null;
    } catch (error) {
      // Whether there is memory for it shows with the sizes, which say how much is missing.
      if (error instanceof AuditError && error.code === 'tooLargeForMemory') return null;
      return error instanceof Error ? error.message : String(error);
    }
  });
}

/** Resolves when it was read. */
export async function tellRefusal(source: ModelSource, reason: string): Promise<void> {
  await showErrorMessage(l10n.t('{0} cannot be used', nameSource(source)), { modal: true, detail: reason });
}

/** Looks around with something to see where it takes long; what cannot be told is nothing. */
export async function lookBeside<T>(source: ModelSource, look: (source: GgufSource, signal: AbortSignal) => Promise<readonly T[]>): Promise<readonly T[]> {
  if (isEndpoint(source)) return [];
  const title = l10n.t('Looking at the files beside {0}…', nameSource(source));
  return withProgress({ location: ProgressLocation.Notification, title }, async () => look(source, AbortSignal.timeout(LOOK_MS)).catch(() => []));
}
