import { sign, verify } from 'node:crypto'
import { BoundedMap } from '../bounded.ts'
import type { Reason } from '../errors.ts'
import type { Covers, Credentials, Scheme, Verdict, WebhookRequest } from '../receiver.ts'
import type { Place } from './place.ts'
import { certificateFixture } from './test-keys.ts'
import { readSigner, type Signer } from './x509.ts'

export interface CertificateOptions {
  /** Where the signature stands, in base64. */
  readonly signature: Place
  /** Where the URL of the certificate stands. */
  readonly url: Place
  /** The only URLs that are fetched, by whole host and path: `^…$`. HTTPS, no port, no query. */
  readonly from: { readonly host: RegExp; readonly path: RegExp }
  /** The whole names for which the provider's certificates are made. */
  readonly subject: RegExp
  readonly covers: Covers
  /** Whether the settings list where the request comes from: needed where the provider signs for all its customers. */
  readonly origin?: (request: WebhookRequest, settings: Credentials['settings']) => boolean
  /** What is signed, and by which hash; or why it can't be. */
  readonly content: (
    request: WebhookRequest,
    settings: Credentials['settings']
  ) => Content | { readonly reason: Reason }
  /** What a signed request says besides its signature and URL. */
  readonly announce?: (request: WebhookRequest, now: Date) => WebhookRequest
  /** What tests sign with: where their certificate would lie, and the settings that the content needs. */
  readonly sample: { readonly url: string; readonly settings?: Credentials['settings'] }
}

export interface Content {
  readonly hash: 'sha1' | 'sha256'
  readonly text: string
}

/**
 * An RSA signature (PKCS #1 v1.5) by a certificate that lies at a URL in the request. The URL must be one of the
 * provider's and the certificate made for the provider. It needs no chain up to a public root: its host is pinned, and
 * TLS vouches for what that host serves. Where issuers come along, each must have issued the one before it.
 *
 * `sign` takes a private key as PEM.
 */
export function certificate(options: CertificateOptions): Scheme {
  const { signature: signatureAt, url: urlAt, from, subject, covers, origin, content, announce, sample } = options
  const signers = new BoundedMap<string, Signer>(100)

  function signerOf(pem: string): Signer | undefined {
    const known = signers.get(pem)
    if (known !== undefined) return known
    const signer = readSigner(pem, subject)
    if (signer !== undefined) signers.set(pem, signer)
    return signer
  }

  return {
    key: false,
    covers,

    async verify(request, { settings, fetch }, now): Promise<Verdict> {
      const given = signatureAt.read(request)
      const url = urlAt.read(request)
      if (given === undefined || given === '' || url === undefined) return refuse('signature-missing')
      const signature = typeof given === 'string' ? decode(given) : undefined
      if (signature === undefined || typeof url !== 'string') return refuse('signature-malformed')
      if (!isAllowed(url, from)) return refuse('certificate-url')
      if (origin !== undefined && !origin(request, settings)) return refuse('origin-not-allowed')
      const signed = content(request, settings)
      if ('reason' in signed) return refuse(signed.reason)

      const pem = await download(fetch, url)
      if (pem === undefined) return refuse('key-unavailable')
      const signer = signerOf(pem)
      if (signer === undefined || !(now >= signer.from && now <= signer.until)) return refuse('certificate-invalid')
      return verify(signed.hash, Buffer.from(signed.text), signer.key, signature)
        ? { ok: true, secret: 0 }
        : refuse('signature-mismatch')
    },

    sign(request, key, now) {
      const announced = urlAt.write(announce === undefined ? request : announce(request, now), sample.url)
      const signed = content(announced, sample.settings ?? {})
      if ('reason' in signed) throw new TypeError(`This request cannot be signed: ${signed.reason}.`)
      return signatureAt.write(announced, sign(signed.hash, Buffer.from(signed.text), key).toString('base64'))
    },

    testKeys: () => ({
      credentials: {
        ...(sample.settings && { settings: sample.settings }),
        fetch: async url =>
          String(url) === sample.url
            ? new Response(certificateFixture.certificate)
            : new Response(undefined, { status: 404 })
      },
      sign: certificateFixture.privateKey
    })
  }
}

/** A decoder forgives junk; only what it would write itself is taken. */
function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** A URL in any other spelling than its plainest hides something: a user, a port, a tab, dots, a backslash. */
function isAllowed(text: string, { host, path }: CertificateOptions['from']): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    text === `https://${url.hostname}${url.pathname}` &&
    host.test(url.hostname) &&
    path.test(url.pathname)
  )
}

async function download(fetch: Credentials['fetch'], url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url)
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}

function refuse(reason: Reason): Verdict {
  return { ok: false, reason }
}
