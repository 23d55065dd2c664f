/** Step 3: where the openings come from. */
import { basename } from 'node:path';
import { l10n, window } from 'vscode';
import { askPick, askText, separator, type Choice, type ChoiceLine } from './ask.js';
import { isSameOpenings, type AuditChoices, type OpeningsChoice } from './choices.js';
import { DEMO_CORPUS, isDemoSource } from './demo-models.js';
import { BACK, CANCELLED, type Step, type StepPlace } from './multi-step.js';
import type { RecentChoices } from './recent-choices.js';

type Partly = Partial<AuditChoices>;
type Way = 'file' | 'folder' | 'glob' | 'prefillFile';
type Picked = OpeningsChoice | Way;

const GENERAL_CORPUS = 'bundled:general';

export function chooseOpenings(recent: RecentChoices): Step<Partly> {
  return async (answers, before, place) => {
    const title = l10n.t('Corpus');
    const bundled = listBundled(isDemoSource(answers.finetuned!));
    const used = recent.openings().filter((openings) => !isBundled(openings)).map(describeOpenings);
    const lines: ChoiceLine<Picked>[] = [
      separator(l10n.t('bundled')),
      ...bundled,
      ...(used.length > 0 ? [separator<Picked>(l10n.t('recent')), ...used] : []),
      separator(l10n.t('your text')),
      { label: l10n.t('$(file-text) File…'), description: '.txt .jsonl .csv .parquet', value: 'file' },
      { label: l10n.t('$(folder) Folder…'), value: 'folder' },
      { label: l10n.t('$(filter) Glob…'), description: '/corpora/**/*.txt', value: 'glob' },
      { label: l10n.t('$(list-ordered) File of openings…'), description: l10n.t('one per line, in place of a corpus'), value: 'prefillFile' },
    ];
    const choices = lines.filter((line): line is Choice<Picked> => 'value' in line);
    const wanted = before?.openings ?? findLast(recent, answers);
    let active = choices.find((choice) => wanted && typeof choice.value === 'object' && isSameOpenings(choice.value, wanted));
    for (;;) {
      const placeholder = l10n.t('Which general text are the openings drawn from?');
      const picked = await askPick<Picked>({ title, place, placeholder, lines, active: active ?? choices[0] });
      if (picked === BACK || picked === CANCELLED) return picked;
      const openings = typeof picked === 'object' ? picked : await findOpenings(picked, title, place);
      if (openings) return { ...answers, openings };
      active = choices.find((choice) => choice.value === picked);
    }
  };
}

/** The last audit's corpus suits when that audit was of the same kind of model: the bundled ones know one corpus only. */
function findLast(recent: RecentChoices, answers: Partly): OpeningsChoice | undefined {
  const last = recent.last();
  return last && isDemoSource(last.finetuned) === isDemoSource(answers.finetuned!) ? last.openings : undefined;
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

function isBundled(openings: OpeningsChoice): boolean {
  return 'corpus' in openings && openings.corpus.every((entry) => entry.startsWith('bundled:'));
}

function describeOpenings(openings: OpeningsChoice): Choice<Picked> {
  if ('prefillFile' in openings) {
    return { label: basename(openings.prefillFile), description: l10n.t('openings, {0}', openings.prefillFile), value: openings };
  }
  return { label: openings.corpus.map((path) => basename(path)).join(', '), description: openings.corpus.join(', '), value: openings };
}

async function findOpenings(way: Way, title: string, place: StepPlace): Promise<OpeningsChoice | undefined> {
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

async function askGlob(title: string, place: StepPlace): Promise<OpeningsChoice | undefined> {
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
