// TypeScript's own good habits, what hostile texts must not reach, and the one-way dependency rule of the house:
// extension, cli, mcp → commands → views, wizard → endpoints → editor → runner → records, models → messages → analysis → audit → text;
// webview → messages, analysis, audit, text.
import tseslint from 'typescript-eslint';

/** The rooms of src/, lowest first: each may import those before it, but for the exceptions. docs/architecture.md says what each is for. */
const ROOMS = ['text', 'audit', 'analysis', 'messages', 'models', 'records', 'runner', 'editor', 'endpoints', 'views', 'wizard', 'commands'];
/** Rooms beside each other, which know nothing of each other. */
const BESIDE = { records: ['models'], endpoints: [], views: ['endpoints'] };
const roomsBefore = (room) => ROOMS.slice(0, ROOMS.indexOf(room)).filter((other) => !(BESIDE[room] ?? []).includes(other));
/** Rooms that a program without an editor is made of. */
const editorFree = [...ROOMS.slice(0, ROOMS.indexOf('editor')), 'mcp', 'cli'];

/** What each folder of src/ may import from its sisters. */
export const mayImport = {
  ...Object.fromEntries(ROOMS.map((room) => [room, roomsBefore(room)])),
  mcp: ROOMS.slice(0, ROOMS.indexOf('editor')),
  cli: [...ROOMS.slice(0, ROOMS.indexOf('editor')), 'mcp'],
};
const layers = Object.keys(mayImport);

/** Rooms that the page is made of, too. */
const PURE = ['text', 'audit', 'analysis'];

/** Forbids relative imports of the given folders of src/. */
const forbidFolders = (folders, message) => ({ regex: `^(\\.\\./)+(src/)?(${folders.join('|')})(/|$)`, message });
const forbidPackages = (regex, message) => ({ regex, message });

const dependencyRule = layers.map((layer) => {
  const forbidden = [...layers.filter((other) => other !== layer && !mayImport[layer].includes(other)), 'extension\\.js', 'webview'];
  const patterns = [forbidFolders(forbidden, `src/${layer} may import only: ${mayImport[layer].join(', ') || 'nothing'}.`)];
  if (editorFree.includes(layer)) patterns.push(forbidPackages('^vscode$', `src/${layer} runs without an editor.`));
  if (PURE.includes(layer)) patterns.push(forbidPackages('^(node:|fs|path|os|child_process|vscode-)', `src/${layer} is pure: it runs in the page as well.`));
  return { files: [`src/${layer}/**/*.ts`], patterns, rules: { 'no-restricted-imports': ['error', { patterns }] } };
});

/** What of src/records opens files that a user names, which may be links; all else goes to an audit's folder through audit-files.ts. */
const openNamedFiles = ['journal/audit-files', 'plan/bundled', 'plan/plan-file', 'readable-files', 'corpus/*', 'tables/*'].map(
  (name) => `src/records/${name}.ts`,
);
const auditFilesRule = {
  files: ['src/records/**/*.ts'],
  ignores: openNamedFiles,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...dependencyRule.find(({ files }) => files[0] === 'src/records/**/*.ts').patterns,
          forbidPackages(
            '^(node:)?fs(/|$)',
            'The files of an audit are opened through src/records/journal/audit-files.ts: links, pipes and devices are refused there.',
          ),
        ],
      },
    ],
  },
};

/** Model output, files and view state are hostile, and some patterns never come to an end in the native engine. */
const patternsOfTexts = {
  selector: ':matches(NewExpression, CallExpression)[callee.name="RegExp"]:not([arguments.0.type="Literal"])',
  message: 'Use compilePattern or compileLiteral of src/analysis/patterns: the native engine may never come to an end.',
};

/** The library trips over some values, and its error would be a raw one. */
const shapesOfValues = {
  selector:
    'MemberExpression[property.name=/^(safeParse|safeParseAsync|spa)$/], CallExpression > MemberExpression.callee[property.name=/^parse(Async)?$/][object.name=/[sS]chema$/]',
  message: 'Use checkShape of src/text/check-shape.ts: some values make the library throw.',
};

/** VS Code makes links to commands of `[x](command:…)` and icons of `$(x)` in what it shows, wherever the text came from. */
const SHOWING =
  'show(Error|Warning|Information)Message|withProgress|(show|create)QuickPick|showInputBox|createInputBox|createStatusBarItem|setStatusBarMessage|createWebviewPanel';
const shownTexts = [
  {
    selector: `MemberExpression[object.name="window"]:matches([property.name=/^(${SHOWING})$/], [computed=true])`,
    message: 'Use its namesake of src/editor/shown, which takes links, icons and invisible characters out.',
  },
  { selector: 'MemberExpression[object.name="window"][property.name="createOutputChannel"]', message: 'Write to the log of src/editor/shown/lazy-log.ts.' },
  { selector: 'NewExpression[callee.name=/^(MarkdownString|TreeItem|CodeLens|InlayHint)$/]', message: 'Make it with src/editor/shown, where text stays text.' },
  {
    selector: 'AssignmentExpression > MemberExpression.left[property.name=/^(isTrusted|supportHtml|supportThemeIcons)$/]',
    message: 'Markdown that is shown is never trusted and has no HTML.',
  },
  { selector: 'AssignmentExpression > MemberExpression.left[object.name="panel"][property.name="title"]', message: 'Use setTitle of src/editor/shown.' },
  {
    selector: 'VariableDeclarator[init.name="window"] > ObjectPattern, ImportDeclaration[source.value="vscode"] > ImportNamespaceSpecifier',
    message: 'Name what is used of the editor where it is used, so that the rules see it.',
  },
  {
    selector:
      'ImportDeclaration[source.value="vscode"] > ImportSpecifier[imported.name=/^(window|MarkdownString|TreeItem|CodeLens|InlayHint)$/]:not([local.name=/^(window|MarkdownString|TreeItem|CodeLens|InlayHint)$/])',
    message: 'Keep its name, so that the rules see it.',
  },
];

/** A terminal obeys control sequences, wherever they came from. */
const PRINTING = 'All that is printed goes through src/cli/terminal.ts, which makes control sequences visible.';
const printedTexts = [
  {
    selector: 'MemberExpression[object.name="process"]:matches([property.name=/^(stdout|stderr)$/], [computed=true][property.type="Literal"])',
    message: PRINTING,
  },
  { selector: 'MemberExpression[object.name="console"]', message: PRINTING },
  { selector: 'VariableDeclarator[init.name="process"] > ObjectPattern', message: PRINTING },
  {
    selector:
      'ImportDeclaration[source.value=/^(node:)?console$/], ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name=/^(stdout|stderr)$/]',
    message: PRINTING,
  },
];

/** A pipe in a file's place hangs whoever opens it. */
const modelFiles = ['native/', 'physical-cores'].map((name) => `src/models/local/process/${name}${name.endsWith('/') ? '**/*' : ''}.ts`);
const modelFilesRule = {
  files: ['src/models/local/process/**/*.ts'],
  ignores: ['src/models/local/process/model-file.ts', ...modelFiles],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...dependencyRule.find(({ files }) => files[0] === 'src/models/**/*.ts').patterns,
          {
            regex: '^(node:)?fs(/promises)?$',
            importNamePattern: '^(open|readFile|default)',
            message: 'What a model or an adapter is made of is opened through src/models/local/process/model-file.ts: pipes and devices are refused there.',
          },
        ],
      },
    ],
  },
};

/** Electron refuses memory that is not its own: views of it throw there, and only there. */
const foreignMemory = [
  {
    selector:
      ':matches(MemberExpression[object.name="koffi"]:matches([property.name="view"], [computed=true]), ImportDeclaration[source.value="koffi"] > ImportSpecifier[imported.name="view"], VariableDeclarator[init.name="koffi"] > ObjectPattern)',
    message: 'Electron allows no buffers over memory that is not its own: copy it (LlamaLibrary.copyBytes).',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.vscode-test/', 'test/results/', '.stryker-tmp/', 'test/fixtures/', 'media/', '.finetune-audits/'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // A promise that nobody waits for swallows its failure.
    files: ['src/**/*.ts', 'webview/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  ...dependencyRule.map(({ files, rules }) => ({ files, rules })),
  auditFilesRule,
  modelFilesRule,
  // Later entries take the place of earlier ones, so that each names all that it forbids.
  { files: ['src/**/*.ts', 'webview/**/*.{ts,tsx}'], rules: { 'no-restricted-syntax': ['error', patternsOfTexts, shapesOfValues] } },
  { files: ['src/text/check-shape.ts'], rules: { 'no-restricted-syntax': ['error', patternsOfTexts] } },
  {
    files: [...['editor', 'endpoints', 'views', 'wizard', 'commands'].map((room) => `src/${room}/**/*.ts`), 'src/extension.ts'],
    ignores: ['src/editor/shown/**'],
    rules: { 'no-restricted-syntax': ['error', patternsOfTexts, shapesOfValues, ...shownTexts] },
  },
  { files: ['src/models/**/*.ts'], rules: { 'no-restricted-syntax': ['error', patternsOfTexts, shapesOfValues, ...foreignMemory] } },
  {
    files: ['src/cli/**/*.ts'],
    ignores: ['src/cli/terminal.ts'],
    rules: { 'no-restricted-syntax': ['error', patternsOfTexts, shapesOfValues, ...printedTexts] },
  },
  {
    files: ['webview/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            forbidFolders(
              layers.filter((layer) => layer !== 'messages' && !PURE.includes(layer)),
              'The page imports messages, analysis, audit and text only.',
            ),
            forbidPackages('^(vscode|node:.*)$', 'The page runs in a browser.'),
          ],
        },
      ],
    },
  },
);
