/** Facts of a model's identity, one by one. */
import { isIdentified, type NamedModel } from '../../src/audit/imported.js';
import type { ModelIdentity } from '../../src/audit/language-model.js';
import { parseEndpoint } from '../../src/audit/plan.js';
import { countOf, formatCount } from '../../src/text/numbers.js';

/** Host and port of the server that the model is behind; `null` for a model from a file. */
export function serverOf(model: ModelIdentity | NamedModel): string | null {
  if (!isIdentified(model)) return null;
  const endpoint = parseEndpoint(model.source);
  return endpoint && new URL(endpoint.endpoint).host;
}

/** Facts that are not known are left out, but for those that a reader would miss: a server need not tell them. */
export function factsOf(model: ModelIdentity | NamedModel): (readonly [name: string, value: string, isCode: boolean])[] {
  if (!isIdentified(model)) return [['Name', model.name, false]];
  const endpoint = parseEndpoint(model.source);
  const sizeOf = (count: number | null) => (count !== null ? countOf(count, 'token') : endpoint ? 'not told by the server' : undefined);
  const facts: (readonly [string, string | undefined, boolean])[] = [
    ['Name', model.name, false],
    ['Source', endpoint ? undefined : model.source, true],
    ['Server', endpoint?.endpoint, true],
    ['Model', endpoint?.model, true],
    ['Served as', model.servedAs, true],
    ['SHA-256', model.sha256, true],
    ['Quantisation', model.quantisation, false],
    ['Architecture', model.architecture, false],
    ['Parameters', model.parameters === undefined ? undefined : formatCount(model.parameters), false],
    ['Context', sizeOf(model.contextLength), false],
    ['Vocabulary', sizeOf(model.vocabularySize), false],
    ['Engine', model.engine, false],
  ];
  return facts.flatMap(([name, value, isCode]) => (value === undefined || value === '' ? [] : [[name, value, isCode] as const]));
}
