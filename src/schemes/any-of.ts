import type { Carries, Scheme, Verdict } from '../receiver.ts'

/**
 * One proof of several is enough, tried in order. It is as weak as its weakest member, and says so in `covers`. Signs by
 * the first that can.
 */
export function anyOf(first: Scheme, ...others: readonly Scheme[]): Scheme {
  const schemes = [first, ...others]
  if (schemes.some(({ choose }) => choose !== undefined))
    throw new TypeError('Settings choose a proof, or any of several does.')
  const bodies = schemes.map(({ covers }) => covers.body)
  const signers = schemes.filter(scheme => scheme.sign !== undefined)
  const [signer] = signers
  const keys = schemes.flatMap(({ key }) => (key === false ? [] : [key.min]))
  return {
    // One secret must do for each of them, so the longest minimum counts.
    key: keys.length === 0 ? false : { min: Math.max(...keys) },
    covers: {
      body: bodies.includes(false) ? false : bodies.includes('values') ? 'values' : 'bytes',
      time: schemes.every(({ covers }) => covers.time),
      url: schemes.some(({ covers }) => covers.url === true)
    },
    carries: union(schemes.map(({ carries }) => carries ?? {})),

    async load() {
      for (const scheme of schemes) await scheme.load?.()
    },

    async verify(request, credentials, now): Promise<Verdict> {
      let refused: Verdict | undefined
      for (const scheme of schemes) {
        const verdict = await scheme.verify(request, credentials, now)
        if (verdict.ok === true) return verdict
        // A proof that was there and wrong says more than one that was not there.
        if (refused === undefined || (!refused.ok && refused.reason.endsWith('-missing'))) refused = verdict
      }
      return refused!
    },

    ...(signer && { sign: signByAnyOf(signers), ...(signer.testKeys && { testKeys: signer.testKeys }) })
  }
}

/** A key may be good for one of them alone. Where none can sign with it, the first says why. */
function signByAnyOf(signers: readonly Scheme[]): NonNullable<Scheme['sign']> {
  return async (request, key, now) => {
    const failures: unknown[] = []
    for (const signer of signers) {
      try {
        return await signer.sign!(request, key, now)
      } catch (error) {
        failures.push(error)
      }
    }
    throw failures[0]
  }
}

function union(all: readonly Carries[]): Carries {
  return {
    headers: all.flatMap(({ headers = [] }) => headers),
    query: all.flatMap(({ query = [] }) => query),
    fields: all.flatMap(({ fields = [] }) => fields)
  }
}
