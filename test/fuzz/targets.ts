import { bodies } from './bodies.ts'
import { configuration } from './configuration.ts'
import { headers } from './headers.ts'
import { receiverTargets } from './receivers.ts'
import { redaction } from './redaction.ts'
import type { Target } from './target.ts'
import { urls } from './urls.ts'

export async function allTargets(): Promise<{ targets: readonly Target[]; without: readonly string[] }> {
  const { targets, without } = await receiverTargets()
  return { targets: [...headers, ...bodies, ...redaction, ...configuration, ...urls, ...targets], without }
}
