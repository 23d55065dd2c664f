/** A plan and its models as facts of a report. */
import { FRAMINGS } from '../../audit/framing.js';
import type { AuditSetup } from '../../audit/events.js';
import type { ModelIdentity } from '../../audit/language-model.js';
import { formatEndpoint, isEndpoint, type AuditPlan, type ModelSource } from '../../audit/plan.js';
import { formatCount } from '../../text/numbers.js';
import type { ReportFact, ReportModel } from './report-content.js';

/** Says a text with its {0} and {1} filled in, in the reader's language. */
export type Say = (text: string, ...values: (string | number)[]) => string;

const inEnglish: Say = (text, ...values) => text.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]));

/** A plan's fields as facts; {@link Say} puts them into the editor's language where they are shown in it. */
export function describePlan(plan: AuditPlan, say: Say = inEnglish): ReportFact[] {
  const { prefillFile } = plan;
  const turns = plan.framings.some((framing) => framing !== 'raw');
  return [
    { name: say('Finetuned model'), value: describeSource(plan.finetuned) },
    { name: say('Reference model'), value: describeSource(plan.reference) },
    prefillFile === undefined ? { name: say('Corpus'), value: plan.corpus.join(', ') } : { name: say('Prefills from'), value: prefillFile },
    { name: say('Prefills'), value: say('{0} of {1} tokens', formatCount(plan.prefills), plan.prefillTokens) },
    { name: say('Framings'), value: plan.framings.join(', ') },
    ...(turns ? [{ name: say('System text'), value: plan.system === '' ? say('none') : plan.system }] : []),
    ...(plan.framings.includes('chat') ? [{ name: say('User text'), value: plan.user }] : []),
    ...(plan.framings.includes('ask') ? [{ name: say('User text (ask)'), value: plan.ask }] : []),
    { name: say('New tokens at most'), value: String(plan.maxTokens) },
    { name: say('Temperature'), value: plan.temperature === 0 ? say('0 (greedy)') : String(plan.temperature) },
    { name: say('Seed'), value: String(plan.seed) },
    { name: say('Wave size'), value: String(plan.waveSize) },
    { name: say("F's logprobs from"), value: plan.finetunedLogprobs },
    ...(plan.amplify === undefined
      ? []
      : [{ name: say('Amplified writing'), value: say('{0}; kept apart: its text is a lead, never the words of the finetuned model', plan.amplify) }]),
    ...(plan.referencePass
      ? [
          {
            name: say('Reference pass'),
            value: say('the reference writes, too, from all openings; the verdict compares with it where there is no noise floor'),
          },
        ]
      : []),
    ...(plan.divergence ? [{ name: say('Divergence'), value: say('KL both ways at every token') }] : []),
    ...(plan.noiseFloor
      ? [{ name: say('Noise floor'), value: say('{0}, {1} prefills', describeSource(plan.noiseFloor.model), formatCount(plan.noiseFloor.prefills)) }]
      : []),
  ];
}

export function describeModels(setup: AuditSetup): ReportModel[] {
  return [
    describeModel('Finetuned model (F)', setup.finetuned),
    describeModel('Reference model (R)', setup.reference),
    ...(setup.noiseModel ? [describeModel('Noise floor: the reference again', setup.noiseModel)] : []),
  ];
}

/** Lines about the models' prompts that hold for all completions. */
export function describeFrames(setup: AuditSetup): string[] {
  return FRAMINGS.flatMap((framing) => {
    const pair = setup.frames[framing];
    if (!pair) return [];
    return [
      ...(pair.finetuned.systemFolded || pair.reference.systemFolded
        ? [`${framing}: a template has no system turn; the system text opens the user’s turn.`]
        : []),
      ...(pair.reference.borrowed ? [`${framing}: the reference has no chat template; it was given the finetuned model’s turns as text.`] : []),
    ];
  });
}

function describeModel(role: string, identity: ModelIdentity): ReportModel {
  const optional = (name: string, value: string | undefined): ReportFact[] => (value === undefined ? [] : [{ name, value }]);
  return {
    role,
    name: identity.name,
    facts: [
      { name: 'Source', value: identity.source },
      ...optional('SHA-256', identity.sha256),
      ...optional('Served as', identity.servedAs),
      ...optional('Architecture', identity.architecture),
      ...optional('Quantisation', identity.quantisation),
      ...optional('Bytes', identity.sizeBytes === undefined ? undefined : formatCount(identity.sizeBytes)),
      ...identity.adapters.flatMap((adapter) => [
        { name: 'Adapter', value: `${adapter.source}, scale ${adapter.scale}` },
        { name: 'Adapter’s SHA-256', value: adapter.sha256 },
      ]),
      { name: 'Tokenizer', value: identity.tokenizerFingerprint },
      { name: 'Computed by', value: identity.engine },
    ],
  };
}

function describeSource(source: ModelSource): string {
  if (isEndpoint(source)) return formatEndpoint(source);
  return [source.gguf, ...source.lora.map(({ path, scale }) => (scale === 1 ? path : `${path} × ${scale}`))].join(' + ');
}
