import type { Plugin } from 'esbuild'

/** Bundles a TypeScript file that is not part of the program into dist/; the path of what it wrote. */
export function bundle(entry: string, name: string, plugins?: readonly Plugin[]): Promise<string>
