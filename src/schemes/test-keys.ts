import { createPrivateKey } from 'node:crypto'

/**
 * Keys for tests alone. They are published with this package, so they prove nothing: they are trusted only where a test
 * puts them into the credentials itself.
 */

/** The first key pair of RFC 8032, section 7.1. */
export const ed25519Fixture = {
  publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
}

/** On the curve P-256: the public key in SPKI, the private one in PKCS #8, both DER in base64. */
export const ecdsaFixture = {
  publicKey:
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+JuxsZpHveAgxhflvoOkTWftqLEDS85gQIpsNE4A6Qb5GnCQ0UtEpFGbYP00nF7TRw7n3hPlKhBGEfZN3MkO2A==',
  privateKey:
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKz7j5TE+MP3SejQJ0wEC4GoQewKXo+NDLuA/1kvQQqahRANCAAT4m7Gxmke94CDGF+W+g6RNZ+2osQNLzmBAimw0TgDpBvkacJDRS0SkUZtg/TScXtNHDufeE+UqEEYR9k3cyQ7Y'
}

/** The example of the Standard Webhooks specification. */
export const standardWebhooksFixture = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** Self-signed, valid from 2000 to 2100, in the names of the providers whose receivers we test. */
export const certificateFixture = {
  certificate: `-----BEGIN CERTIFICATE-----
MIIDgjCCAmqgAwIBAgICEAAwDQYJKoZIhvcNAQELBQAwQDEeMBwGA1UEAwwVUG9z
dGhvcm4gdGVzdCBmaXh0dXJlMR4wHAYDVQQKDBVQb3N0aG9ybiB0ZXN0IGZpeHR1
cmUwIBcNMDAwMTAxMDAwMDAwWhgPMjEwMDAxMDEwMDAwMDBaMEAxHjAcBgNVBAMM
FVBvc3Rob3JuIHRlc3QgZml4dHVyZTEeMBwGA1UECgwVUG9zdGhvcm4gdGVzdCBm
aXh0dXJlMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtTBThqiYVVWi
fgxdaAOtJjZ6ezw6i45XKTpGkvnjgtDix5saPLIQ7QWNDWP50KxgeLSPlC2TqfTt
li/1RoFIoxpMR1XASszpV+YpNccmuEXH3FCs9P8ougBk54F737PZMuh5GF+UBVJj
+7i6QZNPb32oRND9vpg+r883mOweznoPMg6SBQMe1TmYdDTfeuicyqmwd5i1xTie
wpqciMKb3vFLxBR9MHVgj4taxA/4x9fnq/Bv/z3B7YDux6Nd4/nkINClezIXvaj1
ri5jPX73HgZMTLmFEDk9lHQBA3MR1X8qA7KSQ7jLIPAUwfuJKcgsXZMJ1OZYJA9a
kJoYPixlqwIDAQABo4GDMIGAMAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeA
MEEGA1UdEQQ6MDiCEXNucy5hbWF6b25hd3MuY29tgiNtZXNzYWdldmVyaWZpY2F0
aW9uY2VydHMucGF5cGFsLmNvbTAdBgNVHQ4EFgQUlNF2h+/TzECeefZdrz9Jwr1p
vPgwDQYJKoZIhvcNAQELBQADggEBAIpZxpWOT6jN6mAZdpMup0bq/dYb0Ls7c9Mg
dq2FEI8N6dY5riAmHODDKLXAYAAoXysVoAsK3HS9Viboj+0ybxb6n7pn+4WuM3gi
92J1lajVDq4LtM/OBGpDGiPqVaF5OsVwOGK1qP2YpfBUKSPXHO9lHyFKwmRAy1xw
Jdn1vSnwQxKul5aLlfoZHtioj3czA41tJBozEWCDGCAFfUYgWBmWKqpHA8IdbtWS
u6MxNuoS2dZbcZyVD5Ht19pfAwGpbth+ik1iGiGGiR7tXjP3MLW6kZyDimcDWmqd
WrLGKv1PVyqcJ2HUY3INeeOd7cCbDTpuaFmh1dZQ7V1vK6qx2Ho=
-----END CERTIFICATE-----
`,
  privateKey: `-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC1MFOGqJhVVaJ+
DF1oA60mNnp7PDqLjlcpOkaS+eOC0OLHmxo8shDtBY0NY/nQrGB4tI+ULZOp9O2W
L/VGgUijGkxHVcBKzOlX5ik1xya4RcfcUKz0/yi6AGTngXvfs9ky6HkYX5QFUmP7
uLpBk09vfahE0P2+mD6vzzeY7B7Oeg8yDpIFAx7VOZh0NN966JzKqbB3mLXFOJ7C
mpyIwpve8UvEFH0wdWCPi1rED/jH1+er8G//PcHtgO7Ho13j+eQg0KV7Mhe9qPWu
LmM9fvceBkxMuYUQOT2UdAEDcxHVfyoDspJDuMsg8BTB+4kpyCxdkwnU5lgkD1qQ
mhg+LGWrAgMBAAECggEAT9exXuwJYMVBOxlYyd6g3O9xzr9uLxQ07Xp8IgVTD9Db
tkjvaWKwWbox+34cViu3wUkT4iCpauH/Fkkg5QZQi2spxN+RQoUEqJLIgyW0tswt
M7UrWjTcbgaBcJDbFOtsYWYXAroPgL7bR1ASZ5YyEXfGgDi2MFhne1KtdcpLEwHv
zwwKoV35RU+0ZaRy+kqfr1Bq8+1jZP54mB/FRLlm49vYBBr4qF/rMMBzZ9lLVWdV
THyROasEuJzfM3EgB9i5LzN+xsteVwtF2kl6xLyWIUTgDNR3mJVmwWseZocO9lOV
Ao/gDl5F8EiUN133wwWgxcDId1cITZyTM704hwkp7QKBgQD4kVy6i9zdMkup/9nG
ptJGV8Q9Av1OsnX6muXV7e7HAVVunP0XBJgStEupGkbnSKV+OsAMZTXPCywHGwa9
6tR/3LewA3fzYeKaqi3J3anPXJOmWgkZcubsEu4kPQe+Y9qziH1ZLQDNuSahh+7a
+sVVdGUcrh9hg3POTsHdB9i7ZwKBgQC6mzfCY9jpwame0oYg1LYXq+pvU3gEd24n
VrusW3evUpF/gCS6lqz0/lnEbTICFrgqUfliKwGn8E9dyjUMgCT88WiZ93HDShkh
5I2ItjV1o8UMjmfjTlAhWyQdtcf1j9a0D6Xm6vhKJgxYbz0lPeL13vMJwF3X6S+l
uxM8JSedHQKBgHltEV5z2pYX7syCFtGrRsdkMpIXdsTN+0JMDwDdtapzpVdey2hG
Lz/b4aYfFwn+/BFZA95KRun4rC5gbn+yStKXcQhD+YHkjH0/qxSU+1I4CEzYaN+M
uPAUI0+CnNjOENVpVMqOaHkW/J8mN3Gz1Vh0frxu9xd8zsK2yI+AOMj7AoGBAK41
gD3DN1sriG4UflGiI4k/3vIli5Mn6DdjmnuTPM35mInemOt1BW0HE8j0ZE5c5Xvk
4ZvLKJWfHIkj4JiV/XIC8bNjtdoqkAH7PELYUFpOFQTe4Y/sqZQqYTI3ZcETks6x
GSHWVQvsL3RUDVJ6TytZA64j37hVIz1mw9NPoIblAoGADDnW/U+17ej5DTM5KHk5
ZMrNG3U6lWd7wflGchvE8/M1QG73rGEn0CfJkYtMEznuALUJHzdZktO1/qegpRqV
sM9CwCA6/kdx96R0J/BcSoJ/v4M1z0Dq5PWBFUz0IKhNv+Z99ErJksAKSpxEyenX
dO+AaZ1u6t2XJWbmcz2ro2Q=
-----END PRIVATE KEY-----
`
}

/** A key pair as JSON Web Keys: an EC pair, or the RSA key of the certificate. */
export function jwtFixture(algorithm: 'RS256' | 'ES256'): { readonly publicKey: string; readonly privateKey: string } {
  const key = algorithm === 'RS256' ? createPrivateKey(certificateFixture.privateKey).export({ format: 'jwk' }) : ecKey
  const kid = `posthorn-test-${algorithm.toLowerCase()}`
  const { kty, crv, n, e, x, y } = key
  const named = { kty, crv, alg: algorithm, kid, use: 'sig' }
  return { publicKey: JSON.stringify({ ...named, e, n, x, y }), privateKey: JSON.stringify({ ...key, kid }) }
}

const ecKey: Record<string, string> = {
  kty: 'EC',
  crv: 'P-256',
  x: 'xvCwrgxS1iNFXWWrwOwqO_rj4L62LZWL9gKkglWrlU4',
  y: 'K48OdggrDHGGyTm3nwb0hwg4nH__hDEI5bKcVyUxM_0',
  d: '-HsAhiHPfr2qG3iuSmxLV9EPwrBN-gpL9WO1xZUR-48'
}
