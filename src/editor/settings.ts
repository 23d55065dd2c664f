/** The extension's settings, read when they are needed. */
import { workspace } from 'vscode';
import type { ComputeOptions } from '../messages/model-process.js';
import { combineSetting, type SettingName } from './combine-settings.js';

export interface Settings extends ComputeOptions {
  readonly waveSize: number;
  readonly unloadAfterMinutes: number;
  /** Empty: the extension's own storage. */
  readonly modelFolder: string;
  readonly forbidNetwork: boolean;
  /** Requests to one server at once, at most. */
  readonly maxConcurrency: number;
  /** Tokens that servers may read and write in one run; 0 for no limit. */
  readonly tokenLimit: number;
  readonly requestTimeoutSeconds: number;
  readonly author: string;
  readonly findingCategories: readonly string[];
  /** As it was written, to be read by `readPageKeys`. */
  readonly pageKeys: unknown;
}

const SETTINGS_SECTION = 'finetuneAuditor';

export function readSettings(): Settings {
  // Folders of a workspace have settings of their own.
  const places = [undefined, ...(workspace.workspaceFolders ?? []).map(({ uri }) => uri)].map((scope) => workspace.getConfiguration(SETTINGS_SECTION, scope));
  // The manifest has a default for each of them.
  const read = <T>(name: SettingName): T => {
    const set = places.map((place) => place.inspect(name));
    const said = set.flatMap((values) => [values?.workspaceValue, values?.workspaceFolderValue]);
    return combineSetting(name, { fallback: set[0]?.defaultValue, user: set[0]?.globalValue, workspace: said.filter((value) => value !== undefined) }) as T;
  };
  return {
    threads: read('threads'),
    gpu: read('gpu'),
    engine: read('engine'),
    waveSize: read('waveSize'),
    unloadAfterMinutes: read('unloadAfterMinutes'),
    modelFolder: read('modelFolder'),
    forbidNetwork: read('forbidNetwork'),
    maxConcurrency: read('endpoints.maxConcurrency'),
    tokenLimit: read('endpoints.tokenLimit'),
    requestTimeoutSeconds: read('endpoints.requestTimeoutSeconds'),
    author: read('author'),
    findingCategories: read('findingCategories'),
    pageKeys: read('pageKeys'),
  };
}
