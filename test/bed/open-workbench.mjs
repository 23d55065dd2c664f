// @ts-check
// Shows an audit in a real VS Code with the extension of this checkout: the desktop's where `code` is on the PATH,
// otherwise the test bed's, in a browser.
//
//   node test/bed/open-workbench.mjs FOLDER [AUDIT_FOLDER]
import { spawn, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REPOSITORY, startServer } from './server.mjs';

/**
 * Returns once the desktop editor has the folder; with the test bed's editor only when the user presses Ctrl-C.
 * @param {string} folder to open as the workspace
 * @param {string} [auditFolder] the audit whose results page is opened in it
 */
export async function openWorkbench(folder, auditFolder) {
  if (spawnSync('code', ['--version'], { stdio: 'ignore' }).status === 0) {
    spawnSync('code', [`--extensionDevelopmentPath=${REPOSITORY}`, resolve(folder), ...(auditFolder ? [join(resolve(auditFolder), 'audit.jsonl')] : [])], {
      stdio: 'inherit',
    });
    return;
  }
  const server = await startServer(auditFolder ? { environment: { FINETUNE_AUDITOR_OPEN: resolve(auditFolder) } } : {});
  const address = server.workbenchAddress(resolve(folder));
  console.log(`VS Code with the extension is at\n\n  ${address}\n\nPress Ctrl-C here when you are done.`);
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(opener, [address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
  await new Promise((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  await server.stop();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, auditFolder] = process.argv.slice(2);
  if (!folder) {
    console.error('usage: node test/bed/open-workbench.mjs FOLDER [AUDIT_FOLDER]');
    process.exitCode = 2;
  } else {
    await openWorkbench(folder, auditFolder);
  }
}
