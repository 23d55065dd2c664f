/** The environment variables that a model process is given. No key is among them: computing needs none. */

/** In any letter case, since Windows knows them so. */
const NAMES: ReadonlySet<string> = new Set(
  [
    // Programs, home, temporary folders, locale, time.
    'PATH HOME TMPDIR TMP TEMP LANG LANGUAGE TZ USER LOGNAME',
    // The same on Windows.
    'USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86) PROGRAMW6432 COMMONPROGRAMFILES SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT OS NUMBER_OF_PROCESSORS',
    // Where libraries are, and what the graphics card is reached by.
    'LD_LIBRARY_PATH LD_PRELOAD DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH DISPLAY WAYLAND_DISPLAY',
    // Downloads: where they go, from which mirror, through which proxy, whose certificates are trusted.
    'HF_HOME HF_ENDPOINT MODEL_ENDPOINT HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY NODE_USE_ENV_PROXY NODE_EXTRA_CA_CERTS NODE_USE_SYSTEM_CA SSL_CERT_FILE SSL_CERT_DIR',
    'ELECTRON_RUN_AS_NODE',
  ].flatMap((line) => line.split(' ')),
);
const PREFIXES = /^(LC|XDG|PROCESSOR|CUDA|NVIDIA|GGML|LLAMA|ROCM|ROCR|HIP|HSA|VK|VULKAN|MESA|MTL|METAL|ONEAPI|SYCL|ZE|OMP|GOMP|KMP|MKL|OPENBLAS|BLIS)_/;
/** NVIDIA_API_KEY and the like begin as settings do. */
const SECRET = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH/;

export function pickProcessEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isNeeded = (name: string) => NAMES.has(name.toUpperCase()) || (PREFIXES.test(name.toUpperCase()) && !SECRET.test(name.toUpperCase()));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isNeeded(name)));
}
