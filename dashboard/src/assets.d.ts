/** Files that the build copies; the value is their address beside the script. */
declare module '*.jpg' {
  const url: string;
  export default url;
}

declare module '*.css';
declare module '*.svg' {
  const url: string;
  export default url;
}
