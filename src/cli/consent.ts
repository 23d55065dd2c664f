/**
 * A plan that was not written on the command line, but in a file or a journal, may be somebody else's. What it would send, and where, is
 * named again, asked for on a terminal, or refused.
 */
import { homedir } from 'node:os';
import { AuditError } from '../audit/errors.js';
import { isEndpoint, type AuditPlan, type EndpointSource, type ModelSource } from '../audit/plan.js';
import { AgreedServers, listVariables } from '../models/api/transport/server-access.js';
import { findBase, liesVisiblyIn } from '../records/readable-files.js';
import { checkPlan } from '../runner/servers/check-endpoints.js';
import { listEndpoints } from '../runner/servers/destinations.js';
import { listSentFiles, realPaths, type SentFile } from '../runner/sent-files.js';
import { Colours } from './colours.js';
import { colourText } from './completion-text.js';
import { giveAccess, type AuditAccessFlags } from './endpoint-options.js';
import type { PlanFlags } from './plan-from-flags.js';
import { quoteArgument, quotePath } from '../text/quote.js';
import { describeServers } from './server-notices.js';
import { printAside, type AskUser } from './terminal.js';

export interface ConsentFlags {
  allowServer?: string[];
  allowFile?: string[];
  tokenLimit?: number;
}

/** Where the parts of a plan come from that the command line does not give. */
export interface BroughtPlan {
  /** Files in it came with the plan. */
  readonly folder: string;
  /** Whether openings are still to be drawn, or stand in the journal. */
  readonly drawsOpenings: boolean;
}

export interface Consent {
  readonly agreed: AgreedServers;
  /** As in a run's request. */
  readonly readableRoots?: readonly string[];
}

/**
 * @param origin `null` where all of the plan was given on the command line
 * @throws AuditError `notAgreed` saying what to name; `badPlan`; `cancelled` where the user does not want it
 */
export async function agreeToRun(plan: AuditPlan, origin: BroughtPlan | null, flags: PlanFlags & ConsentFlags, ask: AskUser): Promise<Consent> {
  checkPlan(plan);
  const agreed = new AgreedServers();
  const endpoints = listEndpoints(plan);
  if (endpoints.length > 0) tell(describeServers(plan, flags.tokenLimit));
  if (origin && endpoints.length > 0) await agreeToServers(plan, flags, ask);
  for (const source of endpoints) agreed.add(source, 'audit');
  if (!origin || endpoints.length === 0) return { agreed };
  return { agreed, readableRoots: await agreeToFiles(plan, origin, flags, ask) };
}

/** The servers of commands that take one model, and take it from the command line. */
export function agreeToGiven(source: ModelSource): AgreedServers {
  const agreed = new AgreedServers();
  if (isEndpoint(source)) agreed.add(source, 'anyText');
  return agreed;
}

async function agreeToServers(plan: AuditPlan, flags: PlanFlags & ConsentFlags, ask: AskUser): Promise<void> {
  const servers = [
    ...new Set(
      listEndpoints(plan)
        .filter((source) => !isNamedServer(source, flags))
        .map(hostOf),
    ),
  ];
  const variables = listUnnamedVariables(plan, flags);
  if (servers.length === 0 && variables.length === 0) return;
  const what = [...servers.map((host) => `texts to ${host}`), ...variables.map(({ name, host }) => `the environment variable ${name} to ${host}`)];
  if (ask) {
    if (await ask(`The plan is not all of this command line's. It sends ${what.join(', ')}. Send that?`)) return;
    throw new AuditError('cancelled', 'Nothing was sent.');
  }
  const names = [...servers.map((host) => `--allow-server ${quoteArgument(host)}`), ...new Set(variables.map(({ option }) => option))];
  throw new AuditError(
    'notAgreed',
    `The plan would send ${what.join(', ')}, which this command line does not name. Nothing was sent. If you mean it, add: ${names.join(' ')}`,
  );
}

/** By host and port, or by the beginning of its address; those of models that were given are named by that. */
function isNamedServer({ endpoint }: EndpointSource, { finetuned, reference, noiseFloor, allowServer = [] }: PlanFlags & ConsentFlags): boolean {
  const { origin, host, hostname, port, protocol } = new URL(endpoint);
  const given = [finetuned, reference, noiseFloor].filter((source) => source !== undefined).filter(isEndpoint);
  const spellings = [origin, host, `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`];
  return (
    given.some((source) => new URL(source.endpoint).origin === origin) || allowServer.some((name) => spellings.includes(name.toLowerCase().replace(/\/+$/, '')))
  );
}

interface UnnamedVariable {
  readonly name: string;
  readonly host: string;
  /** What names it. */
  readonly option: string;
}

/** Variables that only the plan has; one that was named for one server is not named for another. */
function listUnnamedVariables(plan: AuditPlan, flags: AuditAccessFlags): UnnamedVariable[] {
  const strip = (source: ModelSource): ModelSource => (isEndpoint(source) ? { endpoint: source.endpoint, model: source.model } : source);
  const { finetuned, reference, noiseFloor } = plan;
  const bare = {
    finetuned: strip(finetuned),
    reference: strip(reference),
    ...(noiseFloor && { noiseFloor: { ...noiseFloor, model: strip(noiseFloor.model) } }),
  };
  const given = giveAccess(bare, flags);
  const pairs: readonly [ModelSource | undefined, ModelSource | undefined, string][] = [
    [finetuned, given.finetuned, '--api-key-env'],
    [reference, given.reference, isEndpoint(finetuned) ? '--reference-api-key-env' : '--api-key-env'],
    [noiseFloor?.model, given.noiseFloor?.model, '--api-key-env'],
  ];
  const unnamed = new Map<string, UnnamedVariable>();
  for (const [source, named, option] of pairs) {
    if (!source || !isEndpoint(source)) continue;
    const known = named && isEndpoint(named) ? listVariables(named) : [];
    for (const name of listVariables(source)) {
      const key = `${name} ${hostOf(source)}`;
      if (known.includes(name) || unnamed.has(key)) continue;
      const header = Object.entries(source.headers ?? {}).find(([, value]) => value.includes(`\${${name}}`));
      unnamed.set(key, {
        name,
        host: hostOf(source),
        option: name === source.apiKeyEnv || !header ? `${option} ${quoteArgument(name)}` : `--header ${quoteArgument(`${header[0]}: \${${name}}`)}`,
      });
    }
  }
  return [...unnamed.values()];
}

/** Resolves to what may be read. */
async function agreeToFiles(plan: AuditPlan, { folder, drawsOpenings }: BroughtPlan, flags: PlanFlags & ConsentFlags, ask: AskUser): Promise<string[]> {
  // A plan in the home folder, or above it, brought nothing of what lies there.
  const own = (await realPaths([homedir()])).some((home) => liesVisiblyIn(home, folder)) ? [] : [folder];
  const named = await Promise.all(listNamedFiles(flags).map(findBase));
  const { inside, outside } = await listSentFiles(plan, [...own, ...named]);
  const drawn = (file: SentFile) => drawsOpenings || file.use === 'model';
  tell(inside.filter(drawn).map((file) => `${describeFile(file)}`));
  const asked = outside.filter(drawn);
  if (asked.length > 0) {
    if (!ask) {
      const allow = asked.map(({ path }) => `--allow-file ${quotePath(path)}`);
      throw new AuditError(
        'notAgreed',
        `The plan would send to a server: ${asked.map(describeFile).join('; ')}, which did not come with it. Nothing was sent. If you mean it, add: ${allow.join(' ')}`,
      );
    }
    if (!(await ask(`To a server goes, though it did not come with the plan: ${asked.map(describeFile).join('; ')}. Send that?`))) {
      throw new AuditError('cancelled', 'Nothing was sent.');
    }
  }
  return drawsOpenings ? [...(await realPaths([...own, ...named])), ...asked.map(({ base }) => base)] : [];
}

function listNamedFiles({ allowFile = [], corpus = [], prefillFile, finetuned, reference, lora = [], referenceLora = [] }: PlanFlags & ConsentFlags): string[] {
  const models = [finetuned, reference].flatMap((source) => (source && !isEndpoint(source) ? [source.gguf, ...source.lora.map(({ path }) => path)] : []));
  return [...allowFile, ...corpus, ...(prefillFile === undefined ? [] : [prefillFile]), ...models, ...[...lora, ...referenceLora].map(({ path }) => path)];
}

function describeFile({ path, use }: SentFile): string {
  return `${use === 'openings' ? 'pieces of' : 'what the model writes in'} ${showLine(path)}`;
}

/** How to go on with an audit whose journal names servers: all that it would be asked for is named. */
export function formatAllowances(plan: AuditPlan): string {
  const servers = [...new Set(listEndpoints(plan).map((source) => `--allow-server ${quoteArgument(hostOf(source))}`))];
  const options = listUnnamedVariables(plan, {}).map(({ option }) => option);
  return [...servers, ...new Set(options)].map((part) => ` ${part}`).join('');
}

function tell(lines: readonly string[]): void {
  for (const line of lines) printAside(`${line}\n`);
}

function hostOf({ endpoint }: EndpointSource): string {
  return new URL(endpoint).host;
}

/** A plan chooses its paths. */
function showLine(text: string): string {
  return colourText(text, new Colours(0), (part) => part).replaceAll('\n', ' ');
}
