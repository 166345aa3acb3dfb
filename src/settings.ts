import type { Credentials, Scheme, Unusable } from './receiver.ts'

/** An optional setting such as `allow-sha1?` is on with `true`, `1`, `yes` or `on`. */
export function isOn(setting: string | undefined): boolean {
  return setting !== undefined && /^(?:true|1|yes|on)$/i.test(setting.trim())
}

/** The values of a list setting such as `topic*`. */
export function asList(setting: string | undefined): string[] {
  return setting?.split(/\s+/).filter(value => value !== '') ?? []
}

/** The scheme of an instance: the one that its settings choose, where they choose one. */
export function chosenScheme(scheme: Scheme, settings: Credentials['settings']): Scheme | Unusable {
  return scheme.choose === undefined ? scheme : scheme.choose(settings)
}
