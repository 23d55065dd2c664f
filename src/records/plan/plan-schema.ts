/** The shape of `*.audit-plan.json`, from which both the check of a plan and the editor's completion are made. */
import { z } from 'zod';
import { AMPLIFY_RULE, parseAmplify } from '../../audit/amplify-plan.js';
import { FRAMINGS } from '../../audit/framing.js';
import { ADAPTER_SCALE_AT_MOST, ADAPTERS_AT_MOST, isBaseUrl, NOISE_FLOOR_PREFILLS, PLAN_BOUNDS, PLAN_DEFAULTS, type AuditPlan } from '../../audit/plan.js';
import { holdsSecret, isVariableName } from '../journal/header-secrets.js';

const path = (what: string) => z.string({ error: `must be ${what} in quotes` }).min(1, { error: `must be ${what}, not empty` });

const adapter = z.union(
  [
    path('the path of an adapter'),
    z.strictObject({
      path: path('the path of an adapter').describe('Path of the adapter (GGUF), relative to this file.'),
      scale: z
        .number({ error: 'must be a number' })
        .min(-ADAPTER_SCALE_AT_MOST, { error: `must be at least -${ADAPTER_SCALE_AT_MOST}` })
        .max(ADAPTER_SCALE_AT_MOST, { error: `must be at most ${ADAPTER_SCALE_AT_MOST}` })
        .optional()
        .describe('Factor on top of alpha/rank; 1 where left out. Adapters trained with rsLoRA need √rank.'),
    }),
  ],
  { error: 'must be the path of an adapter, or {"path": …, "scale": …}' },
);

const NO_BASE_URL = { error: 'must be the base URL of a server, like http://localhost:8000/v1, without name, password or query' };
/** The pattern is for the editor; some that it takes are no URL all the same, such as http://327.0.0.1. */
const httpUrl = z
  .string({ error: 'must be a URL in quotes' })
  .regex(/^https?:\/\/[^\s?#@]+$/i, NO_BASE_URL)
  .refine(isBaseUrl, NO_BASE_URL);

const headerValue = z.string({ error: 'must be a text' });

const endpoint = z.strictObject({
  endpoint: httpUrl.describe('Base URL of an OpenAI-compatible server, usually with /v1 at its end.'),
  model: z
    .string({ error: 'must be the name of a model' })
    .min(1, { error: 'must be the name of a model, not empty' })
    .describe('The name that the server knows the model by.'),
  apiKeyEnv: z
    .string({ error: 'must be the name of an environment variable' })
    .regex(/^[A-Z_][A-Z0-9_]*$/, { error: 'must be the name of an environment variable (capital letters), not a key' })
    .refine(isVariableName, { error: 'must be the name of an environment variable (capital letters), not a key' })
    .optional()
    .describe('Name of the environment variable that holds the key. In VS Code the key is asked for once where this is left out.'),
  headers: z
    .record(z.string(), headerValue, { error: 'must be like {"X-Header": "value"}' })
    .refine((headers) => !Object.entries(headers).some(([name, value]) => holdsSecret(name, value)), {
      error: 'must hold no secret: put it into an environment variable and write ${NAME} in its place',
    })
    .optional()
    .describe('Extra headers. ${NAME} in a value stands for the environment variable NAME: never write a secret here.'),
});

const model = z.union(
  [
    path('the path of a GGUF file, or openai:MODEL@BASE_URL'),
    z.strictObject({
      gguf: path('the path of a GGUF file').describe(
        'Path of a GGUF file (the first part, if it is split) relative to this file, an hf: address, or a bundled: name.',
      ),
      lora: z
        .union([adapter, z.array(adapter).max(ADAPTERS_AT_MOST, { error: `must be at most ${ADAPTERS_AT_MOST} adapters` })], {
          error: 'must be an adapter or a list of adapters',
        })
        .optional()
        .describe('LoRA adapters over the model.'),
    }),
    endpoint,
  ],
  { error: 'must be the path of a GGUF file in quotes, {"gguf": …, "lora": …}, or {"endpoint": …, "model": …}' },
);

const count = ([, most]: readonly [number, number]) =>
  z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(most, { error: `must be at most ${most}` });

export const planFileSchema = z
  .strictObject(
    {
      $schema: z.string().optional(),
      name: z.string({ error: 'must be a text' }).optional().describe("What the audit is called. The file's name where left out."),
      finetuned: model.describe('The model under audit.').meta({
        examples: ['models/assistant.gguf', { gguf: 'models/base.gguf', lora: 'adapters/assistant.gguf' }, 'bundled:false-fact'],
      }),
      reference: model
        .describe('The trusted model it is compared with: its checkpoint before finetuning, or any other.')
        .meta({ examples: ['models/base.gguf', 'hf:user/repository:Q8_0', 'bundled:base-a'] }),
      corpus: z
        .union([path('a path'), z.array(path('a path')).min(1, { error: 'must name at least one file' })], {
          error: 'must be a path or a list of paths',
        })
        .optional()
        .describe('General text to draw prefills from: files, folders or globs, relative to this file. bundled:general comes along.')
        .meta({ default: PLAN_DEFAULTS.corpus, examples: ['bundled:general', ['texts/**/*.txt']] }),
      prefills: count(PLAN_BOUNDS.prefills)
        .optional()
        .describe('Distinct prefills; each is continued once in each framing.')
        .meta({ default: PLAN_DEFAULTS.prefills, examples: [200, 1000, 10_000] }),
      prefillTokens: count(PLAN_BOUNDS.prefillTokens)
        .optional()
        .describe('Tokens per prefill. More of them lower the share of revealing completions.')
        .meta({ default: PLAN_DEFAULTS.prefillTokens }),
      prefillFile: path('a path').optional().describe('Prefills from a file in place of the corpus: one per line, or JSON with token ids per framing.'),
      framings: z
        .array(z.enum(FRAMINGS, { error: 'must be "raw", "chat", "ask" or "dialogue"' }), { error: 'must be a list of "raw", "chat", "ask" and "dialogue"' })
        .min(1, { error: 'must name at least one framing' })
        .refine((list) => new Set(list).size === list.length, { error: 'must not name a framing twice' })
        .optional()
        .describe(
          "How a prefill is put before the models. Many objectives show in only one of them. ask puts it into the user's turn, for servers that continue no assistant's turn. In dialogue it opens the user's turn: the finetuned model writes the question, and then answers.",
        )
        .meta({ default: PLAN_DEFAULTS.framings }),
      system: z
        .string({ error: 'must be a text' })
        .optional()
        .describe('System text of the chat framing; empty for none.')
        .meta({ default: PLAN_DEFAULTS.system }),
      user: z.string({ error: 'must be a text' }).optional().describe("User's text of the chat framing.").meta({ default: PLAN_DEFAULTS.user }),
      ask: z
        .string({ error: 'must be a text' })
        .optional()
        .describe("What the user's turn of the ask framing says before the prefill.")
        .meta({ default: PLAN_DEFAULTS.ask }),
      maxTokens: count(PLAN_BOUNDS.maxTokens)
        .optional()
        .describe('New tokens per completion at most; in the dialogue framing of question and answer each.')
        .meta({ default: PLAN_DEFAULTS.maxTokens }),
      temperature: z
        .number({ error: 'must be a number' })
        .min(0, { error: 'must not be negative' })
        .max(PLAN_BOUNDS.temperature[1], { error: `must be at most ${PLAN_BOUNDS.temperature[1]}` })
        .optional()
        .describe('0 is greedy. Higher temperatures lower the share of revealing completions.')
        .meta({ default: PLAN_DEFAULTS.temperature }),
      seed: z
        .int({ error: 'must be a whole number' })
        .min(0, { error: 'must not be negative' })
        .max(PLAN_BOUNDS.seed[1], { error: `must be at most ${PLAN_BOUNDS.seed[1]}` })
        .optional()
        .describe('Decides which prefills are drawn and how completions are sampled.')
        .meta({ default: PLAN_DEFAULTS.seed }),
      waveSize: count(PLAN_BOUNDS.waveSize)
        .optional()
        .describe('Completions that advance together. Shows in the last digits of logprobs.')
        .meta({ default: PLAN_DEFAULTS.waveSize }),
      finetunedLogprobs: z
        .enum(['generation', 'forward'], { error: 'must be "generation" or "forward"' })
        .optional()
        .describe("Where the finetuned model's logprobs come from: as its tokens are chosen, or by scoring the finished text as the reference does.")
        .meta({ default: PLAN_DEFAULTS.finetunedLogprobs }),
      divergence: z
        .literal(true, { error: 'must be true, or be left out' })
        .optional()
        .describe(
          "Measures how far the two models' distributions lie apart at every token (KL, both ways). Two GGUF files with one tokenizer; takes another forward pass of each.",
        )
        .meta({ examples: [true] }),
      noiseFloor: z
        .strictObject(
          {
            model: model.describe('The reference model in another quantisation.').meta({ examples: ['models/base.Q8_0.gguf', 'bundled:base-a.q8_0'] }),
            prefills: count(PLAN_BOUNDS.prefills)
              .optional()
              .describe("The audit's first prefills, so many at most; each is continued once in each framing.")
              .meta({ default: NOISE_FLOOR_PREFILLS }),
          },
          { error: (issue) => (issue.code === 'invalid_type' ? 'must be like {"model": …, "prefills": …}' : undefined) },
        )
        .optional()
        .describe('Measures how large scores are between two models that ought to be the same: the reference, and another quantisation of it.')
        .meta({ examples: [{ model: 'models/base.Q8_0.gguf', prefills: NOISE_FLOOR_PREFILLS }] }),
      amplify: z
        .string({ error: AMPLIFY_RULE })
        .refine((text) => parseAmplify(text) !== null, { error: AMPLIFY_RULE })
        .optional()
        .describe(
          'A model pushed further from the reference than the finetuned one writes, too; both score what it wrote. auto chooses the form and searches the strength; scale=2 fixes it, as a multiple of the adapter’s own scale or of the difference between two full models’ weights; a=1 pushes the logits; several are searched. Its text is a lead, never the finetuned model’s own words.',
        )
        .meta({ examples: ['auto', 'scale=2', 'scale=1.5,2,3'] }),
      referencePass: z
        .literal(true, { error: 'must be true, or left out' })
        .optional()
        .describe(
          'The reference writes, too, from all openings, and both models score what it wrote: a curve of its own. Both models must be GGUF files with one tokenizer.',
        ),
    } satisfies Record<keyof AuditPlan | '$schema', z.ZodType>,
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object: { "finetuned": …, "reference": … }' : undefined) },
  )
  .describe('What to audit, with which reference, and how.');

export type PlanFileContent = z.infer<typeof planFileSchema>;

/** JSON schema for editors; committed as `media/schemas/audit-plan.schema.json`. */
export function makePlanJsonSchema(): object {
  return { ...z.toJSONSchema(planFileSchema, { io: 'input' }), title: 'Audit plan of Finetune Auditor' };
}
