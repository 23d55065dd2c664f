/**
 * What a workspace says and what the user says, put together. A workspace may be somebody else's: it can make a run smaller, slower or
 * offline, and nothing that it says weakens what the user has chosen.
 */

/** One setting as it is set in the several places; left out where it is not. */
export interface SetValues {
  readonly fallback: unknown;
  /** By the user, for this machine. */
  readonly user?: unknown;
  /** By the workspace and each of its folders. */
  readonly workspace: readonly unknown[];
}

type Rule = (values: SetValues) => unknown;

/** Any place that says so decides. */
const anyIs =
  (strict: unknown): Rule =>
  ({ fallback, user, workspace }) =>
    [user, ...workspace].includes(strict) ? strict : (user ?? fallback);
/** The smallest of what is set, or of the default where the user has set nothing; a number below `least` is no limit. */
const smallest =
  (least: number): Rule =>
  ({ fallback, user, workspace }) => {
    const own = user ?? fallback;
    const limits = [own, ...workspace].filter((value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= least);
    return limits.length > 0 ? Math.min(...limits) : own;
  };
/** A workspace has no say. */
const users: Rule = ({ fallback, user }) => user ?? fallback;
/** A workspace may say it where the user has not. */
const usersFirst: Rule = ({ fallback, user, workspace }) => user ?? workspace.findLast((value) => value !== undefined) ?? fallback;
/** Words of a project, which weaken nothing. */
const workspacesFirst: Rule = ({ fallback, user, workspace }) => workspace.findLast((value) => value !== undefined) ?? user ?? fallback;

/** Every setting of the manifest, and who decides. 0 threads and 0 tokens mean that there is no limit. */
export const SETTING_RULES = {
  threads: smallest(1),
  gpu: anyIs('off'),
  engine: usersFirst,
  waveSize: smallest(1),
  unloadAfterMinutes: smallest(0),
  modelFolder: users,
  forbidNetwork: anyIs(true),
  'endpoints.maxConcurrency': smallest(1),
  'endpoints.tokenLimit': smallest(1),
  'endpoints.requestTimeoutSeconds': smallest(1),
  author: users,
  findingCategories: workspacesFirst,
  // Somebody else's workspace that swaps the keys of two labels would make every judgement a wrong one.
  pageKeys: users,
} as const satisfies Record<string, Rule>;

export type SettingName = keyof typeof SETTING_RULES;

export function combineSetting(name: SettingName, values: SetValues): unknown {
  return SETTING_RULES[name](values);
}
