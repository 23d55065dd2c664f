/** Finds the file behind an `hf:` address, and fetches it where that is allowed. */
import { AuditError, throwIfCancelled } from '../../../audit/errors.js';
import { describeUnwritable } from '../unwritable.js';
import type { Library } from './engine.js';
import { downloadFromHub } from './hub-fetch.js';

export interface DownloadOptions {
  /** Where downloads are kept. */
  readonly folder: string;
  /** Nothing is fetched otherwise. */
  readonly allowDownload: boolean;
  /** For the hub; asked for nothing else. */
  readonly huggingFaceToken?: string | undefined;
  /** Name of the file in the folder; the library's own where left out, which is made for GGUF files. */
  readonly fileName?: string;
  readonly onProgress: (downloadedBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Absolute path of the file (the first part of a split one). A file that was fetched before is found without network.
 * @throws AuditError `networkForbidden`, `downloadFailed`, `diskFull`, `refused` where the folder cannot be written, or `cancelled`.
 */
export async function resolveHubAddress(address: string, library: Library, options: DownloadOptions): Promise<string> {
  const { folder, allowDownload, huggingFaceToken, fileName, onProgress, signal } = options;
  const named = fileName === undefined ? {} : { fileName };
  // The library knows the scheme in lower case only.
  const uri = address.replace(/^[a-z]+:/i, (scheme) => scheme.toLowerCase());
  try {
    return await library.resolveModelFile(uri, { directory: folder, download: false, cli: false, ...named });
  } catch (error) {
    if (!allowDownload) {
      throw new AuditError(
        'networkForbidden',
        `${address} is not on this machine yet and downloading was not confirmed. Confirm the download (on the command line: --allow-download), or choose a local file.`,
        { cause: error },
      );
    }
  }
  throwIfCancelled(signal);
  try {
    return await downloadFromHub(signal, () =>
      library.resolveModelFile(uri, {
        directory: folder,
        cli: false,
        signal,
        ...named,
        ...(huggingFaceToken !== undefined && { tokens: { huggingFace: huggingFaceToken } }),
        // Kept so that a cancelled download goes on where it stopped.
        deleteTempFileOnCancel: false,
        onProgress: ({ downloadedSize, totalSize }) => onProgress(downloadedSize, totalSize),
      }),
    );
  } catch (error) {
    throwIfCancelled(signal);
    const unwritable = describeUnwritable(error, folder);
    if (unwritable !== null) throw unwritable;
    throw new AuditError(
      'downloadFailed',
      `${address} could not be downloaded (${describeReason(error)}). Check the address and the network, then try again; what has arrived is kept.`,
      { cause: error },
    );
  }
}

/** Addresses without what stands behind a question mark: where files lie they are signed, and open them to anybody for a while. */
function describeReason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\?[^\s,)"]*/g, '');
}
