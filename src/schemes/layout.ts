/** How signatures, and perhaps their time, are written into one header. */
export interface Layout {
  /** Undefined: not in this layout. */
  read(text: string): { readonly signatures: readonly string[]; readonly timestamp?: string } | undefined
  write(signature: string, timestamp: string | undefined): string
}

/** The signature alone, behind a fixed prefix: `sha256=…`. */
export function plain(prefix = ''): Layout {
  return {
    read: text => (text.startsWith(prefix) ? { signatures: [text.slice(prefix.length)] } : undefined),
    write: signature => prefix + signature
  }
}

/**
 * Named parts: `t=1700000000,v1=…,v1=…`. Several signatures are fine while a secret is rotated, several times are not.
 * Other names are passed over.
 */
export function fields(names: {
  readonly signature: string
  readonly timestamp?: string
  readonly separator?: string
}): Layout {
  const { signature, timestamp, separator = ',' } = names
  return {
    read(text) {
      const signatures: string[] = []
      const times: string[] = []
      for (const part of text.split(separator)) {
        const equals = part.indexOf('=')
        if (equals === -1) return undefined
        const name = part.slice(0, equals).trim()
        if (name === signature) signatures.push(part.slice(equals + 1).trim())
        else if (name === timestamp) times.push(part.slice(equals + 1).trim())
      }
      if (times.length > 1 || signatures.length === 0) return undefined
      return times[0] === undefined ? { signatures } : { signatures, timestamp: times[0] }
    },
    write: (value, time) =>
      timestamp === undefined ? `${signature}=${value}` : `${timestamp}=${time}${separator}${signature}=${value}`
  }
}

/** Several signatures, each behind its version: `v1,… v1,…`. Other versions are passed over. */
export function list(options: { readonly separator: string; readonly prefix: string }): Layout {
  const { separator, prefix } = options
  return {
    read(text) {
      const signatures: string[] = []
      for (const part of text.split(separator)) {
        const trimmed = part.trim()
        if (trimmed.startsWith(prefix)) signatures.push(trimmed.slice(prefix.length))
      }
      return signatures.length === 0 ? undefined : { signatures }
    },
    write: signature => prefix + signature
  }
}
