/** Estimates of time and memory for each size of an audit, filled in while the wizard's question is open. */
import { l10n } from 'vscode';
import { isEndpoint } from '../audit/plan.js';
import type { MemoryEstimate } from '../messages/model-process.js';
import { estimateServerTokens } from '../runner/servers/destinations.js';
import { estimateAudit, estimateMemoryOfPlan } from '../runner/run/estimate.js';
import { readSettings } from '../editor/settings.js';
import { describeBytes, describeDuration, describeTokens } from '../views/status-text.js';
import type { Services } from './services.js';
import { listAddresses, makePlan, type SizeChoice } from '../wizard/choices.js';
import type { EstimateSizes } from '../wizard/choose-size.js';

/**
 * Memory is told first, since it needs no loading. Then the models are loaded and a small piece is measured: they are
 * warm for the audit that follows. While another audit runs nothing is measured: it would disturb and be disturbed.
 * A server is not asked for an estimate: what it would read and write is counted beforehand.
 */
export function makeEstimateSizes({ models, mediaFolder, queue }: Pick<Services, 'models' | 'mediaFolder' | 'queue'>): EstimateSizes {
  return async (known, framings, sizes, tell, signal) => {
    const { waveSize } = readSettings();
    if (isEndpoint(known.finetuned) || isEndpoint(known.reference)) {
      for (const size of sizes) {
        const tokens = estimateServerTokens(makePlan({ ...known, size, framings }, waveSize));
        tell(size, l10n.t('{0} tokens at most, read and written by servers', describeTokens(tokens)));
      }
      return;
    }
    if (listAddresses([known.finetuned, known.reference, ...(known.noiseFloor ? [known.noiseFloor] : [])]).length > 0) {
      sizes.forEach((size) => tell(size, l10n.t('no estimate before the download')));
      return;
    }
    for (const alike of groupByLengths(sizes)) {
      // Every model can do the raw framing.
      const plan = makePlan({ ...known, size: alike[0]!, framings: ['raw'] }, waveSize);
      try {
        const memory = await estimateMemoryOfPlan(plan, { models, mediaFolder });
        alike.forEach((size) => tell(size, describeMemory(memory)));
        if (signal.aborted || queue.running) continue;
        const { secondsPerCompletion } = await estimateAudit(plan, { models, mediaFolder, allowDownload: false }, signal);
        for (const size of alike) {
          // The noise floor's models are as large as the audit's.
          const prefills = size.prefills + Math.min(size.prefills, plan.noiseFloor?.prefills ?? 0);
          const seconds = secondsPerCompletion * prefills * framings.length;
          tell(size, `≈ ${describeDuration(seconds)} · ${describeMemory(memory)}`);
        }
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        alike.forEach((size) => tell(size, `⚠ ${reason}`));
      }
    }
  };
}

/** Sizes that differ in their number of prefills only cost the same per completion. */
function groupByLengths(sizes: readonly SizeChoice[]): SizeChoice[][] {
  const groups = new Map<string, SizeChoice[]>();
  for (const size of sizes) {
    const key = [size.maxTokens, size.prefillTokens].join();
    groups.set(key, [...(groups.get(key) ?? []), size]);
  }
  return [...groups.values()];
}

function describeMemory({ neededBytes, availableBytes }: MemoryEstimate): string {
  if (neededBytes <= 0) return l10n.t('loaded already');
  const needed = describeBytes(neededBytes);
  return neededBytes <= availableBytes ? needed : l10n.t('⚠ {0} of memory, {1} are free', needed, describeBytes(availableBytes));
}
