/** What is shipped, as `esbuild.mjs` bundles it: name of the program → its entry. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  cli: 'src/cli/main.ts',
  'model-process': 'src/models/local/process/main.ts',
  'template-process': 'src/models/local/process/template-process.ts',
  'parent-watch': 'src/messages/parent-watch.ts',
  'parquet-process': 'src/records/tables/parquet-process/main.ts',
};
