// Two jobs: TypeScript's own good habits, and the one-way dependency rule of the house:
// extension → commands → views → runner → records, models → messages → audit → nothing; cli → runner; webview → messages, audit.
import tseslint from 'typescript-eslint';

/** What each folder of src/ may import from its sisters. */
const mayImport = {
  audit: [],
  messages: ['audit'],
  models: ['messages', 'audit'],
  records: ['messages', 'audit'],
  runner: ['records', 'models', 'messages', 'audit'],
  views: ['runner', 'records', 'models', 'messages', 'audit'],
  commands: ['views', 'runner', 'records', 'models', 'messages', 'audit'],
  cli: ['runner', 'records', 'models', 'messages', 'audit'],
};
const layers = Object.keys(mayImport);
const editorFree = layers.filter((layer) => layer !== 'views' && layer !== 'commands');

/** Forbids relative imports of the given folders of src/. */
const forbidFolders = (folders, message) => ({ regex: `^(\\.\\./)+(src/)?(${folders.join('|')})(/|$)`, message });
const forbidPackages = (regex, message) => ({ regex, message });

const dependencyRule = layers.map((layer) => {
  const forbidden = [...layers.filter((other) => other !== layer && !mayImport[layer].includes(other)), 'extension\\.js', 'webview'];
  const patterns = [forbidFolders(forbidden, `src/${layer} may import only: ${mayImport[layer].join(', ') || 'nothing'}.`)];
  if (editorFree.includes(layer)) patterns.push(forbidPackages('^vscode$', `src/${layer} runs without an editor.`));
  if (layer === 'audit') patterns.push(forbidPackages('^(node:|fs|path|os|child_process|vscode-)', 'src/audit is the pure method.'));
  return { files: [`src/${layer}/**/*.ts`], patterns, rules: { 'no-restricted-imports': ['error', { patterns }] } };
});

/** What of src/records opens files that a user names, which may be links; all else goes to an audit's folder through audit-files.ts. */
const openNamedFiles = ['audit-files', 'bundled', 'plan-file', 'readable-files', 'corpus/*', 'tables/*'].map((name) => `src/records/${name}.ts`);
const auditFilesRule = {
  files: ['src/records/**/*.ts'],
  ignores: openNamedFiles,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...dependencyRule.find(({ files }) => files[0] === 'src/records/**/*.ts').patterns,
          forbidPackages('^(node:)?fs(/|$)', 'The files of an audit are opened through src/records/audit-files.ts: links, pipes and devices are refused there.'),
        ],
      },
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.vscode-test/', 'test/results/', 'media/', '.finetune-audits/'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  ...dependencyRule.map(({ files, rules }) => ({ files, rules })),
  auditFilesRule,
  {
    // Model output, files and view state are hostile, and some patterns never come to an end in the native engine.
    files: ['src/**/*.ts', 'webview/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: ':matches(NewExpression, CallExpression)[callee.name="RegExp"]:not([arguments.0.type="Literal"])',
          message: 'Use compilePattern or compileLiteral of src/audit/patterns: the native engine may never come to an end.',
        },
      ],
    },
  },
  {
    files: ['webview/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            forbidFolders(layers.filter((layer) => layer !== 'audit' && layer !== 'messages'), 'The page imports messages and audit only.'),
            forbidPackages('^(vscode|node:.*)$', 'The page runs in a browser.'),
          ],
        },
      ],
    },
  },
);
