/**
 * What chat templates use of Python's Jinja and the library does not have: keys that are whole numbers, `str.format`, and filters that pick
 * out of none. The library's own interpreter is extended in place: it is this process's alone. It does not export its kinds of values, so
 * they are taken from what it evaluates.
 */
import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { formatFixedDate } from './fixed-date.js';

interface Value {
  readonly type: string;
  readonly value: unknown;
  readonly builtins: Map<string, Value>;
}
type MakeValue = new (value: unknown) => Value;
type Call = (args: Value[]) => Value;

interface Node {
  readonly type: string;
}

/** The library's own methods, which its types call private. */
interface Evaluating {
  evaluate(node: Node | undefined, environment: Environment): Value;
  applyFilter(operand: Value, filter: Node, environment: Environment): Value;
  evaluateMemberExpression(node: Node, environment: Environment): Value;
}

/** Filters of a sequence that Jinja answers with nothing where there is no sequence. */
const PICKING: ReadonlySet<unknown> = new Set(['select', 'reject', 'selectattr', 'rejectattr', 'map']);

type FilterNode = Node & { readonly value?: unknown; readonly callee?: { readonly value?: unknown } };
type LiteralNode = Node & { readonly value: Map<Node & { readonly value?: unknown }, Node> };
type MemberNode = Node & { readonly object: Node; readonly property: Node; readonly computed: boolean };

/** Objects whose keys are whole numbers in Python. The library has texts for keys, and gives them back as numbers here. */
const numbered = new WeakSet<Value>();

function extendInterpreter(interpreter: Evaluating): void {
  const { evaluate, applyFilter, evaluateMemberExpression } = interpreter;
  const literal = (self: Evaluating, type: string, value: unknown, environment: Environment): Value =>
    evaluate.call(self, { type, value } as Node, environment);
  interpreter.evaluate = function (node, environment) {
    if (node?.type !== 'ObjectLiteral') return evaluate.call(this, node, environment);
    const entries = [...(node as LiteralNode).value];
    if (entries.length === 0 || !entries.every(([key]) => key.type === 'IntegerLiteral')) return evaluate.call(this, node, environment);
    const withTexts = new Map(entries.map(([key, item]) => [{ type: 'StringLiteral', value: String(key.value) }, item]));
    const object = evaluate.call(this, { ...node, value: withTexts } as Node, environment);
    numbered.add(object);
    return object;
  };
  interpreter.applyFilter = function (operand, filter: FilterNode, environment) {
    const name = filter.type === 'Identifier' ? filter.value : filter.callee?.value;
    if (operand.type === 'NullValue' && PICKING.has(name)) return literal(this, 'ArrayLiteral', [], environment);
    if (!numbered.has(operand) || filter.type !== 'Identifier' || (name !== 'dictsort' && name !== 'items'))
      return applyFilter.call(this, operand, filter, environment);
    const pairs = (applyFilter.call(this, operand, filter, environment).value as Value[]).map((pair) => pair.value as Value[]);
    for (const pair of pairs) pair[0] = literal(this, 'IntegerLiteral', Number(pair[0]!.value), environment);
    if (name === 'dictsort') pairs.sort(([a], [b]) => Number(a!.value) - Number(b!.value));
    const sorted = literal(this, 'ArrayLiteral', [], environment);
    for (const pair of pairs) {
      const both = literal(this, 'ArrayLiteral', [], environment);
      (both.value as Value[]).push(...pair);
      (sorted.value as Value[]).push(both);
    }
    return sorted;
  };
  interpreter.evaluateMemberExpression = function (node: MemberNode, environment) {
    const object = node.computed && node.property.type !== 'SliceExpression' ? this.evaluate(node.object, environment) : undefined;
    if (object === undefined || !numbered.has(object)) return evaluateMemberExpression.call(this, node, environment);
    const key = String(this.evaluate(node.property, environment).value);
    return (
      (object.value as Map<string, Value>).get(key) ??
      evaluateMemberExpression.call(this, { ...node, property: { type: 'StringLiteral', value: key } } as Node, environment)
    );
  };
}

/** Python's `str.format` with texts and numbers in the order of the arguments, or by their index. */
function formatText(text: string, args: readonly Value[]): string {
  let next = 0;
  return text.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (match, field: string | undefined) => {
    if (match === '{{' || match === '}}') return match[0]!;
    if (field === undefined || !/^\d*$/.test(field)) throw new Error(`format() with the field ${match} is not supported`);
    const value = args[field === '' ? next++ : Number(field)];
    if (value === undefined) throw new Error('format() has more fields than arguments');
    if (!['StringValue', 'IntegerValue'].includes(value.type)) throw new Error(`format() of a ${value.type} is not supported`);
    return String(value.value);
  });
}

function extendTexts(): void {
  const environment = new Environment();
  const text = (new Interpreter(environment) as unknown as Evaluating).evaluate({ type: 'StringLiteral', value: '' } as Node, environment);
  const makeText = text.constructor as MakeValue;
  const makeFunction = text.builtins.get('upper')!.constructor as MakeValue;
  const { get } = Object.getOwnPropertyDescriptor(makeText.prototype, 'builtins')!;
  Object.defineProperty(makeText.prototype, 'builtins', {
    get(this: Value): Map<string, Value> {
      const builtins = (get as (this: Value) => Map<string, Value>).call(this);
      const format: Call = (args) =>
        new makeText(
          formatText(
            String(this.value),
            args.filter(({ type }) => type !== 'KeywordArgumentsValue'),
          ),
        );
      if (!builtins.has('format')) builtins.set('format', new makeFunction(format));
      return builtins;
    },
  });
}

extendInterpreter(Interpreter.prototype as unknown as Evaluating);
extendTexts();

/** Takes the place of the library's clock, which cannot be replaced otherwise. The renderer drops a newline after a block. */
const FIX_DATE = '{% set strftime_now = fixed_strftime %}\n';

/** The text of a chat template. Throws what the template raises, and where it is none. */
export function renderJinja(source: string, variables: Readonly<Record<string, unknown>>): string {
  return new Template(FIX_DATE + source).render({ ...variables, fixed_strftime: formatFixedDate });
}
