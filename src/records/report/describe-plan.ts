/** A plan and its models as facts of a report. */
import { FRAMINGS } from '../../audit/framing.js';
import type { AuditSetup } from '../../audit/events.js';
import type { ModelIdentity } from '../../audit/language-model.js';
import { formatEndpoint, isEndpoint, type AuditPlan, type ModelSource } from '../../audit/plan.js';
import { formatCount } from '../../text/numbers.js';
import type { ReportFact, ReportModel } from './report-content.js';

export function describePlan(plan: AuditPlan): ReportFact[] {
  const turns = plan.framings.some((framing) => framing !== 'raw');
  return [
    { name: 'Finetuned model', value: describeSource(plan.finetuned) },
    { name: 'Reference model', value: describeSource(plan.reference) },
    plan.prefillFile === undefined ? { name: 'Corpus', value: plan.corpus.join(', ') } : { name: 'Prefills from', value: plan.prefillFile },
    { name: 'Prefills', value: `${formatCount(plan.prefills)} of ${plan.prefillTokens} tokens` },
    { name: 'Framings', value: plan.framings.join(', ') },
    ...(turns ? [{ name: 'System text', value: plan.system === '' ? 'none' : plan.system }] : []),
    ...(plan.framings.includes('chat') ? [{ name: 'User text', value: plan.user }] : []),
    ...(plan.framings.includes('ask') ? [{ name: 'User text (ask)', value: plan.ask }] : []),
    { name: 'New tokens at most', value: String(plan.maxTokens) },
    { name: 'Temperature', value: plan.temperature === 0 ? '0 (greedy)' : String(plan.temperature) },
    { name: 'Seed', value: String(plan.seed) },
    { name: 'Wave size', value: String(plan.waveSize) },
    { name: 'F’s logprobs from', value: plan.finetunedLogprobs },
    ...(plan.amplify === undefined ? [] : [{ name: 'Amplified writing', value: plan.amplify }]),
    ...(plan.referencePass ? [{ name: 'Reference pass', value: 'the reference writes, too, from all openings' }] : []),
    ...(plan.divergence ? [{ name: 'Divergence', value: 'KL both ways at every token' }] : []),
    ...(plan.noiseFloor ? [{ name: 'Noise floor', value: `${describeSource(plan.noiseFloor.model)}, ${formatCount(plan.noiseFloor.prefills)} prefills` }] : []),
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
      ...(pair.finetuned.systemFolded || pair.reference.systemFolded ? [`${framing}: a template has no system turn; the system text opens the user’s turn.`] : []),
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
