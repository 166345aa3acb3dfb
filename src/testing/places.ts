import { kindOf, peek } from '../body/body.ts'
import type { AnyReceiver, BodyKind, WebhookRequest } from '../receiver.ts'
import { withHeaders } from '../schemes/place.ts'

/** A place in a request that holds a part of its proof. */
export interface ProofPlace {
  readonly label: string
  read(request: WebhookRequest): string | undefined
  /** The request with another value there; undefined removes it, a list writes it as often. */
  put(request: WebhookRequest, value: Value): WebhookRequest
}

type Value = string | undefined | readonly string[]

/** Where two requests differ, as places of the second. */
export function differences(receiver: AnyReceiver, before: WebhookRequest, after: WebhookRequest): ProofPlace[] {
  const names = [
    addressPlace,
    ...Object.keys(after.headers).map(headerPlace),
    ...[...new URL(after.url).searchParams.keys()].map(queryPlace),
    ...fieldPlaces(after, kindOf(receiver, after))
  ]
  return names.filter(place => place.read(before) !== place.read(after) && place.read(after) !== undefined)
}

const addressPlace: ProofPlace = {
  label: 'the address',
  read: ({ address }) => address,
  put: (request, value) => ({ ...request, address: typeof value === 'object' ? value.join() : value })
}

export function headerPlace(name: string): ProofPlace {
  return {
    label: `header ${name}`,
    read: ({ headers }) => (typeof headers[name] === 'string' ? headers[name] : undefined),
    put: (request, value) => withHeaders(request, { [name]: value })
  }
}

function queryPlace(name: string): ProofPlace {
  return {
    label: `query parameter ${name}`,
    read: ({ url }) => new URL(url).searchParams.get(name) ?? undefined,
    put(request, value) {
      const url = new URL(request.url)
      rewrite(url.searchParams, name, value)
      return { ...request, url: url.href }
    }
  }
}

function fieldPlaces(request: WebhookRequest, kind: BodyKind): ProofPlace[] {
  switch (kind) {
    case 'json':
      return [...leaves(peek(request, 'json'))].map(jsonPlace)
    case 'form':
      return [...new Set(new URLSearchParams(text(request)).keys())].map(formPlace)
    case 'xml':
      return [...text(request).matchAll(XML_LEAF)].map(match => xmlPlace(match[1]!))
    case 'multipart':
    case 'text':
      return []
  }
}

/** The paths of all texts in a JSON value. */
function* leaves(node: unknown): Iterable<readonly string[]> {
  if (typeof node === 'string') yield []
  if (typeof node !== 'object' || node === null) return
  for (const [key, child] of Object.entries(node)) for (const path of leaves(child)) yield [key, ...path]
}

function jsonPlace(path: readonly string[]): ProofPlace {
  const last = path.at(-1)!
  const parentIn = (root: any) => path.slice(0, -1).reduce((node, key) => node?.[key], root)
  return {
    label: `field ${path.join('.')}`,
    read: request => parentIn(peek(request, 'json'))?.[last],
    put(request, value) {
      const root = JSON.parse(text(request))
      const parent = parentIn(root)
      if (value === undefined) delete parent[last]
      else parent[last] = value
      return { ...request, body: Buffer.from(JSON.stringify(root)) }
    }
  }
}

function formPlace(name: string): ProofPlace {
  return {
    label: `field ${name}`,
    read: request => new URLSearchParams(text(request)).get(name) ?? undefined,
    put(request, value) {
      const params = new URLSearchParams(text(request))
      rewrite(params, name, value)
      return { ...request, body: Buffer.from(params.toString()) }
    }
  }
}

const XML_LEAF = /<((?:[\w.-]+:)?[\w.-]+)(?:\s[^<>]*)?>([^<>]*)<\/\1>/g

function xmlPlace(name: string): ProofPlace {
  return {
    label: `element ${name}`,
    read: request => [...text(request).matchAll(XML_LEAF)].find(match => match[1] === name)?.[2],
    put(request, value) {
      const written = asList(value).map(each => `<${name}>${each}</${name}>`)
      const body = text(request).replace(XML_LEAF, (element, found) => (found === name ? written.join('') : element))
      return { ...request, body: Buffer.from(body) }
    }
  }
}

function rewrite(params: URLSearchParams, name: string, value: Value): void {
  params.delete(name)
  for (const each of asList(value)) params.append(name, each)
}

function asList(value: Value): readonly string[] {
  return [value ?? []].flat()
}

function text({ body }: WebhookRequest): string {
  return Buffer.from(body).toString()
}
