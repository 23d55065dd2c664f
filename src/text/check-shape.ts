/** The one door through which the shape of a value from outside is checked. */
import { z } from 'zod';

/**
 * Whether a value is what a schema says. The library itself trips over some values, such as `{"length": {"toString": 1}}` where a
 * text is expected: those are of no shape at all.
 */
export function checkShape<S extends z.ZodType>(schema: S, value: unknown): z.ZodSafeParseResult<z.output<S>> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const issue: z.core.$ZodIssue = { code: 'custom', path: [], message: 'holds a value that cannot be read', input: value };
    return { success: false, error: new z.ZodError([issue]) as z.ZodError<z.output<S>> };
  }
}
