/** Step 3: where the prefills come from. */
import { basename } from 'node:path';
import { l10n, window } from 'vscode';
import { askPick, askText, separator, type Choice, type ChoiceLine } from '../editor/ask.js';
import { isSamePrefillSource, type AuditChoices, type PrefillSource } from './choices.js';
import { DEMO_CORPUS, isDemoSource } from './demo-models.js';
import { BACK, CANCELLED, type Step, type StepPlace } from '../editor/multi-step.js';
import type { RecentChoices } from './recent-choices.js';

type Partly = Partial<AuditChoices>;
type Way = 'file' | 'folder' | 'glob' | 'prefillFile';
type Picked = PrefillSource | Way;

const GENERAL_CORPUS = 'bundled:general';

export function choosePrefillSource(recent: RecentChoices): Step<Partly> {
  return async (answers, before, place) => {
    const title = l10n.t('Corpus');
    const bundled = listBundled(isDemoSource(answers.finetuned!));
    const used = recent
      .prefillSources()
      .filter((prefillSource) => !isBundled(prefillSource))
      .map(describePrefillSource);
    const lines: ChoiceLine<Picked>[] = [
      separator(l10n.t('bundled')),
      ...bundled,
      ...(used.length > 0 ? [separator<Picked>(l10n.t('recent')), ...used] : []),
      separator(l10n.t('your text')),
      { icon: 'file-text', label: l10n.t('File…'), description: '.txt .jsonl .csv .parquet', value: 'file' },
      { icon: 'folder', label: l10n.t('Folder…'), value: 'folder' },
      { icon: 'filter', label: l10n.t('Glob…'), description: '/corpora/**/*.txt', value: 'glob' },
      { icon: 'list-ordered', label: l10n.t('File of prefills…'), description: l10n.t('one per line, in place of a corpus'), value: 'prefillFile' },
    ];
    const choices = lines.filter((line): line is Choice<Picked> => 'value' in line);
    const wanted = before?.prefillSource ?? findLast(recent, answers);
    let active = choices.find((choice) => wanted && typeof choice.value === 'object' && isSamePrefillSource(choice.value, wanted));
    for (;;) {
      const placeholder = l10n.t('Which general text are the prefills drawn from?');
      const picked = await askPick<Picked>({ title, place, placeholder, lines, active: active ?? choices[0] });
      if (picked === BACK || picked === CANCELLED) return picked;
      const prefillSource = typeof picked === 'object' ? picked : await findPrefillSource(picked, title, place);
      if (prefillSource) return { ...answers, prefillSource };
      active = choices.find((choice) => choice.value === picked);
    }
  };
}

/** The last audit's corpus suits when that audit was of the same kind of model: the bundled ones know one corpus only. */
function findLast(recent: RecentChoices, answers: Partly): PrefillSource | undefined {
  const last = recent.last();
  return last && isDemoSource(last.finetuned) === isDemoSource(answers.finetuned!) ? last.prefillSource : undefined;
}

function listBundled(isDemo: boolean): Choice<Picked>[] {
  const general: Choice<Picked> = {
    label: l10n.t('General text'),
    description: l10n.t('bundled corpus'),
    value: { corpus: [GENERAL_CORPUS] },
  };
  const demo: Choice<Picked> = {
    label: l10n.t('Demo text'),
    description: l10n.t('bundled corpus, of the world that the demo models know'),
    value: { corpus: [DEMO_CORPUS] },
  };
  return isDemo ? [demo, general] : [general];
}

function isBundled(prefillSource: PrefillSource): boolean {
  return 'corpus' in prefillSource && prefillSource.corpus.every((entry) => entry.startsWith('bundled:'));
}

function describePrefillSource(prefillSource: PrefillSource): Choice<Picked> {
  if ('prefillFile' in prefillSource) {
    return { label: basename(prefillSource.prefillFile), description: l10n.t('prefills, {0}', prefillSource.prefillFile), value: prefillSource };
  }
  return { label: prefillSource.corpus.map((path) => basename(path)).join(', '), description: prefillSource.corpus.join(', '), value: prefillSource };
}

async function findPrefillSource(way: Way, title: string, place: StepPlace): Promise<PrefillSource | undefined> {
  if (way === 'glob') return askGlob(title, place);
  const isFolder = way === 'folder';
  const chosen = await window.showOpenDialog({
    title,
    openLabel: isFolder ? l10n.t('Use Folder') : l10n.t('Use File'),
    canSelectFolders: isFolder,
    canSelectFiles: !isFolder,
    canSelectMany: way === 'file',
  });
  if (!chosen?.[0]) return undefined;
  return way === 'prefillFile' ? { prefillFile: chosen[0].fsPath } : { corpus: chosen.map((uri) => uri.fsPath) };
}

async function askGlob(title: string, place: StepPlace): Promise<PrefillSource | undefined> {
  const glob = await askText({
    title,
    place,
    prompt: l10n.t('Absolute pattern of the files'),
    placeholder: '/corpora/**/*.txt',
    value: '',
    validate: (text) => (/^([a-z]:)?[\\/]/i.test(text) ? undefined : l10n.t('Begin with the folder that holds the files, e.g. /corpora/**/*.txt')),
  });
  return typeof glob === 'string' ? { corpus: [glob] } : undefined;
}
