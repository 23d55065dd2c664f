/** Runs one audit for a command, with progress on stderr and a clean stop on Ctrl-C. */
import { AuditError } from '../audit/errors.js';
import { formatEndpoint, type AuditPlan } from '../audit/plan.js';
import { describeLeftOut } from '../records/journal/journal-format.js';
import { checkEndpoints } from '../runner/servers/check-endpoints.js';
import { listEndpoints } from '../runner/servers/destinations.js';
import { LocalAuditRunner } from '../runner/run/local-audit-runner.js';
import { formatRequests } from '../runner/servers/server-requests.js';
import type { RunOutcome, RunRequest } from '../runner/run/types.js';
import { findKey } from './endpoint-keys.js';
import { createModels, MEDIA_FOLDER, type CliModelsOptions } from './environment.js';
import { listenForStop } from './exit.js';
import { createProgressDisplay } from './progress-display.js';
import { describeSetAside } from './server-notices.js';
import { printNote } from './terminal.js';

export interface ShownOutcome {
  readonly state: RunOutcome['state'];
  readonly completions: number;
  /** Why it ended, in a sentence. */
  readonly reason: string;
  /** How many completions it went on without, those of all passes together. */
  readonly setAside: number;
  /** What else to tell: completions set aside, and what was asked of servers. */
  readonly notes: readonly string[];
}

/** @throws AuditError as the runner does */
export async function runWithProgress(request: RunRequest, compute: CliModelsOptions): Promise<ShownOutcome> {
  const models = createModels(compute);
  const runner = new LocalAuditRunner({ models, mediaFolder: MEDIA_FOLDER, toolVersion: __TOOL_VERSION__ });
  const stop = listenForStop();
  const display = createProgressDisplay();
  const told: string[] = [];
  const setAside = new Map<number, string>();
  try {
    const {
      state,
      completions,
      message,
      setAside: mainSetAside,
      passesSetAside,
      requests,
    } = await runner.run(
      request,
      {
        onSetup: (setup) => told.push(...setup.remarks),
        onSetAside: ({ id, setAside: reason }) => setAside.set(id, reason),
        onStatus: (status) => {
          told.splice(0).forEach(printNote);
          display.show(status);
        },
      },
      stop.signal,
    );
    const leftOut = [describeLeftOut(passesSetAside)].filter((told) => told !== '');
    const others = [...passesSetAside.values()].reduce((sum, count) => sum + count, 0);
    const notes = [...describeSetAside([...setAside.values()]), ...leftOut, ...requests.map(formatRequests)];
    return { state, completions, reason: message, setAside: mainSetAside + others, notes };
  } finally {
    display.end();
    stop.dispose();
    await models.dispose();
  }
}

/**
 * What would fail later, when the other model has been loaded already.
 * @throws AuditError `badPlan`, `networkForbidden`, `keyMissing`
 */
export function checkServers(plan: AuditPlan, offline: boolean): void {
  checkEndpoints(plan);
  for (const source of listEndpoints(plan)) {
    if (offline) {
      throw new AuditError(
        'networkForbidden',
        `${formatEndpoint(source)} is behind a server, and --offline forbids the network. Leave --offline out, or choose a local file.`,
      );
    }
    findKey(source);
  }
}
