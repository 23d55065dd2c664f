/** The journal line about the search for the strength of amplified writing in one framing. A later one replaces it. */
import { z } from 'zod';
import { AMPLIFICATION_FORMS, type AmplificationState, type Rung } from '../../audit/amplification.js';
import { FRAMINGS } from '../../audit/framing.js';

const strength = z.number().positive();

const rung: z.ZodType<Rung> = z.object({
  strength,
  /** Nats per √token. */
  t: z.number().nullable(),
  repetitiveShare: z.number().min(0).max(1),
});

export const amplificationLineSchema = z.object({
  type: z.literal('amplification'),
  framing: z.enum(FRAMINGS),
  form: z.enum(AMPLIFICATION_FORMS),
  /** Openings that each rung continued. */
  prefills: z.int().nonnegative(),
  rungs: z.array(rung),
  /** Strength of the rung that writes the rest; `null` where none has a score. */
  chosen: strength.nullable(),
  /** The control's ladders; none until they are measured. */
  controls: z.array(z.object({ seed: z.int().nonnegative(), rungs: z.array(rung) })),
  state: z.enum(['beyond control', 'within control', 'undetermined'] satisfies AmplificationState[]),
  /** The largest T/T_control over the rungs. */
  ratio: z.number().nullable(),
});
export type AmplificationLine = z.infer<typeof amplificationLineSchema>;
