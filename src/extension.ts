/** The composition root: builds everything, registers everything, decides nothing. Nothing works before it is needed. */
import { join } from 'node:path';
import { commands, languages, window, workspace, type ExtensionContext } from 'vscode';
import { tellAuthorOnce } from './commands/change-author.js';
import { confirmInSession, type Confirming } from './commands/confirm-amplified.js';
import { confirmAlternatives } from './commands/confirm-run.js';
import { EndpointSecrets } from './endpoints/endpoint-secrets.js';
import { Endpoints } from './endpoints/endpoints.js';
import { makeModels } from './endpoints/make-models.js';
import { computeOptionsOf } from './messages/model-process.js';
import { LazyModels } from './models/lazy-models.js';
import { offerInterruptedAudits } from './commands/offer-interrupted.js';
import { openRequestedAudit } from './commands/open-requested-audit.js';
import { draftForPage } from './commands/draft-conclusion.js';
import { actForPage } from './commands/page-actions.js';
import { registerCommands } from './commands/register-commands.js';
import { reportFailure } from './commands/report-failure.js';
import { requirePlan } from './commands/require-plan.js';
import { requireTrust } from './commands/require-trust.js';
import { RunningMarks } from './commands/running-marks.js';
import type { Services } from './commands/services.js';
import { StorageNotice } from './commands/tell-storage.js';
import { RecentChoices } from './wizard/recent-choices.js';
import { AUDITS_FOLDER } from './records/journal/audit-files.js';
import { LocalModels } from './models/local/local-models.js';
import { AgreedServers } from './models/api/transport/server-access.js';
import type { AuditSession } from './runner/run/audit-session.js';
import { AuditQueue } from './runner/run/audit-queue.js';
import { LocalAuditRunner } from './runner/run/local-audit-runner.js';
import { FindingsAuthor } from './editor/author.js';
import { EditorViews } from './views/editor-views.js';
import { fetchAlternatives } from './views/results/fetch-alternatives.js';
import { JOURNAL_EDITOR_VIEW_TYPE, JournalEditor } from './views/journal-editor.js';
import { registerMcpServer } from './views/language-model-tools/register-mcp-server.js';
import { registerLanguageModelTools } from './views/language-model-tools/register-tools.js';
import { LazyLog } from './editor/shown/lazy-log.js';
import { OpenAudits } from './views/open-audits.js';
import type { PageSurroundings } from './views/results/page-host.js';
import { PLAN_FILES, PlanCodeLens } from './views/plan-code-lens.js';
import { PlanProblems } from './views/plan-problems.js';
import { describeImportFacts, describePlanFacts } from './views/plan-facts.js';
import { RESULTS_VIEW_TYPE, ResultsPanels } from './views/results/results-panels.js';
import { readPageKeys } from './messages/page-keys.js';
import { tellPageKeys } from './commands/tell-page-keys.js';
import { readSettings } from './editor/settings.js';
import { QueueStatusBar } from './views/status-bar.js';

/** The same editor for an audit in any folder: the file's name alone is not enough to open it so unasked. */
const JOURNAL_ELSEWHERE_VIEW_TYPE = 'finetuneAuditor.journalElsewhere';

let shutDown: (() => Promise<void>) | undefined;

export function activate(context: ExtensionContext): void {
  const { extensionUri, globalStorageUri, globalState, workspaceState, secrets, subscriptions } = context;
  const mediaFolder = join(extensionUri.fsPath, 'media');
  const log = new LazyLog();
  const openFolders = () => (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
  const auditRoots = () => (openFolders().length > 0 ? openFolders() : [globalStorageUri.fsPath]);
  /** Where audits lie when no folder is open. */
  const findStorage = () => (openFolders().length > 0 ? undefined : join(globalStorageUri.fsPath, AUDITS_FOLDER));
  /** Where new audits go. */
  const auditsRoot = () => auditRoots()[0]!;
  const author = new FindingsAuthor(globalState, () => readSettings().author);
  const findFindingsAuthor = () => author.find();

  const endpointSecrets = new EndpointSecrets(secrets, globalState, (name) => process.env[name]);
  const agreedServers = new AgreedServers();
  const forbidNetwork = () => readSettings().forbidNetwork;
  const models = new LazyModels(
    () => {
      const settings = readSettings();
      const { modelFolder, unloadAfterMinutes, maxConcurrency, requestTimeoutSeconds } = settings;
      const downloadFolder = modelFolder === '' ? join(globalStorageUri.fsPath, 'models') : modelFolder;
      return { ...computeOptionsOf(settings), downloadFolder, idleMs: unloadAfterMinutes * 60_000, maxConcurrency, timeoutMs: requestTimeoutSeconds * 1000 };
    },
    ({ maxConcurrency, timeoutMs, ...settings }) =>
      makeModels({
        files: new LocalModels({ ...settings, processPath: join(extensionUri.fsPath, 'dist', 'model-process.mjs'), onLog: (level, text) => log[level](text) }),
        secrets: endpointSecrets,
        agreedServers,
        forbidNetwork,
        maxConcurrency,
        timeoutMs,
        log,
      }),
  );
  const endpoints = new Endpoints({
    secrets: endpointSecrets,
    agreedServers,
    forbidNetwork,
    timeoutMs: () => readSettings().requestTimeoutSeconds * 1000,
    probe: (source, signal) => models.probe(source, signal),
  });
  const queue = new AuditQueue(new LocalAuditRunner({ models, mediaFolder, toolVersion: __TOOL_VERSION__ }));
  const audits = new OpenAudits(findFindingsAuthor, () => {
    void commands.executeCommand('setContext', 'finetuneAuditor.hasJudged', true);
    void tellAuthorOnce(author).catch((error: unknown) => log.warn(String(error)));
  });
  const surroundings: PageSurroundings = {
    describeAudit: (session) => ({
      planFacts: session.imported ? describeImportFacts(session.imported) : describePlanFacts(requirePlan(session), session.requests),
      categories: readSettings().findingCategories,
      pageKeys: readPageKeys(readSettings().pageKeys),
      localModels: workspace.isTrusted,
    }),
    fetchAlternatives: async (session, record, token, signal) => {
      requireTrust();
      // As it is when the question is asked: the journal may be another one when it is answered.
      const plan = requirePlan(session);
      const { setup, folder } = session;
      await confirmAlternatives(services, plan);
      return fetchAlternatives(models, mediaFolder, { audit: { plan, setup, folder }, record, token }, signal);
    },
    confirm: (session, question, onProgress, signal) => confirmInSession(services, session, question, onProgress, signal),
    draftConclusion: (session, ranking, signal) => draftForPage(services, session, ranking, signal),
    act: (session, action, about) => void actForPage(session, action, about).catch((error: unknown) => reportFailure(services, error)),
    reportFailure: (error) => reportFailure(services, error),
  };
  const confirming: Confirming = new Set();
  const isOurs = (session: AuditSession) => queue.sessions.includes(session) || confirming.has(session.folder);
  const panels = new ResultsPanels(extensionUri, audits, surroundings, isOurs, auditRoots);
  const editor = new EditorViews({ audits, queue, isOurs, auditRoots, findAuthor: findFindingsAuthor, findStorage });
  const storageNotice = new StorageNotice(findStorage);
  const services: Services = {
    log,
    mediaFolder,
    auditRoots,
    auditsRoot,
    tellStorage: () => storageNotice.tell(),
    audits,
    queue,
    panels,
    editor,
    models,
    endpoints,
    agreedServers,
    recent: new RecentChoices(globalState, workspaceState),
    marks: new RunningMarks(workspaceState),
    confirming,
    author,
  };

  const running = queue.onDidChange(() => {
    void commands.executeCommand('setContext', 'finetuneAuditor.running', queue.running !== null);
  });
  const settingsChanged = workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('finetuneAuditor.pageKeys')) tellPageKeys(services, readSettings().pageKeys);
    if (event.affectsConfiguration('finetuneAuditor.author')) void audits.updateAuthor();
  });
  subscriptions.push(
    log,
    settingsChanged,
    panels,
    editor,
    running,
    storageNotice,
    new QueueStatusBar(queue, 'finetuneAuditor.openAudit'),
    registerLanguageModelTools({ auditRoots, audits }),
    registerMcpServer(auditRoots, join(extensionUri.fsPath, 'dist', 'cli.mjs'), __TOOL_VERSION__),
    window.registerWebviewPanelSerializer(RESULTS_VIEW_TYPE, panels),
    ...[JOURNAL_EDITOR_VIEW_TYPE, JOURNAL_ELSEWHERE_VIEW_TYPE].map((viewType) =>
      window.registerCustomEditorProvider(viewType, new JournalEditor(panels), { webviewOptions: { retainContextWhenHidden: true } }),
    ),
    new PlanProblems(),
    languages.registerCodeLensProvider(PLAN_FILES, new PlanCodeLens('finetuneAuditor.runPlan')),
    ...registerCommands(services),
  );
  shutDown = async () => {
    services.marks.freeze();
    await queue.dispose();
    await models.dispose();
  };
  void offerInterruptedAudits(services);
  void openRequestedAudit(services);
}

/** A run that the closing window cuts off leaves its journal complete up to here. */
export async function deactivate(): Promise<void> {
  await shutDown?.();
}
