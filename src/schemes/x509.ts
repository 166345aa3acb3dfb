import { type KeyObject, X509Certificate } from 'node:crypto'

/** A provider's public key, and when its certificate, with all that came along, is valid. */
export interface Signer {
  readonly key: KeyObject
  readonly from: Date
  readonly until: Date
}

const MAX_CHAIN = 10

/**
 * The first certificate of a PEM file, if it has an RSA key and one of its names is `subject`. The others must be its
 * issuers, in order. Undefined where anything else stands there.
 */
export function readSigner(pem: string, subject: RegExp): Signer | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length > MAX_CHAIN) return undefined
  try {
    const chain = blocks.map(block => new X509Certificate(block))
    const [leaf] = chain
    if (leaf?.publicKey.asymmetricKeyType !== 'rsa' || !isFor(leaf, subject) || !isChain(chain)) return undefined
    return {
      key: leaf.publicKey,
      from: new Date(Math.max(...chain.map(({ validFromDate }) => validFromDate.getTime()))),
      until: new Date(Math.min(...chain.map(({ validToDate }) => validToDate.getTime())))
    }
  } catch {
    return undefined
  }
}

/** The names are read out of text, so `checkHost`, which reads the certificate itself, has the last word. */
function isFor(leaf: X509Certificate, subject: RegExp): boolean {
  const names = `${leaf.subjectAltName ?? ''}\n${leaf.subject}`.matchAll(/(?:DNS:|^CN=)([a-z0-9.-]+)/gim)
  return [...names].some(([, name]) => subject.test(name!) && leaf.checkHost(name!) !== undefined)
}

function isChain(chain: readonly X509Certificate[]): boolean {
  return chain.every((certificate, index) => {
    const issuer = chain[index + 1]
    return (
      issuer === undefined || (issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))
    )
  })
}
