/** What the model process is made of, to be bundled into one folder, as `esbuild.mjs` does it. */
export const MODEL_PROGRAMS: Readonly<Record<string, string>> = {
  'model-process': 'src/models/local/process/main.ts',
  'template-process': 'src/models/local/process/template-process.ts',
  'parent-watch': 'src/models/local/process/parent-watch.ts',
};
