/** The extension's settings, read when they are needed. */
import { workspace } from 'vscode';

export interface Settings {
  /** 0 leaves the choice to the model process. */
  readonly threads: number;
  readonly gpu: 'auto' | 'off';
  readonly waveSize: number;
  readonly unloadAfterMinutes: number;
  /** Empty: the extension's own storage. */
  readonly modelFolder: string;
  readonly forbidNetwork: boolean;
  readonly author: string;
  readonly findingCategories: readonly string[];
}

const SETTINGS_SECTION = 'finetuneAuditor';

export function readSettings(): Settings {
  const configuration = workspace.getConfiguration(SETTINGS_SECTION);
  // The manifest has a default for each of them.
  const read = <K extends keyof Settings>(name: K) => configuration.get<Settings[K]>(name)!;
  return {
    threads: read('threads'),
    gpu: read('gpu'),
    waveSize: read('waveSize'),
    unloadAfterMinutes: read('unloadAfterMinutes'),
    modelFolder: read('modelFolder'),
    forbidNetwork: read('forbidNetwork'),
    author: read('author'),
    findingCategories: read('findingCategories'),
  };
}
