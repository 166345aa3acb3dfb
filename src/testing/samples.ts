import { readFile } from 'node:fs/promises'

/** A request as the provider sends it, without its proof: one for each of a receiver's most used events. */
export interface Sample {
  /** As the receiver describes it; of a batch the first. */
  readonly event: string
  /** Default: POST. */
  readonly method?: string
  /** Of the URL, with its question mark. */
  readonly query?: string
  readonly headers: Readonly<Record<string, string>>
  /** The exact bytes; `bodyBase64` instead where they are no text. */
  readonly body?: string
  readonly bodyBase64?: string
}

export interface Samples {
  /** The instance's settings under which they are described so. */
  readonly settings: Readonly<Record<string, string>>
  readonly events: readonly Sample[]
}

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const NONE: Samples = { settings: {}, events: [] }

/** Those of the receiver of this name. A receiver that is not ours has none. */
export async function samplesOf(name: string): Promise<Samples> {
  if (!NAME.test(name)) return NONE
  try {
    return JSON.parse(await readFile(new URL(`./samples/${name}.json`, import.meta.url), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NONE
    throw error
  }
}
