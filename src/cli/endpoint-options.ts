/** Command-line options about servers: keys, headers, time limits, and whether the network may be used at all. */
import type { Command } from 'commander';
import { AuditError } from '../audit/errors.js';
import { isEndpoint, type AuditPlan, type EndpointSource, type ModelSource } from '../audit/plan.js';
import { holdsSecret, isVariableName as looksLikeName } from '../records/journal/header-secrets.js';
import { listEndpoints } from '../runner/servers/destinations.js';
import type { NetworkOptions } from './environment.js';
import { wholeNumber } from './model-options.js';

export interface AccessFlags {
  apiKeyEnv?: string;
  header?: Record<string, string>;
  requestTimeout?: number;
}

/** Seconds: an hour, as in the editor's setting. */
const REQUEST_TIMEOUT_AT_MOST = 3600;

export interface AuditAccessFlags extends AccessFlags {
  referenceApiKeyEnv?: string;
  /** Models that the command line gives. */
  finetuned?: ModelSource;
  reference?: ModelSource;
  noiseFloor?: ModelSource;
}

type Models = Pick<AuditPlan, 'finetuned' | 'reference' | 'noiseFloor'>;

export function addAccessOptions(command: Command): Command {
  return command
    .option(
      '--api-key-env <name>',
      "environment variable that holds the key of an openai: model's server (default: the customary one of a known provider)",
      parseVariableName,
    )
    .option('--header <name: value>', 'extra header for that server (repeatable); ${NAME} in the value stands for an environment variable', parseHeader)
    .option('--request-timeout <seconds>', 'seconds that a server may take to answer one request (default: 300)', wholeNumber(1, REQUEST_TIMEOUT_AT_MOST));
}

/** How requests are to be made, from the flags of a command. */
export function readNetwork({
  offline,
  maxConcurrency,
  requestTimeout,
}: Pick<AccessFlags, 'requestTimeout'> & { offline?: boolean; maxConcurrency?: number }): NetworkOptions {
  return {
    ...(offline !== undefined && { offline }),
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    ...(requestTimeout !== undefined && { timeoutMs: requestTimeout * 1000 }),
  };
}

/**
 * The name of an environment variable.
 * @throws AuditError `badPlan` for what may be a key; it is not quoted
 */
export function parseVariableName(value: string): string {
  if (isVariableName(value)) return value;
  throw new AuditError(
    'badPlan',
    'An option for a key takes the NAME of the environment variable that holds it, e.g. --api-key-env OPENAI_API_KEY, never the key itself. ' +
      'What was given is no such name, or no variable of that name is set. (It is not shown, in case it is a key.)',
  );
}

/** Some keys are letters and digits, as names are: one of a variable that is not set must at least be written as a name. */
function isVariableName(value: string): boolean {
  return /^[A-Za-z_]\w*$/.test(value) && (process.env[value] !== undefined || looksLikeName(value));
}

/**
 * `Name: value`; gathers repeated options.
 * @throws AuditError `badPlan`, for a value that is a secret too; no value is quoted
 */
export function parseHeader(text: string, former: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { name, value } = /^(?<name>[\w!#$%&'*+.^`|~-]+)\s*:\s*(?<value>\S.*)$/.exec(text.trim())?.groups ?? {};
  if (name === undefined || value === undefined) {
    throw new AuditError('badPlan', 'A header is written --header "Name: value". (What was given is not shown, since there may be a key in it.)');
  }
  refuseSecret(name, value);
  return { ...former, [name]: value };
}

function refuseSecret(name: string, value: string): void {
  if (!holdsSecret(name, value)) return;
  throw new AuditError(
    'badPlan',
    `The header ${name} carries a secret, and headers are kept with the audit. Put the secret into an environment variable and write its name: --header '${name}: \${NAME}'.`,
  );
}

/**
 * The plan with the given keys and headers at its endpoints. They go to the server of the finetuned model (or of the first
 * endpoint there is; where the command line gives one, of that rather than of one that only a plan names) and to models at the same
 * host, never to another one: that would hand one provider's key to the next.
 * @throws AuditError `badPlan` where there is no server to give them to, or a plan's header holds a secret
 */
export function giveAccess<P extends Models>(plan: P, flags: AuditAccessFlags): P {
  const given = [flags.finetuned, flags.reference, flags.noiseFloor].filter((source) => source !== undefined).find(isEndpoint);
  const first = given ?? listEndpoints(plan)[0];
  for (const source of [plan.finetuned, plan.reference, plan.noiseFloor?.model]) {
    const headers = source && isEndpoint(source) ? source.headers : undefined;
    for (const [name, value] of Object.entries(headers ?? {})) refuseSecret(name, value);
  }
  requireServer('--api-key-env', flags.apiKeyEnv, first);
  requireServer('--header', flags.header, first);
  requireServer('--reference-api-key-env', flags.referenceApiKeyEnv, isEndpoint(plan.reference) ? plan.reference : undefined);
  if (!first) return plan;
  const give = (source: ModelSource): ModelSource => {
    if (!isEndpoint(source)) return source;
    const isNear = hostOf(source) === hostOf(first);
    const isReferences = source !== plan.finetuned && isEndpoint(plan.reference) && hostOf(source) === hostOf(plan.reference);
    const apiKeyEnv = (isReferences ? flags.referenceApiKeyEnv : undefined) ?? (isNear ? flags.apiKeyEnv : undefined) ?? source.apiKeyEnv;
    const headers = isNear && flags.header ? { ...source.headers, ...flags.header } : source.headers;
    return { ...source, ...(apiKeyEnv !== undefined && { apiKeyEnv }), ...(headers && { headers }) };
  };
  const { finetuned, reference, noiseFloor } = plan;
  return {
    ...plan,
    finetuned: give(finetuned),
    reference: give(reference),
    ...(noiseFloor && { noiseFloor: { ...noiseFloor, model: give(noiseFloor.model) } }),
  };
}

/** The same for a command with one model. */
export function giveModelAccess(source: ModelSource, flags: AccessFlags): ModelSource {
  return giveAccess({ finetuned: source, reference: source }, flags).finetuned;
}

function requireServer(option: string, given: unknown, endpoint: EndpointSource | undefined): void {
  if (given === undefined || endpoint) return;
  const role = option.startsWith('--reference') ? 'The reference is not' : 'No model here is';
  throw new AuditError('badPlan', `${role} behind a server, so ${option} has nothing to go to. Leave it out, or give a model as openai:MODEL@BASE_URL.`);
}

/** Two ports of one machine are one place. */
function hostOf({ endpoint }: EndpointSource): string {
  return new URL(endpoint).hostname;
}
