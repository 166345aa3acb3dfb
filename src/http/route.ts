import type { Route } from './call.ts'

/** No receiver has this name, so it gets the 404 of all that is unknown. */
export const NOWHERE: Route = { receiver: '', instance: '' }

/** `/:receiver/:id` behind the prefix. Undefined: the path lies elsewhere. */
export function routeOf(path: string, prefix: string): Route | undefined {
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return undefined
  const [receiver = '', instance = '', ...more] = path.slice(prefix.length + 1).split('/')
  if (more.length > 0) return NOWHERE
  try {
    return { receiver: decodeURIComponent(receiver), instance: decodeURIComponent(instance) }
  } catch {
    return NOWHERE
  }
}
