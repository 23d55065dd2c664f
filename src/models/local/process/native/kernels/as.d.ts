/** AssemblyScript, compiled to a WebAssembly module when the extension is built. */
declare module '*.as' {
  const code: Uint8Array;
  export default code;
}
