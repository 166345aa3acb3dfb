import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = new URL('../../../', import.meta.url)
const output = new URL('node_modules/.cache/posthorn-bench/', root)
let isCompiled = false

/** Servers run as they are published, in JavaScript: Node strips types in each of its threads, and that takes memory. */
export function compiled(file: string): string {
  if (!isCompiled) {
    const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', root))
    const options = ['--noCheck', '--noEmit', 'false', '--declaration', 'false', '--outDir', fileURLToPath(output)]
    execFileSync(tsc, options, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    isCompiled = true
  }
  return fileURLToPath(new URL(`test/bench/inbox/${file}.js`, output))
}
