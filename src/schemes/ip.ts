import { BlockList, isIP } from 'node:net'
import type { Scheme } from '../receiver.ts'

type Family = 'ipv4' | 'ipv6'

const RANGE = /^([^/%]+)(?:\/(\d{1,3}))?$/

/**
 * The sender's address, for providers that sign nothing and publish where they send from:
 * `ip('192.0.2.0/24', '198.51.100.7', '2001:db8::/32')`. It proves where a request comes from, not who wrote it, nor
 * what: the body is not covered, so the receiver demands HTTPS. An IPv4 address may come as IPv6 (`::ffff:192.0.2.1`).
 */
export function ip(...ranges: readonly [string, ...string[]]): Scheme {
  const allowed = listOf(ranges)
  const [address] = ranges[0].split('/')
  return {
    key: false,
    covers: { body: false, time: false },

    verify(request) {
      if (request.address === undefined) return { ok: false, reason: 'address-missing' }
      const family = familyOf(request.address)
      const isAllowed = family !== undefined && allowed.check(request.address, family)
      return isAllowed ? { ok: true, secret: 0 } : { ok: false, reason: 'address-not-allowed' }
    },

    sign: request => ({ ...request, address }),
    // There is no key: whoever sends from there is the provider.
    testKeys: () => ({ credentials: {}, sign: '' })
  }
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [, address = '', prefix] = RANGE.exec(range) ?? []
    const family = familyOf(address)
    const bits = family === 'ipv4' ? 32 : 128
    if (family === undefined || Number(prefix ?? 0) > bits) {
      throw new TypeError(`${JSON.stringify(range)} is no IP address, and no range of them like 192.0.2.0/24.`)
    }
    list.addSubnet(address, Number(prefix ?? bits), family)
  }
  return list
}

function familyOf(address: string): Family | undefined {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}
