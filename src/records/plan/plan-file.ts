/** Reads and writes `*.audit-plan.json`. */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { z } from 'zod';
import { AuditError, boundMessage } from '../../audit/errors.js';
import {
  formatEndpoint,
  isAddress,
  isEndpoint,
  isEndpointAddress,
  NOISE_FLOOR_PREFILLS,
  parseEndpoint,
  PLAN_DEFAULTS,
  type AuditPlan,
  type ModelSource,
} from '../../audit/plan.js';
import { readNamedFile } from '../journal/audit-files.js';
import { isBundled } from './bundled.js';
import { describeFileError } from '../file-errors.js';
import { parseJson } from '../parse-json.js';
import { planFileSchema, type PlanFileContent } from './plan-schema.js';
import { checkShape } from '../../text/check-shape.js';

/** Plans are written by hand. */
const BYTES_AT_MOST = 1 << 20;

export const PLAN_FILE_SUFFIX = '.audit-plan.json';

/**
 * @param path of the plan file; relative paths in it are taken from its folder
 * @throws AuditError `badPlan`, naming the file, the field and what is wrong with it; `fileNotFound`
 */
export async function readPlanFile(path: string): Promise<AuditPlan> {
  let text: string;
  try {
    text = (await readNamedFile(path, BYTES_AT_MOST)).toString('utf8');
  } catch (error) {
    throw describeFileError(error, path, 'read', 'badPlan');
  }
  return parsePlan(text, resolve(path));
}

/** The same from a text, e.g. one that is not saved yet. `path` is absolute. */
export function parsePlan(text: string, path: string): AuditPlan {
  const read = readText(text);
  if ('content' in read) return completePlan(read.content, path);
  const { message, line } = read.problems[0]!;
  throw new AuditError('badPlan', `${line === null ? path : `${path}, line ${line}`}: ${message}`, { cause: read.cause });
}

export interface PlanProblem {
  /** What is wrong, in a sentence that does not name the file. */
  readonly message: string;
  /** From 1; `null` where it is about the whole file. */
  readonly line: number | null;
  /** The JSON schema that an editor goes by says so too. */
  readonly isInSchema: boolean;
}

/** All that is wrong with a plan's text, for whoever is writing it; none where it can be run. */
export function listPlanProblems(text: string, path: string): readonly PlanProblem[] {
  const read = readText(text);
  if ('problems' in read) return read.problems;
  try {
    completePlan(read.content, path);
    return [];
  } catch (error) {
    return [{ message: (error as Error).message, line: null, isInSchema: false }];
  }
}

function readText(text: string): { readonly content: PlanFileContent } | { readonly problems: readonly PlanProblem[]; readonly cause: Error } {
  const json = text.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = parseJson(json);
  } catch (error) {
    return { problems: [describeSyntaxError(error as Error, json)], cause: error as Error };
  }
  const parsed = checkShape(planFileSchema, value);
  if (parsed.success) return { content: parsed.data };
  const problems = parsed.error.issues.map((issue): PlanProblem => {
    const [field, message] = describeIssue(issue);
    const reason = isMissing(value, field) ? `is missing; it ${message}` : message;
    const subject = field.length === 0 ? 'The plan' : `"${formatField(field)}"`;
    return { message: boundMessage(`${subject} ${reason}.`), line: findFieldLine(json, field), isInSchema: issue.code !== 'custom' };
  });
  return { problems, cause: parsed.error };
}

/** Writes a plan with paths relative to its folder where they lie under it. */
export async function writePlanFile(path: string, plan: AuditPlan): Promise<void> {
  try {
    await writeFile(path, formatPlan(plan, resolve(path)));
  } catch (error) {
    throw describeFileError(error, path, 'write', 'badPlan');
  }
}

/** The text of a plan file at an absolute path. */
export function formatPlan(plan: AuditPlan, path: string): string {
  const { noiseFloor, ...fields } = plan;
  const shorten = (address: string) => shortenAddress(address, dirname(path));
  const model = (source: ModelSource): PlanFileContent['finetuned'] => {
    if (isEndpoint(source)) return source.apiKeyEnv === undefined && source.headers === undefined ? formatEndpoint(source) : { ...source };
    const { gguf, lora } = source;
    if (lora.length === 0) return shorten(gguf);
    return { gguf: shorten(gguf), lora: lora.map((adapter) => ({ path: shorten(adapter.path), scale: adapter.scale })) };
  };
  const content: PlanFileContent = {
    ...fields,
    finetuned: model(plan.finetuned),
    reference: model(plan.reference),
    corpus: plan.corpus.map(shorten),
    framings: [...plan.framings],
    ...(noiseFloor && { noiseFloor: { model: model(noiseFloor.model), prefills: noiseFloor.prefills } }),
    ...(plan.prefillFile !== undefined && { prefillFile: shorten(plan.prefillFile) }),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * A model in one text: a path, an `hf:` or `bundled:` address, or `openai:MODEL@BASE_URL`.
 * @throws AuditError `badPlan` for an endpoint that is not written so
 */
export function parseModelAddress(address: string, folder: string): ModelSource {
  if (!isEndpointAddress(address)) return { gguf: resolveAddress(address, folder), lora: [] };
  const endpoint = parseEndpoint(address);
  if (endpoint) return endpoint;
  throw new AuditError(
    'badPlan',
    `"${address.replace(/\/\/[^@/]*@/, '//…@').replace(/[?#].*$/, '?…')}" is no endpoint. Write openai:MODEL@BASE_URL, e.g. openai:my-model@http://localhost:8000/v1, without a key in it.`,
  );
}

/** `hf:` and `bundled:` addresses as they are, paths made absolute from `folder`. */
export function resolveAddress(address: string, folder: string): string {
  return isNoPath(address) ? address : resolve(folder, address);
}

function completePlan(content: PlanFileContent, path: string): AuditPlan {
  const folder = dirname(path);
  const { $schema: _schema, name, finetuned, reference, corpus, prefillFile, noiseFloor, ...rest } = content;
  return {
    ...PLAN_DEFAULTS,
    ...omitUndefined(rest),
    name: name ?? basename(path).replace(/(\.audit-plan)?\.json$/i, ''),
    finetuned: completeModel(finetuned, folder),
    reference: completeModel(reference, folder),
    corpus: corpus === undefined ? PLAN_DEFAULTS.corpus : [corpus].flat().map((entry) => resolveAddress(entry, folder)),
    ...(prefillFile !== undefined && { prefillFile: resolve(folder, prefillFile) }),
    ...(noiseFloor && {
      noiseFloor: { model: completeModel(noiseFloor.model, folder), prefills: noiseFloor.prefills ?? NOISE_FLOOR_PREFILLS },
    }),
  };
}

function completeModel(model: PlanFileContent['finetuned'], folder: string): ModelSource {
  if (typeof model === 'string') return parseModelAddress(model, folder);
  if ('endpoint' in model) {
    return { ...omitUndefined(model), endpoint: model.endpoint.replace(/\/+$/, '') };
  }
  const adapters = model.lora === undefined ? [] : [model.lora].flat();
  return {
    gguf: resolveAddress(model.gguf, folder),
    lora: adapters.map((adapter) =>
      typeof adapter === 'string'
        ? { path: resolveAddress(adapter, folder), scale: 1 }
        : { path: resolveAddress(adapter.path, folder), scale: adapter.scale ?? 1 },
    ),
  };
}

function omitUndefined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function isNoPath(address: string): boolean {
  return isBundled(address) || isAddress(address);
}

function shortenAddress(address: string, folder: string): string {
  if (isNoPath(address) || !isAbsolute(address)) return address;
  const short = relative(folder, address);
  const outside = short === '' || short.startsWith('..') || isAbsolute(short);
  return outside ? address : short.split(sep).join('/');
}

type Field = readonly PropertyKey[];

/** Where an issue is and what it says. Of the ways in which a value may be written, the one that got furthest is meant. */
function describeIssue(issue: z.core.$ZodIssue): [Field, string] {
  if (issue.code === 'invalid_union') {
    const inner = issue.errors
      .map((issues) => issues[0])
      .filter((first) => first !== undefined && (first.path.length > 0 || first.code === 'unrecognized_keys' || first.code === 'too_small'))
      .map((first) => describeIssue(first!))
      .sort((a, b) => b[0].length - a[0].length)[0];
    if (inner) return [[...issue.path, ...inner[0]], inner[1]];
  }
  if (issue.code === 'unrecognized_keys') {
    return [[...issue.path, issue.keys[0]!], 'is no field of a plan; check its spelling'];
  }
  return [issue.path, issue.message];
}

function isMissing(value: unknown, field: Field): boolean {
  return field.length > 0 && field.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value) === undefined;
}

function formatField(field: Field): string {
  return field.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`), '');
}

/** The line on which the last named part of a field stands, by looking for its names one after the other. */
function findFieldLine(json: string, field: Field): number | null {
  let offset = -1;
  for (const key of field) {
    if (typeof key !== 'string') continue;
    const found = findName(json, key, offset + 1);
    if (found < 0) break;
    offset = found;
  }
  return offset < 0 ? null : countLines(json, offset);
}

/** Where a name with its colon stands from an offset on; −1 where it does not. */
function findName(json: string, name: string, from: number): number {
  const quoted = `"${name}"`;
  for (let at = json.indexOf(quoted, from); at >= 0; at = json.indexOf(quoted, at + 1)) {
    if (/^\s*:/.test(json.slice(at + quoted.length))) return at;
  }
  return -1;
}

function describeSyntaxError(error: Error, json: string): PlanProblem {
  const position = /position (\d+)/.exec(error.message)?.[1];
  const reason = error.message.replace(/ in JSON.*$/s, '').replace(/, "[\s\S]*$/, '');
  if (json.trim() === '') return { message: 'It is empty. A plan needs at least {"finetuned": …, "reference": …}.', line: null, isInSchema: true };
  return {
    message: boundMessage(`not valid JSON: ${reason}.`),
    line: position === undefined ? countLines(json, json.length) : countLines(json, Number(position)),
    isInSchema: true,
  };
}

function countLines(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
