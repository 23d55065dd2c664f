/** The servers that an audit would talk to, what each would be sent, and how many tokens that is. */
import { isEndpoint, readAddress, type AuditPlan, type EndpointSource, type ModelSource } from '../../audit/plan.js';
import { isLoopback } from '../../models/api/transport/loopback.js';
import { isUnencrypted, keyOfAccess, listVariables } from '../../models/api/transport/server-access.js';

export interface Destination {
  /** Host and port. */
  readonly host: string;
  /** It is this very machine. */
  readonly isLocal: boolean;
  /** What is sent there, in words, each once. */
  readonly receives: readonly string[];
}

/** One entry per host, in the order of the roles; none where everything is computed on this machine. */
export function listDestinations(plan: Pick<AuditPlan, 'finetuned' | 'reference' | 'noiseFloor' | 'framings'>): Destination[] {
  const texts = plan.framings.some((framing) => framing !== 'raw') ? ', the system and user texts' : '';
  const uses: readonly [ModelSource | undefined, string][] = [
    [plan.finetuned, `the prefills${texts}; it writes the completions`],
    [plan.reference, `the prefills${texts} and all completions of the finetuned model`],
    [plan.noiseFloor?.model, `the prefills${texts} and the completions of the reference model`],
  ];
  const byHost = new Map<string, { isLocal: boolean; receives: string[] }>();
  for (const [source, receives] of uses) {
    if (!source || !isEndpoint(source)) continue;
    const { host, hostname } = readAddress(source);
    const known = byHost.get(host) ?? { isLocal: isLoopback(hostname), receives: [] };
    byHost.set(host, { ...known, receives: [...known.receives, `${source.model}: ${receives}`] });
  }
  return [...byHost].map(([host, { isLocal, receives }]) => ({ host, isLocal, receives }));
}

/** Bytes of English text per token, roughly. */
const BYTES_PER_TOKEN = 4;
/** What a chat template adds around the texts, roughly. */
const TEMPLATE_TOKENS = 24;

/**
 * Tokens that servers would read and write at most, counted before the run: the texts' tokens are estimated, completions
 * taken at full length, and what is asked again is not in it.
 */
export function estimateServerTokens(plan: AuditPlan): number {
  const texts = (plan.system.length + Math.max(plan.user.length, plan.ask.length)) / BYTES_PER_TOKEN + TEMPLATE_TOKENS;
  const framed = plan.framings.reduce((sum, framing) => sum + plan.prefillTokens + (framing === 'raw' ? 1 : texts), 0);
  const perPrefill = framed + plan.framings.length * plan.maxTokens;
  const asked = (source: ModelSource, prefills: number) => (isEndpoint(source) ? prefills * perPrefill : 0);
  const noisePrefills = Math.min(plan.noiseFloor?.prefills ?? 0, plan.prefills);
  const forward = plan.finetunedLogprobs === 'forward' ? 2 : 1;
  return Math.ceil(
    forward * asked(plan.finetuned, plan.prefills) +
      asked(plan.reference, plan.prefills + noisePrefills) +
      (plan.noiseFloor ? asked(plan.noiseFloor.model, noisePrefills) : 0),
  );
}

/** The endpoints of a plan, each with its key and headers once. */
export function listEndpoints(plan: Pick<AuditPlan, 'finetuned' | 'reference' | 'noiseFloor'>): EndpointSource[] {
  const sources = [plan.finetuned, plan.reference, plan.noiseFloor?.model].filter((source) => source !== undefined);
  const seen = new Set<string>();
  return sources.filter(isEndpoint).filter(({ endpoint, model, apiKeyEnv, headers }) => {
    const key = JSON.stringify([endpoint, model, apiKeyEnv, headers]);
    return !seen.has(key) && seen.add(key);
  });
}

/** A server as far as a user agrees to it. */
export interface ServerAccess {
  /** One of the endpoints there; others differ in the model only. */
  readonly source: EndpointSource;
  /** Host and port. */
  readonly host: string;
  /** It is this very machine. */
  readonly isLocal: boolean;
  readonly isUnencrypted: boolean;
  /** Names of this machine's environment variables whose values go there, where they are set. */
  readonly variables: readonly string[];
}

/** One entry per address and set of variables. */
export function listAccess(plan: Pick<AuditPlan, 'finetuned' | 'reference' | 'noiseFloor'>): ServerAccess[] {
  const byKey = new Map<string, ServerAccess>();
  for (const source of listEndpoints(plan)) {
    const { host, hostname } = readAddress(source);
    byKey.set(keyOfAccess(source), { source, host, isLocal: isLoopback(hostname), isUnencrypted: isUnencrypted(source), variables: listVariables(source) });
  }
  return [...byKey.values()];
}
