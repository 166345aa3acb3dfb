/**
 * Runs test files in this process and ends at the first failure: 0 where all pass, 1 where one fails. A process of its
 * own a mutant, since one may hang or break the process itself.
 */
import { run } from 'node:test'

let passed = 0
run({ files: process.argv.slice(2), isolation: 'none' })
  .on('test:pass', () => void passed++)
  .on('test:fail', ({ name, file, details }) => {
    if (process.env.MUTATION_VERBOSE) console.error(file, name, details.error)
    process.exit(1)
  })
  .on('end', () => process.exit(passed > 0 ? 0 : 2))
  .resume()
