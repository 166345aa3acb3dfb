import fc from 'fast-check'

/** One property, and what it is about. */
export interface Target {
  readonly name: string
  readonly property: fc.IAsyncProperty<any> | fc.IProperty<any>
}

export interface Limits {
  readonly seed: number
  /** Stops after so many milliseconds, or runs. */
  readonly milliseconds?: number
  readonly runs?: number
}

/** Undefined where the property held. */
export interface Result {
  readonly runs: number
  readonly failure: string | undefined
}

/** The property over and over, with other examples each time; a failure is made as small as it gets. */
export async function run({ property }: Target, { seed, milliseconds, runs = 1e9 }: Limits): Promise<Result> {
  const details = await fc.check(property as fc.IAsyncProperty<any>, {
    seed,
    numRuns: runs,
    ...(milliseconds !== undefined && { interruptAfterTimeLimit: milliseconds, markInterruptAsFailure: false })
  })
  if (!details.failed) return { runs: details.numRuns, failure: undefined }
  const { counterexample, counterexamplePath, errorInstance } = details
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  const failure = `seed ${details.seed}, path ${counterexamplePath}\n${fc.stringify(counterexample)}\n${why}`
  return { runs: details.numRuns, failure }
}
