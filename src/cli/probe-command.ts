/** `probe`: what a server can do, found out by asking it, and what an audit with it can be. */
import type { Command } from 'commander';
import type { Framing } from '../audit/framing.js';
import { AuditError } from '../audit/errors.js';
import { formatEndpoint, isEndpoint, type EndpointSource, type ModelSource } from '../audit/plan.js';
import type { EndpointProfile, ProbeLine } from '../models/api/endpoint-profile.js';
import { describePossibilities } from '../models/api/probe/describe-profile.js';
import { possibleFramings } from '../models/api/possible-framings.js';
import { Colours } from './colours.js';
import { colourText } from './completion-text.js';
import { agreeToGiven } from './consent.js';
import { addAccessOptions, giveModelAccess, readNetwork, type AccessFlags } from './endpoint-options.js';
import { COMMAND, createApiModels } from './environment.js';
import { EXIT, listenForStop } from './exit.js';
import { parseModel } from './model-options.js';
import { quoteArgument } from '../text/quote.js';
import { print, printData } from './terminal.js';

interface ProbeFlags extends AccessFlags {
  json?: boolean;
}

/** What an audit with the server can be. */
interface Verdict {
  /** In which framings it can be the finetuned model; none where it cannot. */
  readonly finetuned: readonly Framing[];
  readonly reference: boolean;
}

export function addProbeCommand(program: Command): void {
  const command = program
    .command('probe')
    .description('Find out by some short requests what a server can do, and what an audit with it can be.')
    .argument('<model>', 'openai:MODEL@BASE_URL', parseModel);
  addAccessOptions(command)
    .option('--json', 'print JSON')
    .action(async (model: ModelSource, flags: ProbeFlags) => {
      process.exitCode = await probe(requireEndpoint(giveModelAccess(model, flags)), flags);
    });
}

function requireEndpoint(source: ModelSource): EndpointSource {
  if (isEndpoint(source)) return source;
  throw new AuditError(
    'badPlan',
    'Only a model behind a server can be probed. Give it as openai:MODEL@BASE_URL, e.g. openai:my-model@http://localhost:8000/v1.',
  );
}

async function probe(source: EndpointSource, { json = false, ...flags }: ProbeFlags): Promise<number> {
  const models = createApiModels({ agreed: agreeToGiven(source), ...readNetwork(flags) });
  const stop = listenForStop();
  const colours = new Colours();
  try {
    if (!json) print(`${colours.bold(formatEndpoint(source))}\n`);
    const profile = await models.probe(source, stop.signal, (line) => {
      if (!json) print(formatLine(line, colours));
    });
    const verdict: Verdict = { finetuned: possibleFramings(profile), reference: profile.textCompletions && profile.givenLogprobs !== null };
    if (json) printData(`${JSON.stringify({ model: formatEndpoint(source), canBe: verdict, profile }, null, 2)}\n`);
    else print(formatVerdict(source, profile, verdict));
    return verdict.finetuned.length > 0 || verdict.reference ? EXIT.done : EXIT.failed;
  } finally {
    stop.dispose();
    await models.dispose();
  }
}

const SIGNS = { good: '+', bad: '−', neutral: '·' } as const;
const INDENT = '    ';

function formatLine({ question, answer, good, meaning }: ProbeLine, colours: Colours): string {
  const sign = good === null ? SIGNS.neutral : good ? SIGNS.good : SIGNS.bad;
  // Servers choose some of the words.
  const [said, meant] = [answer, meaning].map((text) => colourText(text, new Colours(0), (part) => part).replaceAll('\n', ' '));
  return `${sign} ${question}  ${colours.bold(said!)}\n${meant === '' ? '' : `${INDENT}${colours.faint(meant!)}\n`}`;
}

function formatVerdict(source: EndpointSource, profile: EndpointProfile, { finetuned, reference }: Verdict): string {
  const address = quoteArgument(formatEndpoint(source));
  // What is suggested is the method's own: of the framings with turns the one that is nearest to it.
  const framings = finetuned.filter((framing) => framing !== 'dialogue' && (framing !== 'ask' || !finetuned.includes('chat')));
  const roles = framings.length > 0 ? `--finetuned ${address} --framing ${framings.join(',')} --reference MODEL` : `--finetuned MODEL --reference ${address}`;
  const key = source.apiKeyEnv === undefined ? '' : ` --api-key-env ${source.apiKeyEnv}`;
  const next = framings.length > 0 || reference ? [`Next: ${COMMAND} audit ${roles}${key}`] : [];
  return ['', ...describePossibilities(profile), ...next, ''].join('\n');
}
