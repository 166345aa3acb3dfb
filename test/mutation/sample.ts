import { createHash } from 'node:crypto'
import type { Mutant } from './mutants.ts'

/** As many mutants, of each file its share and at least one: the same ones for the same seed. */
export function sample(mutants: readonly Mutant[], most: number, seed: string): Mutant[] {
  const byFile = Map.groupBy(mutants, ({ file }) => file)
  return [...byFile.values()].flatMap(all => {
    const share = Math.max(1, Math.round((most * all.length) / mutants.length))
    return shuffled(all, seed).slice(0, share)
  })
}

function shuffled(mutants: readonly Mutant[], seed: string): Mutant[] {
  const rank = ({ file, start, end, text }: Mutant) =>
    createHash('sha256').update(`${seed} ${file} ${start} ${end} ${text}`).digest('hex')
  return mutants
    .map(mutant => ({ mutant, rank: rank(mutant) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ mutant }) => mutant)
}
