/** A chat template is a program of whoever made the model: no way leads from its values to the language that renders it. */
import { describe, expect, it } from 'vitest';
import { renderJinja } from '../../../src/models/local/process/python-jinja.js';

const VARIABLES = { messages: [{ role: 'user', content: 'hello' }], bos_token: '<s>', tools: null };
const ROOTS = [
  'messages',
  'messages[0]',
  'bos_token',
  '{}',
  '[]',
  "'text'",
  '1',
  'namespace(a=1)',
  'range',
  'strftime_now',
  'raise_exception',
  'messages[0].items',
];
const NAMES = ['constructor', '__proto__', 'prototype', 'toString', 'valueOf', '__class__', '__globals__', '__defineGetter__', 'hasOwnProperty'];

function render(source: string): string {
  try {
    return renderJinja(source, VARIABLES);
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

describe('a chat template', () => {
  it.each(ROOTS)('finds nothing of the language behind %s', (root) => {
    for (const name of NAMES) {
      for (const step of [`.${name}`, `['${name}']`, ` | attr('${name}')`]) {
        const shown = render(`{{ ${root}${step} }}`);
        expect(shown === '' || shown.startsWith('refused: '), `${root}${step} gives ${shown}`).toBe(true);
        const called = render(`{{ ${root}${step}.constructor('return process')() }}`);
        expect(called, `${root}${step}`).toMatch(/^refused: /);
      }
    }
  });

  it('changes no other one, whatever it sets', () => {
    render('{% set ns = namespace() %}{% set ns.__proto__ = {"polluted": "yes"} %}{% set ns.constructor = 1 %}');
    render('{% set x = {"__proto__": {"polluted": "yes"}} %}{{ x.polluted }}');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(render('{% set ns = namespace() %}{{ ns.polluted }}{{ {}.polluted }}')).toBe('');
  });

  it.each([
    ['a macro that calls itself', '{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}'],
    ['a namespace within itself', '{% set ns = namespace(l=[1]) %}{% set ns.n = ns %}{{ ns | tojson }}'],
    ['indentation without end', '{{ messages | tojson(indent=1000000000) }}'],
    ['a text times a number', "{{ 'x' * 1000000000 }}"],
    ['brackets without end', `{{ ${'['.repeat(20_000)}${']'.repeat(20_000)} }}`],
    ['filters without end', `{{ 'a'${' | upper'.repeat(50_000)} }}`],
    ['negations without end', `{{ ${'not '.repeat(50_000)}x }}`],
  ])('ends at once with an error that can be told: %s', (_what, source) => {
    expect(render(source)).toMatch(/^refused: /);
  });
});
