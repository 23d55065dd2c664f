import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

// The files that are judged here exist only in these tests, so nothing can be known of their types.
const eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });

async function restrictedImports(filePath: string, source: string): Promise<number> {
  const [result] = await eslint.lintText(source, { filePath });
  return result!.messages.filter((message) => message.ruleId === 'no-restricted-imports').length;
}

describe('the one-way dependency rule', () => {
  it.each([
    ['src/audit/x.ts', "import '../messages/page.js';"],
    ['src/audit/x.ts', "import 'node:fs';"],
    ['src/audit/deeper/x.ts', "import '../../records/journal/journal-reader.js';"],
    ['src/audit/x.ts', "import '../analysis/compare.js';"],
    ['src/text/x.ts', "import '../audit/errors.js';"],
    ['src/analysis/x.ts', "import 'node:fs';"],
    ['src/endpoints/x.ts', "import '../wizard/ask-audit.js';"],
    ['src/views/x.ts', "import '../endpoints/endpoints.js';"],
    ['src/editor/x.ts', "import '../views/open-audits.js';"],
    ['src/messages/x.ts', "import '../records/findings.js';"],
    ['src/models/local/x.ts', "import '../../runner/types.js';"],
    ['src/records/x.ts', "import '../models/provider.js';"],
    ['src/records/x.ts', "import 'node:fs';"],
    ['src/records/findings/x.ts', "import { open } from 'node:fs/promises';"],
    ['src/records/import/x.ts', "import type { FileHandle } from 'fs/promises';"],
    ['src/records/journal/audit-files.ts', "import '../models/provider.js';"],
    ['src/runner/x.ts', "import 'vscode';"],
    ['src/runner/x.ts', "import '../cli/main.js';"],
    ['src/views/x.ts', "import '../commands/audit.js';"],
    ['src/commands/x.ts', "import '../extension.js';"],
    ['webview/x.ts', "import '../src/records/findings/findings.js';"],
    ['webview/state/x.ts', "import '../../src/runner/run/types.js';"],
  ])('refuses in %s: %s', async (filePath, source) => {
    expect(await restrictedImports(filePath, source)).toBe(1);
  });

  it.each([
    ['src/messages/x.ts', "import '../audit/plan.js';"],
    ['src/runner/x.ts', "import '../records/findings.js';"],
    ['src/records/journal/audit-files.ts', "import 'node:fs';"],
    ['src/records/corpus/x.ts', "import 'node:fs';"],
    ['src/views/x.ts', "import 'vscode';"],
    ['src/analysis/x.ts', "import '../audit/plan.js';"],
    ['src/audit/x.ts', "import '../text/utf8.js';"],
    ['webview/state/x.ts', "import '../../src/analysis/keywords.js';"],
    ['src/commands/x.ts', "import '../views/results-panel.js';"],
    ['webview/state/x.ts', "import '../../src/messages/page.js';"],
  ])('allows in %s: %s', async (filePath, source) => {
    expect(await restrictedImports(filePath, source)).toBe(0);
  });
});

describe('the rule about regular expressions', () => {
  const violations = async (filePath: string, source: string) => {
    const [result] = await eslint.lintText(source, { filePath });
    return result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').length;
  };

  it.each(['new RegExp(query);', "new RegExp(query, 'u');", 'RegExp(query);', 'new RegExp(`a${query}`);'])(
    'refuses what is made of a text: %s',
    async (source) => {
      expect(await violations('webview/state/x.ts', source)).toBe(1);
      expect(await violations('src/views/x.ts', source)).toBe(1);
    },
  );

  it('allows those that are written down', async () => {
    expect(await violations('src/audit/x.ts', "const a = /a+/u; new RegExp('a+', 'u');")).toBe(0);
  });
});

describe('the rule about what VS Code is given to show', () => {
  const violations = async (filePath: string, source: string) => {
    const [result] = await eslint.lintText(source, { filePath });
    return result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').length;
  };

  it.each([
    'window.showErrorMessage(text);',
    'window.showInformationMessage(text);',
    "window['showErrorMessage'](text);",
    'window.withProgress({ location: 1, title }, task);',
    'const pick = window.createQuickPick();',
    'window.createInputBox();',
    "window.createStatusBarItem('a');",
    "window.createOutputChannel('a');",
    'const { showErrorMessage } = window;',
    "import * as vscode from 'vscode';",
    "import { window as w } from 'vscode';",
    'new MarkdownString(text);',
    'new TreeItem(text);',
    'hover.isTrusted = true;',
    'panel.title = name;',
  ])('refuses: %s', async (source) => {
    for (const filePath of ['src/views/x.ts', 'src/wizard/x.ts', 'src/extension.ts']) expect(await violations(filePath, source)).toBeGreaterThan(0);
  });

  it.each(["import { window } from 'vscode';", 'window.showTextDocument(document);', 'window.activeTextEditor;'])('allows: %s', async (source) => {
    expect(await violations('src/views/x.ts', source)).toBe(0);
  });

  it('still refuses patterns that are made of a text', async () => {
    for (const filePath of ['src/views/x.ts', 'src/commands/x.ts', 'src/cli/x.ts', 'src/editor/shown/x.ts'])
      expect(await violations(filePath, 'new RegExp(query);')).toBe(1);
  });
});

describe('the rule about the shape of values', () => {
  const violations = async (source: string, filePath: string) => {
    const [result] = await eslint.lintText(source, { filePath });
    return result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').length;
  };

  it.each(['schema.safeParse(value);', 'headerLineSchema.parse(value);', 'SCHEMAS[kind].safeParse(value);', "z.array(z.string()).safeParse(JSON.parse('1'));"])(
    'refuses: %s',
    async (source) => {
      for (const room of ['text', 'records', 'models', 'views', 'cli', 'messages']) expect(await violations(source, `src/${room}/x.ts`)).toBe(1);
    },
  );

  it.each(['checkShape(schema, value);', 'JSON.parse(text);'])('allows: %s', async (source) => {
    expect(await violations(source, 'src/records/x.ts')).toBe(0);
  });
});

describe('the rule about what the command line prints', () => {
  it.each([
    "process.stdout.write('a');",
    "process.stderr.write('a');",
    "process['stdout'].write('a');",
    "console.log('a');",
    'const { stdout } = process;',
    "import { stdout } from 'node:process';",
  ])('refuses: %s', async (source) => {
    const [result] = await eslint.lintText(source, { filePath: 'src/cli/x.ts' });
    expect(result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax')).toHaveLength(1);
  });
});

describe('the rule about memory that Electron does not allow', () => {
  const violations = async (source: string) => {
    const [result] = await eslint.lintText(source, { filePath: 'src/models/local/process/native/x.ts' });
    return result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').length;
  };

  it.each(['koffi.view(pointer, 4);', "koffi['view'](pointer, 4);", 'const { view } = koffi;', "import { view } from 'koffi';", 'new RegExp(query);'])(
    'refuses: %s',
    async (source) => {
      expect(await violations(source)).toBe(1);
    },
  );

  it('allows what copies', async () => {
    expect(await violations('koffi.decode(pointer, type); koffi.address(buffer);')).toBe(0);
  });
});
