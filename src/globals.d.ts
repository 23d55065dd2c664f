/** The package's version, put in by the bundler. */
declare const __TOOL_VERSION__: string;
