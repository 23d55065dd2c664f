// @ts-check
// Which packages of the extension there are, and which binaries each holds.

/**
 * @typedef {object} Target
 * @property {string} name as VS Code names the platform; `universal` runs everywhere, without local models
 * @property {readonly string[]} binaries packages under node_modules that hold this platform's binaries
 * @property {readonly string[]} cuda the same, of the build for NVIDIA's cards alone; half a gigabyte, so it is a package of its own
 */

const LLAMA = 'node_modules/@node-llama-cpp/';
const KOFFI = 'node_modules/@koromix/koffi-';
/** Copies files without copying their bytes, where the file system can; node-llama-cpp's downloader asks for it. */
const REFLINK = 'node_modules/@reflink/reflink-';

/** Folders of which each platform has its own; whatever lies under them and is not in a target's list is left out of its package. */
export const BINARY_FOLDERS = [LLAMA, KOFFI, REFLINK];

/**
 * @param {string} name
 * @param {readonly string[]} llama node-llama-cpp's names
 * @param {string} koffi koffi's name
 * @param {string} reflink reflink's name
 * @param {readonly string[]} [cuda]
 * @returns {Target}
 */
const target = (name, llama, koffi, reflink, cuda = []) => ({
  name,
  binaries: [...llama.map((build) => LLAMA + build), KOFFI + koffi, REFLINK + reflink],
  cuda: cuda.map((build) => LLAMA + build),
});

/** @type {readonly Target[]} */
export const TARGETS = [
  target('linux-x64', ['linux-x64', 'linux-x64-vulkan'], 'linux-x64', 'linux-x64-gnu', ['linux-x64-cuda', 'linux-x64-cuda-ext']),
  target('linux-arm64', ['linux-arm64'], 'linux-arm64', 'linux-arm64-gnu'),
  target('darwin-arm64', ['mac-arm64-metal'], 'darwin-arm64', 'darwin-arm64'),
  target('darwin-x64', ['mac-x64'], 'darwin-x64', 'darwin-x64'),
  target('win32-x64', ['win-x64', 'win-x64-vulkan'], 'win32-x64', 'win32-x64-msvc', ['win-x64-cuda', 'win-x64-cuda-ext']),
  { name: 'universal', binaries: [], cuda: [] },
];

/** Bytes that a package may have at most; CUDA's packages have no bound. */
export const LARGEST_PACKAGE = 70_000_000;

/**
 * @param {string} file path inside a package, with forward slashes
 * @param {Target} target
 * @param {boolean} cuda
 * @returns {boolean} whether the file is another platform's
 */
export function isForeign(file, { binaries, cuda: cudaBinaries }, cuda) {
  if (!BINARY_FOLDERS.some((folder) => file.startsWith(folder))) return false;
  return ![...binaries, ...(cuda ? cudaBinaries : [])].some((folder) => file.startsWith(`${folder}/`));
}
